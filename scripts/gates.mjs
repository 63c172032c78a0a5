// The static checks: types, lint, format. Used by check.mjs and test.mjs, so both mean the same.
import { run, toolScript } from "./processes.mjs";

const GATE_TIMEOUT_MS = 10 * 60_000;

/**
 * @typedef {object} Gate
 * @property {string} name
 * @property {string} fix the command that helps when it fails
 * @property {() => string[][]} commands each one script with its arguments; all must succeed
 */

/** @type {readonly Gate[]} */
export const GATES = [
  {
    name: "types",
    fix: "npm run typecheck",
    commands: () => [
      [toolScript("typescript", "tsc"), "-p", "tsconfig.json"],
      // Again without DOM and Node types, for the folders that must not know a platform.
      [toolScript("typescript", "tsc"), "-p", "tsconfig.core.json"],
    ],
  },
  {
    name: "lint",
    fix: "npm run lint",
    commands: () => [[toolScript("oxlint", "oxlint"), "--type-aware", "--deny-warnings", "."]],
  },
  {
    name: "format",
    fix: "npm run format",
    commands: () => [[toolScript("@biomejs/biome", "biome"), "check", "."]],
  },
];

/**
 * Runs one gate; shows the tool's output when it fails.
 * @param {Gate} gate
 * @param {string} node
 * @returns {Promise<boolean>} whether it passed
 */
export async function runGate(gate, node) {
  const startedAt = Date.now();
  /** @type {string | undefined} */
  let complaint;
  for (const command of gate.commands()) {
    const result = await run(command, { node, capture: true, timeoutMs: GATE_TIMEOUT_MS });
    if (result.exitCode === 0) continue;
    const reason = result.timedOut ? `\nended after ${GATE_TIMEOUT_MS} ms` : "";
    complaint = result.output.trimEnd() + reason;
    break;
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const passed = complaint === undefined;
  if (!passed) process.stdout.write(`${complaint}\n`);
  process.stdout.write(`${passed ? "ok    " : "FAILED"} ${gate.name} (${seconds} s)`);
  process.stdout.write(passed ? "\n" : `; to see it alone or mend it: ${gate.fix}\n`);
  return passed;
}
