// Brings what the channel tells into the document, and what the player does into the channel.
import type { CallHandle, Channel, EditorCalls, EditorState } from "holdfast";
import type { GameHost } from "../game.ts";
import type { Change, DocumentModel } from "./document-model.ts";
import type { ParagraphMoves } from "./paragraph.ts";
import { EDITOR_REFUSALS } from "./refusals.ts";

export type EditorChannel = Channel<EditorState, EditorCalls>;

export function hearDocument(channel: EditorChannel, model: DocumentModel, host: GameHost): void {
  const readState = (state: EditorState) => model.readState(state, channel.progress);
  // What was reported before anybody listened.
  model.readEntries(channel.entries);
  if (channel.state !== undefined) readState(channel.state);
  channel.on("entries", (entries) => {
    model.readEntries(entries);
    host.changed();
  });
  channel.on("change", (state) => {
    readState(state);
    host.changed();
  });
  channel.on("reverted", (height) => {
    model.revert(height);
    host.changed();
  });
}

/** The player's moves in the channel of the present stay; none while there is none. */
export function movesIn(
  channelNow: () => EditorChannel | undefined,
  modelNow: () => DocumentModel,
  host: GameHost,
): ParagraphMoves {
  const move = (change: Change) => {
    const channel = channelNow();
    if (channel === undefined) return;
    const handle = send(channel, change);
    modelNow().follow(change, handle);
    host.follow(handle, { refusals: EDITOR_REFUSALS });
  };
  return {
    insert(place) {
      const end = channelNow()?.state?.paragraphs.length ?? 0;
      move({ type: "insert", place: BigInt(place ?? end) });
    },
    begin: (paragraph) => move({ type: "begin", paragraph }),
    edit: (paragraph, text) => move({ type: "edit", paragraph, text }),
    end: (paragraph) => move({ type: "end", paragraph }),
    remove: (paragraph) => move({ type: "delete", paragraph }),
  };
}

function send(channel: EditorChannel, change: Change): CallHandle {
  switch (change.type) {
    case "insert":
      return channel.call("paragraph_insert", change.place);
    case "begin":
      return channel.call("paragraph_begin", change.paragraph);
    case "edit":
      return channel.call("paragraph_edit", change.paragraph, change.text);
    case "end":
      return channel.call("paragraph_end", change.paragraph);
    case "delete":
      return channel.call("paragraph_delete", change.paragraph);
  }
}
