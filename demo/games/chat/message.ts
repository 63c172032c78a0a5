// One message: who, when, what, and how far it has come.
import { element, setAttribute, setText } from "../../shell/element.ts";
import { createStageMark } from "../../shell/stage-mark.ts";
import { initials, timeOfDay, timeToTheSecond } from "../../shell/wording.ts";
import type { Part } from "../../view/part.ts";
import type { MessageView } from "./message-view.ts";

export function createMessage(): Part<MessageView> {
  const avatar = element("span", { class: "avatar", attributes: { "aria-hidden": "true" } });
  const author = element("span", { class: "message-author" });
  const time = element("time", { class: "message-time" });
  const text = element("p", { class: "message-text" });
  const problem = element("span", { class: "message-problem" });
  const stage = createStageMark();
  const row = element(
    "li",
    { class: "message", attributes: { "data-testid": "message" } },
    avatar,
    element(
      "div",
      { class: "message-body" },
      element("div", { class: "message-head" }, author, time),
      text,
      element("div", { class: "message-foot" }, stage.element, problem),
    ),
  );
  return {
    element: row,
    update(message) {
      const { author: player } = message;
      row.style.setProperty("--player-hue", String(player.hue));
      setAttribute(row, "data-stage", message.stage);
      setAttribute(row, "data-author", player.name);
      setAttribute(row, "data-own", player.isYou ? "" : undefined);
      setAttribute(row, "data-problem", message.problem?.code);
      setText(avatar, initials(player.name));
      setText(author, player.isYou ? `${player.name} (you)` : player.name);
      setText(time, message.atMs === undefined ? "" : timeOfDay(message.atMs));
      if (message.atMs !== undefined) setAttribute(time, "title", timeToTheSecond(message.atMs));
      setText(text, message.text);
      setText(problem, message.problem?.what ?? "");
      stage.update(message.stage);
    },
  };
}
