/**
 * The group chat of the seed, as an app: `0x21::chat`, whose groups anybody may make at the
 * contract's own server.
 */
import { assert } from "#core/assert.ts";
import type { JsValue } from "#sandbox";
import type { App } from "./app.ts";
import { fieldsOf } from "./js-fields.ts";

export interface ChatMessage {
  /** Counts the group's messages, from 1. */
  readonly number: bigint;
  /** Address of who wrote it. */
  readonly author: string;
  readonly text: string;
}

export interface ChatState {
  readonly name: string;
  /** Messages ever posted; the group keeps the latest. */
  readonly count: bigint;
  /** Those it keeps, oldest first. */
  readonly messages: readonly ChatMessage[];
}

export type ChatCalls = { readonly post: readonly [text: string] };

const SERVER = { address: "0x21" } as const;
const ROOM = { from: "room" } as const;

export const chat: App<ChatState, ChatCalls> = {
  binding: {
    name: "chat",
    module: "0x21::chat",
    state: "ChatGroup",
    chain: {
      find: { function: "chat_session_channel", args: [ROOM] },
      prepare: [{ function: "chat_group_create", args: [SERVER, ROOM, { from: "roomName" }] }],
      create: { function: "chat_session_create", args: [SERVER, ROOM, { from: "stake" }] },
      join: { function: "chat_session_join", args: [ROOM] },
      leave: { function: "chat_channel_leave", args: [{ from: "channel" }] },
      close: { function: "chat_session_close", args: [ROOM] },
      settle: {
        function: "chat_group_settlement",
        args: [{ from: "channel" }, { from: "proposal" }],
      },
    },
  },
  read: readChat,
};

function readChat(value: JsValue): ChatState {
  const { name, count, messages } = fieldsOf(value);
  assert(typeof name === "string" && typeof count === "bigint", "a group has a name and a count");
  assert(Array.isArray(messages), "a group has messages");
  const read = messages.map(readMessage);
  return { name, count, messages: read.toSorted((a, b) => Number(a.number - b.number)) };
}

function readMessage(value: JsValue): ChatMessage {
  const { number, author, text } = fieldsOf(value);
  assert(typeof number === "bigint" && typeof author === "string", "a message has an author");
  assert(typeof text === "string", "a message has a text");
  return { number, author, text };
}
