// The group as the chain stores it.
import type { JsValue } from "holdfast/sandbox";
import { bigOf, fieldsOf, listOf, textOf } from "../../explorer/fields.ts";
import { plural } from "../../shell/wording.ts";
import type { StoredLine } from "../../view/stored.ts";

const TEXTS_SHOWN = 2;

export interface GroupRecord {
  readonly count: bigint;
  /** Oldest first. */
  readonly texts: readonly string[];
}

export function groupRecord(value: JsValue | undefined): GroupRecord | undefined {
  const group = fieldsOf(value);
  const count = bigOf(group?.["count"]);
  if (group === undefined || count === undefined) return undefined;
  const messages = listOf(group["messages"]).flatMap((message) => {
    const fields = fieldsOf(message);
    const number = bigOf(fields?.["number"]);
    const text = textOf(fields?.["text"]);
    return number === undefined || text === undefined ? [] : [{ number, text }];
  });
  const inOrder = messages.toSorted((a, b) => (a.number < b.number ? -1 : 1));
  return { count, texts: inOrder.map(({ text }) => text) };
}

export function groupLine({ count, texts }: GroupRecord): StoredLine {
  const stored = `ChatGroup as stored: ${plural(count, "message")}`;
  // The newest first: on a narrow page the line is cut at its end.
  const latest = texts.slice(-TEXTS_SHOWN).toReversed();
  const quoted = latest.map((text) => `“${text}”`).join(", before it ");
  return { count, text: latest.length === 0 ? `${stored}.` : `${stored}, the last: ${quoted}` };
}
