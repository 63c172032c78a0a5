// What happened, in plain words, newest first.
import { element, setAttribute, setText } from "../shell/element.ts";
import { keyedList } from "../shell/keyed-list.ts";
import { timeToTheSecond } from "../shell/wording.ts";
import type { Part } from "../view/part.ts";
import type { LogLine, View } from "../view/view.ts";
import { section } from "./section.ts";

export function createLog(): Part<View> {
  const list = keyedList<LogLine>(
    element("ol", { class: "log", attributes: { "aria-label": "Log" } }),
    { key: ({ key }) => key, create: createLine },
  );
  const none = element("p", { class: "panel-empty", text: "Nothing so far." });
  const panel = section("What happened", none, list.element);
  panel.classList.add("panel-log");
  return {
    element: panel,
    update({ log }) {
      none.hidden = log.length > 0;
      list.update(log);
    },
  };
}

function createLine(): Part<LogLine> {
  const time = element("time", { class: "log-time" });
  const text = element("span", { class: "log-text" });
  const row = element(
    "li",
    { class: "log-line", attributes: { "data-testid": "log" } },
    time,
    text,
  );
  return {
    element: row,
    update(line) {
      setAttribute(row, "data-tone", line.tone);
      setText(time, timeToTheSecond(line.atMs));
      setText(text, line.text);
    },
  };
}
