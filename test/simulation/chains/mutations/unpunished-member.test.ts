import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// Nodes that keep to themselves that a member signed twice.
vi.mock(import("../../../../src/chains/shard/relay.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    startRelay: async (options) => {
      return { ...(await original.startRelay(options)), accuse: () => undefined };
    },
  };
});

it(
  "a shard that lets members sign twice is caught",
  async () => {
    await expectCaught("progress", 5);
  },
  CAUGHT_MS_MAX,
);
