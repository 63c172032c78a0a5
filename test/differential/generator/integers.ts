/** Arithmetic on every width, casts, shifts, comparisons and logic. */
import { below, pick, pickAny, pickWeighted, rarely } from "./choices.ts";
import { emitBorrow, memberLine, placesOf } from "./places.ts";
import { emit, emitValue, readableLocals, type Scope } from "./scope.ts";
import { chooseType } from "./structs.ts";
import {
  BOOL,
  bitsOf,
  type DataType,
  type IntegerName,
  isSameType,
  scalar,
  U8,
} from "./type-model.ts";

const OPERATIONS = ["add", "sub", "mul", "div", "mod", "bit_or", "bit_and", "xor"] as const;
const COMPARISONS = ["lt", "gt", "le", "ge"] as const;

/** An integer of the width, by one operation over others. */
export function emitArithmetic(scope: Scope, name: IntegerName, depth: number): void {
  const { choices, module } = scope;
  const kind = pickWeighted(choices, [
    [6, "binary"],
    [4, "shift"],
    [3, "cast"],
  ] as const);
  switch (kind) {
    case "binary":
      emitValue(scope, scalar(name), depth - 1);
      emitValue(scope, scalar(name), depth - 1);
      emit(scope, pick(choices, OPERATIONS));
      return;
    case "shift":
      emitValue(scope, scalar(name), depth - 1);
      emitShiftAmount(scope, name, depth);
      emit(scope, pick(choices, ["shl", "shr"]));
      return;
    case "cast":
      emitValue(scope, scalar(pick(choices, module.integers)), depth - 1);
      emit(scope, `cast_${name}`);
  }
}

/** Mostly within the width, sometimes just behind it. A u8 holds every amount but u256's 256. */
function emitShiftAmount(scope: Scope, name: IntegerName, depth: number): void {
  const { choices } = scope;
  const bits = bitsOf(name);
  const edges = [0, 1, bits / 2, bits - 1, bits, bits / 2 - 1].filter((amount) => amount < 256);
  if (rarely(choices, 4)) emitValue(scope, U8, depth - 1);
  else emit(scope, `ld_u8 ${rarely(choices, 3) ? below(choices, bits) : pick(choices, edges)}`);
}

/** A bool, by one operation over other values. */
export function emitTruth(scope: Scope, depth: number): void {
  const { choices } = scope;
  const kind = pickWeighted(choices, [
    [4, "comparison"],
    [3, "equality"],
    [2, "logic"],
    [1, "not"],
    [2, "sameNamed"],
    [scope.module.version === 7 ? 3 : 0, "variant"],
  ] as const);
  switch (kind) {
    case "comparison": {
      const name = pick(choices, scope.module.integers);
      emitValue(scope, scalar(name), depth - 1);
      emitValue(scope, scalar(name), depth - 1);
      emit(scope, pick(choices, COMPARISONS));
      return;
    }
    case "equality": {
      const type = equalityType(scope);
      emitValue(scope, type, depth - 1);
      emitValue(scope, type, depth - 1);
      emit(scope, pick(choices, ["eq", "neq"]));
      return;
    }
    case "logic":
      emitValue(scope, BOOL, depth - 1);
      emitValue(scope, BOOL, depth - 1);
      emit(scope, pick(choices, ["and", "or", "eq", "neq"]));
      return;
    case "not":
      emitValue(scope, BOOL, depth - 1);
      emit(scope, "not");
      return;
    case "sameNamed":
      emitReferenceEquality(scope, depth);
      return;
    case "variant":
      emitVariantTest(scope, depth);
  }
}

/** A type of which a value is at hand, or any. */
function equalityType(scope: Scope): DataType {
  const values = scope.locals.filter(({ type }) => readableLocals(scope, type).length > 0);
  const local = rarely(scope.choices, 4) ? undefined : pickAny(scope.choices, values);
  return local?.type ?? chooseType(scope.choices, scope.module, 1);
}

/** References are equal when what they name is. */
function emitReferenceEquality(scope: Scope, depth: number): void {
  const places = placesOf(scope, false);
  const first = pickAny(scope.choices, places);
  if (first === undefined) {
    emitValue(scope, BOOL, depth - 1);
    return;
  }
  const second = pick(
    scope.choices,
    places.filter(({ type }) => isSameType(type, first.type)),
  );
  emitBorrow(scope, first, false);
  emitBorrow(scope, second, false);
  emit(scope, pick(scope.choices, ["eq", "neq"]));
}

function emitVariantTest(scope: Scope, depth: number): void {
  const place = pickAny(
    scope.choices,
    placesOf(scope, false).filter(
      ({ type }) => type.kind === "struct" && type.struct.module === scope.module.path,
    ),
  );
  const variants = place?.type.kind === "struct" ? place.type.struct.variants : undefined;
  if (place?.type.kind !== "struct" || variants === undefined) {
    emitValue(scope, BOOL, depth - 1);
    return;
  }
  emitBorrow(scope, place, false);
  const line = memberLine("test_variant", place.type);
  emit(scope, `${line}::${pick(scope.choices, variants).name}`);
}
