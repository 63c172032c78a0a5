// One paragraph: its text, who is writing it, and what this player can do with it. Whoever holds it
// writes in place; the words go out when the writer pauses.
import { element, setAttribute, setText } from "../../shell/element.ts";
import { icon } from "../../shell/icons.ts";
import { createStageMark } from "../../shell/stage-mark.ts";
import { initials } from "../../shell/wording.ts";
import type { Part } from "../../view/part.ts";
import type { ParagraphView } from "./document-model.ts";
import { createDraft } from "./draft.ts";

export interface ParagraphMoves {
  /** Before the paragraph at this place; at the end where absent. */
  readonly insert: (place: number | undefined) => void;
  readonly begin: (id: bigint) => void;
  readonly edit: (id: bigint, text: string) => void;
  readonly end: (id: bigint) => void;
  readonly remove: (id: bigint) => void;
}

export interface ShownParagraph {
  readonly view: ParagraphView;
  readonly place: number;
}

export function createParagraph(moves: ParagraphMoves): Part<ShownParagraph> {
  let shown: ShownParagraph | undefined;
  const withId = (act: (id: bigint) => void) => () => {
    if (shown?.view.id !== undefined) act(shown.view.id);
  };
  const draft = createDraft({
    onPause: (text) => withId((id) => moves.edit(id, text))(),
    onDone: withId(moves.end),
  });
  const avatar = element("span", { class: "avatar", attributes: { "aria-hidden": "true" } });
  const text = element("p", { class: "paragraph-text" });
  const stage = createStageMark();
  const holder = element("span", { class: "paragraph-holder" });
  const above = button("Insert above", "plus", "insert-above", () => moves.insert(shown?.place));
  const edit = button("Edit", "pen", "edit", withId(moves.begin));
  const done = button("Done", "check", "done", () => draft.finish());
  const remove = button("Delete", "trash", "delete", withId(moves.remove));
  const row = element(
    "li",
    { class: "paragraph", attributes: { "data-testid": "paragraph" } },
    avatar,
    element(
      "div",
      { class: "paragraph-body" },
      text,
      draft.element,
      element(
        "div",
        { class: "paragraph-foot" },
        stage.element,
        holder,
        draft.rest,
        element("span", { class: "paragraph-buttons" }, above, edit, done, remove),
      ),
    ),
  );
  return {
    element: row,
    update(next) {
      const { view } = next;
      const before = shown?.view.isMine ?? false;
      shown = next;
      showHolder(row, avatar, holder, view);
      stage.update(view.stage);
      setText(text, view.text === "" ? "Nothing written yet." : view.text);
      setAttribute(text, "data-empty", view.text === "" ? "" : undefined);
      text.hidden = view.isMine;
      const isTaken = view.editor !== undefined && !view.editor.isYou;
      const isNumbered = view.id !== undefined;
      edit.hidden = view.isMine;
      done.hidden = !view.isMine;
      for (const one of [edit, remove]) one.disabled = isTaken || !isNumbered;
      above.disabled = !isNumbered;
      if (view.isMine && !before) draft.open(view.text);
      else if (!view.isMine && before) {
        const wasWriting = document.activeElement === draft.element;
        draft.close();
        // Whoever writes by keys goes on from where the words are.
        if (wasWriting) edit.focus();
      }
    },
  };
}

function showHolder(
  row: HTMLElement,
  avatar: HTMLElement,
  holder: HTMLElement,
  { editor, id, isMine, stage }: ParagraphView,
): void {
  setAttribute(row, "data-id", id === undefined ? undefined : String(id));
  setAttribute(row, "data-stage", stage);
  setAttribute(row, "data-mine", isMine ? "" : undefined);
  setAttribute(row, "data-editor", editor?.name);
  row.style.setProperty("--player-hue", String(editor?.hue ?? 0));
  setText(avatar, editor === undefined ? "" : initials(editor.name));
  if (editor === undefined) setText(holder, isMine ? "taking it…" : "");
  else setText(holder, editor.isYou ? "you are writing" : `${editor.name} is writing`);
}

function button(
  label: string,
  picture: Parameters<typeof icon>[0],
  testId: string,
  onClick: () => void,
): HTMLButtonElement {
  return element(
    "button",
    {
      class: "tool",
      attributes: { type: "button", title: label, "aria-label": label, "data-testid": testId },
      onClick,
    },
    icon(picture),
  );
}
