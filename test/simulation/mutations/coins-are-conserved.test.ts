import { it, vi } from "vitest";
import { expectCaught } from "./caught.ts";

// A member that leaves has its asset parked, and keeps it too.
vi.mock(import("../../../src/channel/core/parking.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    moveAsset: (state, owner, asset, to) => original.moveAsset(state, owner, asset, to).slice(1),
  };
});

it("a core that doubles what is parked is caught", async () => {
  await expectCaught("coins are conserved", "calm", 10);
}, 300_000);
