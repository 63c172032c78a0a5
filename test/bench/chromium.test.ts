// The benches in a worker of a real Chromium, in small. They are served with a policy that forbids
// `eval`, so that they run at all means that contracts are compiled without it.
import { describe, expect, it } from "vitest";
import { benchInChromium } from "../../bin/bench/chromium.ts";

/** Memory may as well shrink. */
const GROWTH = "heap_growth_bytes";
const TIMEOUT_MS = 120_000;

describe("the benches in Chromium, under script-src 'self' 'wasm-unsafe-eval'", () => {
  it(
    "tx: contracts are compiled in workers, and write what reducers write",
    async () => {
      const options = { rounds: 1, warmUps: 0, batch: 20, loads: 1, longRun: 1000 };
      const metrics = await benchInChromium({ bench: "tx", options });
      const figures = Object.entries(metrics as Record<string, number>);
      const missing = figures.filter(([name, value]) => name !== GROWTH && !(value > 0));
      expect(figures).toHaveLength(9);
      expect(missing).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
