import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// `account.balance - amount` in `custody::take`, with a plus for the minus.
const ALTERATION = {
  module: "0x30::custody",
  from: "0a061001140a02170a060f0115",
  to: "0a061001140a02160a060f0115",
};

vi.mock(import("../../../../src/chains/genesis.ts"), async (importOriginal) => {
  const original = await importOriginal();
  const { alteredGenesis } = await import("./altered-contracts.ts");
  const createGenesis = alteredGenesis(original.createGenesis, "others", () => ALTERATION);
  return { ...original, createGenesis };
});

it(
  "a root that pays and does not take it off a shard is caught",
  async () => {
    await expectCaught("I1", 5);
  },
  CAUGHT_MS_MAX,
);
