// `npm run build:contracts`: compiles every contract package from its sources, the demo's altered
// one and the example's own, and compares the result with what is committed; exits with 1 where
// they differ. `--update` writes it instead. `-- FOLDER` compiles a package of one's own.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import {
  type CompiledPackage,
  CompilerError,
  compilePackage,
  installCompiler,
} from "../move-compiler/compiler.ts";
import { CHEAT_TARGET, renderCheat } from "./cheat.ts";
import { compileExample, EXAMPLE_TARGET } from "./example.ts";
import {
  orderModules,
  renderBytecodeIndex,
  renderBytecodeModule,
  renderManifest,
} from "./manifest.ts";
import { hashSources } from "./source-hash.ts";

const ROOT = join(import.meta.dirname, "..", "..");

interface PackageFolder {
  readonly folder: string;
  readonly name: string;
}

/** What chains publish, each after those it depends on. */
const CONTRACTS = "src/chains/contracts";
const PACKAGES: readonly PackageFolder[] = [
  "framework",
  "rooch",
  "rooch_demo",
  "resource_model",
  "shard",
  "paracross",
].map((name) => ({
  folder: CONTRACTS,
  name,
}));
/** What only tests publish: it stands in no manifest. */
const TRIAL: PackageFolder = { folder: "test/chains/contracts", name: "trial" };

/** Bytes by path below the repository's root. */
type Files = ReadonlyMap<string, Uint8Array>;

/**
 * Compiles in a copy, so that a build leaves nothing in the source tree. Packages lie side by side
 * there.
 */
function compileAll(packages: readonly PackageFolder[]): Map<PackageFolder, CompiledPackage> {
  const copy = mkdtempSync(join(tmpdir(), "holdfast-contracts-"));
  try {
    for (const { folder, name } of packages) {
      for (const part of ["Move.toml", "sources"]) {
        cpSync(join(ROOT, folder, name, part), join(copy, name, part), { recursive: true });
      }
    }
    const compiled = new Map<PackageFolder, CompiledPackage>();
    for (const item of packages) {
      process.stderr.write(`${item.name} …\n`);
      compiled.set(item, compilePackage(join(copy, item.name)));
    }
    return compiled;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Everything that follows from the sources. */
function filesOf(compiled: ReadonlyMap<PackageFolder, CompiledPackage>): Files {
  const files = new Map<string, Uint8Array>();
  for (const [{ folder, name }, modules] of compiled) {
    for (const [module, bytes] of modules) {
      files.set(`${folder}/${name}/bytecode/${module}.mv`, bytes);
    }
  }
  const published = PACKAGES.flatMap((item) => {
    const modules = compiled.get(item);
    return modules === undefined ? [] : [[item.name, modules] as const];
  });
  const ordered = orderModules(new Map(published));
  const packages = PACKAGES.map(({ folder, name }) => ({
    name,
    sources: hashSources(join(ROOT, folder, name)),
  }));
  files.set(`${CONTRACTS}/manifest.json`, Buffer.from(renderManifest(packages, ordered)));
  process.stderr.write("the demo's altered chat …\n");
  files.set(CHEAT_TARGET, Buffer.from(renderCheat(ROOT)));
  process.stderr.write("the example's own contract …\n");
  files.set(EXAMPLE_TARGET, compileExample(ROOT));
  for (const { name } of packages) {
    const modules = ordered.filter((module) => module.package === name);
    files.set(`${CONTRACTS}/${name}/bytecode.ts`, Buffer.from(renderBytecodeModule(modules)));
  }
  const index = renderBytecodeIndex(packages.map(({ name }) => name));
  files.set(`${CONTRACTS}/bytecode.ts`, Buffer.from(index));
  return files;
}

function update(packages: readonly PackageFolder[], files: Files): void {
  for (const { folder, name } of packages) {
    rmSync(join(ROOT, folder, name, "bytecode"), { recursive: true, force: true });
  }
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), bytes);
  }
}

/** Paths whose committed content is not what the sources give. */
function differences(files: Files): string[] {
  return [...files]
    .filter(([path, bytes]) => {
      const target = join(ROOT, path);
      return !existsSync(target) || !readFileSync(target).equals(bytes);
    })
    .map(([path]) => path);
}

/** Somebody's own package, compiled where it stands: its `build` folder is written there. */
function compileOwn(folder: string): number {
  const target = join(folder, "bytecode");
  mkdirSync(target, { recursive: true });
  for (const [module, bytes] of compilePackage(folder)) {
    const path = join(target, `${module}.mv`);
    writeFileSync(path, bytes);
    process.stdout.write(`${path}\n`);
  }
  return 0;
}

function main(): number {
  const { values, positionals } = parseArgs({
    options: { update: { type: "boolean" } },
    allowPositionals: true,
  });
  installCompiler();
  const [own] = positionals;
  if (own !== undefined) return compileOwn(own);
  const packages = [...PACKAGES, TRIAL];
  const files = filesOf(compileAll(packages));
  if (values.update === true) {
    update(packages, files);
    process.stdout.write(`${files.size} files written\n`);
    return 0;
  }
  const different = differences(files);
  for (const path of different) process.stdout.write(`differs: ${path}\n`);
  process.stdout.write(
    different.length === 0
      ? `${files.size} files agree with the sources\n`
      : "Run `npm run build:contracts -- --update` and commit what changes.\n",
  );
  return different.length === 0 ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof CompilerError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
