// The messages, newest at the end, and the place to write one.
import { element, setAttribute } from "../shell/element.ts";
import { keyedList } from "../shell/keyed-list.ts";
import { createStanding } from "../shell/standing.ts";
import type { Actions, MessageView, Part, View } from "../shell/view-model.ts";
import { createComposer } from "./composer.ts";
import { createLegend } from "./legend.ts";
import { createMessage } from "./message.ts";

/** So near to the end one counts as reading the newest. */
const FOLLOW_WITHIN_PX = 80;

export function createConversation(actions: Actions): Part<View> {
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
  const standing = createStanding(actions);
  const composer = createComposer(actions);
  const pane = element(
    "section",
    { class: "conversation", attributes: { "aria-label": "Conversation" } },
    scroller,
    standing.element,
    composer.element,
    createLegend(),
  );
  return {
    element: pane,
    update(view) {
      const { scrollHeight, scrollTop, clientHeight } = scroller;
      const isFollowing = scrollHeight - scrollTop - clientHeight < FOLLOW_WITHIN_PX;
      list.update(view.messages);
      empty.hidden = view.messages.length > 0 || view.standing.type !== "playing";
      setAttribute(another, "href", view.inviteUrl);
      standing.update(view);
      composer.update(view);
      setAttribute(pane, "data-state", view.standing.type);
      setAttribute(pane, "data-empty", view.messages.length === 0 ? "" : undefined);
      if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
    },
  };
}
