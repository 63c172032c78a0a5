// How far a move has come, as four steps, a word and an explanation.

import type { Part } from "../view/part.ts";
import type { Stage } from "../view/stage.ts";
import { element, setAttribute, setText } from "./element.ts";
import { type IconName, icon } from "./icons.ts";

interface StageWording {
  readonly icon: IconName;
  readonly label: string;
  readonly meaning: string;
}

export const STAGE_WORDING: Readonly<Record<Stage, StageWording>> = {
  sent: {
    icon: "clock",
    label: "sent",
    meaning: "On its way to the leader.",
  },
  sequenced: {
    icon: "order",
    label: "sequenced",
    meaning: "The leader has put it in order.",
  },
  verified: {
    icon: "check",
    label: "verified",
    meaning: "This tab executed it again and got the same result.",
  },
  confirmed: {
    icon: "checks",
    label: "confirmed",
    meaning: "More than two thirds of the players vouch for it: it cannot be undone.",
  },
  settled: {
    icon: "anchor",
    label: "settled",
    meaning: "It stands on the chain.",
  },
};

const ICON_SIZE_CLASS = "stage-icon";

export function createStageMark(): Part<Stage> {
  const picture = element("span", { class: ICON_SIZE_CLASS });
  const label = element("span", { class: "stage-label" });
  const mark = element("span", { class: "stage" }, picture, label);
  let shown: Stage | undefined;
  return {
    element: mark,
    update(stage) {
      if (stage === shown) return;
      shown = stage;
      const wording = STAGE_WORDING[stage];
      picture.replaceChildren(icon(wording.icon));
      setText(label, wording.label);
      setAttribute(mark, "data-stage", stage);
      setAttribute(mark, "title", wording.meaning);
    },
  };
}
