/**
 * The document editor of the seed, as an app: `0x21::editor`, over files in the contract's own
 * drive, which are everybody's.
 */
import { assert } from "#core/assert.ts";
import type { JsValue } from "#sandbox";
import type { App } from "./app.ts";
import { fieldsOf } from "./js-fields.ts";

export interface EditorParagraph {
  readonly id: bigint;
  readonly text: string;
  /** Address of who is editing it; undefined for nobody. */
  readonly editor: string | undefined;
}

export interface EditorState {
  readonly title: string;
  readonly paragraphs: readonly EditorParagraph[];
}

export type EditorCalls = {
  /** Puts an empty paragraph before the one at this place and begins to edit it. */
  readonly paragraph_insert: readonly [place: bigint];
  /** Aborts with 12 while somebody else edits it. */
  readonly paragraph_begin: readonly [paragraph: bigint];
  /** At most 512 bytes of text. */
  readonly paragraph_edit: readonly [paragraph: bigint, text: string];
  readonly paragraph_end: readonly [paragraph: bigint];
  readonly paragraph_delete: readonly [paragraph: bigint];
};

const FILE = [{ address: "0x21" }, { from: "room" }] as const;
const CHANNEL = [{ from: "channel" }] as const;
const NOBODY = /^0x0+$/;

export const editor: App<EditorState, EditorCalls> = {
  binding: {
    name: "editor",
    module: "0x21::editor",
    state: "Document",
    chain: {
      find: { function: "editing_document", args: FILE },
      prepare: [{ function: "drive_file_create", args: [...FILE, { from: "roomName" }] }],
      create: { function: "document_editor_open_with_stake", args: [...FILE, { from: "stake" }] },
      join: { function: "editing_document_join", args: CHANNEL },
      leave: { function: "editing_document_leave", args: CHANNEL },
      close: { function: "editing_document_close", args: CHANNEL },
      settle: { function: "document_settlement", args: [...CHANNEL, { from: "proposal" }] },
    },
  },
  read(value) {
    const { title, paragraphs } = fieldsOf(value);
    assert(typeof title === "string" && Array.isArray(paragraphs), "a document has paragraphs");
    return { title, paragraphs: paragraphs.map(readParagraph) };
  },
};

function readParagraph(value: JsValue): EditorParagraph {
  const { id, text, editor: holder } = fieldsOf(value);
  assert(typeof id === "bigint" && typeof text === "string", "a paragraph has a text");
  assert(typeof holder === "string", "a paragraph says who edits it");
  return { id, text, editor: NOBODY.test(holder) ? undefined : holder };
}
