/**
 * The trace of a transaction's actions: which functions the chain ran for it, in the order in which
 * they began. The entry function comes first; inline actions and notifications follow, each naming
 * the action that queued it; what an action cost stands before it. Knows nothing of how they ran.
 */
import type { BcsReader } from "#core/bcs/reader.ts";
import type { BcsWriter } from "#core/bcs/writer.ts";
import type { FunctionId } from "#core/identifier.ts";
import { readIdentifier, readTypeTag, type TypeTag, writeTypeTag } from "#core/type-tag.ts";

/** In the order of their numbers in BCS. */
export const ACTION_KINDS = ["entry", "inline", "notification", "fee"] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

export interface Action {
  readonly kind: ActionKind;
  /** Place in the trace of the action that queued this one; undefined for the entry function. */
  readonly cause: number | undefined;
  readonly function: FunctionId;
  /** Empty for the entry function, whose call stands in the transaction. */
  readonly typeArgs: readonly TypeTag[];
  /** BCS of each argument; empty for the entry function. */
  readonly args: readonly Uint8Array[];
}

export function writeAction(writer: BcsWriter, action: Action): void {
  writer.u8(ACTION_KINDS.indexOf(action.kind));
  writer.option(action.cause, (out, cause) => out.u32(cause));
  const { module, name } = action.function;
  writer.address(module.address).string(module.name).string(name);
  writer.vector(action.typeArgs, writeTypeTag);
  writer.vector(action.args, (out, bytes) => out.bytes(bytes));
}

export function readAction(reader: BcsReader): Action {
  const number = reader.u8();
  return {
    kind: ACTION_KINDS[number] ?? reader.fail("BAD_VALUE", `action kind ${number}`),
    cause: reader.option((inner) => inner.u32()),
    function: {
      module: { address: reader.address(), name: readIdentifier(reader) },
      name: readIdentifier(reader),
    },
    typeArgs: reader.vector((item) => readTypeTag(item)),
    args: reader.vector((item) => item.bytes().slice()),
  };
}
