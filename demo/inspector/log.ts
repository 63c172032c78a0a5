// What happened, in plain words, newest first.
import { element, setAttribute, setText } from "../shell/element.ts";
import { keyedList } from "../shell/keyed-list.ts";
import type { LogLine, Part, View } from "../shell/view-model.ts";
import { timeToTheSecond } from "../shell/wording.ts";
import { section } from "./section.ts";

export function createLog(): Part<View> {
  const list = keyedList<LogLine>(
    element("ol", { class: "log", attributes: { "aria-live": "polite", "aria-label": "Log" } }),
    { key: ({ key }) => key, create: createLine },
  );
  const panel = section("What happened", list.element);
  panel.classList.add("panel-log");
  return { element: panel, update: (view) => list.update(view.log) };
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
