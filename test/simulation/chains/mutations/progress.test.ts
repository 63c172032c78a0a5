import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

// Members that keep from the root what the shard has decided.
vi.mock(import("../../../../src/chains/shard/relay.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    startRelay: async (options) => {
      const relay = await original.startRelay(options);
      relay.close();
      return relay;
    },
  };
});

it(
  "a shard that tells the root nothing is caught",
  async () => {
    await expectCaught("progress", 5);
  },
  CAUGHT_MS_MAX,
);
