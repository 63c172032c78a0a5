// What is committed beside the sources: the manifest, and the module that carries the bytecode into
// browsers. Pure: from compiled packages to text.
import { createHash } from "node:crypto";
import { shortAddress } from "#core/address.ts";
import { type CompiledModule, deserializeModule } from "#sandbox";
import type { CompiledPackage } from "../move-compiler/compiler.ts";

export interface ManifestModule {
  readonly package: string;
  /** As `0x20::state_channel`. */
  readonly module: string;
  /** Path of the bytecode below the contracts folder. */
  readonly file: string;
  readonly sha256: string;
  /** Modules that must be published before this one or with it. */
  readonly dependencies: readonly string[];
}

export interface ManifestPackage {
  readonly name: string;
  /**
   * SHA-256 over the package's sources, so that bytecode older than its sources is found without a
   * compiler.
   */
  readonly sources: string;
}

export interface Manifest {
  readonly compiler: Readonly<Record<string, string | number>>;
  readonly packages: readonly ManifestPackage[];
  /** In publish order: every module after those it depends on. */
  readonly modules: readonly ManifestModule[];
}

export interface ContractModule extends ManifestModule {
  readonly bytes: Uint8Array;
}

const LINE_COLUMNS_MAX = 100;

const COMPILER = {
  package: "@initia/builder.js",
  version: "0.2.12",
  bytecodeVersion: 6,
  languageVersion: "2.1",
};

/**
 * All modules of all packages in publish order: packages as given, dependencies first, then by
 * name.
 */
export function orderModules(packages: ReadonlyMap<string, CompiledPackage>): ContractModule[] {
  const waiting = [...packages].flatMap(([name, modules]) =>
    [...modules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([module, bytes]) => describe(name, module, bytes)),
  );
  const known = new Set(waiting.map(({ module }) => module));
  const ordered: ContractModule[] = [];
  const published = new Set<string>();
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ dependencies }) =>
      dependencies.every((id) => published.has(id) || !known.has(id)),
    );
    const [module] = waiting.splice(next, 1);
    if (next < 0 || module === undefined)
      throw new Error("contracts depend on each other in a circle");
    published.add(module.module);
    ordered.push(module);
  }
  return ordered;
}

function describe(packageName: string, file: string, bytes: Uint8Array): ContractModule {
  const decoded = deserializeModule(bytes);
  if (!decoded.ok) throw new Error(`${packageName}/${file} does not deserialise`);
  return {
    package: packageName,
    module: moduleText(decoded.value, decoded.value.selfHandle),
    file: `${packageName}/bytecode/${file}.mv`,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    dependencies: dependenciesOf(decoded.value),
    bytes,
  };
}

function dependenciesOf(module: CompiledModule): string[] {
  return module.moduleHandles
    .flatMap((_, index) => (index === module.selfHandle ? [] : [moduleText(module, index)]))
    .sort((a, b) => (a < b ? -1 : 1));
}

function moduleText(module: CompiledModule, handleIndex: number): string {
  const handle = module.moduleHandles[handleIndex];
  const address = handle && module.addresses[handle.address];
  const name = handle && module.identifiers[handle.name];
  if (address === undefined || name === undefined)
    throw new Error("a module handle points nowhere");
  return `${shortAddress(address)}::${name}`;
}

export function renderManifest(
  packages: readonly ManifestPackage[],
  modules: readonly ContractModule[],
): string {
  const manifest: Manifest = {
    compiler: COMPILER,
    packages,
    modules: modules.map(({ bytes: _bytes, ...module }) => module),
  };
  return `${renderJson(manifest, "")}\n`;
}

/**
 * JSON as the formatter of this repository writes it: objects open, lists on one line where they
 * fit.
 *
 * @param room columns that the value's first line may take, with what is on it already.
 */
function renderJson(value: unknown, indent: string, prefix = "", room = LINE_COLUMNS_MAX): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    const isFlat = value.every((item) => typeof item !== "object");
    if (isFlat && indent.length + prefix.length + line.length <= room) return line;
    const items = value.map((item) => `${inner}${renderJson(item, inner)}`);
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  const fields = entries.map(([name, field], index) => {
    const key = `${JSON.stringify(name)}: `;
    const comma = index === entries.length - 1 ? 0 : 1;
    return `${inner}${key}${renderJson(field, inner, key, LINE_COLUMNS_MAX - comma)}`;
  });
  return `{\n${fields.join(",\n")}\n${indent}}`;
}

/** A package's modules, for `renderBytecodeIndex` to join. */
export function renderBytecodeModule(modules: readonly ContractModule[]): string {
  const entries = modules.map(({ module, sha256, bytes }) =>
    [
      "  {",
      `    id: ${JSON.stringify(module)},`,
      `    sha256: "${sha256}",`,
      `    hex: "${Buffer.from(bytes).toString("hex")}",`,
      "  },",
    ].join("\n"),
  );
  const what = "// The bytecode of the package's modules, in publish order, as hex.";
  return `${GENERATED}\n${what}\n\nexport const BYTECODE = [\n${entries.join("\n")}\n] as const;\n`;
}

/** @param packages in publish order. */
export function renderBytecodeIndex(packages: readonly string[]): string {
  const nameOf = (name: string) => name.toUpperCase();
  const imports = packages
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => `import { BYTECODE as ${nameOf(name)} } from "./${name}/bytecode.ts";`);
  const parts = packages.map((name) => `  ...${nameOf(name)},`);
  const what = "// The bytecode of every contract, in publish order, as hex.";
  const list = `export const BYTECODE = [\n${parts.join("\n")}\n] as const;`;
  return `${[GENERATED, what, ...imports, "", list].join("\n")}\n`;
}

const COMMAND = "npm run build:contracts -- --update";
const GENERATED = `// Generated by \`${COMMAND}\` from the packages here. Do not edit.`;
