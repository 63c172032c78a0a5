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
  const empty = element("p", {
    class: "messages-empty",
    text: "Nobody has said anything. Open this page in another tab: it is another player.",
  });
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
      standing.update(view);
      composer.update(view);
      setAttribute(pane, "data-state", view.standing.type);
      if (isFollowing) scroller.scrollTop = scroller.scrollHeight;
    },
  };
}
