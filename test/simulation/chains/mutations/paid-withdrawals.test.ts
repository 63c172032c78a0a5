import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// Nodes that tell the root of a unit more than what was asked back.
vi.mock(import("../../../../src/chains/shard/contract.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    readWithdrawRequest: (payload) => {
      const asked = original.readWithdrawRequest(payload);
      return { ...asked, amount: asked.amount + 1n };
    },
  };
});

it(
  "a committee that has more paid than was asked back is caught",
  async () => {
    await expectCaught("I4", 5);
  },
  CAUGHT_MS_MAX,
);
