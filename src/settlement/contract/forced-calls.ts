/** What `rooch::forced_call` says is forced in a channel, and the calls about it. */
import type { ChainForcedCall, ChainForcedCalls } from "#channel";
import { present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";
import type { EntryCall, ViewSource } from "../chain-access.ts";
import { byteVector, callOf, u64 } from "./calls.ts";
import { decodeRecord } from "./records.ts";

function forcedCall(name: string, stateType: StructTag, args: readonly Uint8Array[]): EntryCall {
  const typeArgs: TypeTag[] = [{ kind: "struct", struct: stateType }];
  return callOf(`0x20::forced_call::${name}`, args, typeArgs);
}

/** @param call BCS of SignedCall. */
export function forceCall(stateType: StructTag, id: bigint, call: Uint8Array): EntryCall {
  return forcedCall("force_call_entry", stateType, [u64(id), byteVector(call)]);
}

/** @param answer BCS of CallAnswer. */
export function answerCall(
  stateType: StructTag,
  id: bigint,
  seat: bigint,
  answer: Uint8Array,
): EntryCall {
  return forcedCall("answer_call_entry", stateType, [u64(id), u64(seat), byteVector(answer)]);
}

export function deposeLeader(stateType: StructTag, id: bigint, seat: bigint): EntryCall {
  return forcedCall("depose_leader_entry", stateType, [u64(id), u64(seat)]);
}

export async function readForcedCalls(access: ViewSource, id: bigint): Promise<ChainForcedCalls> {
  const [open, barred] = await access.view(
    callOf("0x20::forced_call::get_forced_calls", [u64(id)]),
  );
  return {
    open: decodeRecord(present(open, "a view of two values"), (reader) =>
      reader.vector(readForcedCall),
    ),
    barred: decodeRecord(present(barred, "a view of two values"), (reader) =>
      reader.vector((item) => ({ seat: item.u64(), until: item.u64() })),
    ),
  };
}

function readForcedCall(reader: BcsReader): ChainForcedCall {
  const seat = reader.u64();
  reader.address(); // whose it is
  const nonce = reader.u64();
  reader.u64(); // expiry
  const posted = reader.u64();
  const leader = reader.u64();
  const due = reader.u64();
  const call = reader.bytes().slice();
  return { seat, nonce, call, posted, leader: leader === 0n ? undefined : leader, due };
}
