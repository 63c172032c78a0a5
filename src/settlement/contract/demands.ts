/** What `rooch::challenge` says is demanded of a channel's settlements, and the calls about it. */
import type { ChainDemand } from "#channel";
import { present } from "#core/assert.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "../chain-access.ts";
import { byteVector, callOf, u64 } from "./calls.ts";
import { decodeRecord } from "./records.ts";

function challengeCall(name: string, stateType: StructTag, args: readonly Uint8Array[]): EntryCall {
  const typeArgs: TypeTag[] = [{ kind: "struct", struct: stateType }];
  return callOf(`0x20::challenge::${name}`, args, typeArgs);
}

export function demandData(
  stateType: StructTag,
  id: bigint,
  ...[proposal, first, last]: readonly [bigint, bigint, bigint]
): EntryCall {
  return challengeCall("demand_entry", stateType, [id, proposal, first, last].map(u64));
}

/** @param answer BCS of DataAnswer. */
export function answerDemand(
  stateType: StructTag,
  id: bigint,
  demand: bigint,
  answer: Uint8Array,
): EntryCall {
  return challengeCall("answer_entry", stateType, [u64(id), u64(demand), byteVector(answer)]);
}

export function voidDemand(stateType: StructTag, id: bigint, demand: bigint): EntryCall {
  return challengeCall("void_entry", stateType, [u64(id), u64(demand)]);
}

export async function readDemands(
  access: ChainAccess,
  id: bigint,
): Promise<readonly ChainDemand[]> {
  const [bytes] = await access.view(callOf("0x20::challenge::get_demands", [u64(id)]));
  return decodeRecord(present(bytes, "a view of one value"), (reader) =>
    reader.vector((item) => {
      const [demand, proposal] = [item.u64(), item.u64()];
      item.address(); // who demands
      return { id: demand, proposal, next: item.u64(), last: item.u64(), due: item.u64() };
    }),
  );
}
