// Everything: set-up, a browser, the static checks, and all tests. Its last line is always
// `N passed, N failed`, and its exit code is 0 exactly when nothing failed. In CI (the variable CI
// set) a skipped test counts as failed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { GATES, runGate } from "./gates.mjs";
import { run, toolScript } from "./processes.mjs";
import { isMain, ROOT, runScript, setUp } from "./setup.mjs";
import { ONE_FAILED, sumTallies, tallyPlaywright, tallyVitest } from "./tally.mjs";

const REPORTS = join(ROOT, ".reports");
const RUNNER_TIMEOUT_MS = 60 * 60_000;

/** @typedef {import("./tally.mjs").Tally} Tally */

/** @param {string} title */
function heading(title) {
  process.stdout.write(`\n=== ${title}\n`);
}

/**
 * @param {string} path
 * @returns {unknown} undefined when there is no readable report
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} node
 * @returns {Promise<Tally[]>} one per gate that failed
 */
async function runGates(node) {
  heading("types, lint, format");
  const failures = [];
  for (const gate of GATES) if (!(await runGate(gate, node))) failures.push(ONE_FAILED);
  return failures;
}

/**
 * @param {string} node
 * @param {Record<string, string>} env
 * @returns {Promise<Tally>}
 */
async function runVitest(node, env) {
  heading("unit, conformance, simulation, browser (Vitest)");
  const path = join(REPORTS, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${path}`];
  const args = [toolScript("vitest", "vitest"), "run", ...reporters];
  const result = await run(args, { node, env, timeoutMs: RUNNER_TIMEOUT_MS });
  return tallyVitest(readReport(path), result.exitCode);
}

function hasStories() {
  const folder = join(ROOT, "test", "e2e");
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".spec.ts"));
}

/**
 * @param {string} node
 * @param {Record<string, string>} env
 * @returns {Promise<Tally>}
 */
async function runPlaywright(node, env) {
  heading("stories in a browser (Playwright)");
  const path = join(REPORTS, "playwright.json");
  const args = [toolScript("@playwright/test", "playwright"), "test", "--reporter=list,json"];
  const result = await run(args, {
    node,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: path },
    timeoutMs: RUNNER_TIMEOUT_MS,
  });
  return tallyPlaywright(readReport(path), result.exitCode);
}

/** @returns {Promise<Tally[]>} */
async function runAll() {
  const node = setUp();
  const chromium = ensureChromium((line) => process.stderr.write(`${line}\n`));
  const env = { CHROMIUM_PATH: chromium };
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const tallies = [...(await runGates(node)), await runVitest(node, env)];
  if (hasStories()) tallies.push(await runPlaywright(node, env));
  return tallies;
}

/**
 * Whatever happens, the run ends in the line that tells how it went.
 * @returns {Promise<number>} the exit code
 */
async function test() {
  /** @type {Tally[]} */
  let tallies = [ONE_FAILED];
  try {
    tallies = await runAll();
  } catch (error) {
    heading("the test run itself failed");
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  const skipped = tallies.reduce((sum, tally) => sum + tally.skipped, 0);
  const { passed, failed } = sumTallies(tallies, Boolean(process.env["CI"]));
  if (skipped > 0) process.stdout.write(`\n${skipped} skipped\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

if (isMain(import.meta.url)) await runScript(test);
