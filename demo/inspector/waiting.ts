// What the node waits for: whenever nothing moves, this says who is awaited, for what, since when.
import { element } from "../shell/element.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { section } from "./section.ts";

export function createWaiting(): Part<View> {
  const lines = element("ul", { class: "waiting", attributes: { "data-testid": "waiting" } });
  const panel = section("Waiting for", lines);
  let shown = "";
  return {
    element: panel,
    update(view) {
      const waiting = view.channel?.waiting ?? [];
      panel.hidden = waiting.length === 0;
      const text = waiting.join("\n");
      if (text === shown) return;
      shown = text;
      lines.replaceChildren(...waiting.map((line) => element("li", { text: line })));
    },
  };
}
