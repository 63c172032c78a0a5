// What the marks beside a player's moves mean.

import { STAGES } from "../view/stage.ts";
import { element } from "./element.ts";
import { createStageMark, STAGE_WORDING } from "./stage-mark.ts";

export function createLegend(): HTMLElement {
  const rows = STAGES.filter((stage) => stage !== "sent").map((stage) => {
    const mark = createStageMark();
    mark.update(stage);
    return element(
      "li",
      {},
      mark.element,
      element("span", { class: "legend-meaning", text: STAGE_WORDING[stage].meaning }),
    );
  });
  return element(
    "details",
    { class: "legend" },
    element("summary", { text: "What the marks mean" }),
    element("ol", {}, ...rows),
  );
}
