// Makes a checkout ready to run: installs the packages when they are missing or older than the
// lock, and finds a Node of the version this project needs. Built-ins only: runs on Node 20.
// Everything it says goes to stderr, because some commands print JSON for other tools on stdout.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const NODE_MAJOR_MIN = 22;

const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".holdfast-setup");
const NODE_BINARY = join(
  MODULES,
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/**
 * @typedef {"SETUP_FAILED" | "CHROMIUM_MISSING" | "PORT_UNUSABLE" | "GATE_UNKNOWN" |
 *   "BUILD_FAILED"} ScriptErrorCode
 */

/** What a script reports to the person who ran it; the message says what to do. */
export class ScriptError extends Error {
  /**
   * @param {ScriptErrorCode} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "ScriptError";
    this.code = code;
  }
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** What the installed packages follow from. The platform counts: some packages are binaries. */
function wantedStamp() {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) {
    const path = join(ROOT, name);
    hash.update(existsSync(path) ? installRelevant(name, readFileSync(path, "utf8")) : "absent");
  }
  return `${hash.digest("hex")} ${process.platform} ${process.arch}\n`;
}

/**
 * Only the dependencies of package.json matter here; a changed script needs no new install.
 * @param {string} name
 * @param {string} text
 */
function installRelevant(name, text) {
  if (name !== "package.json") return text;
  const { dependencies, devDependencies, optionalDependencies, allowScripts } = JSON.parse(text);
  return JSON.stringify({ dependencies, devDependencies, optionalDependencies, allowScripts });
}

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === wantedStamp();
}

/** npm itself, as the program that runs this script or as the one on the PATH. */
function npmCommand() {
  const cli = process.env["npm_execpath"];
  if (cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)) {
    return { command: process.execPath, prefix: [cli] };
  }
  return { command: process.platform === "win32" ? "npm.cmd" : "npm", prefix: [] };
}

function install() {
  const { command, prefix } = npmCommand();
  // `install` and not `ci`: a lock made on one platform lacks binaries that another one needs.
  const args = [
    ...prefix,
    "install",
    "--include=dev",
    "--include=optional",
    "--no-audit",
    "--loglevel=error",
  ];
  say("Installing packages (the first time takes about a minute) …");
  const startedAt = Date.now();
  const result = spawnSync(command, [...args, "--no-fund"], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "development" },
    stdio: ["ignore", process.stderr, process.stderr],
    shell: command.endsWith(".cmd"),
  });
  if (result.status !== 0) {
    const cause = result.error ? `: ${result.error.message}` : ` (exit code ${result.status})`;
    throw new ScriptError(
      "SETUP_FAILED",
      `npm install failed${cause}. See npm's own message above; it needs the package registry.`,
    );
  }
  writeFileSync(STAMP, wantedStamp());
  say(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/**
 * @param {string} command
 * @returns {number} 0 when it does not run
 */
function nodeMajor(command) {
  const result = spawnSync(command, ["--version"], { encoding: "utf8" });
  return result.status === 0 ? Number(/^v(\d+)\./.exec(result.stdout)?.[1]) : 0;
}

/** A Node of at least NODE_MAJOR_MIN: the pinned one, or else the one that runs this script. */
function findNode() {
  if (existsSync(NODE_BINARY) && nodeMajor(NODE_BINARY) >= NODE_MAJOR_MIN) return NODE_BINARY;
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) return process.execPath;
  throw new ScriptError(
    "SETUP_FAILED",
    [
      `Node ${NODE_MAJOR_MIN} or newer is needed; this is ${process.version}, and the pinned`,
      "one in node_modules/node does not run. npm may have been told not to run install scripts:",
      "remove node_modules and try again without --ignore-scripts, or install Node " +
        `${NODE_MAJOR_MIN}.`,
    ].join("\n"),
  );
}

/**
 * Completes set-up and returns the path of the Node to run everything with.
 * @throws {ScriptError} SETUP_FAILED when packages cannot be installed or no Node is new enough
 */
export function setUp() {
  if (!isInstalled()) install();
  return findNode();
}

/**
 * Runs `body` as a script: a ScriptError is a message for the user, anything else a crash.
 * @param {() => number | Promise<number>} body returns the exit code
 */
export async function runScript(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    say(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * True when the module with this URL is the one that Node was started with.
 * @param {string} moduleUrl
 */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === moduleUrl;
}

if (isMain(import.meta.url)) {
  await runScript(() => {
    setUp();
    return 0;
  });
}
