/**
 * Places inside values, reached by references: through fields, elements, variants and accessors.
 */
import { pick, pickAny, rarely } from "./choices.ts";
import type { FunctionModel } from "./function-model.ts";
import { emit, type Local, type Scope } from "./scope.ts";
import {
  type DataType,
  isSameType,
  type StructModel,
  substitute,
  typeArgsText,
  typeText,
} from "./type-model.ts";

type Step =
  | { readonly kind: "field"; readonly struct: StructType; readonly field: string }
  | {
      readonly kind: "variantField";
      readonly struct: StructType;
      readonly variants: readonly string[];
      readonly field: string;
    }
  | { readonly kind: "element"; readonly element: DataType }
  | {
      readonly kind: "accessor";
      readonly accessor: FunctionModel;
      readonly typeArgs: readonly DataType[];
    };

type StructType = Extract<DataType, { readonly kind: "struct" }>;

/** What lies in a value of some type, and how to get there. */
export interface Path {
  readonly steps: readonly Step[];
  readonly type: DataType;
}

/** A path that starts at a local, which holds a value or a reference. */
export interface Place extends Path {
  readonly root: Local;
}

const STEPS_MAX = 3;
const PATHS_MAX = 40;

/** Every place in a value of `type`, itself first. */
export function pathsFrom(scope: Scope, type: DataType, isMutable: boolean): readonly Path[] {
  const paths: Path[] = [{ steps: [], type }];
  for (let index = 0; index < paths.length && paths.length < PATHS_MAX; index++) {
    const path = paths[index];
    if (path === undefined || path.steps.length === STEPS_MAX) continue;
    for (const { step, type: inner } of stepsFrom(scope, path.type, isMutable)) {
      paths.push({ steps: [...path.steps, step], type: inner });
    }
  }
  return paths;
}

/** Places of locals that can be borrowed now. */
export function placesOf(scope: Scope, isMutable: boolean): readonly Place[] {
  return scope.locals
    .filter((root) => isBorrowable(scope, root, isMutable))
    .flatMap((root) => pathsFrom(scope, root.type, isMutable).map((path) => ({ ...path, root })));
}

/** A place of that type, or undefined. */
export function pickPlace(scope: Scope, type: DataType, isMutable: boolean): Place | undefined {
  const places = placesOf(scope, isMutable).filter((place) => isSameType(place.type, type));
  return pickAny(scope.choices, places);
}

function isBorrowable(scope: Scope, local: Local, isMutable: boolean): boolean {
  const borrowed = scope.borrowed.get(local);
  if (!isMutable) return borrowed !== "exclusive";
  return borrowed === undefined && !local.isFixed && local.passing !== "reference";
}

function stepsFrom(
  scope: Scope,
  type: DataType,
  isMutable: boolean,
): readonly { readonly step: Step; readonly type: DataType }[] {
  if (type.kind === "vector") {
    return [{ step: { kind: "element", element: type.element }, type: type.element }];
  }
  if (type.kind !== "struct") return [];
  const { struct, typeArgs } = type;
  if (struct.module !== scope.module.path) return accessorSteps(scope, type, isMutable);
  if (struct.variants === undefined) {
    return struct.fields.map((field) => ({
      step: { kind: "field", struct: type, field: field.name },
      type: substitute(field.type, typeArgs),
    }));
  }
  return variantSteps(type, struct);
}

/** The fields of an enum's variants; variants that agree about a field share a step. */
function variantSteps(type: StructType, { variants = [] }: StructModel) {
  return variants.flatMap((variant, position) =>
    variant.fields.flatMap((field, index) => {
      const sharing = variants.filter((other) => {
        const theirs = other.fields[index];
        return theirs?.name === field.name && isSameType(theirs.type, field.type);
      });
      if (sharing[0] !== variants[position]) return [];
      const names = sharing.map(({ name }) => name);
      const step: Step = { kind: "variantField", struct: type, variants: names, field: field.name };
      return [{ step, type: substitute(field.type, type.typeArgs) }];
    }),
  );
}

function accessorSteps(scope: Scope, { struct, typeArgs }: StructType, isMutable: boolean) {
  return scope.module.accessors.flatMap((accessor) => {
    const [taken] = accessor.parameters;
    const [given] = accessor.returns;
    if (taken?.type.kind !== "struct" || given === undefined) return [];
    if ((taken.passing === "mutable") !== isMutable) return [];
    if (taken.type.struct !== struct) return [];
    const step: Step = { kind: "accessor", accessor, typeArgs };
    return [{ step, type: substitute(given.type, typeArgs) }];
  });
}

/** Leaves a reference to the place on the stack. */
export function emitBorrow(scope: Scope, { root, steps }: Place, isMutable: boolean): void {
  if (root.passing === "value") {
    emit(scope, `${isMutable ? "mut" : "imm"}_borrow_loc ${root.name}`);
  } else {
    emit(scope, `copy_loc ${root.name}`);
    const [first] = steps;
    const freezesItself = first !== undefined && first.kind !== "accessor";
    const isFrozen = root.passing === "reference" || isMutable;
    if (!isFrozen && !(freezesItself && rarely(scope.choices, 2))) emit(scope, "freeze_ref");
  }
  emitSteps(scope, steps, isMutable);
}

/** From the reference on the stack to one to the end of the path. */
export function emitSteps(scope: Scope, steps: readonly Step[], isMutable: boolean): void {
  for (const step of steps) emitStep(scope, step, isMutable ? "mut" : "imm");
}

function emitStep(scope: Scope, step: Step, mode: "mut" | "imm"): void {
  switch (step.kind) {
    case "field":
      emit(scope, `${memberLine(`${mode}_borrow_field`, step.struct)}.${step.field}`);
      return;
    case "variantField": {
      const variants = step.variants.join("|");
      const head = memberLine(`${mode}_borrow_variant_field`, step.struct);
      emit(scope, `${head}::${variants}.${step.field}`);
      return;
    }
    case "element":
      emitIndex(scope);
      emit(scope, `vec_${mode}_borrow ${typeText(step.element)}`);
      return;
    case "accessor":
      emit(scope, callLine(step.accessor, step.typeArgs));
  }
}

/** `pack S` or `pack_generic S<u64>`: an instruction and the own struct it is about. */
export function memberLine(mnemonic: string, { struct, typeArgs }: StructType): string {
  const isGeneric = typeArgs.length > 0;
  return `${mnemonic}${isGeneric ? "_generic" : ""} ${struct.name}${typeArgsText(typeArgs)}`;
}

export function callLine(
  { module, name }: Pick<FunctionModel, "module" | "name">,
  typeArgs: readonly DataType[],
): string {
  return `call${typeArgs.length > 0 ? "_generic" : ""} ${module}::${name}${typeArgsText(typeArgs)}`;
}

/** An index that touches nothing that may be borrowed: mostly a small one. */
export function emitIndex(scope: Scope): void {
  const counters = scope.locals.filter(
    ({ passing, type }) => passing === "value" && type.kind === "scalar" && type.name === "u64",
  );
  const usable = counters.filter((local) => scope.borrowed.get(local) !== "exclusive");
  const counter = rarely(scope.choices, 3) ? pickAny(scope.choices, usable) : undefined;
  if (counter !== undefined) emit(scope, `copy_loc ${counter.name}`);
  else emit(scope, `ld_u64 ${pick(scope.choices, [0, 0, 0, 1, 1, 2, 3, 7])}`);
}
