import { it, vi } from "vitest";
import { altered } from "./altered-contracts.ts";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// `account.balance - amount` in `custody::take`, with a plus for the minus.
const ALTERATION = {
  module: "0x30::custody",
  from: "0a061001140a02170a060f0115",
  to: "0a061001140a02160a060f0115",
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
  "a root that pays and does not take it off a shard is caught",
  async () => {
    await expectCaught("I1", 5);
  },
  CAUGHT_MS_MAX,
);
