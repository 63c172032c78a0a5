/**
 * The calls and views of the shards' contract (0x30) that an account's gas takes, by name and
 * argument. The only file of the settlement that knows them.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import type { ChainReader, EntryCall } from "../../chain-access.ts";
import { callOf, u64 } from "../../contract/calls.ts";
import { decodeRecord } from "../../contract/records.ts";
import type { SentCoins } from "../../purse.ts";
import type { SettlementError } from "../../settlement-error.ts";

const SHARDS = makeAddress("0x30");
/** More than any of these calls takes: coins for it have to be there whatever it takes. */
export const GAS_CALL_MAX = 20_000n;
/** A deposit under a number that was used. */
const DEPOSIT_REPEATED = 35n;
/** A withdrawal that is asked for again has been paid. */
const WITHDRAWAL_FINISHED = 27n;

export interface UnfinishedWithdrawal {
  /** Per account, from 1. */
  readonly id: bigint;
  /** Units that are frozen until the root says that it has paid them. */
  readonly amount: bigint;
}

// On the root.

/** @param number how often the account has deposited for this shard before. */
export function depositGas(shard: bigint, amount: bigint, number: bigint): EntryCall {
  return gasCall("deposit_gas_once", [u64(shard), u64(amount), u64(number)]);
}

export function isDepositRepeated({ code, abortCode }: SettlementError): boolean {
  return code === "SHARD_REFUSED" && abortCode === DEPOSIT_REPEATED;
}

/** What an account has sent to a shard and got back. */
export async function readGasAccount(
  root: Pick<ChainReader, "view">,
  shard: bigint,
  of: Address,
): Promise<SentCoins> {
  const args = [u64(shard), addressToBytes(of)];
  const [count, sent, released] = await root.view(callOf("0x30::gas_account::get_account", args));
  return {
    count: decodeRecord(present(count, "deposits"), readU64),
    amount: decodeRecord(present(sent, "units deposited"), readU128),
    returned: decodeRecord(present(released, "units released"), readU128),
  };
}

// On a shard.

/** The shard's number, from 1 on. */
export async function readShardId(shard: Pick<ChainReader, "view">): Promise<bigint> {
  const [bytes] = await shard.view(callOf("0x30::home::shard_id", []));
  return decodeRecord(present(bytes, "a view of one value"), readU64);
}

/** Units of an account's deposits that the shard has ever dealt with. */
export async function readArrived(shard: Pick<ChainReader, "view">, of: Address): Promise<bigint> {
  const [bytes] = await shard.view(callOf("0x30::gas_account::get_arrived", [addressToBytes(of)]));
  return decodeRecord(present(bytes, "a view of one value"), readU128);
}

export function withdrawGas(amount: bigint): EntryCall {
  return gasCall("user_withdraw_gas", [u64(amount)]);
}

/** Has the shard ask the root again; a withdrawal is paid once, however often it is asked for. */
export function retryWithdrawal(id: bigint): EntryCall {
  return gasCall("withdraw_retry", [u64(id)]);
}

export function isWithdrawalFinished({ code, abortCode }: SettlementError): boolean {
  return code === "SHARD_REFUSED" && abortCode === WITHDRAWAL_FINISHED;
}

/** By id, ascending. */
export async function readUnfinished(
  shard: Pick<ChainReader, "view">,
  of: Address,
): Promise<readonly UnfinishedWithdrawal[]> {
  const [bytes] = await shard.view(gasCall("get_unfinished", [addressToBytes(of)]));
  return decodeRecord(present(bytes, "a view of one value"), (reader) =>
    reader.vector((item) => ({ id: item.u64(), amount: item.u64() })),
  );
}

/** Whether the call is about gas itself: it is paid from what is there, and fetches no more. */
export function isAboutGas({ function: { module } }: EntryCall): boolean {
  return module.address === SHARDS;
}

function gasCall(name: string, args: readonly Uint8Array[]): EntryCall {
  return { ...callOf(`0x30::shard_gas::${name}`, args), maxGas: GAS_CALL_MAX };
}

function readU64(reader: BcsReader): bigint {
  return reader.u64();
}

function readU128(reader: BcsReader): bigint {
  return reader.u128();
}
