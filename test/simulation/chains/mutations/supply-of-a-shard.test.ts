import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// `dst_coin.value + value` in `coin::merge`, with an exclusive or for the plus, on the shard alone.
const ALTERATION = {
  module: "0x1::coin",
  from: "02160b00360015",
  to: "021d0b00360015",
};

vi.mock(import("../../../../src/chains/genesis.ts"), async (importOriginal) => {
  const original = await importOriginal();
  const { alteredGenesis } = await import("./altered-contracts.ts");
  const createGenesis = alteredGenesis(original.createGenesis, "shard", () => ALTERATION);
  return { ...original, createGenesis };
});

it(
  "a shard whose coins do not add up is caught",
  async () => {
    await expectCaught("I3", 5);
  },
  CAUGHT_MS_MAX,
);
