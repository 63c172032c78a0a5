// Counts what the test runners report. A runner that crashed, reported nothing or contradicts its
// own exit code counts as failed: silence is never success. Pure functions; reads no file.

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} VitestReport the part of Vitest's JSON report that is read here
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults one per file
 *
 * @typedef {object} PlaywrightReport the part of Playwright's JSON report that is read here
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {unknown[]} errors outside any test: a file that does not load, a server that dies
 */

/** @type {Readonly<Tally>} */
export const ONE_FAILED = { passed: 0, failed: 1, skipped: 0 };

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null;
}

/**
 * @param {unknown} value
 * @returns {value is VitestReport}
 */
function isVitestReport(value) {
  return (
    isObject(value) &&
    ["numPassedTests", "numFailedTests", "numPendingTests", "numTodoTests"].every(
      (key) => typeof value[key] === "number",
    ) &&
    Array.isArray(value["testResults"])
  );
}

/**
 * @param {unknown} value
 * @returns {value is PlaywrightReport}
 */
function isPlaywrightReport(value) {
  if (!isObject(value) || !isObject(value["stats"]) || !Array.isArray(value["errors"])) {
    return false;
  }
  const { stats } = value;
  return ["expected", "unexpected", "flaky", "skipped"].every(
    (key) => typeof stats[key] === "number",
  );
}

/**
 * A run that failed must show a failure, and one that ran nothing has not succeeded.
 * @param {Tally} tally
 * @param {number} exitCode
 * @returns {Tally}
 */
function agreeWithExit(tally, exitCode) {
  const isSilent = tally.passed + tally.failed + tally.skipped === 0;
  if (tally.failed === 0 && (exitCode !== 0 || isSilent)) return { ...tally, failed: 1 };
  return tally;
}

/**
 * @param {unknown} report Vitest's JSON report, or anything else when there is none
 * @param {number} exitCode of the runner
 * @returns {Tally}
 */
export function tallyVitest(report, exitCode) {
  if (!isVitestReport(report)) return ONE_FAILED;
  // A file that does not load has no tests to count, so the file itself is the failure.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
  return agreeWithExit(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenFiles,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    exitCode,
  );
}

/**
 * @param {unknown} report Playwright's JSON report, or anything else when there is none
 * @param {number} exitCode of the runner
 * @returns {Tally}
 */
export function tallyPlaywright(report, exitCode) {
  if (!isPlaywrightReport(report)) return ONE_FAILED;
  const { stats, errors } = report;
  return agreeWithExit(
    {
      passed: stats.expected,
      // Passing at the second try is failing: a flaky test hides a real defect.
      failed: stats.unexpected + stats.flaky + errors.length,
      skipped: stats.skipped,
    },
    exitCode,
  );
}

/**
 * @param {readonly Tally[]} tallies
 * @param {boolean} skippedFails whether a skipped test counts as failed, as it does in CI
 * @returns {{ passed: number, failed: number }}
 */
export function sumTallies(tallies, skippedFails) {
  let passed = 0;
  let failed = 0;
  for (const tally of tallies) {
    passed += tally.passed;
    failed += tally.failed + (skippedFails ? tally.skipped : 0);
  }
  return { passed, failed };
}
