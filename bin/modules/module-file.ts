/** Module files named on a command line: read, decoded, and put in the order of their needs. */
import { readFile } from "node:fs/promises";
import {
  abiOf,
  type CompiledModule,
  dependenciesOf,
  deserializeModule,
  formatModuleId,
  type ModuleAbi,
  type ModuleId,
} from "#sandbox";
import { CommandError } from "../command-error.ts";

/** A file whose bytes are a module with sound tables; nothing else has been verified. */
export interface ModuleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly module: CompiledModule;
  readonly abi: ModuleAbi;
  /** `0x1::coin`. */
  readonly name: string;
  readonly dependencies: readonly ModuleId[];
}

/** @throws CommandError `FILE_UNREADABLE`. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new CommandError("FILE_UNREADABLE", `${path}: ${reasonText(code)}.`, error);
  }
}

function reasonText(code: unknown): string {
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "this is a folder; name the .mv files in it";
    case "EACCES":
      return "this file may not be read";
    default:
      return `this file cannot be read (${String(code)})`;
  }
}

/** The module, or undefined for bytes that are none or whose tables do not hold together. */
export function moduleFile(path: string, bytes: Uint8Array): ModuleFile | undefined {
  const abi = abiOf(bytes);
  const read = deserializeModule(bytes);
  if (!abi.ok || !read.ok) return undefined;
  return {
    path,
    bytes,
    module: read.value,
    abi: abi.value,
    name: formatModuleId(abi.value.id),
    dependencies: dependenciesOf(read.value),
  };
}

/** @throws CommandError `FILE_UNREADABLE` or `MODULE_UNREADABLE`. */
export async function readModuleFile(path: string): Promise<ModuleFile> {
  const bytes = await readBytes(path);
  const file = moduleFile(path, bytes);
  if (file === undefined)
    throw new CommandError("MODULE_UNREADABLE", `${path}: ${notModule(bytes)}`);
  return file;
}

function notModule(bytes: Uint8Array): string {
  const read = deserializeModule(bytes);
  if (!read.ok) {
    const { status, offset, detail } = read.error;
    const place = `${status} at byte ${offset} (${detail})`;
    return `not a Move module: ${place}. Give compiled bytecode (.mv).`;
  }
  const abi = abiOf(bytes);
  const reason = abi.ok ? "" : ` ${abi.error.status} (${abi.error.detail}).`;
  return `a Move module whose tables do not hold together:${reason}`;
}

/** By name. */
export type ModuleFiles = ReadonlyMap<string, ModuleFile>;

/** @throws CommandError `MODULE_DUPLICATE` for two files with one module. */
export function byName(files: readonly ModuleFile[]): ModuleFiles {
  const found = new Map<string, ModuleFile>();
  for (const file of files) {
    const other = found.get(file.name);
    if (other !== undefined) {
      const message = `${other.path} and ${file.path} both hold ${file.name}; name one of them.`;
      throw new CommandError("MODULE_DUPLICATE", message);
    }
    found.set(file.name, file);
  }
  return found;
}

/**
 * Every module behind those it depends on; modules that depend on each other in the order they
 * were named, for the verifier to refuse.
 */
export function inDependencyOrder(files: ModuleFiles): readonly ModuleFile[] {
  const ordered = new Set<ModuleFile>();
  const seen = new Set<ModuleFile>();
  const visit = (file: ModuleFile) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const id of file.dependencies) {
      const dependency = files.get(formatModuleId(id));
      if (dependency !== undefined) visit(dependency);
    }
    ordered.add(file);
  };
  for (const file of files.values()) visit(file);
  return [...ordered];
}
