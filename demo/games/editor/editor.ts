// The document editor, as a game of the page.
import { type EditorCalls, type EditorState, editor } from "holdfast";
import { fieldsOf, listOf, textOf } from "../../explorer/fields.ts";
import { plural } from "../../shell/wording.ts";
import type { StoredLine, StoredState } from "../../view/stored.ts";
import type { Game } from "../game.ts";
import { createDocument } from "./document.ts";
import "./editor.css";

const CHARS_SHOWN = 60;

export const editorGame: Game<EditorState, EditorCalls> = {
  app: editor,
  stored: { state: "0x21::editor::Document" },
  mount: createDocument,
  describe: documentLine,
};

function documentLine({ state }: StoredState): StoredLine | undefined {
  const paragraphs = fieldsOf(state)?.["paragraphs"];
  if (paragraphs === undefined) return undefined;
  const texts = listOf(paragraphs).map((paragraph) => textOf(fieldsOf(paragraph)?.["text"]) ?? "");
  const stored = `Document as stored: ${plural(texts.length, "paragraph")}`;
  const first = texts.find((text) => text !== "");
  if (first === undefined) return { count: texts.length, text: `${stored}.` };
  const shown = first.length > CHARS_SHOWN ? `${first.slice(0, CHARS_SHOWN)}…` : first;
  return { count: texts.length, text: `${stored}, from “${shown}”` };
}
