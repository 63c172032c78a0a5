// The group chat, as a game of the page.
import { type ChatCalls, type ChatState, chat } from "holdfast";
import type { StoredState } from "../../view/stored.ts";
import type { Game } from "../game.ts";
import { groupLine, groupRecord } from "./chat-group.ts";
import { createConversation } from "./conversation.ts";
import "./chat.css";

/** The altered contract's trigger: a message that the real one refuses. */
const WORDS_INTO_MOUTHS = "";

export const chatGame: Game<ChatState, ChatCalls> = {
  app: chat,
  stored: { state: "0x21::chat::ChatGroup" },
  mount: createConversation,
  describe({ state }: StoredState) {
    const group = groupRecord(state);
    return group && groupLine(group);
  },
  cheat: (channel) => channel.call("post", WORDS_INTO_MOUTHS),
};
