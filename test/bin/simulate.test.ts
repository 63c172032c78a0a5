// The commands that run simulated channels, in the form that other tools read.
import { describe, expect, it } from "vitest";
import { holdfast, lastObject } from "./holdfast.ts";

const TIMEOUT_MS = 120_000;

describe("holdfast simulate", () => {
  it(
    "prints how many seeds, which failed, and the steps",
    () => {
      const range = ["--seeds", "2", "--from", "3", "--profile", "calm"];
      const ended = holdfast("simulate", ...range, "--json");
      expect(ended.status).toBe(0);
      const { steps, ...rest } = lastObject(ended);
      expect(rest).toEqual({ seeds: 2, failed: [], profile: "calm" });
      expect(steps).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );

  it("refuses a profile that there is not, and says which there are", () => {
    const ended = holdfast("simulate", "--profile", "quiet");
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("SIMULATION_OPTION");
    expect(ended.stderr).toContain("mixed");
  });
});

describe("holdfast replay", () => {
  it(
    "tells a seed's life, the same every time",
    () => {
      const first = holdfast("replay", "3", "--profile", "calm");
      expect(first.status).toBe(0);
      expect(first.stdout).toMatch(/configuration 1: seats 1, 2/);
      expect(holdfast("replay", "3", "--profile", "calm").stdout).toBe(first.stdout);
    },
    TIMEOUT_MS,
  );
});
