// Builds what is published: one ES module per public door, the compiled subcommands of the command
// line, and the declarations. The demo is built by serve.mjs, from vite.config.ts.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build, defaultClientConditions, defaultServerConditions } from "vite";
import { run, toolScript } from "./processes.mjs";
import { isMain, ROOT, runScript, ScriptError } from "./setup.mjs";

const DIST = join(ROOT, "dist");
const DOORS = ["index", "sandbox/index", "channel/index", "settlement/index", "chains/index"];
/** What package.json's `imports` choose by platform, each on its own so that it still can. */
const CHOSEN = ["ed25519-engine", "hash-engine"];
const ENGINES = CHOSEN.flatMap((name) => [`sandbox/core/${name}`, `sandbox/core/${name}-node`]);
const SOURCE_CONDITION = "holdfast-source";
const TARGET = "es2023";
/** Where a build spends its seconds is nothing that whoever builds has to read. */
const ROLLDOWN = { checks: { pluginTimings: false } };

/**
 * @param {string} folder
 * @param {readonly string[]} names paths below it, without `.ts`
 * @returns {Record<string, string>} entry name to source file, for those that exist
 */
function entries(folder, names) {
  const pairs = names.map((name) => [name, join(ROOT, folder, `${name}.ts`)]);
  return Object.fromEntries(pairs.filter(([, path]) => existsSync(String(path))));
}

function commandNames() {
  const folder = join(ROOT, "bin", "commands");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => basename(name, ".ts"));
}

/**
 * For browsers, bundlers and Node, so that what is chosen by platform stays an import. One file for
 * each of the sources, so that a game's own build leaves out what the game does not use. A worker
 * is for browsers, holds all it needs, and is copied as it is, so it is minified here. Without a
 * relative `base`, workers are sought at the site root.
 */
async function buildDoors() {
  await build({
    configFile: false,
    root: ROOT,
    base: "./",
    logLevel: "warn",
    resolve: { conditions: [SOURCE_CONDITION, ...defaultClientConditions] },
    worker: { format: "es", rolldownOptions: { ...ROLLDOWN, output: { minify: true } } },
    build: {
      outDir: DIST,
      emptyOutDir: false,
      target: TARGET,
      sourcemap: true,
      minify: false,
      lib: { entry: entries("src", [...DOORS, ...ENGINES]), formats: ["es"] },
      rolldownOptions: {
        ...ROLLDOWN,
        external: /^(#(ed25519|hash)-engine$|@noble\/|comlink$|idb$|simple-peer|node:|ws$)/,
        // A checkout runs from its sources; what is built finds what is built beside it.
        output: {
          paths: Object.fromEntries(CHOSEN.map((name) => [`#${name}`, `#built-${name}`])),
          preserveModules: true,
          preserveModulesRoot: join(ROOT, "src"),
        },
      },
    },
  });
}

/** For Node: platform modules and dependencies stay imports. */
async function buildCommands() {
  const entry = entries("bin/commands", commandNames());
  if (Object.keys(entry).length === 0) return;
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    ssr: { resolve: { conditions: [SOURCE_CONDITION, ...defaultServerConditions] } },
    build: {
      outDir: join(DIST, "bin"),
      emptyOutDir: false,
      target: "node22",
      sourcemap: true,
      minify: false,
      ssr: true,
      rolldownOptions: { ...ROLLDOWN, input: entry },
    },
  });
}

async function emitDeclarations() {
  const args = [toolScript("typescript", "tsc"), "-p", "tsconfig.build.json"];
  const result = await run(args, { node: process.execPath });
  if (result.exitCode !== 0)
    throw new ScriptError("BUILD_FAILED", "The declarations could not be written.");
}

/** @returns {Promise<number>} */
async function buildAll() {
  rmSync(DIST, { recursive: true, force: true });
  await buildDoors();
  await buildCommands();
  await emitDeclarations();
  process.stdout.write(`Built into ${DIST}\n`);
  return 0;
}

if (isMain(import.meta.url)) await runScript(buildAll);
