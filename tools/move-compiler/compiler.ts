// Runs the Move compiler on one package. Installs it when it is missing: it lives in this folder's
// own node_modules, by this folder's own lock, and never among the dependencies of the product.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const HERE = import.meta.dirname;
const CHILD = join(HERE, "compile-package.mjs");
const COMPILER = join(HERE, "node_modules", "@initia", "builder.js");
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** The compiler could not be installed, or it refused a package. */
export class CompilerError extends Error {
  override readonly name = "CompilerError";
  readonly code: "COMPILER_NOT_INSTALLED" | "COMPILATION_FAILED";

  constructor(code: CompilerError["code"], detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}

/** Makes the compiler available; does nothing where it already is. */
export function installCompiler(): void {
  if (existsSync(COMPILER)) return;
  process.stderr.write("Installing the Move compiler (about 200 MB, once) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: HERE,
    stdio: ["ignore", process.stderr, process.stderr],
    shell: npm.endsWith(".cmd"),
  });
  if (result.status !== 0) {
    throw new CompilerError(
      "COMPILER_NOT_INSTALLED",
      "`npm ci` in tools/move-compiler failed; it needs the package registry.",
    );
  }
}

/** Bytecode by module name. */
export type CompiledPackage = ReadonlyMap<string, Uint8Array>;

/**
 * Compiles the package in `folder`, whose `build` folder is written there. Only its own modules are
 * returned.
 */
export function compilePackage(folder: string): CompiledPackage {
  run(folder);
  const built = join(folder, "build");
  const [name] = readdirSync(built);
  if (name === undefined) throw new CompilerError("COMPILATION_FAILED", `${folder} built nothing`);
  const modules = join(built, name, "bytecode_modules");
  const files = readdirSync(modules).filter((file) => file.endsWith(".mv"));
  return new Map(
    files.map((file) => [file.slice(0, -".mv".length), readFileSync(join(modules, file))]),
  );
}

function run(folder: string): void {
  const result = spawnSync(process.execPath, [CHILD, folder], {
    encoding: "utf8",
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (result.status === 0) return;
  throw new CompilerError("COMPILATION_FAILED", `${result.stdout}\n${result.stderr}`);
}
