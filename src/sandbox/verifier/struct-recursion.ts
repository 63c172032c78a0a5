/**
 * No struct or enum contains itself, directly, through others or inside a vector or a type
 * argument: every type has a finite layout. Modules depend on one another without cycles, so
 * looking at each module alone suffices.
 */
import type { CompiledModule, StructDefinitionIndex } from "../binary-format/file-format.ts";
import { allFieldsOf } from "../binary-format/module-view.ts";
import { visitTokens } from "../binary-format/signature-tokens.ts";
import { refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

export function verifyStructRecursion(module: CompiledModule, meter: Meter): void {
  const parts = partsOfStructs(module, meter);
  const usedBy = reverse(parts);
  const unresolved = parts.map((set) => set.size);
  // Strike out, from the simplest up, every struct whose parts are all struck out; a cycle is what
  // remains.
  const finite = [...unresolved.keys()].filter((struct) => unresolved[struct] === 0);
  for (const struct of finite) {
    for (const user of usedBy[struct] ?? []) {
      charge(meter, 1);
      const left = (unresolved[user] ?? 0) - 1;
      unresolved[user] = left;
      if (left === 0) finite.push(user);
    }
  }
  if (finite.length === parts.length) return;
  const index = unresolved.findIndex((left) => left > 0);
  refuseEntry("structDefinitions", index, "RECURSIVE_STRUCT_DEFINITION", "it contains itself");
}

/** For each struct, the structs of this module that its fields mention. */
function partsOfStructs(module: CompiledModule, meter: Meter): Set<StructDefinitionIndex>[] {
  const definitionByHandle = new Map(
    module.structDefinitions.map(({ handle }, definition) => [handle, definition]),
  );
  return module.structDefinitions.map(({ layout }) => {
    const parts = new Set<StructDefinitionIndex>();
    for (const { type } of allFieldsOf(layout)) {
      visitTokens(type, (token) => {
        charge(meter, 1);
        if (token.kind !== "struct" && token.kind !== "structInstantiation") return;
        const part = definitionByHandle.get(token.handle);
        if (part !== undefined) parts.add(part);
      });
    }
    return parts;
  });
}

function reverse(parts: readonly ReadonlySet<number>[]): number[][] {
  const usedBy: number[][] = parts.map(() => []);
  for (const [user, set] of parts.entries()) {
    for (const part of set) usedBy[part]?.push(user);
  }
  return usedBy;
}
