import { it, vi } from "vitest";
import { expectCaught } from "./caught.ts";

// Nobody asks for what it missed.
vi.mock(import("../../../src/channel/core/sync.ts"), async (importOriginal) => ({
  ...(await importOriginal()),
  catchUp: () => undefined,
}));

it("a core that never catches up is caught", async () => {
  await expectCaught("progress", "mixed", 10);
}, 300_000);
