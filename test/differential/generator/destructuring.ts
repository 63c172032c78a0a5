/** Taking structs and enums apart, and values that can only be passed on. */
import { pick, pickAny, rarely } from "./choices.ts";
import { emitBorrow, memberLine, placesOf } from "./places.ts";
import {
  declareLocal,
  emit,
  emitBlock,
  emitValue,
  newLabel,
  placeLabel,
  readableLocals,
  type Scope,
  storeOrPop,
} from "./scope.ts";
import { BYTES, type DataType, substitute, U64 } from "./type-model.ts";

type StructType = Extract<DataType, { readonly kind: "struct" }>;

function isOwnStruct(scope: Scope, type: DataType): type is StructType {
  return type.kind === "struct" && type.struct.module === scope.module.path;
}

/** Copies a struct and takes the copy apart; an enum as one of its variants, right or wrong. */
export function emitUnpack(scope: Scope): void {
  const candidates = scope.locals.filter(
    (local) => isOwnStruct(scope, local.type) && readableLocals(scope, local.type).includes(local),
  );
  const local = pickAny(scope.choices, candidates);
  if (local === undefined || !isOwnStruct(scope, local.type)) return;
  const { struct, typeArgs } = local.type;
  const variant = struct.variants && pick(scope.choices, struct.variants);
  emit(scope, `copy_loc ${local.name}`);
  const suffix = variant === undefined ? "" : `::${variant.name}`;
  emit(scope, memberLine(variant === undefined ? "unpack" : "unpack_variant", local.type) + suffix);
  for (const { type } of (variant?.fields ?? struct.fields).toReversed()) {
    storeOrPop(scope, substitute(type, typeArgs));
  }
}

/** One branch for each variant of an enum; behind the last one the variant is certain. */
export function emitMatch(scope: Scope): void {
  const places = placesOf(scope, false).filter(
    ({ type }) => isOwnStruct(scope, type) && type.struct.variants !== undefined,
  );
  const place = pickAny(scope.choices, places);
  if (place === undefined || !isOwnStruct(scope, place.type)) return;
  const { type } = place;
  const { variants = [] } = type.struct;
  const copy = declareLocal(scope, type);
  emitBorrow(scope, place, false);
  emit(scope, "read_ref", `st_loc ${copy.name}`);
  const end = newLabel(scope);
  for (const [index, variant] of variants.entries()) {
    const next = newLabel(scope);
    if (index < variants.length - 1) {
      emit(scope, `imm_borrow_loc ${copy.name}`);
      emit(scope, `${memberLine("test_variant", type)}::${variant.name}`, `br_false ${next}`);
    }
    const mode = rarely(scope.choices, 2) ? "move_loc" : "copy_loc";
    emit(scope, `${mode} ${copy.name}`);
    emit(scope, `${memberLine("unpack_variant", type)}::${variant.name}`);
    for (const field of variant.fields.toReversed()) {
      storeOrPop(scope, substitute(field.type, type.typeArgs));
    }
    emitBlock(scope);
    emit(scope, `branch ${end}`);
    placeLabel(scope, next);
  }
  placeLabel(scope, end);
  emit(scope, "nop");
}

/** A value that can be neither copied nor dropped goes from hand to hand. */
export function emitLinear(scope: Scope): void {
  const [end, other] = [newLabel(scope), newLabel(scope)];
  const name = `v${scope.declared.length}`;
  scope.declared.push(`${name}: ${LINEAR_NAME}`);
  emitValue(scope, BYTES, 1);
  emitValue(scope, U64, 1);
  emit(scope, `pack ${LINEAR_NAME}`, `st_loc ${name}`);
  emit(scope, `imm_borrow_loc ${name}`, `imm_borrow_field ${LINEAR_NAME}.amount`, "read_ref");
  emit(scope, `ld_u64 ${pick(scope.choices, [0, 1, 5])}`, "gt", `br_true ${other}`);
  emit(scope, `mut_borrow_loc ${name}`, `mut_borrow_field ${LINEAR_NAME}.bytes`);
  emit(scope, "ld_u8 7", "vec_push_back u8", `branch ${end}`);
  placeLabel(scope, other);
  emit(scope, `move_loc ${name}`, `vec_pack ${LINEAR_NAME} 1`, `vec_unpack ${LINEAR_NAME} 1`);
  emit(scope, `st_loc ${name}`);
  placeLabel(scope, end);
  emit(scope, `move_loc ${name}`, `unpack ${LINEAR_NAME}`);
  storeOrPop(scope, U64);
  storeOrPop(scope, BYTES);
}

/** The struct without abilities that every generated module has. */
const LINEAR_NAME = "Hot";
export const LINEAR_LINES = [`struct ${LINEAR_NAME}`, "  bytes: vector<u8>", "  amount: u64"];
