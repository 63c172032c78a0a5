/**
 * Whether a module may take the place of an older one: what was published with the old one in view
 * still links, calls mean the same, and stored values can still be read. Only for modules that have
 * been verified.
 */
import { formatModuleId, type Identifier } from "../core/identifier.ts";
import { hasAbilities } from "./abilities.ts";
import type {
  AbilitySet,
  CompiledModule,
  FieldDefinition,
  FunctionDefinition,
  StructDefinition,
  StructHandle,
  StructTypeParameter,
  Visibility,
} from "./file-format.ts";
import {
  friendsOf,
  functionHandleAt,
  functionName,
  identifierAt,
  parametersOf,
  returnsOf,
  selfId,
  structHandleAt,
  structName,
} from "./module-view.ts";
import { qualifiedType, qualifiedTypes } from "./qualified-types.ts";

/** @returns what breaks, one sentence each; empty when `next` may replace `old`. */
export function incompatibilities(old: CompiledModule, next: CompiledModule): string[] {
  const problems: string[] = [];
  const [oldId, nextId] = [formatModuleId(selfId(old)), formatModuleId(selfId(next))];
  if (oldId !== nextId) problems.push(`${oldId} became ${nextId}`);
  const upgrade: Upgrade = { old, next, problems };
  compareStructs(upgrade);
  compareFunctions(upgrade);
  const friends = new Set(friendsOf(next).map(formatModuleId));
  for (const friend of friendsOf(old).map(formatModuleId)) {
    if (!friends.has(friend)) problems.push(`friend ${friend} is gone`);
  }
  return problems;
}

interface Upgrade {
  readonly old: CompiledModule;
  readonly next: CompiledModule;
  readonly problems: string[];
}

function compareStructs(upgrade: Upgrade): void {
  const { old, next, problems } = upgrade;
  const nextByName = new Map(
    next.structDefinitions.map((definition) => [structName(next, definition.handle), definition]),
  );
  for (const definition of old.structDefinitions) {
    const name = structName(old, definition.handle);
    const successor = nextByName.get(name);
    if (successor === undefined) problems.push(`struct ${name} is gone`);
    else compareStruct(upgrade, name, definition, successor);
  }
}

function compareStruct(
  { old, next, problems }: Upgrade,
  name: Identifier,
  definition: StructDefinition,
  successor: StructDefinition,
): void {
  const handle = structHandleAt(old, definition.handle);
  const nextHandle = structHandleAt(next, successor.handle);
  if (!hasAbilities(nextHandle.abilities, handle.abilities)) {
    problems.push(`struct ${name} lost an ability`);
  }
  if (!areStructParametersCompatible(handle, nextHandle)) {
    problems.push(`struct ${name} has other type parameters`);
  }
  if (!isLayoutCompatible(old, definition, next, successor)) {
    problems.push(`struct ${name} has another layout`);
  }
}

/** Users may rely on a parameter being phantom, and must go on satisfying its constraints. */
function areStructParametersCompatible(old: StructHandle, next: StructHandle): boolean {
  const isCompatible = (before: StructTypeParameter, after?: StructTypeParameter): boolean =>
    after !== undefined &&
    (after.isPhantom || !before.isPhantom) &&
    hasAbilities(before.constraints, after.constraints);
  return (
    old.typeParameters.length === next.typeParameters.length &&
    old.typeParameters.every((before, index) => isCompatible(before, next.typeParameters[index]))
  );
}

/** Fields stay as they are; an enum may gain variants behind those it had. */
function isLayoutCompatible(
  old: CompiledModule,
  definition: StructDefinition,
  next: CompiledModule,
  successor: StructDefinition,
): boolean {
  const [before, after] = [definition.layout, successor.layout];
  if (before.kind === "fields" && after.kind === "fields") {
    return describeFields(old, before.fields) === describeFields(next, after.fields);
  }
  if (before.kind === "variants" && after.kind === "variants") {
    return before.variants.every((variant, index) => {
      const kept = after.variants[index];
      return (
        kept !== undefined &&
        identifierAt(old, variant.name) === identifierAt(next, kept.name) &&
        describeFields(old, variant.fields) === describeFields(next, kept.fields)
      );
    });
  }
  return before.kind === after.kind;
}

function describeFields(module: CompiledModule, fields: readonly FieldDefinition[]): string {
  return fields
    .map(({ name, type }) => `${identifierAt(module, name)}: ${qualifiedType(module, type)}`)
    .join(", ");
}

function compareFunctions(upgrade: Upgrade): void {
  const { old, next, problems } = upgrade;
  const nextByName = new Map(
    next.functionDefinitions.map((definition) => [functionName(next, definition), definition]),
  );
  for (const definition of old.functionDefinitions) {
    // Nobody else can have used a private function, unless as an entry point.
    if (definition.visibility === "private" && !definition.isEntry) continue;
    const name = functionName(old, definition);
    const successor = nextByName.get(name);
    if (successor === undefined) problems.push(`function ${name} is gone`);
    else compareFunction(upgrade, name, definition, successor);
  }
}

const VISIBILITY_RANK: Readonly<Record<Visibility, number>> = { private: 0, friend: 1, public: 2 };

function compareFunction(
  { old, next, problems }: Upgrade,
  name: Identifier,
  definition: FunctionDefinition,
  successor: FunctionDefinition,
): void {
  if (VISIBILITY_RANK[successor.visibility] < VISIBILITY_RANK[definition.visibility]) {
    problems.push(`function ${name} is less visible`);
  }
  if (definition.isEntry && !successor.isEntry) {
    problems.push(`function ${name} is no entry function any more`);
  }
  const handle = functionHandleAt(old, definition.handle);
  const nextHandle = functionHandleAt(next, successor.handle);
  const parameters = qualifiedTypes(old, parametersOf(old, handle));
  if (parameters !== qualifiedTypes(next, parametersOf(next, nextHandle))) {
    problems.push(`function ${name} has other parameters`);
  }
  if (
    qualifiedTypes(old, returnsOf(old, handle)) !==
    qualifiedTypes(next, returnsOf(next, nextHandle))
  ) {
    problems.push(`function ${name} returns other types`);
  }
  if (!areFunctionParametersCompatible(handle.typeParameters, nextHandle.typeParameters)) {
    problems.push(`function ${name} has other type parameters`);
  }
}

function areFunctionParametersCompatible(
  old: readonly AbilitySet[],
  next: readonly AbilitySet[],
): boolean {
  return (
    old.length === next.length &&
    old.every((constraints, index) => hasAbilities(constraints, next[index] ?? constraints))
  );
}
