/** What a module leaves to the host, the host has. */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { functionName, selfId } from "../binary-format/module-view.ts";
import type { Identifier, ModuleId } from "../core/identifier.ts";
import { refuseEntry } from "./error.ts";

export interface NativeLookup {
  /** Whether the host has a native function of this name in this module. */
  readonly has: (module: ModuleId, name: Identifier) => boolean;
}

export function verifyNatives(module: CompiledModule, natives: NativeLookup): void {
  const self = selfId(module);
  for (const [index, definition] of module.functionDefinitions.entries()) {
    if (definition.code !== undefined) continue;
    const name = functionName(module, definition);
    if (natives.has(self, name)) continue;
    const detail = `the host has no native function ${name}`;
    refuseEntry("functionDefinitions", index, "MISSING_DEPENDENCY", detail);
  }
  const struct = module.structDefinitions.findIndex(({ layout }) => layout.kind === "native");
  if (struct < 0) return;
  refuseEntry("structDefinitions", struct, "MISSING_DEPENDENCY", "the host has no native structs");
}
