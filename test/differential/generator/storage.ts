/** Statements about global storage: resources at several addresses, tables, events. */
import { below, pick, pickAny, pickWeighted, rarely } from "./choices.ts";
import { emitIndex, emitSteps, memberLine, pathsFrom } from "./places.ts";
import {
  declareLocal,
  emit,
  emitValue,
  type ModuleScope,
  newLabel,
  placeLabel,
  type Scope,
  storeOrPop,
} from "./scope.ts";
import { chooseType } from "./structs.ts";
import {
  ADDRESS,
  BOOL,
  type DataType,
  substitute,
  typeArgsText,
  typeText,
  U64,
} from "./type-model.ts";

type StructType = Extract<DataType, { readonly kind: "struct" }>;

/** The own resource that holds a table. */
export const BAG = "Bag";

/** An own resource with type arguments, or undefined where the module has none. */
export function pickResource(scope: Scope): StructType | undefined {
  const struct = pickAny(scope.choices, scope.module.resources);
  if (struct === undefined) return undefined;
  const source = { ...scope.module, typeParameterCount: scope.typeParameterCount };
  // Mostly the same arguments, so that what one call publishes the next one finds.
  const typeArgs = struct.phantoms.map(() =>
    rarely(scope.choices, 3) ? chooseType(scope.choices, source, 1) : U64,
  );
  return { kind: "struct", struct, typeArgs };
}

/** Everything that the module keeps in storage, published by the signer. */
export function emitOpening(scope: Scope): void {
  for (const struct of scope.module.resources) {
    emitPublish(scope, { kind: "struct", struct, typeArgs: struct.phantoms.map(() => U64) }, false);
  }
  if (scope.module.bag !== undefined) emitOpenBag(scope, scope.module.bag);
}

/** `bool`: whether a resource is there. */
export function emitExists(scope: Scope, depth: number): void {
  const resource = pickResource(scope);
  if (resource === undefined) {
    emitValue(scope, BOOL, depth - 1);
    return;
  }
  emitValue(scope, ADDRESS, 0);
  emit(scope, memberLine("exists", resource));
}

/** One statement about resources. Whoever holds a reference into storage must not get here. */
export function emitResourceStatement(scope: Scope): void {
  const resource = pickResource(scope);
  if (resource === undefined) return;
  const kind = pickWeighted(scope.choices, [
    [scope.hasSigner ? 3 : 0, "publish"],
    [3, "read"],
    [4, "write"],
    [2, "take"],
    [scope.hasSigner ? 2 : 0, "refresh"],
  ] as const);
  switch (kind) {
    case "publish":
      emitPublish(scope, resource, rarely(scope.choices, 4));
      return;
    case "read":
      emitReadGlobal(scope, resource);
      return;
    case "write":
      emitWriteGlobal(scope, resource);
      return;
    case "take":
      emitTake(scope, resource);
      return;
    case "refresh":
      emitRefresh(scope, resource);
  }
}

/** `move_to`, unless there is one; or whether or not. */
function emitPublish(scope: Scope, resource: StructType, isBlind: boolean): void {
  const end = newLabel(scope);
  if (!isBlind) {
    emit(scope, "copy_loc s", "call 0x1::signer::address_of", memberLine("exists", resource));
    emit(scope, `br_true ${end}`);
  }
  emit(scope, "copy_loc s");
  emitFields(scope, resource);
  emit(scope, memberLine("pack", resource), memberLine("move_to", resource));
  placeLabel(scope, end);
  emit(scope, "nop");
}

function emitFields(scope: Scope, { struct, typeArgs }: StructType): void {
  for (const { type } of struct.fields) emitValue(scope, substitute(type, typeArgs), 1);
}

function emitBorrowGlobal(scope: Scope, resource: StructType, isMutable: boolean): void {
  emitValue(scope, ADDRESS, 0);
  scope.acquires.add(resource.struct.name);
  emit(scope, memberLine(isMutable ? "mut_borrow_global" : "imm_borrow_global", resource));
}

function emitReadGlobal(scope: Scope, resource: StructType): void {
  const isMutable = rarely(scope.choices, 3);
  const path = pick(scope.choices, innerPaths(scope, resource, isMutable));
  emitBorrowGlobal(scope, resource, isMutable);
  emitSteps(scope, path.steps, isMutable);
  emit(scope, "read_ref");
  storeOrPop(scope, path.type);
}

/** A value first, then the place it goes to. */
function emitWriteGlobal(scope: Scope, resource: StructType): void {
  const paths = innerPaths(scope, resource, true);
  const vectors = paths.filter(({ type }) => type.kind === "vector");
  const vector = rarely(scope.choices, 2) ? pickAny(scope.choices, vectors) : undefined;
  if (vector?.type.kind === "vector") {
    emitBorrowGlobal(scope, resource, true);
    emitSteps(scope, vector.steps, true);
    emitVectorChange(scope, vector.type.element);
    return;
  }
  const path = pick(scope.choices, paths);
  emitValue(scope, path.type, 2);
  emitBorrowGlobal(scope, resource, true);
  emitSteps(scope, path.steps, true);
  emit(scope, "write_ref");
}

/** Places inside a resource, which itself may be neither read nor overwritten. */
function innerPaths(scope: Scope, resource: StructType, isMutable: boolean) {
  return pathsFrom(scope, resource, isMutable).filter(({ steps }) => steps.length > 0);
}

/** Changes the vector that the mutable reference on the stack names. Calls nothing. */
export function emitVectorChange(scope: Scope, element: DataType): void {
  const kind = pick(scope.choices, ["push", "pop", "swap"] as const);
  switch (kind) {
    case "push":
      emitValue(scope, element, 0);
      emit(scope, `vec_push_back ${typeText(element)}`);
      return;
    case "pop":
      emit(scope, `vec_pop_back ${typeText(element)}`);
      storeOrPop(scope, element);
      return;
    case "swap":
      emitIndex(scope);
      emitIndex(scope);
      emit(scope, `vec_swap ${typeText(element)}`);
  }
}

/** `move_from`, and the value taken apart. */
function emitTake(scope: Scope, resource: StructType): void {
  emitValue(scope, ADDRESS, 0);
  scope.acquires.add(resource.struct.name);
  emit(scope, memberLine("move_from", resource));
  emitTakeApart(scope, resource);
}

function emitTakeApart(scope: Scope, resource: StructType): void {
  emit(scope, memberLine("unpack", resource));
  for (const { type } of resource.struct.fields.toReversed()) {
    storeOrPop(scope, substitute(type, resource.typeArgs));
  }
}

/** Takes the signer's own resource out and puts it, or one like it, back. */
function emitRefresh(scope: Scope, resource: StructType): void {
  const end = newLabel(scope);
  emit(scope, "copy_loc s", "call 0x1::signer::address_of", memberLine("exists", resource));
  emit(scope, `br_false ${end}`);
  scope.acquires.add(resource.struct.name);
  emit(scope, "copy_loc s");
  emit(scope, "copy_loc s", "call 0x1::signer::address_of", memberLine("move_from", resource));
  if (rarely(scope.choices, 2)) {
    emit(scope, memberLine("unpack", resource), memberLine("pack", resource));
  }
  emit(scope, memberLine("move_to", resource));
  placeLabel(scope, end);
  emit(scope, "nop");
}

/** Emits a value of data as an event. */
export function emitEvent(scope: Scope): void {
  const { choices } = scope;
  const local = pickAny(
    choices,
    scope.locals.filter(({ passing }) => passing === "value"),
  );
  const source = { ...scope.module, typeParameterCount: scope.typeParameterCount };
  const type = local?.type ?? chooseType(choices, source, 2);
  emitValue(scope, type, 2);
  emit(scope, `call_generic 0x1::event::emit<${typeText(type)}>`);
}

/** One statement about the table of the own bag. */
export function emitTableStatement(scope: Scope): void {
  const { bag } = scope.module;
  if (bag === undefined) return;
  const types = typeArgsText([bag.key, bag.item]);
  const kind = pickWeighted(scope.choices, [
    [scope.hasSigner ? 2 : 0, "open"],
    [4, "add"],
    [2, "borrow"],
    [3, "change"],
    [2, "remove"],
    [2, "contains"],
  ] as const);
  if (kind === "open") {
    emitOpenBag(scope, bag);
    return;
  }
  const item = kind === "add" || kind === "change" ? declareLocal(scope, bag.item) : undefined;
  if (item !== undefined) {
    emitValue(scope, bag.item, 2);
    emit(scope, `st_loc ${item.name}`);
  }
  const key = declareLocal(scope, bag.key);
  emitValue(scope, bag.key, below(scope.choices, 2));
  emit(scope, `st_loc ${key.name}`);
  emitValue(scope, ADDRESS, 0);
  scope.acquires.add(BAG);
  const isShared = kind === "borrow" || kind === "contains";
  emit(scope, `${isShared ? "imm" : "mut"}_borrow_global ${BAG}`);
  emit(scope, `${isShared ? "imm" : "mut"}_borrow_field ${BAG}.items`, `copy_loc ${key.name}`);
  emitItemOperation(scope, kind, item?.name ?? "", types);
}

function emitOpenBag(scope: Scope, { key, item }: NonNullable<ModuleScope["bag"]>): void {
  const end = newLabel(scope);
  emit(scope, "copy_loc s", "call 0x1::signer::address_of", `exists ${BAG}`, `br_true ${end}`);
  emit(scope, "copy_loc s", `call_generic 0x1::table::new${typeArgsText([key, item])}`, "ld_u64 0");
  emit(scope, `pack ${BAG}`, `move_to ${BAG}`);
  placeLabel(scope, end);
  emit(scope, "nop");
}

function emitItemOperation(
  scope: Scope,
  kind: "add" | "borrow" | "change" | "remove" | "contains",
  item: string,
  types: string,
): void {
  const { bag } = scope.module;
  if (bag === undefined) return;
  switch (kind) {
    case "add":
      emit(scope, `copy_loc ${item}`, `call_generic 0x1::table::add${types}`);
      return;
    case "borrow":
      emit(scope, `call_generic 0x1::table::borrow${types}`, "read_ref");
      storeOrPop(scope, bag.item);
      return;
    case "remove":
      emit(scope, `call_generic 0x1::table::remove${types}`);
      storeOrPop(scope, bag.item);
      return;
    case "contains":
      emit(scope, `call_generic 0x1::table::contains${types}`);
      storeOrPop(scope, BOOL);
      return;
    case "change":
      emitItemChange(scope, item, types, bag.item);
  }
}

/** Writes the item, or a part of it, through a reference held in a local. */
function emitItemChange(scope: Scope, item: string, types: string, type: DataType): void {
  emit(scope, `call_generic 0x1::table::borrow_mut${types}`);
  const reference = declareLocal(scope, type, { passing: "mutable" });
  emit(scope, `st_loc ${reference.name}`);
  const vectors = pathsFrom(scope, type, true).filter((path) => path.type.kind === "vector");
  const vector = rarely(scope.choices, 2) ? pickAny(scope.choices, vectors) : undefined;
  if (vector?.type.kind === "vector") {
    emit(scope, `move_loc ${reference.name}`);
    emitSteps(scope, vector.steps, true);
    emitVectorChange(scope, vector.type.element);
    return;
  }
  emit(scope, `copy_loc ${item}`, `move_loc ${reference.name}`, "write_ref");
}
