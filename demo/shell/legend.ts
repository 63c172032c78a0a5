// What the marks beside the messages mean.
import { element } from "../shell/element.ts";
import { STAGES } from "../shell/view-model.ts";
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
