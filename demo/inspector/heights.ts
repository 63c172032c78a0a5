// How far the channel as a whole has come, per stage.
import { element, setAttribute, setText } from "../shell/element.ts";
import { STAGE_WORDING } from "../shell/stage-mark.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { section } from "./section.ts";

const HEIGHTS = ["sequenced", "verified", "confirmed", "settled"] as const;
const SECOND_MS = 1_000;

export function createHeights(): Part<View> {
  const cells = HEIGHTS.map((stage) => {
    const value = element("strong", {
      text: "–",
      attributes: { "data-testid": `height-${stage}` },
    });
    const bar = element("span", { class: "height-bar" });
    const delay = element("span", {
      class: "height-delay",
      attributes: { "data-testid": `delay-${stage}`, title: "How long your last move took" },
    });
    const cell = element(
      "li",
      { class: "height", attributes: { title: STAGE_WORDING[stage].meaning } },
      element("span", { class: "height-label", text: stage }),
      value,
      bar,
      delay,
    );
    return { stage, value, bar, delay, cell };
  });
  const facts = element("p", { class: "facts" });
  const panel = section(
    "Moves so far",
    element("ol", { class: "heights" }, ...cells.map(({ cell }) => cell)),
    facts,
  );
  return {
    element: panel,
    update({ channel }) {
      const top = channel?.heights.sequenced ?? 0n;
      for (const { stage, value, bar, delay } of cells) {
        setText(delay, delayText(channel?.delays[stage]));
        const height = channel?.heights[stage];
        setText(value, height === undefined ? "–" : String(height));
        const share = top === 0n || height === undefined ? 0 : Number((height * 100n) / top);
        bar.style.setProperty("--share", `${Math.min(share, 100)}%`);
      }
      if (channel === undefined) {
        setText(facts, "");
        return;
      }
      setAttribute(facts, "data-testid", "facts");
      setAttribute(facts, "data-configuration", String(channel.configuration));
      setAttribute(facts, "data-term", String(channel.term));
      setAttribute(facts, "data-phase", channel.phase);
      setText(
        facts,
        `${channel.phase} in term ${channel.term}, ${viewText(channel.view)}\n` +
          `configuration ${channel.configuration} · channel ${channel.id}`,
      );
    },
  };
}

/** Of a view's number the lower 40 bits say whether a view change made its leader. */
function viewText(view: bigint): string {
  return BigInt.asUintN(40, view) === 0n ? "led by the chain's choice" : "led by a view change";
}

function delayText(delayMs: number | undefined): string {
  if (delayMs === undefined) return "";
  return delayMs < SECOND_MS ? `${delayMs} ms` : `${(delayMs / SECOND_MS).toFixed(1)} s`;
}
