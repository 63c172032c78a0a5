import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// A committee that takes the word of one member for all of them.
vi.mock(import("../../../../src/chains/shard/consensus/committee.ts"), async (importOriginal) => ({
  ...(await importOriginal()),
  quorumOf: () => 1,
}));

it(
  "a committee that decides without a quorum is caught",
  async () => {
    await expectCaught("one shard block", 10);
  },
  CAUGHT_MS_MAX,
);
