/**
 * What an account has of CPU, NET and RAM, as a client reads it from a chain, and as text in the
 * form of the seed's `get account`.
 */
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { parseFunctionId } from "#core/identifier.ts";
import type { ChainClient } from "../rpc/client.ts";

const KIBIBYTE = 1_024;
/** What the contract answers where there is no limit. */
const NO_LIMIT = (1n << 64n) - 1n;

/** A stake whose dividends pay for RAM. */
export interface RamVote {
  readonly producer: Address;
  /** Units of the coin. */
  readonly staked: bigint;
  /** Whole coins times blocks, as of `voteageUpdateHeight`. */
  readonly voteage: bigint;
  readonly voteageUpdateHeight: bigint;
  /** Units on their way back, and since which height. */
  readonly unstaking: bigint;
  readonly unstakeHeight: bigint;
}

export interface AccountResources {
  readonly address: Address;
  /** Bytes; undefined where there is no limit. */
  readonly ramQuotaBytes: bigint | undefined;
  readonly ramUsedBytes: bigint;
  readonly ramVotes: readonly RamVote[];
}

/** Rejects with `ChainError`. */
export async function accountResources(
  client: ChainClient,
  address: Address,
): Promise<AccountResources> {
  const args = [addressToBytes(address)];
  const quota = (await read(client, "0x50::ram::quota", args)).u64();
  const used = (await read(client, "0x50::ram::used", args)).u64();
  const votes = await read(client, "0x50::ram::get_votes4ram", args);
  return {
    address,
    ramQuotaBytes: quota === NO_LIMIT ? undefined : quota,
    ramUsedBytes: used,
    ramVotes: votes.vector(readVote),
  };
}

function readVote(reader: BcsReader): RamVote {
  return {
    producer: reader.address(),
    staked: reader.u64(),
    voteage: reader.u128(),
    voteageUpdateHeight: reader.u64(),
    unstaking: reader.u64(),
    unstakeHeight: reader.u64(),
  };
}

/** What a view of one value returns. */
export async function read(
  client: ChainClient,
  view: string,
  args: readonly Uint8Array[],
): Promise<BcsReader> {
  const name = present(parseFunctionId(view), `not a function: ${view}`);
  const [bytes] = await client.view({ function: name, args });
  return new BcsReader(present(bytes, "a view of one value"));
}

/**
 * The account as text. CPU and NET belong to actions, not to accounts: whoever pays an action's fee
 * has them.
 */
export function formatAccountResources(account: AccountResources): string {
  const quota = account.ramQuotaBytes;
  const memory = quota === undefined ? "unlimited" : formatKibibytes(quota);
  const unlimited = ["used", "available", "limit"].map((name) => `     ${name}: unlimited`);
  return [
    `account: ${account.address}`,
    "memory:",
    `     quota: ${memory}  used: ${formatKibibytes(account.ramUsedBytes)}`,
    "net bandwidth:",
    ...unlimited,
    "cpu bandwidth:",
    ...unlimited,
  ].join("\n");
}

/** `108 KiB`, `2.66 KiB`: two decimals where there are any. */
export function formatKibibytes(bytes: bigint): string {
  const kibibytes = Number(bytes) / KIBIBYTE;
  return `${Number.isInteger(kibibytes) ? kibibytes : kibibytes.toFixed(2)} KiB`;
}
