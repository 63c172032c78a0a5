import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// `stake.staked - amount` in `shard_stake::forfeit`, with a plus for the minus.
const ALTERATION = {
  module: "0x30::shard_stake",
  from: "0a06100b140a00170a060f0b15",
  to: "0a06100b140a00160a060f0b15",
};

vi.mock(import("../../../../src/chains/genesis.ts"), async (importOriginal) => {
  const original = await importOriginal();
  const { alteredGenesis } = await import("./altered-contracts.ts");
  const createGenesis = alteredGenesis(original.createGenesis, "others", () => ALTERATION);
  return { ...original, createGenesis };
});

it(
  "a root that punishes and does not take the stake off is caught",
  async () => {
    await expectCaught("stakes add up", 5);
  },
  CAUGHT_MS_MAX,
);
