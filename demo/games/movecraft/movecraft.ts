// MoveCraft, as a game of the page.
import { type MovecraftCalls, type MovecraftState, movecraft } from "holdfast";
import { bigOf, fieldsOf, listOf, textOf } from "../../explorer/fields.ts";
import { plural } from "../../shell/wording.ts";
import type { StoredLine, StoredState } from "../../view/stored.ts";
import type { Game } from "../game.ts";
import { createLand } from "./land.ts";
import "./movecraft.css";

export const movecraftGame: Game<MovecraftState, MovecraftCalls> = {
  app: movecraft,
  stored: { state: "0x21::movecraft::Land", asset: "0x21::movecraft::Traveller" },
  mount: createLand,
  describe: landLine,
};

function landLine({ state, asset }: StoredState): StoredLine | undefined {
  const name = textOf(fieldsOf(state)?.["name"]);
  if (name === undefined) return undefined;
  const traveller = fieldsOf(asset);
  const hero = fieldsOf(traveller?.["hero"]);
  const stored = `Land as stored: “${name}”`;
  if (hero === undefined) return { count: 0n, text: `${stored}.` };
  const at = ["x", "y", "z"].map((axis) => String(bigOf(hero[axis]) ?? 0n)).join(", ");
  const counts = listOf(fieldsOf(traveller?.["inventory"])?.["blocks"]);
  const count = counts.reduce<bigint>((sum, blocks) => sum + (bigOf(blocks) ?? 0n), 0n);
  const carried = plural(count, "block");
  return { count, text: `${stored}, and your hero at ${at}, who carries ${carried}.` };
}
