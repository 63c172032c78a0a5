import { it, vi } from "vitest";
import { CAUGHT_MS_MAX, expectCaught } from "./caught.ts";

const DEPOSIT = 128;

// A shard whose nodes credit a unit more than what was deposited on the root.
vi.mock(import("../../../../src/chains/shard/contract.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    processMessageCall: (message, index) => {
      if (message.eventType !== DEPOSIT) return original.processMessageCall(message, index);
      const payload = message.payload.slice();
      // The amount is the last field, little-endian.
      const at = payload.length - 8;
      payload[at] = ((payload[at] ?? 0) + 1) % 256;
      return original.processMessageCall({ ...message, payload }, index);
    },
  };
});

it(
  "a shard that credits more than was deposited is caught",
  async () => {
    await expectCaught("I5", 5);
  },
  CAUGHT_MS_MAX,
);
