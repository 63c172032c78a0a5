// What the chain holds, as rows of words: the room's channel, accounts, shards, and what fees buy.
// Pure: from what was read to what is shown.

import { amount, plural, shortHex } from "../shell/wording.ts";
import type { AccountView, ChainView, ResourcePrices, ShardView } from "../view/chain.ts";
import type { ChannelView } from "../view/channel.ts";

const UNKNOWN = "–";

/** Packages of the chain, by their addresses. */
const PACKAGES: Readonly<Record<string, string>> = {
  "0x1": "framework",
  "0x20": "channels",
  "0x21": "games",
  "0x30": "shards",
  "0x40": "parallel chains",
  "0x50": "resources",
};

/** @param playerName what the player of an account is called, if one is known */
export function accountName(
  address: string,
  playerName: (address: string) => string | undefined,
): string {
  const bare = `0x${address.replace(/^0x0*/, "")}`;
  return playerName(address) ?? PACKAGES[bare] ?? shortHex(address);
}

export function accountRow(account: AccountView, name: string): readonly string[] {
  const { balance, ramUsed, ramQuota, staked } = account;
  const used = ramUsed === undefined ? UNKNOWN : `${amount(ramUsed)} B`;
  const quota = ramQuota === undefined ? "no limit" : `of ${amount(ramQuota)} B`;
  return [
    name,
    balance === undefined ? UNKNOWN : amount(balance),
    ramUsed === undefined ? UNKNOWN : `${used}, ${quota}`,
    staked === undefined ? UNKNOWN : amount(staked),
  ];
}

export function shardRow(shard: ShardView, creator: string): readonly string[] {
  const { id, state, epoch, seatsCount, peersCount, gas } = shard;
  return [
    `Shard ${id}`,
    state,
    creator,
    String(epoch),
    `${peersCount} for ${plural(seatsCount, "seat")}`,
    gas === undefined ? UNKNOWN : amount(gas),
  ];
}

/** What the contracts say of the room's channel: a name and a value each. */
export function channelRows(
  chain: ChainView,
  channel: ChannelView | undefined,
): readonly (readonly string[])[] {
  const { settledHeight, stateRoot, escrow, storedLine } = chain;
  if (channel === undefined || settledHeight === undefined) return [];
  return [
    ["Channel", String(channel.id)],
    ["Configuration", String(channel.configuration)],
    ["Term and leader", `${channel.term}, ${channel.leader?.name ?? "nobody"}`],
    ["Settled up to move", String(settledHeight)],
    ["State root", stateRoot === undefined ? UNKNOWN : shortHex(stateRoot)],
    ["In escrow", escrow === undefined ? UNKNOWN : amount(escrow)],
    ["Stored", storedLine?.text ?? UNKNOWN],
  ];
}

export function pricesText(prices: ResourcePrices | undefined): string {
  if (prices === undefined) return "This chain has no resource contract.";
  const { cpuMicroseconds, netBytes, freeRamBytes, isRamLimited } = prices;
  const fee = `0.01 coin of fees buys ${amount(cpuMicroseconds)} µs and ${amount(netBytes)} B`;
  const ram = `${amount(freeRamBytes)} B of RAM are free`;
  return isRamLimited
    ? `${fee}; ${ram} for every account.`
    : `${fee}; RAM has no limit yet, later ${ram}.`;
}

/** @param shardId the shard that this chain is; 0 for a root */
export function shardsText(
  shards: readonly ShardView[] | undefined,
  shardId: bigint | undefined,
): string {
  if (shardId !== undefined && shardId > 0n) {
    return `This chain is shard ${shardId}: its root knows the others.`;
  }
  if (shards === undefined) return "This chain has no contract for shards.";
  return shards.length === 0 ? "This chain has no shards." : "";
}
