// Runs the tools of this project as child processes, all on the Node that set-up found.
// A tool that outlives its limit, or the run itself, is ended together with everything it started.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ROOT } from "./setup.mjs";

const MODULES = join(ROOT, "node_modules");
const PARENT_CHECK_MS = 500;
/** The exit code of a process that was told to end. */
const EXIT_ENDED = 130;
const IS_WINDOWS = process.platform === "win32";

/**
 * @typedef {object} RunOptions
 * @property {string} node the Node to run with
 * @property {number} [timeoutMs] ends the process after this long; without it, it may run forever
 * @property {Record<string, string>} [env] added to this process's environment
 * @property {boolean} [capture] collects the output instead of showing it
 *
 * @typedef {object} RunResult
 * @property {number} exitCode 0 when all went well; 1 when it was ended by a signal
 * @property {boolean} timedOut
 * @property {string} output what it printed, when `capture` was set
 */

/**
 * The script behind a command of an installed package, so that no shell and no PATH is needed.
 * @param {string} packageName
 * @param {string} commandName
 * @returns {string}
 */
export function toolScript(packageName, commandName) {
  const folder = join(MODULES, packageName);
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const script = typeof bin === "string" ? bin : bin[commandName];
  if (script === undefined) throw new Error(`${packageName} has no command ${commandName}`);
  return join(folder, script);
}

/**
 * @param {string} node
 * @param {Record<string, string>} added
 * @returns {NodeJS.ProcessEnv}
 */
function childEnvironment(node, added) {
  const path = [dirname(node), join(MODULES, ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { ...process.env, PATH: path, ...added };
}

/**
 * Ends this process when the shell of `npm run` has ended: npm does not hand a signal on to what
 * its shell runs, which would go on alone, holding its port. Outside npm nothing is watched.
 * @param {() => void} [atEnd] runs before the end
 * @returns {() => void} stops watching
 */
export function endWithNpm(atEnd) {
  if (process.env["npm_lifecycle_event"] === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    atEnd?.();
    process.exit(EXIT_ENDED);
  }, PARENT_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** @param {import("node:child_process").ChildProcess} child */
function endGroup(child) {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    if (IS_WINDOWS) child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended in between, which is what was wanted.
  }
}

/**
 * Runs `node ARGS` to its end.
 * @param {string[]} args
 * @param {RunOptions} options
 * @returns {Promise<RunResult>}
 */
export function run(args, options) {
  const child = spawn(options.node, args, {
    cwd: ROOT,
    env: childEnvironment(options.node, options.env ?? {}),
    stdio: options.capture ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    detached: !IS_WINDOWS,
  });
  let output = "";
  let timedOut = false;
  child.stdout?.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text) => (output += text));

  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          endGroup(child);
        }, options.timeoutMs);
  // The group of a detached child does not hear the terminal's Ctrl-C, so it is handed on.
  const onSignal = () => {
    endGroup(child);
    process.exit(EXIT_ENDED);
  };
  const unwatch = endWithNpm(() => endGroup(child));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);

  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      unwatch();
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      resolve({ exitCode: exitCode ?? 1, timedOut, output });
    });
  });
}
