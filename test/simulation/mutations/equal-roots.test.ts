import { it, vi } from "vitest";
import { expectCaught } from "./caught.ts";

// Whatever a leader signs is believed.
vi.mock(import("../../../src/channel/core/contradiction.ts"), () => ({
  contradictionOf: () => undefined,
}));

it("a core that does not compare results is caught", async () => {
  await expectCaught("equal roots", "cheats", 10);
}, 300_000);
