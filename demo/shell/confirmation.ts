// Asks before something that cannot be taken back.
import { element } from "./element.ts";

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
}

export function ask(question: Question): void {
  const cancel = element("button", {
    class: "button button-quiet",
    text: "Stay",
    attributes: { value: "cancel" },
  });
  const confirm = element("button", {
    class: "button button-primary",
    text: question.confirmLabel,
    attributes: { value: "confirm", "data-testid": "confirm" },
  });
  const form = element(
    "form",
    { attributes: { method: "dialog" } },
    element("h2", { text: question.title }),
    element("p", { text: question.text }),
    element("div", { class: "dialog-buttons" }, cancel, confirm),
  );
  const dialog = element("dialog", { class: "dialog", attributes: { "aria-modal": "true" } }, form);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "confirm") question.onConfirm();
  });
  document.body.append(dialog);
  dialog.showModal();
}
