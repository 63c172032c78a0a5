// What `npm test` counts: a runner that says nothing, or contradicts itself, is no success.
import { describe, expect, it } from "vitest";
import { sumTallies, tallyPlaywright, tallyVitest } from "../../scripts/tally.mjs";

const ONE_FAILED = { passed: 0, failed: 1, skipped: 0 };

function vitestReport(counts: { passed?: number; failed?: number; skipped?: number } = {}) {
  return {
    numPassedTests: counts.passed ?? 0,
    numFailedTests: counts.failed ?? 0,
    numPendingTests: counts.skipped ?? 0,
    numTodoTests: 0,
    testResults: [{ status: "passed", assertionResults: [{}] }],
  };
}

function playwrightReport(stats: Partial<Record<"expected" | "unexpected" | "flaky", number>>) {
  return { stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors: [] };
}

describe("tallyVitest", () => {
  it("counts what the report says", () => {
    const report = vitestReport({ passed: 7, failed: 2, skipped: 1 });
    expect(tallyVitest(report, 1)).toEqual({ passed: 7, failed: 2, skipped: 1 });
  });

  it.each([undefined, null, "", {}, { numPassedTests: 3 }])(
    "counts a crash without a report (%j) as one failure",
    (report) => {
      expect(tallyVitest(report, 0)).toEqual(ONE_FAILED);
    },
  );

  it("counts a file that does not load as one failure", () => {
    const report = {
      ...vitestReport({ passed: 3 }),
      testResults: [{ status: "failed", assertionResults: [] }],
    };
    expect(tallyVitest(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it("believes the exit code when the report shows no failure", () => {
    expect(tallyVitest(vitestReport({ passed: 3 }), 1).failed).toBe(1);
    expect(tallyVitest(vitestReport({ passed: 3 }), 0).failed).toBe(0);
  });

  it("does not take a run of no tests for a success", () => {
    expect(tallyVitest(vitestReport(), 0).failed).toBe(1);
  });
});

describe("tallyPlaywright", () => {
  it("counts a flaky test and an error outside any test as failures", () => {
    const report = { ...playwrightReport({ expected: 4, flaky: 1 }), errors: [{}] };
    expect(tallyPlaywright(report, 1)).toEqual({ passed: 4, failed: 2, skipped: 0 });
  });

  it("counts a crash without a report as one failure", () => {
    expect(tallyPlaywright(undefined, 0)).toEqual(ONE_FAILED);
    expect(tallyPlaywright({ stats: {}, errors: [] }, 0)).toEqual(ONE_FAILED);
  });

  it("believes the exit code when the report shows no failure", () => {
    expect(tallyPlaywright(playwrightReport({ expected: 4 }), 1).failed).toBe(1);
  });
});

describe("sumTallies", () => {
  const tallies = [
    { passed: 5, failed: 1, skipped: 2 },
    { passed: 3, failed: 0, skipped: 0 },
  ];

  it("leaves skipped tests out", () => {
    expect(sumTallies(tallies, false)).toEqual({ passed: 8, failed: 1 });
  });

  it("counts skipped tests as failed when asked to, as in CI", () => {
    expect(sumTallies(tallies, true)).toEqual({ passed: 8, failed: 3 });
  });
});
