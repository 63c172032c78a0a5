import { it, vi } from "vitest";
import { expectCaught } from "./caught.ts";

// The change set of a settlement lacks its last change, in every member's eyes.
vi.mock(import("../../../src/channel/core/composition.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return { changesTo: (machine, number) => original.changesTo(machine, number).slice(0, -1) };
});

it("a core that settles something else than it played is caught", async () => {
  await expectCaught("settled is replay", "calm", 5);
}, 300_000);
