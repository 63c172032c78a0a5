/** Calls of natives, through the library's functions or directly. */
import { pick, pickAny } from "./choices.ts";
import { emitBorrow, type Place, placesOf } from "./places.ts";
import { emit, emitValue, type Scope } from "./scope.ts";
import { emitExists } from "./storage.ts";
import { chooseType } from "./structs.ts";
import { ADDRESS, BYTES, type DataType, isSameType, typeText, U64 } from "./type-model.ts";

type NativeName =
  | "vecLength"
  | "vectorLength"
  | "serializedSize"
  | "indexOf"
  | "toBytes"
  | "sha2"
  | "sha3"
  | "typeName"
  | "subString"
  | "checkUtf8"
  | "charBoundary"
  | "compare"
  | "exists"
  | "order"
  | "addressOf"
  | "toAddress"
  | "empty";

/** What gives a value of the type here. */
export function nativesFor(
  scope: Scope,
  type: DataType,
): readonly (readonly [NativeName, DataType])[] {
  return namesFor(scope, type).map((name) => [name, type]);
}

function namesFor(scope: Scope, type: DataType): readonly NativeName[] {
  if (type.kind === "vector") {
    const bytes: readonly NativeName[] = ["toBytes", "sha2", "sha3", "typeName", "subString"];
    return isSameType(type, BYTES) ? ["empty", ...bytes] : ["empty"];
  }
  if (type.kind !== "scalar") return [];
  switch (type.name) {
    case "u64":
      return ["vecLength", "vectorLength", "serializedSize", "indexOf"];
    case "bool":
      return scope.module.resources.length > 0
        ? ["compare", "exists", "exists", "checkUtf8", "charBoundary"]
        : ["compare", "checkUtf8", "charBoundary"];
    case "u8":
      return ["order"];
    case "address":
      return scope.hasSigner ? ["addressOf", "toAddress"] : ["toAddress"];
    default:
      return [];
  }
}

export function emitNative(
  scope: Scope,
  [name, type]: readonly [NativeName, DataType],
  depth: number,
): void {
  switch (name) {
    case "vecLength":
    case "vectorLength":
      emitLength(scope, name, depth);
      return;
    case "serializedSize":
    case "toBytes": {
      const native = name === "toBytes" ? "to_bytes" : "serialized_size";
      const named = emitAnyBorrow(scope);
      if (named === undefined) emitValue(scope, type, depth - 1);
      else emit(scope, `call_generic 0x1::bcs::${native}<${typeText(named.type)}>`);
      return;
    }
    case "sha2":
    case "sha3":
      emitValue(scope, BYTES, depth - 1);
      emit(scope, `call 0x1::hash::${name}_256`);
      return;
    case "typeName": {
      const source = { ...scope.module, typeParameterCount: scope.typeParameterCount };
      const named = chooseType(scope.choices, source, 2);
      emit(scope, `call_generic 0x1::type_name::text<${typeText(named)}>`);
      return;
    }
    case "subString":
    case "indexOf":
    case "checkUtf8":
    case "charBoundary":
      emitText(scope, name, type, depth);
      return;
    case "compare":
    case "order":
      emitOrder(scope, name, type, depth);
      return;
    case "exists":
      emitExists(scope, depth);
      return;
    case "addressOf":
      emit(scope, "copy_loc s", "call 0x1::signer::address_of");
      return;
    case "toAddress":
      emitValue(scope, ADDRESS, 0);
      emit(scope, "call 0x1::bcs::again");
      return;
    case "empty":
      if (type.kind !== "vector") return;
      emit(scope, `call_generic 0x1::vector::empty<${typeText(type.element)}>`);
  }
}

/** A reference to something, or nothing where there is none. */
function emitAnyBorrow(scope: Scope): Place | undefined {
  const place = pickAny(scope.choices, placesOf(scope, false));
  if (place !== undefined) emitBorrow(scope, place, false);
  return place;
}

function emitLength(scope: Scope, name: "vecLength" | "vectorLength", depth: number): void {
  const vectors = placesOf(scope, false).filter(({ type }) => type.kind === "vector");
  const place = pickAny(scope.choices, vectors);
  if (place?.type.kind !== "vector") {
    emitValue(scope, U64, depth - 1);
    return;
  }
  emitBorrow(scope, place, false);
  const element = typeText(place.type.element);
  if (name === "vecLength") emit(scope, `vec_len ${element}`);
  else emit(scope, `call_generic 0x1::vector::length<${element}>`);
}

function emitText(
  scope: Scope,
  name: "subString" | "indexOf" | "checkUtf8" | "charBoundary",
  type: DataType,
  depth: number,
): void {
  const texts = placesOf(scope, false).filter((place) => isSameType(place.type, BYTES));
  const text = pickAny(scope.choices, texts);
  if (text === undefined) {
    emitValue(scope, type, depth - 1);
    return;
  }
  emitBorrow(scope, text, false);
  switch (name) {
    case "subString":
      emit(scope, `ld_u64 ${pick(scope.choices, [0, 1, 2])}`);
      emit(scope, `ld_u64 ${pick(scope.choices, [0, 1, 2, 40])}`);
      emit(scope, "call 0x1::string::internal_sub_string");
      return;
    case "indexOf":
      emitBorrow(scope, pick(scope.choices, texts), false);
      emit(scope, "call 0x1::string::internal_index_of");
      return;
    case "checkUtf8":
      emit(scope, "call 0x1::string::internal_check_utf8");
      return;
    case "charBoundary":
      emit(scope, `ld_u64 ${pick(scope.choices, [0, 1, 2, 40])}`);
      emit(scope, "call 0x1::string::internal_is_char_boundary");
  }
}

/** The native's answer as a number, or as whether it is `less`. */
function emitOrder(scope: Scope, name: "compare" | "order", type: DataType, depth: number): void {
  const first = emitAnyBorrow(scope);
  if (first === undefined) {
    emitValue(scope, type, depth - 1);
    return;
  }
  const same = placesOf(scope, false).filter((place) => isSameType(place.type, first.type));
  emitBorrow(scope, pick(scope.choices, same), false);
  emit(
    scope,
    `call_generic 0x1::cmp::${name === "order" ? "order" : "is_less"}<${typeText(first.type)}>`,
  );
}
