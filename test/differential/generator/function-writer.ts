/** Writes one generated function: its signature, its locals' first values, statements, returns. */
import { below, between, type Choices, choicesOf, pick, pickWeighted, rarely } from "./choices.ts";
import { writeValue } from "./expressions.ts";
import { type FunctionModel, type Passed, passedText } from "./function-model.ts";
import { callLine } from "./places.ts";
import {
  declareLocal,
  emit,
  emitValue,
  type Local,
  type ModuleScope,
  newLabel,
  placeLabel,
  type Scope,
  whileBorrowed,
} from "./scope.ts";
import { emitStatement, writeBlock } from "./statements.ts";
import { emitOpening } from "./storage.ts";
import { chooseType, type TypeSource } from "./structs.ts";
import { type DataType, typeText, U64 } from "./type-model.ts";

/** What a function is made of. */
export interface FunctionGenes {
  readonly head: readonly number[];
  /** One list for each statement, so that statements go one by one when a program shrinks. */
  readonly statements: readonly (readonly number[])[];
}

export interface WrittenFunction {
  readonly model: FunctionModel;
  readonly lines: readonly string[];
}

const ABILITIES = "copy + drop + store";
const LOCAL_COUNT_MAX = 4;

export function writeFunction(
  module: ModuleScope,
  name: string,
  genes: FunctionGenes,
): WrittenFunction {
  const head = choicesOf(genes.head);
  const signature = chooseSignature(head, module, name);
  const scope = openScope(module, head, signature);
  if (signature.isRecursive) emitRecursionEnd(scope, signature);
  emitFirstValues(scope);
  for (const statement of genes.statements) {
    scope.choices = choicesOf(statement);
    emitStatement(scope);
  }
  scope.choices = head;
  if (rarely(scope.choices, 2)) emitLocals(scope);
  emitReturn(scope, signature);
  const model: FunctionModel = { ...signature, acquires: new Set(scope.acquires) };
  const declared = scope.declared.map((local) => `local ${local}`);
  const lines = [functionHeadLine(model), ...declared, ...scope.lines];
  return { model, lines: lines.map((line, index) => (index === 0 ? line : `  ${line}`)) };
}

/** A function that publishes all of the module's resources, and those that `others` do. */
export function writeOpening(
  module: ModuleScope,
  genes: readonly number[],
  others: readonly FunctionModel[],
): WrittenFunction {
  const signature: FunctionModel = {
    module: module.path,
    name: OPENING_NAME,
    visibility: "public",
    isEntry: true,
    typeParameterCount: 0,
    takesSigner: true,
    isRecursive: false,
    parameters: [],
    returns: [],
    acquires: new Set(),
  };
  const scope = openScope(module, choicesOf(genes), signature);
  for (const other of others) emit(scope, "copy_loc s", callLine(other, []));
  emitOpening(scope);
  const lines = [functionHeadLine(signature), ...scope.lines, "ret"];
  return {
    model: signature,
    lines: lines.map((line, index) => (index === 0 ? line : `  ${line}`)),
  };
}

const OPENING_NAME = "open";

function openScope(module: ModuleScope, choices: Choices, signature: FunctionModel): Scope {
  const locals = signature.parameters.map(
    ({ passing, type }, index): Local => ({
      name: `p${index}`,
      passing,
      type,
      isFixed: signature.isRecursive && index === 0,
    }),
  );
  return {
    writers: { value: writeValue, block: writeBlock },
    module,
    choices,
    typeParameterCount: signature.typeParameterCount,
    returns: signature.returns,
    hasSigner: signature.takesSigner,
    locals,
    borrowed: new Map(),
    holdsGlobal: false,
    lines: [],
    declared: [],
    acquires: new Set(),
    labelCount: 0,
    depth: 0,
    loopDepth: 0,
    loop: undefined,
  };
}

function chooseSignature(choices: Choices, module: ModuleScope, name: string): FunctionModel {
  const typeParameterCount = pickWeighted(choices, [
    [6, 0],
    [2, 1],
    [1, 2],
  ] as const);
  const source: TypeSource = { ...module, typeParameterCount };
  const isRecursive = rarely(choices, 6);
  const takesSigner = below(choices, 2) === 1;
  const visibility = pick(choices, ["public", "public", "friend", "private"] as const);
  const count: Passed = { passing: "value", type: U64 };
  const parameters = Array.from({ length: below(choices, 4) }, () => choosePassed(choices, source));
  const returns = Array.from(
    { length: pick(choices, [1, 0, 1, 2, 3]) },
    (): Passed => ({ passing: "value", type: chooseType(choices, source) }),
  );
  return {
    module: module.path,
    name,
    visibility,
    isEntry: rarely(choices, 4),
    typeParameterCount,
    takesSigner,
    isRecursive,
    parameters: isRecursive ? [count, ...parameters] : parameters,
    returns,
    acquires: new Set(),
  };
}

function choosePassed(choices: Choices, source: TypeSource): Passed {
  const passing = pick(choices, ["value", "value", "value", "reference", "mutable"] as const);
  return { passing, type: chooseType(choices, source) };
}

function emitFirstValues(scope: Scope): void {
  const source = { ...scope.module, typeParameterCount: scope.typeParameterCount };
  const count = between(scope.choices, 1, LOCAL_COUNT_MAX);
  for (let index = 0; index < count; index++) {
    const type = index === 0 ? U64 : chooseType(scope.choices, source);
    emitValue(scope, type, 1);
    const local = declareLocal(scope, type);
    emit(scope, `st_loc ${local.name}`);
    scope.locals.push(local);
  }
}

/** At depth 0 a recursion returns. */
function emitRecursionEnd(scope: Scope, { returns }: FunctionModel): void {
  const label = newLabel(scope);
  emit(scope, "copy_loc p0", "ld_u64 0", "gt", `br_true ${label}`);
  for (const { type } of returns) emitValue(scope, type, 1);
  emit(scope, "ret");
  placeLabel(scope, label);
}

/** Tells what the locals came to: an executor that is wrong about one of them is found out. */
function emitLocals(scope: Scope): void {
  for (const { name, passing, type } of scope.locals) {
    if (passing !== "value") continue;
    emit(scope, `copy_loc ${name}`, `call_generic 0x1::event::emit<${typeText(type)}>`);
  }
}

function emitReturn(scope: Scope, signature: FunctionModel): void {
  if (!signature.isRecursive) {
    for (const { type } of signature.returns) emitValue(scope, type, 2);
    emit(scope, "ret");
    return;
  }
  const [returned] = signature.returns;
  const isCounting = signature.returns.length === 1 && returned?.type === U64;
  // An operand that waits on the stack for each level.
  if (isCounting) emit(scope, "ld_u64 1");
  if (signature.takesSigner) emit(scope, "copy_loc s");
  emit(scope, "copy_loc p0", "ld_u64 1", "sub");
  emitOwnArguments(scope, signature.parameters, 1);
  const typeArgs = Array.from(
    { length: signature.typeParameterCount },
    (_, index): DataType => ({ kind: "parameter", index }),
  );
  emit(scope, callLine(signature, typeArgs));
  if (isCounting) emit(scope, "add");
  emit(scope, "ret");
}

/** Arguments for the function itself: its references again, other values anew. */
function emitOwnArguments(scope: Scope, parameters: readonly Passed[], index: number): void {
  const parameter = parameters[index];
  if (parameter === undefined) return;
  const rest = () => emitOwnArguments(scope, parameters, index + 1);
  if (parameter.passing === "value") {
    emitValue(scope, parameter.type, 1);
    rest();
    return;
  }
  emit(scope, `copy_loc p${index}`);
  const mode = parameter.passing === "mutable" ? "exclusive" : "shared";
  whileBorrowed(scope, scope.locals[index], mode, rest);
}

export function functionHeadLine(model: FunctionModel): string {
  const { visibility, isEntry, name, typeParameterCount, takesSigner, parameters, returns } = model;
  const modifiers = [
    ...(visibility === "public" ? ["public"] : visibility === "friend" ? ["public(friend)"] : []),
    ...(isEntry ? ["entry"] : []),
  ];
  const typeParameters = typeParametersText(typeParameterCount);
  const names = parameters.map((passed, index) => `p${index}: ${passedText(passed, typeText)}`);
  const all = takesSigner ? ["s: &signer", ...names] : names;
  const results = returns.map((passed) => passedText(passed, typeText)).join(", ");
  const acquires = [...model.acquires].toSorted();
  return [
    ...modifiers,
    `fun ${name}${typeParameters}(${all.join(", ")})${results === "" ? "" : `: ${results}`}`,
    ...(acquires.length === 0 ? [] : [`acquires ${acquires.join(", ")}`]),
  ].join(" ");
}

/** Declarations and imports agree in their constraints. */
function typeParametersText(count: number): string {
  if (count === 0) return "";
  return `<${Array.from({ length: count }, (_, index) => `T${index}: ${ABILITIES}`).join(", ")}>`;
}

/** The function as a module that calls it declares it. */
export function functionImportLine(model: FunctionModel): string {
  const { module, name, typeParameterCount, takesSigner, parameters, returns } = model;
  const types = parameters.map((passed) => passedText(passed, typeText));
  const all = takesSigner ? ["&signer", ...types] : types;
  const results = returns.map((passed) => passedText(passed, typeText)).join(", ");
  const head = `import fun ${module}::${name}${typeParametersText(typeParameterCount)}`;
  return `${head}(${all.join(", ")})${results === "" ? "" : `: ${results}`}`;
}
