import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// `account.deposited + amount` in `custody::put`, with an exclusive or for the plus.
const ALTERATION = {
  module: "0x30::custody",
  from: "35160b050f0315",
  to: "351d0b050f0315",
};

vi.mock(import("../../../../src/chains/genesis.ts"), async (importOriginal) => {
  const original = await importOriginal();
  const { alteredGenesis } = await import("./altered-contracts.ts");
  const createGenesis = alteredGenesis(original.createGenesis, "others", () => ALTERATION);
  return { ...original, createGenesis };
});

it(
  "a root that loses count of deposits is caught",
  async () => {
    await expectCaught("I2", 5);
  },
  CAUGHT_MS_MAX,
);
