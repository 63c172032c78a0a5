// Stakes for those who run a shard, on a root whose shard is only played: an epoch ends when the
// test says so, with the fees that it says.
import type { AccountSigner } from "#chains";
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { arg } from "./call.ts";
import type { LedgerChain, Ran } from "./ledger-chain.ts";
import {
  alice,
  beginShard,
  hashAt,
  must,
  nodes,
  peerArgs,
  SETTINGS,
  SHARD,
  type ShardSettings,
  startRoot,
} from "./shard-world.ts";

/** Four seats, of which three must agree, and room for two candidates. */
export const SMALL: ShardSettings = { ...SETTINGS, n: 6, k: 4, c: 1, l: 64 };

/** What users have lent to the shard, so that it has fees to bring. */
const LENT = 500_000_000n;

/**
 * A root whose shard 1 has begun with these settings and has been lent coins.
 *
 * @param peers in the order in which they join.
 */
export function startStakes(
  settings: ShardSettings = SMALL,
  peers: readonly AccountSigner[] = nodes.slice(0, settings.n),
): LedgerChain {
  const root = startRoot();
  beginShard(root, settings, peers);
  const args = [arg.u64(SHARD), arg.u64(LENT)];
  must(root.call(alice.address, "0x30::shard_gas::deposit_gas", args));
  return root;
}

/** One node's word that the present epoch ended with these fees. */
export function commitBy(root: LedgerChain, by: AccountSigner, fee: bigint): Ran {
  const epoch = viewOf(root);
  const height = epoch * 10n;
  const args = [
    arg.bytes(by.publicKey),
    arg.u64(SHARD),
    arg.u64(epoch),
    arg.u64(height),
    arg.bytes(hashAt(height)),
    arg.u64(fee),
  ];
  return root.call(by.address, "0x30::shard_gas::commit_dpos", args);
}

/** Ends the present epoch by the words of as many in office as it takes. */
export function endView(root: LedgerChain, fee: bigint): void {
  const required = root.view("0x30::shard_mgmt::get_required", arg.u64(SHARD)).u64();
  for (const by of inOffice(root).slice(0, Number(required))) must(commitBy(root, by, fee));
}

/** The nodes with seats, in the order in which they came. */
export function inOffice(root: LedgerChain): readonly AccountSigner[] {
  const keys = root
    .view("0x30::shard_mgmt::get_consensus_peers", arg.u64(SHARD))
    .vector((reader) => Buffer.from(reader.bytes()).toString("hex"));
  return keys.map((key) =>
    present(
      nodes.find(({ publicKey }) => Buffer.from(publicKey).toString("hex") === key),
      "a node of the test",
    ),
  );
}

export function viewOf(root: LedgerChain): bigint {
  return root.view("0x30::shard_stake::get_view", arg.u64(SHARD)).u64();
}

/** A method of ShardStake with a peer and an amount. */
export function stakeCall(
  root: LedgerChain,
  by: Address,
  method: string,
  peer: AccountSigner,
  amount: bigint,
): Ran {
  const args = [...peerArgs(peer), arg.u64(amount)];
  return root.call(by, `0x30::shard_stake::${method}`, args);
}

export function mustStake(
  root: LedgerChain,
  by: Address,
  method: string,
  peer: AccountSigner,
  amount: bigint,
): void {
  must(stakeCall(root, by, method, peer, amount));
}

/** The peer takes users' stakes and gives them `proportion` in a hundred of its fees. */
export function openToUsers(root: LedgerChain, peer: AccountSigner, proportion: bigint): void {
  mustStake(root, peer.address, "change_max_authorization", peer, 1_000_000_000n);
  mustStake(root, peer.address, "change_proportion", peer, proportion);
}

/** What the account gets for its claim. */
export function claim(root: LedgerChain, by: Address, peer: AccountSigner): bigint {
  const before = root.balance(by);
  must(root.call(by, "0x30::shard_stake::withdraw_fee", peerArgs(peer)));
  return root.balance(by) - before;
}

export interface PositionView {
  readonly now: bigint;
  readonly next: bigint;
  readonly releasing: bigint;
  readonly free: bigint;
  /** The next view that is to be paid. */
  readonly claimView: bigint;
}

export function positionOf(root: LedgerChain, peer: AccountSigner, user: Address): PositionView {
  const args = [...peerArgs(peer), arg.address(user)];
  const reader = root.view("0x30::shard_stake::get_position", ...args);
  reader.u64();
  return {
    now: reader.u64(),
    next: reader.u64(),
    releasing: reader.u64(),
    free: reader.u64(),
    claimView: reader.u64(),
  };
}

export interface ViewFee {
  readonly wholeFee: bigint;
  readonly userStake: bigint;
  readonly proportion: bigint;
}

export function viewFee(root: LedgerChain, peer: AccountSigner, view: bigint): ViewFee {
  const args = [...peerArgs(peer), arg.u64(view)];
  const reader = root.view("0x30::shard_stake::get_view_fee", ...args);
  return { wholeFee: reader.u64(), userStake: reader.u64(), proportion: reader.u64() };
}

/** All coins of ShardStake, and how many of them are stakes. */
export function holdings(root: LedgerChain): { readonly coins: bigint; readonly staked: bigint } {
  const reader = root.view("0x30::shard_stake::holdings");
  return { coins: reader.u64(), staked: reader.u64() };
}

/** The node with the lowest key of some. */
export function lowestOf(some: readonly AccountSigner[]): AccountSigner {
  const sorted = [...some].sort((a, b) => Buffer.compare(a.publicKey, b.publicKey));
  return present(sorted[0], "a node");
}
