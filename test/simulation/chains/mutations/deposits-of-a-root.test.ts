import { it, vi } from "vitest";
import { altered } from "./altered-contracts.ts";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// `account.deposited + amount` in `custody::put`, with an exclusive or for the plus.
const ALTERATION = {
  module: "0x30::custody",
  from: "35160b050f0315",
  to: "351d0b050f0315",
};

vi.mock(import("../../../../src/chains/genesis.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    createGenesis: (environment, config, modules, place, closing) => {
      const own = place?.type !== "shard" ? altered(modules, ALTERATION) : modules;
      return original.createGenesis(environment, config, own, place, closing);
    },
  };
});

it(
  "a root that loses count of deposits is caught",
  async () => {
    await expectCaught("I2", 5);
  },
  CAUGHT_MS_MAX,
);
