// What lies under the cursor, in words.
import { AIR } from "holdfast";
import { element, setAttribute, setText } from "../../shell/element.ts";
import type { Part } from "../../view/part.ts";
import { kindOf } from "./kinds.ts";
import type { ShownLand } from "./land-view.ts";
import { blockAt, indexOf } from "./places.ts";

export function createCursorLine(): Part<ShownLand> {
  const line = element("p", {
    class: "cursor-line",
    attributes: { "data-testid": "cursor", "aria-live": "polite" },
  });
  return {
    element: line,
    update({ blocks, faint, heroes, cursor, isInReach }) {
      const { x, y, z } = cursor;
      const kind = blockAt(blocks, cursor);
      const isCertain = !faint.has(indexOf(cursor));
      const hero = heroes.find(({ at }) => at.x === x && at.y === y && at.z === z);
      setAttribute(line, "data-at", `${x} ${y} ${z}`);
      setAttribute(line, "data-kind", String(kind));
      setAttribute(line, "data-certain", isCertain ? "" : undefined);
      const what = hero === undefined ? kindOf(kind).name : hero.player.name;
      const notes = [
        kind === AIR && hero === undefined
          ? undefined
          : isCertain
            ? undefined
            : "not confirmed yet",
        isInReach ? undefined : "out of reach",
      ].filter((note) => note !== undefined);
      setText(line, [`${what} at ${x}, ${y}, ${z}`, ...notes].join(" · "));
    },
  };
}
