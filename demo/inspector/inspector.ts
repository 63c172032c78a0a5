// The side of the page that shows the machinery: players, heights, votes, and what happened.
import { element } from "../shell/element.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { createHeights } from "./heights.ts";
import { createLog } from "./log.ts";
import { createMembers } from "./members.ts";
import { createProposals } from "./proposals.ts";
import { createWaiting } from "./waiting.ts";

export function createInspector(): Part<View> {
  const parts = [createMembers(), createHeights(), createWaiting(), createProposals(), createLog()];
  return {
    element: element(
      "aside",
      { class: "inspector", attributes: { "aria-label": "Inspector" } },
      ...parts.map((part) => part.element),
    ),
    update(view) {
      for (const part of parts) part.update(view);
    },
  };
}
