// This tab's latest move on the land, and how far it has come.
import type { CallHandle } from "holdfast";
import { AIR } from "holdfast";
import { element, setAttribute, setText } from "../../shell/element.ts";
import { createStageMark } from "../../shell/stage-mark.ts";
import { kindOf } from "./kinds.ts";
import type { Move } from "./land-model.ts";

export interface LatestMove {
  readonly element: HTMLElement;
  follow(move: Move, handle: Pick<CallHandle, "stage">): void;
  /** Something that did not even become a move. */
  tell(text: string): void;
  update(): void;
}

export function createLatestMove(): LatestMove {
  const stage = createStageMark();
  const text = element("span", { attributes: { "aria-live": "polite" } });
  const line = element(
    "p",
    { class: "latest-move", attributes: { "data-testid": "latest-move" } },
    text,
    stage.element,
  );
  let latest: Pick<CallHandle, "stage"> | undefined;
  const update = () => {
    stage.element.hidden = latest === undefined;
    setAttribute(line, "data-stage", latest?.stage);
    if (latest !== undefined) stage.update(latest.stage);
  };
  update();
  return {
    element: line,
    follow(move, handle) {
      latest = handle;
      setText(text, wordsOf(move));
      update();
    },
    tell(told) {
      latest = undefined;
      setText(text, told);
      update();
    },
    update,
  };
}

function wordsOf(move: Move): string {
  if (move.type === "walk") return "A step";
  const { x, y, z } = move.at;
  const what = move.kind === AIR ? "Taken away" : kindOf(move.kind).name;
  return `${what} at ${x}, ${y}, ${z}`;
}
