/** Code that leaves one value of a given type on the stack. Never branches, never stores. */

import { emitArguments, valueFunctions } from "./calls.ts";
import { below, pick, pickAny, pickWeighted, rarely } from "./choices.ts";
import { emitArithmetic, emitTruth } from "./integers.ts";
import { ACCOUNTS, addressHex, emitInteger, emitVectorConstant } from "./literals.ts";
import { emitNative, nativesFor } from "./natives.ts";
import { callLine, emitBorrow, memberLine, pickPlace } from "./places.ts";
import { emit, emitValue, readableLocals, type Scope } from "./scope.ts";
import {
  type DataType,
  integerName,
  type StructModel,
  substitute,
  typeText,
} from "./type-model.ts";

/** A value of the type. Simplest when nothing is left to read: a literal, or a local. */
export function writeValue(scope: Scope, type: DataType, depth: number): void {
  const locals = readableLocals(scope, type);
  const isInner = depth > 0;
  const natives = isInner ? nativesFor(scope, type) : [];
  const functions = isInner ? valueFunctions(scope, type) : [];
  const kind = pickWeighted(scope.choices, [
    [3, "literal"],
    [locals.length > 0 ? 6 : 0, "local"],
    [isInner ? 4 : 0, "place"],
    [isInner && type.kind === "scalar" && type.name !== "address" ? 6 : 0, "operation"],
    [functions.length > 0 ? 4 : 0, "call"],
    [natives.length > 0 ? 2 : 0, "native"],
  ] as const);
  switch (kind) {
    case "literal":
      emitLiteral(scope, type, depth);
      return;
    case "local":
      emit(scope, `copy_loc ${pick(scope.choices, locals).name}`);
      return;
    case "place":
      emitRead(scope, type, depth);
      return;
    case "operation":
      emitOperation(scope, type, depth);
      return;
    case "call":
      emitCall(scope, type, depth);
      return;
    case "native":
      emitNative(scope, pick(scope.choices, natives), depth);
  }
}

function emitRead(scope: Scope, type: DataType, depth: number): void {
  const isMutable = rarely(scope.choices, 4);
  const place = pickPlace(scope, type, isMutable);
  if (place === undefined) {
    emitLiteral(scope, type, depth);
    return;
  }
  emitBorrow(scope, place, isMutable);
  emit(scope, "read_ref");
}

function emitOperation(scope: Scope, type: DataType, depth: number): void {
  const name = integerName(type);
  if (name === undefined) emitTruth(scope, depth);
  else emitArithmetic(scope, name, depth);
}

function emitCall(scope: Scope, type: DataType, depth: number): void {
  const { callee, typeArgs } = pick(scope.choices, valueFunctions(scope, type));
  emitArguments(scope, callee, typeArgs, depth - 1);
  emit(scope, callLine(callee, typeArgs));
}

/** A value made on the spot. */
function emitLiteral(scope: Scope, type: DataType, depth: number): void {
  switch (type.kind) {
    case "scalar":
      emitScalar(scope, type);
      return;
    case "vector":
      emitVector(scope, type.element, depth);
      return;
    case "parameter":
      emitParameter(scope, type);
      return;
    case "struct":
      if (type.struct.module === scope.module.path) emitPack(scope, type, depth);
      else emitConstructed(scope, type.struct, type.typeArgs, depth);
  }
}

function emitScalar(scope: Scope, type: Extract<DataType, { kind: "scalar" }>): void {
  if (type.name === "bool") emit(scope, below(scope.choices, 2) === 0 ? "ld_false" : "ld_true");
  else if (type.name === "address") {
    emit(scope, `ld_const address ${addressHex(pick(scope.choices, ACCOUNTS))}`);
  } else emitInteger(scope, type.name);
}

function emitVector(scope: Scope, element: DataType, depth: number): void {
  if (element.kind === "scalar" && rarely(scope.choices, 2)) {
    emitVectorConstant(scope, element);
    return;
  }
  const count = depth > 0 ? below(scope.choices, 4) : 0;
  for (let index = 0; index < count; index++) emitValue(scope, element, depth - 1);
  emit(scope, `vec_pack ${typeText(element)} ${count}`);
}

/** A value of a type that nothing is known of: any that is at hand, else one out of a vector. */
function emitParameter(scope: Scope, type: DataType): void {
  const local = pickAny(scope.choices, readableLocals(scope, type));
  if (local !== undefined) {
    emit(scope, `copy_loc ${local.name}`);
    return;
  }
  const place = pickPlace(scope, type, false);
  if (place !== undefined) {
    emitBorrow(scope, place, false);
    emit(scope, "read_ref");
    return;
  }
  // Nothing of the type is at hand: what would give one is a call that never returns.
  emit(scope, `call_generic 0x1::nothing::give<${typeText(type)}>`);
}

function emitPack(
  scope: Scope,
  type: Extract<DataType, { readonly kind: "struct" }>,
  depth: number,
): void {
  const { struct, typeArgs } = type;
  const variant = struct.variants && pick(scope.choices, struct.variants);
  for (const field of variant?.fields ?? struct.fields) {
    emitValue(scope, substitute(field.type, typeArgs), depth - 1);
  }
  if (variant === undefined) emit(scope, memberLine("pack", type));
  else emit(scope, `${memberLine("pack_variant", type)}::${variant.name}`);
}

function emitConstructed(
  scope: Scope,
  { module, name }: StructModel,
  typeArgs: readonly DataType[],
  depth: number,
): void {
  const constructor = pick(
    scope.choices,
    scope.module.constructors.get(`${module}::${name}`) ?? [],
  );
  emitArguments(scope, constructor, typeArgs, depth - 1);
  emit(scope, callLine(constructor, typeArgs));
}
