/**
 * A module joined to the modules it names. What a handle leads to is looked up once and kept; a
 * handle that leads nowhere, or to something else than it claims, is a coded failure where it is
 * used. Knows no types: those are made of it.
 */
import { hasAbilities } from "../binary-format/abilities.ts";
import type {
  AbilitySet,
  CompiledModule,
  StructDefinition,
  StructTypeParameter,
} from "../binary-format/file-format.ts";
import type { Identifier, ModuleId, ModuleKey } from "../core/identifier.ts";
import { entryAt, fail } from "./failure.ts";

export interface LinkedModule {
  readonly id: ModuleId;
  readonly key: ModuleKey;
  /** Hex of the bytecode's SHA-256. */
  readonly codeHash: string;
  readonly module: CompiledModule;
  readonly functionByName: ReadonlyMap<Identifier, number>;
  readonly structByName: ReadonlyMap<Identifier, StructDefinitionLink>;
  /** By definition index. */
  readonly structs: readonly StructDefinitionLink[];
  /** By module handle; filled when the closure is linked. */
  readonly imports: LinkedModule[];
  readonly structHandles: (StructDefinitionLink | undefined)[];
  /** Counts what the program has made, for its bound. */
  readonly made: { count: number };
}

export interface StructDefinitionLink {
  readonly module: LinkedModule;
  readonly index: number;
  readonly name: Identifier;
  readonly abilities: AbilitySet;
  readonly typeParameters: readonly StructTypeParameter[];
  readonly definition: StructDefinition;
}

/** The struct behind a handle, wherever it is defined. */
export function structAtHandle(linked: LinkedModule, index: number): StructDefinitionLink {
  const known = linked.structHandles[index];
  if (known !== undefined) return known;
  const { module } = linked;
  const handle = entryAt(module.structHandles, index, "struct handle");
  const owner = entryAt(linked.imports, handle.module, "module handle");
  const name = entryAt(module.identifiers, handle.name, "identifier");
  const found = owner.structByName.get(name);
  if (found === undefined) return fail("LINKER_ERROR", `${owner.key} has no struct ${name}`);
  // A user may know of less than there is: an upgrade can add abilities and make parameters
  // phantom.
  const agrees =
    hasAbilities(found.abilities, handle.abilities) &&
    found.typeParameters.length === handle.typeParameters.length &&
    found.typeParameters.every(
      (parameter, position) =>
        parameter.isPhantom || handle.typeParameters[position]?.isPhantom === false,
    );
  if (!agrees) return fail("LINKER_ERROR", `${owner.key}::${name} is declared otherwise`);
  linked.structHandles[index] = found;
  return found;
}
