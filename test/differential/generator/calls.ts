/** Calls from generated code: what may be called for a value of some type, and with what. */
import { pickAny } from "./choices.ts";
import type { FunctionModel, Passed } from "./function-model.ts";
import { emitBorrow, type Place, placesOf } from "./places.ts";
import { emit, emitValue, type Scope, whileBorrowed } from "./scope.ts";
import { chooseType } from "./structs.ts";
import { type DataType, isSameType, substitute, typeText } from "./type-model.ts";

export interface CallOption {
  readonly callee: FunctionModel;
  readonly typeArgs: readonly DataType[];
}

/** Functions that return one value, and that of the type. */
export function valueFunctions(scope: Scope, type: DataType): readonly CallOption[] {
  return callableFunctions(scope).flatMap((callee) => {
    const [returned] = callee.returns;
    if (callee.returns.length !== 1 || returned?.passing !== "value") return [];
    const typeArgs = matchTypeArgs(callee, returned.type, type);
    return typeArgs === undefined ? [] : [{ callee, typeArgs }];
  });
}

/** What the verifier lets a function call here. */
export function callableFunctions(scope: Scope): readonly FunctionModel[] {
  return scope.module.functions.filter(
    (callee) =>
      (!callee.takesSigner || scope.hasSigner) &&
      (!scope.holdsGlobal || callee.acquires.size === 0) &&
      callee.parameters.every((parameter) => isSuppliable(scope, parameter)),
  );
}

/** Type arguments under which `pattern` is `type`; `u64` where it leaves them open. */
function matchTypeArgs(
  callee: FunctionModel,
  pattern: DataType,
  type: DataType,
): readonly DataType[] | undefined {
  if (callee.typeParameterCount === 0) return isSameType(pattern, type) ? [] : undefined;
  const candidates = [type, ...partsOf(type)];
  for (const candidate of candidates) {
    const typeArgs = Array.from({ length: callee.typeParameterCount }, () => candidate);
    if (isSameType(substitute(pattern, typeArgs), type)) return typeArgs;
  }
  return undefined;
}

function partsOf(type: DataType): readonly DataType[] {
  if (type.kind === "vector") return [type.element];
  return type.kind === "struct" ? type.typeArgs : [];
}

/** For calls whose value does not matter. */
export function chooseTypeArgs(scope: Scope, callee: FunctionModel): readonly DataType[] {
  const source = { ...scope.module, typeParameterCount: scope.typeParameterCount };
  return Array.from({ length: callee.typeParameterCount }, () =>
    chooseType(scope.choices, source, 1),
  );
}

/** References that are not of the callee's type parameters can be found or not right now. */
function isSuppliable(scope: Scope, { passing, type }: Passed): boolean {
  if (passing === "value") return true;
  if (mentionsParameter(type)) return false;
  return suppliablePlaces(scope, type, passing === "mutable").length > 0;
}

function mentionsParameter(type: DataType): boolean {
  switch (type.kind) {
    case "scalar":
      return false;
    case "parameter":
      return true;
    case "vector":
      return mentionsParameter(type.element);
    case "struct":
      return type.typeArgs.some(mentionsParameter);
  }
}

function suppliablePlaces(scope: Scope, type: DataType, isMutable: boolean): readonly Place[] {
  return placesOf(scope, isMutable).filter((place) => isSameType(place.type, type));
}

/** Arguments in order. What is borrowed for one of them is out of reach for those behind it. */
export function emitArguments(
  scope: Scope,
  callee: FunctionModel,
  typeArgs: readonly DataType[],
  depth: number,
): void {
  if (callee.module === scope.module.path) {
    for (const resource of callee.acquires) scope.acquires.add(resource);
  }
  if (callee.takesSigner) emit(scope, "copy_loc s");
  emitFrom(scope, callee, typeArgs, 0, depth);
}

function emitFrom(
  scope: Scope,
  callee: FunctionModel,
  typeArgs: readonly DataType[],
  index: number,
  depth: number,
): void {
  const parameter = callee.parameters[index];
  if (parameter === undefined) return;
  const type = substitute(parameter.type, typeArgs);
  const rest = () => emitFrom(scope, callee, typeArgs, index + 1, depth);
  if (parameter.passing === "value") {
    if (callee.isRecursive && index === 0) emit(scope, `ld_u64 ${scope.choices.position % 5}`);
    else emitValue(scope, type, depth);
    rest();
    return;
  }
  const isMutable = parameter.passing === "mutable";
  const place = pickAny(scope.choices, suppliablePlaces(scope, type, isMutable));
  if (place !== undefined) {
    emitBorrow(scope, place, isMutable);
    whileBorrowed(scope, place.root, isMutable ? "exclusive" : "shared", rest);
    return;
  }
  // Another argument took the last place: an abort stands in for the reference.
  emit(scope, `call_generic 0x1::nothing::give_${isMutable ? "mut" : "imm"}<${typeText(type)}>`);
  rest();
}
