// The quick gate: types, lint, format and the unit tests (the tidy rules are among them).
// `check.mjs NAME…` runs only the gates named, e.g. `check.mjs types lint`, or `check.mjs unit`.
import { GATES, runGate } from "./gates.mjs";
import { run, toolScript } from "./processes.mjs";
import { isMain, runScript, ScriptError, setUp } from "./setup.mjs";

const UNIT = "unit";

/**
 * @param {readonly string[]} wanted names of gates; all of them when empty
 * @returns {Promise<number>} the exit code
 */
async function check(wanted) {
  const known = [...GATES.map((gate) => gate.name), UNIT];
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ScriptError(
      "GATE_UNKNOWN",
      `There is no gate "${unknown}"; there are ${known.join(", ")}.`,
    );
  }
  const node = setUp();
  const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);
  let failed = 0;
  for (const gate of GATES) {
    if (isWanted(gate.name) && !(await runGate(gate, node))) failed += 1;
  }
  if (isWanted(UNIT)) {
    const args = [toolScript("vitest", "vitest"), "run", "--project", UNIT];
    if ((await run(args, { node })).exitCode !== 0) failed += 1;
  }
  process.stdout.write(failed === 0 ? "check passed\n" : `check failed: ${failed} of its parts\n`);
  return failed === 0 ? 0 : 1;
}

if (isMain(import.meta.url)) await runScript(() => check(process.argv.slice(2)));
