// A button that opens a short list of actions. Built on <details>, so that it works by keyboard and
// says its state by itself; a click elsewhere, Escape or a choice closes it.
import { element } from "./element.ts";

export interface MenuEntry {
  readonly label: string;
  readonly hint: string;
  readonly testId: string;
  readonly choose: () => void;
}

export interface Menu {
  readonly element: HTMLElement;
  readonly entries: ReadonlyMap<string, HTMLButtonElement>;
  /** Whether there is nothing to choose at the moment: it cannot be opened then. */
  setIdle(isIdle: boolean): void;
}

export function createMenu(label: string, testId: string, entries: readonly MenuEntry[]): Menu {
  const summary = element("summary", {
    class: "button button-quiet",
    text: label,
    attributes: { "data-testid": testId },
  });
  const buttons = new Map<string, HTMLButtonElement>();
  const list = element("div", { class: "menu-list" });
  const details = element("details", { class: "menu" }, summary, list);
  const close = () => {
    details.open = false;
  };
  for (const entry of entries) {
    const button = element(
      "button",
      {
        class: "menu-entry",
        attributes: { type: "button", "data-testid": entry.testId },
        onClick() {
          close();
          entry.choose();
        },
      },
      element("span", { class: "menu-label", text: entry.label }),
      element("span", { class: "menu-hint", text: entry.hint }),
    );
    buttons.set(entry.testId, button);
    list.append(button);
  }
  closeOnLeaving(details, close);
  return {
    element: details,
    entries: buttons,
    setIdle(isIdle) {
      if (details.inert === isIdle) return;
      if (isIdle) close();
      details.inert = isIdle;
    },
  };
}

function closeOnLeaving(details: HTMLDetailsElement, close: () => void): void {
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !details.contains(event.target)) close();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    details.querySelector("summary")?.focus();
  });
}
