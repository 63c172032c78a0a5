/** What `rooch::exit` says of a channel's exits, and the calls that move them on. */
import type { ChainExits, HeaderRef } from "#channel";
import { present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";
import type { EntryCall, ViewSource } from "../chain-access.ts";
import { byteVector, callOf, u64 } from "./calls.ts";
import { decodeRecord, readHeaderRef } from "./records.ts";

function exitCall(
  name: string,
  args: readonly Uint8Array[],
  ...types: readonly StructTag[]
): EntryCall {
  const typeArgs = types.map((struct): TypeTag => ({ kind: "struct", struct }));
  return callOf(`0x20::exit::${name}`, args, typeArgs);
}

export function openExit(
  stateType: StructTag,
  id: bigint,
  seat: bigint,
  evidence: Uint8Array,
): EntryCall {
  return exitCall("open_exit_entry", [u64(id), u64(seat), byteVector(evidence)], stateType);
}

export function contestExit(
  stateType: StructTag,
  id: bigint,
  seat: bigint,
  evidence: Uint8Array,
): EntryCall {
  return exitCall("contest_exit_entry", [u64(id), u64(seat), byteVector(evidence)], stateType);
}

/** @param coinType of the channel's stakes. */
export function finishExit(coinType: StructTag, id: bigint, seat: bigint): EntryCall {
  return exitCall("finish_exit_entry", [u64(id), u64(seat)], coinType);
}

export async function readExits(access: ViewSource, id: bigint): Promise<ChainExits> {
  const args = [encodeBcs((writer) => writer.u64(id))];
  const [bytes] = await access.view(callOf("0x20::exit::get_exits", args));
  return decodeRecord(present(bytes, "a view of one value"), readExitView);
}

function readExitView(reader: BcsReader): ChainExits {
  const highest = readCheckpoint(reader);
  reader.vector(readCheckpoint); // floor
  const open = reader.vector((item) => {
    const seat = item.u64();
    item.address(); // owner
    const exit = { seat, due: item.u64(), posted: readHeaderRef(item) };
    item.bool(); // whether the bond is still there
    return exit;
  });
  const claims = reader.vector((item) => {
    const seat = item.u64();
    item.address(); // owner
    const claim = { seat, header: readHeaderRef(item) };
    item.bytes(); // state root
    return claim;
  });
  reader.vector((item) => item.address()); // whose assets are claimed
  return { highest, open, claims };
}

function readCheckpoint(reader: BcsReader): HeaderRef {
  const reference = readHeaderRef(reader);
  reader.u64(); // height
  reader.u64(); // configuration
  reader.bytes(); // state root
  return reference;
}
