import { expect, it, vi } from "vitest";
import { liveWithForger } from "../bundle-forger.ts";

// A call that comes with the signature of a bundle is taken for one of its calls.
vi.mock(import("../../../src/channel/codec/bundle.ts"), async (importOriginal) => {
  return { ...(await importOriginal()), isInBundle: () => true };
});

it("a core that does not look for a call in its bundle is caught", async () => {
  await expect(liveWithForger()).rejects.toThrow(/^calls are made: /);
});
