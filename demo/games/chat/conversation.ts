// The messages, newest at the end, and the place to write one.
import type { ChatCalls, ChatState } from "holdfast";
import { element, setAttribute } from "../../shell/element.ts";
import { keyedList } from "../../shell/keyed-list.ts";
import { createLegend } from "../../shell/legend.ts";
import type { View } from "../../view/view.ts";
import type { GameBoard, GameHost } from "../game.ts";
import { groupRecord } from "./chat-group.ts";
import { createComposer } from "./composer.ts";
import { type ConversationFeed, createConversationFeed } from "./conversation-feed.ts";
import { createMessage } from "./message.ts";
import type { MessageView } from "./message-view.ts";
import { type ChatChannel, hearChannel, post } from "./posting.ts";

/** So near to the end one counts as reading the newest. */
const FOLLOW_WITHIN_PX = 80;

export function createConversation(host: GameHost): GameBoard<ChatState, ChatCalls> {
  const isOwn = (address: string) => host.playerOf(address).isYou;
  let feed: ConversationFeed = createConversationFeed(isOwn);
  let channel: ChatChannel | undefined;
  let messages: readonly MessageView[] = [];
  const pane = createPane((text) => {
    if (channel !== undefined) post(channel, feed, text, host);
  });
  return {
    element: pane.element,
    sit(sat) {
      channel = sat;
      feed = createConversationFeed(isOwn);
      hearChannel(sat, feed, host);
    },
    rise() {
      channel = undefined;
    },
    isEmpty: () => messages.length === 0,
    update(view) {
      if (view.channel !== undefined) {
        const stored = groupRecord(view.chain.stored.state);
        messages = feed.messages(view.channel.heights, stored, host.playerOf, view.you);
      }
      pane.update(view, messages);
    },
  };
}

function createPane(say: (text: string) => void) {
  const rows = element("ol", {
    class: "messages",
    attributes: { "aria-live": "polite", "aria-relevant": "additions", "aria-label": "Messages" },
  });
  const list = keyedList<MessageView>(rows, { key: ({ key }) => key, create: createMessage });
  const another = element("a", {
    class: "button button-quiet",
    text: "Open another player",
    attributes: { target: "_blank", rel: "noopener", "data-testid": "another" },
  });
  const empty = element(
    "div",
    { class: "messages-empty" },
    element("h2", { text: "The table is set" }),
    element("p", { text: "Nobody has said anything yet. Every tab of this page is a player." }),
    another,
  );
  const scroller = element(
    "div",
    { class: "messages-scroll", attributes: { tabindex: "0", "aria-label": "Conversation" } },
    empty,
    rows,
  );
  const composer = createComposer(say);
  const pane = element(
    "section",
    { class: "conversation", attributes: { "aria-label": "Conversation" } },
    scroller,
    composer.element,
    createLegend(),
  );
  return {
    element: pane,
    update(view: View, messages: readonly MessageView[]) {
      const { scrollHeight, scrollTop, clientHeight } = scroller;
      const isFollowing = scrollHeight - scrollTop - clientHeight < FOLLOW_WITHIN_PX;
      list.update(messages);
      empty.hidden = messages.length > 0 || view.standing.type !== "playing";
      setAttribute(another, "href", view.inviteUrl);
      composer.update(view);
      if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
    },
  };
}
