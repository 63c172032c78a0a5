/**
 * The body of one generated function while it is written: its locals, which of them are borrowed,
 * and the lines so far. Everything that writes code goes through here.
 */
import { below, type Choices, pickAny } from "./choices.ts";
import type { FunctionModel, Passed, Passing } from "./function-model.ts";
import type { TypeSource } from "./structs.ts";
import type { StructModel } from "./type-model.ts";
import { type DataType, isSameType, typeText } from "./type-model.ts";

export interface Local {
  readonly name: string;
  readonly passing: Passing;
  readonly type: DataType;
  /** Loop counters and recursion depths are read, never written. */
  readonly isFixed: boolean;
}

/** What a module offers to the functions that are being written in it. */
export interface ModuleScope extends TypeSource {
  /** `0xa::main`. */
  readonly path: string;
  readonly version: 5 | 6 | 7;
  /** Own resources, tables aside. */
  readonly resources: readonly StructModel[];
  /** Own resource that holds a table, with the types of its keys and items. */
  readonly bag: { readonly key: DataType; readonly item: DataType } | undefined;
  /** What may be called from here, by value or through references. */
  readonly functions: FunctionModel[];
  /** Functions from a reference to a reference into what it names. */
  readonly accessors: readonly FunctionModel[];
  /** `new_S` of structs of other modules, by the path of the struct; several for an enum. */
  readonly constructors: ReadonlyMap<string, readonly FunctionModel[]>;
}

/**
 * The writers that all others lead back to. They hang on the scope, because files that know each
 * other in a circle know each other too well.
 */
export interface Writers {
  /** Leaves a value of the type on the stack. */
  readonly value: (scope: Scope, type: DataType, depth: number) => void;
  /** Writes several statements. */
  readonly block: (scope: Scope) => void;
}

export interface Scope {
  readonly writers: Writers;
  readonly module: ModuleScope;
  /** Those of the statement at hand. */
  choices: Choices;
  readonly typeParameterCount: number;
  readonly returns: readonly Passed[];
  readonly hasSigner: boolean;
  readonly locals: Local[];
  /** Locals that something on the stack or in another local borrows from. */
  readonly borrowed: Map<Local, "shared" | "exclusive">;
  /** While a reference into global storage is held. */
  holdsGlobal: boolean;
  readonly lines: string[];
  /** `name: type` of locals behind the parameters. */
  readonly declared: string[];
  readonly acquires: Set<string>;
  labelCount: number;
  /** Nesting of statements. */
  depth: number;
  loopDepth: number;
  /** The loop around, if any: where `break` and `continue` go. */
  loop: { readonly onBreak: string; readonly onContinue: string } | undefined;
}

export function emit(scope: Scope, ...lines: readonly string[]): void {
  scope.lines.push(...lines);
}

/** How deep expressions nest. */
const EXPRESSION_DEPTH = 3;

/** Leaves a value of the type on the stack. Never branches, never stores. */
export function emitValue(scope: Scope, type: DataType, depth = EXPRESSION_DEPTH): void {
  scope.writers.value(scope, type, depth);
}

/** Several statements, one level deeper. */
export function emitBlock(scope: Scope): void {
  scope.depth += 1;
  scope.writers.block(scope);
  scope.depth -= 1;
}

export function newLabel(scope: Scope): string {
  scope.labelCount += 1;
  return `l${scope.labelCount}`;
}

export function placeLabel(scope: Scope, label: string): void {
  scope.lines.push(`${label}:`);
}

/** Declares a local; it is in view only once it is in `locals`. */
export function declareLocal(
  scope: Scope,
  type: DataType,
  options: { readonly passing?: Passing; readonly isFixed?: boolean } = {},
): Local {
  const { passing = "value", isFixed = false } = options;
  const name = `v${scope.declared.length}`;
  const prefix = passing === "value" ? "" : passing === "mutable" ? "&mut " : "&";
  scope.declared.push(`${name}: ${prefix}${typeText(type)}`);
  return { name, passing, type, isFixed };
}

/** Locals that hold a value of the type and may be copied now. */
export function readableLocals(scope: Scope, type: DataType): readonly Local[] {
  return scope.locals.filter(
    (local) =>
      local.passing === "value" &&
      scope.borrowed.get(local) !== "exclusive" &&
      isSameType(local.type, type),
  );
}

/** Locals that hold a value of the type and may be overwritten now. */
function writableLocals(scope: Scope, type: DataType): readonly Local[] {
  return scope.locals.filter((local) => isWritable(scope, local) && isSameType(local.type, type));
}

export function isWritable(scope: Scope, local: Local): boolean {
  return local.passing === "value" && !local.isFixed && !scope.borrowed.has(local);
}

/** Takes the value on top: into a local of its type if there is one, else drops it. */
export function storeOrPop(scope: Scope, type: DataType): void {
  const local = pickAny(scope.choices, writableLocals(scope, type));
  emit(
    scope,
    local === undefined || below(scope.choices, 4) === 3 ? "pop" : `st_loc ${local.name}`,
  );
}

/** Does `work` while `local` is borrowed. */
export function whileBorrowed(
  scope: Scope,
  local: Local | undefined,
  mode: "shared" | "exclusive",
  work: () => void,
): void {
  if (local === undefined) {
    work();
    return;
  }
  const before = scope.borrowed.get(local);
  scope.borrowed.set(local, before === "exclusive" ? before : mode);
  work();
  if (before === undefined) scope.borrowed.delete(local);
  else scope.borrowed.set(local, before);
}
