import { expect, it, vi } from "vitest";
import type { Header } from "../../../src/channel/messages.ts";
import { loseAckRound } from "../lost-ack-round.ts";

// One round of acks confirms a call: what only a leader that dies knew to be certified is lost.
vi.mock(import("../../../src/channel/core/confirmation.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    confirmedBy: (certified: Header) =>
      certified.count > 0 && certified.next.number === certified.configuration.number
        ? certified.number
        : original.confirmedBy(certified),
  };
});

it("a core that confirms after one round is caught", async () => {
  await expect(loseAckRound()).rejects.toThrow(/^one history:/);
});
