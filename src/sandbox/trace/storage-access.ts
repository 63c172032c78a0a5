/**
 * Which instructions and natives touch stored values, and which value they are about to touch. Read
 * from the operand stack before they run; nothing is charged or loaded.
 */
import type { Opcode } from "../binary-format/opcodes.ts";
import type { HostOperation } from "../natives/native.ts";
import { asReference, target } from "../runtime/machine.ts";
import type { Instruction, Machine, ResolvedFunction } from "../runtime/machine-model.ts";
import { structTagOf } from "../runtime/types.ts";
import { addressOf, encodeValue } from "../runtime/values/bcs.ts";
import type { Value } from "../runtime/values/value.ts";
import { slotsOf } from "../runtime/values/walk.ts";
import type { StorageAccess } from "./call-trace.ts";
import { topValues, unlessFailing } from "./traced-value.ts";

type AccessKind = Pick<StorageAccess, "operation" | "mode">;

const EXISTS: AccessKind = { operation: "exists", mode: "read" };
const BORROW: AccessKind = { operation: "borrow", mode: "read" };
const BORROW_MUT: AccessKind = { operation: "borrow_mut", mode: "write" };
const MOVE_FROM: AccessKind = { operation: "move_from", mode: "write" };
const MOVE_TO: AccessKind = { operation: "move_to", mode: "write" };

const BY_OPCODE: Partial<Record<Opcode, AccessKind>> = {
  Exists: EXISTS,
  ExistsGeneric: EXISTS,
  ImmBorrowGlobal: BORROW,
  ImmBorrowGlobalGeneric: BORROW,
  MutBorrowGlobal: BORROW_MUT,
  MutBorrowGlobalGeneric: BORROW_MUT,
  MoveFrom: MOVE_FROM,
  MoveFromGeneric: MOVE_FROM,
  MoveTo: MOVE_TO,
  MoveToGeneric: MOVE_TO,
};

const BY_OPERATION: Partial<Record<HostOperation, AccessKind>> = {
  tableContains: { operation: "table_contains", mode: "read" },
  tableBorrow: { operation: "table_borrow", mode: "read" },
  tableBorrowMut: { operation: "table_borrow_mut", mode: "write" },
  tableAdd: { operation: "table_add", mode: "write" },
  tableRemove: { operation: "table_remove", mode: "write" },
};

/** How an opcode touches a resource; undefined where it touches none. */
export function accessKind(opcode: Opcode): AccessKind | undefined {
  return BY_OPCODE[opcode];
}

/** What an instruction of that kind is about to touch. */
export function resourceAccess(
  kind: AccessKind,
  machine: Machine,
  { type }: Instruction,
): StorageAccess | undefined {
  if (type.kind !== "struct") return undefined;
  return unlessFailing(() => {
    const [top, below] = topValues(machine, 2).toReversed();
    const place = kind.operation === "move_to" ? target(asReference(below ?? false)) : top;
    return {
      ...kind,
      key: { kind: "resource", address: addressOf(place), type: structTagOf(type) },
    };
  });
}

/** What a native is about to touch: the item of a table, or nothing. */
export function tableAccess(
  { native, typeArgs }: ResolvedFunction,
  [table, itemKey]: readonly Value[],
): StorageAccess | undefined {
  const kind = native?.kind === "host" ? BY_OPERATION[native.operation] : undefined;
  const [keyType] = typeArgs;
  if (kind === undefined || keyType === undefined || table === undefined) return undefined;
  return unlessFailing(() => {
    const handle = addressOf(slotsOf(target(asReference(table)))[0]);
    return { ...kind, key: { kind: "tableItem", handle, key: encodeValue(keyType, itemKey) } };
  });
}
