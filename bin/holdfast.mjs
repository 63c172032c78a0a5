#!/usr/bin/env node
// The `holdfast` command: names the subcommands, checks the Node it runs on, and hands over.
//
// A subcommand lives in bin/commands/<name>.ts and exports
//
//     export async function main(argv: string[]): Promise<number>
//
// `argv` is everything after the subcommand's name, for `parseArgs` of node:util; the number is the
// exit code: 0 done, 1 failed, 2 called wrongly. With `--json` it prints one JSON object as its
// last line on stdout. It may throw: an error that carries a string `code` is shown as
// `CODE: message`, and one of `parseArgs` as a wrong call. A published package has the same files,
// compiled, in dist/bin, because Node does not strip types below node_modules.
//
// Plain JavaScript without dependencies, so that an old Node can say that it is too old.
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 22;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** @type {Readonly<Record<string, string>>} */
const COMMANDS = {
  run: "run one function of a Move module",
  verify: "check Move modules as a channel or a chain does before it loads them",
  chain: "serve the reference chain",
  signal: "serve the rooms through which browsers find each other",
  simulate: "run whole channels on a virtual clock, from seeds",
  replay: "run a simulated channel again, telling what happens",
  bench: "measure",
};

/** @param {string} line */
function complain(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Where a subcommand's code is: beside this file in a checkout, compiled in a published package.
 * @param {string} name
 * @returns {URL | undefined} undefined when this installation does not have it
 */
function locate(name) {
  const places = [`./commands/${name}.ts`, `../dist/bin/${name}.js`];
  return places
    .map((place) => new URL(place, import.meta.url))
    .find((url) => existsSync(fileURLToPath(url)));
}

function available() {
  return Object.keys(COMMANDS).filter((name) => locate(name) !== undefined);
}

function help() {
  const names = available();
  const width = Math.max(0, ...names.map((name) => name.length));
  return [
    "Usage: holdfast COMMAND [OPTION]…",
    "",
    ...names.map((name) => `  ${name.padEnd(width)}  ${COMMANDS[name]}`),
    "",
    "holdfast COMMAND --help tells more; holdfast --version prints the version.",
  ].join("\n");
}

function version() {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String(JSON.parse(text).version);
}

/**
 * @param {unknown} error
 * @param {string} name the subcommand
 * @param {readonly string[]} argv what it was given
 */
function reportFailure(error, name, argv) {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    throw error;
  }
  const { code } = error;
  const isUsage = code.startsWith("ERR_PARSE_ARGS");
  const advice = `See holdfast ${name} --help.`;
  // Most of our own errors begin with their code.
  const told = error.message.startsWith(`${code}: `)
    ? error.message.slice(code.length + 2)
    : error.message;
  const message = isUsage ? `${told.replace(/\.?$/, ".")} ${advice}` : told;
  complain(`${code}: ${message}`);
  if (argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  }
  return isUsage ? EXIT_USAGE : EXIT_FAILED;
}

/**
 * Node announces on the terminal that its SQLite may still change. Whoever runs a command can do
 * nothing about that; every other warning is shown.
 */
function hideSqliteNotice() {
  const emit = process.emitWarning.bind(process);
  /** @type {(warning: string | Error, ...rest: any[]) => void} */
  process.emitWarning = (warning, ...rest) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (!text.startsWith("SQLite is an experimental feature")) emit(warning, ...rest);
  };
}

/**
 * @param {string[]} argv the command line without Node and this file
 * @returns {Promise<number>} the exit code
 */
async function main([name, ...rest]) {
  if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
    complain(
      `NODE_TOO_OLD: holdfast needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}.`,
    );
    return EXIT_USAGE;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(`${help()}\n`);
    return 0;
  }
  if (name === "--version") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === undefined) {
    complain(`COMMAND_MISSING: say what to do.\n\n${help()}`);
    return EXIT_USAGE;
  }
  const url = Object.hasOwn(COMMANDS, name) ? locate(name) : undefined;
  if (url === undefined) {
    const known = available().join(", ") || "none";
    complain(`COMMAND_UNKNOWN: there is no command "${name}". Known here: ${known}.`);
    return EXIT_USAGE;
  }
  hideSqliteNotice();
  try {
    const command = await import(url.href);
    return await command.main(rest);
  } catch (error) {
    return reportFailure(error, name, rest);
  }
}

process.exitCode = await main(process.argv.slice(2));
