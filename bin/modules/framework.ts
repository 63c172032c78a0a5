/**
 * The contracts that every chain of ours starts with, for modules that depend on them: what a
 * command line names itself goes before.
 */
import { formatModuleId } from "#sandbox";
import { CommandError } from "../command-error.ts";
import { type ModuleFile, type ModuleFiles, moduleFile } from "./module-file.ts";

/** Loaded on demand: most calls name all they need. */
async function frameworkFile(name: string): Promise<ModuleFile | undefined> {
  const { contractModules } = await import("#chains");
  const found = contractModules().find(({ id }) => formatModuleId(id) === name);
  return found === undefined ? undefined : moduleFile(`built-in ${name}`, found.bytes);
}

export interface Closure {
  readonly files: ModuleFiles;
  /** Dependencies that are nowhere, each with the module that names it first. */
  readonly missing: readonly { readonly name: string; readonly neededBy: string }[];
}

/** Adds the framework modules that the named ones need. */
export async function withFramework(named: ModuleFiles): Promise<Closure> {
  const files = new Map(named);
  const missing = new Map<string, string>();
  const pending = [...named.values()];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    for (const id of file.dependencies) {
      const name = formatModuleId(id);
      if (files.has(name) || missing.has(name)) continue;
      const found = await frameworkFile(name);
      if (found === undefined) {
        missing.set(name, file.name);
        continue;
      }
      files.set(name, found);
      pending.push(found);
    }
  }
  return { files, missing: [...missing].map(([name, neededBy]) => ({ name, neededBy })) };
}

/** @throws CommandError `MODULE_MISSING` where a dependency is nowhere. */
export async function completeModules(named: ModuleFiles): Promise<ModuleFiles> {
  const { files, missing } = await withFramework(named);
  if (missing.length === 0) return files;
  const list = missing.map(({ name, neededBy }) => `${name} (for ${neededBy})`).join(", ");
  throw new CommandError("MODULE_MISSING", `no file holds ${list}; name its .mv file as well.`);
}
