import { it, vi } from "vitest";
import { expectCaught } from "./caught.ts";

// What a leader orders and acks is not put on disk before it is sent: after a crash it signs again.
vi.mock(import("../../../src/channel/core/emit.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    persist: (machine, entry) =>
      entry.type === "batch" || entry.type === "ack"
        ? machine.sequence
        : original.persist(machine, entry),
  };
});

it("a core that forgets what it signed is caught", async () => {
  await expectCaught("no double signing", "crashes", 20);
}, 300_000);
