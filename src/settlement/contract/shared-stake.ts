/** What `rooch::shared_stake` holds of an account, and the calls about it. */
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "../chain-access.ts";
import { callOf, u64 } from "./calls.ts";
import { decodeRecord } from "./records.ts";

/** In the coin's units. */
export interface SharedStake {
  readonly held: bigint;
  /** Of that, what backs seats; what was lost backs its seat for ever. */
  readonly exposed: bigint;
  /** Of that, what is on its way out. */
  readonly unbonding: bigint;
}

function stakeCall(name: string, coin: StructTag, args: readonly Uint8Array[]): EntryCall {
  const typeArgs: TypeTag[] = [{ kind: "struct", struct: coin }];
  return callOf(`0x20::shared_stake::${name}`, args, typeArgs);
}

export function depositStake(coin: StructTag, amount: bigint): EntryCall {
  return stakeCall("deposit_entry", coin, [u64(amount)]);
}

export function unbondStake(coin: StructTag, amount: bigint): EntryCall {
  return stakeCall("unbond_entry", coin, [u64(amount)]);
}

export function withdrawStake(coin: StructTag): EntryCall {
  return stakeCall("withdraw_entry", coin, []);
}

export async function readSharedStake(
  access: ChainAccess,
  coin: StructTag,
  owner: Address,
): Promise<SharedStake> {
  const returns = await access.view(stakeCall("get_standing", coin, [addressToBytes(owner)]));
  const [held, exposed, unbonding] = returns.map((bytes) =>
    decodeRecord(bytes, (reader) => reader.u64()),
  );
  const amount = (value: bigint | undefined) => present(value, "a view of three values");
  return { held: amount(held), exposed: amount(exposed), unbonding: amount(unbonding) };
}
