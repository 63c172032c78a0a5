// A root with one shard, and the test in the place of the nodes between them: it carries messages
// over, and what it does not carry is lost.
import {
  type AccountSigner,
  type AppliedPlace,
  checkApplied,
  checkFigures,
  checkPayments,
  faucetSigner,
  type Payment,
  readRootFigures,
  readShardFigures,
} from "#chains";
import type { Address } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import { utf8 } from "#core/bytes.ts";
import { sha2_256 } from "#core/hash.ts";
import { formatVmStatus, isExecuted } from "#core/status.ts";
import {
  commitEpochCall,
  type FeeCommit,
  type ProcessedMessage,
  processMessageCall,
  readFeeCommit,
  readWithdrawRequest,
  SHARD_ADDRESS,
  SHARD_EVENT,
  shardChainId,
  type WithdrawRequest,
} from "../../../../src/chains/shard/contract.ts";
import { accountNamed } from "../../fixture.ts";
import { arg } from "./call.ts";
import { type LedgerChain, type Ran, type SentMessage, startLedger } from "./ledger-chain.ts";

/** Units of one coin. */
export const COIN = 10_000n;
export const FUNDS = 100_000n * COIN;
export const SUPPLY = 1_000_000_000_000_000n;
export const STAKE = 100n * COIN;
/** Whose pool the fees of a shard go to. */
export const SHARDS_FEES = SHARD_ADDRESS;
/** The only shard that runs in these tests. */
export const SHARD = 1n;
/** Blocks of the shard's epochs. */
export const EPOCH_BLOCKS = 5;

export const alice = accountNamed("alice");
export const bob = accountNamed("bob");
export const creator = accountNamed("creator");
export const faucet = faucetSigner();
/** Seven have seats (C is 2, five must agree), two are candidates. */
export const nodes = Array.from({ length: 9 }, (_, place) => accountNamed(`shard node ${place}`));
export const REQUIRED = 5;

export interface ShardWorld {
  readonly root: LedgerChain;
  readonly shard: LedgerChain;
  /** What the root has paid for withdrawals, as users' balances tell. */
  readonly payments: Payment[];
  /** What the shard has applied, as its events tell. */
  readonly applied: AppliedPlace[];
}

export function node(place: number): AccountSigner {
  return present(nodes[place], `node ${place}`);
}

/** The settings of the shard, in the order of `configure_shard`. */
export interface ShardSettings {
  readonly n: number;
  readonly k: number;
  readonly c: number;
  readonly l: number;
  readonly blockMs: number;
  readonly hashMs: number;
  readonly handshakeSecs: number;
  readonly epochBlocks: number;
  readonly stake: bigint;
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
}

export const SETTINGS: ShardSettings = {
  n: 9,
  k: 7,
  c: 2,
  l: 112,
  blockMs: 5_000,
  hashMs: 5_000,
  handshakeSecs: 10,
  epochBlocks: EPOCH_BLOCKS,
  stake: STAKE,
  gasPrice: 0n,
  gasLimit: 0n,
};

export function configureArgs(shard: bigint, settings: ShardSettings): readonly Uint8Array[] {
  const { n, k, c, l, blockMs, hashMs, handshakeSecs } = settings;
  const { epochBlocks, stake, gasPrice, gasLimit } = settings;
  return [
    arg.u64(shard),
    ...[n, k, c, l, blockMs, hashMs, handshakeSecs].map((value) => arg.u32(value)),
    ...[BigInt(epochBlocks), stake, gasPrice, gasLimit].map((value) => arg.u64(value)),
  ];
}

let begun: LedgerChain | undefined;
let active: LedgerChain | undefined;
let born: LedgerChain | undefined;

/** A root where everybody has coins and no shard was made. */
export function startRoot(): LedgerChain {
  begun ??= makeRoot();
  return begun.branch();
}

function makeRoot(): LedgerChain {
  const root = startLedger(4, faucet.address, { type: "root" });
  for (const { address } of [alice, bob, creator, ...nodes]) {
    must(
      root.call(faucet.address, "0x1::aptos_account::transfer", [
        arg.address(address),
        arg.u64(FUNDS),
      ]),
    );
  }
  must(root.call(faucet.address, "0x30::shard_gas::init", []));
  return root;
}

/** A root whose shard 1 has begun, and that shard. */
export function startWorld(): ShardWorld {
  if (active === undefined) {
    active = startRoot();
    beginShard(active, SETTINGS, nodes);
  }
  born ??= startLedger(shardChainId(SHARD), SHARD_ADDRESS, {
    type: "shard",
    facts: {
      shardId: SHARD,
      epochBlocks: BigInt(SETTINGS.epochBlocks),
      k: SETTINGS.k,
      c: SETTINGS.c,
      peers: nodes.slice(0, SETTINGS.k).map(({ publicKey }) => publicKey),
    },
  });
  return { root: active.branch(), shard: born.branch(), payments: [], applied: [] };
}

export function branchWorld({ root, shard, payments, applied }: ShardWorld): ShardWorld {
  const chains = { root: root.branch(), shard: shard.branch() };
  return { ...chains, payments: [...payments], applied: [...applied] };
}

/** I1 to I5, for whatever the two chains are now; every step here ends with it. */
export function verify({ root, shard, payments, applied }: ShardWorld): void {
  const rootFigures = readRootFigures(
    root.viewBytes("0x30::shard_gas::get_root_figures", arg.u64(SHARD)),
  );
  const shardFigures = readShardFigures(shard.viewBytes("0x30::shard_gas::get_shard_figures"));
  const accounts = [
    { shardId: SHARD, root: rootFigures, shard: shardFigures, held: shard.coinsInStores() },
  ];
  const violations = [
    ...checkFigures(accounts),
    ...checkPayments(payments),
    ...checkApplied(applied),
  ];
  assert(violations.length === 0, violations.map(({ message }) => message).join("; "));
}

/**
 * Makes, configures, fills and begins a shard.
 *
 * @param peers in the order in which they join.
 */
export function beginShard(
  root: LedgerChain,
  settings: ShardSettings,
  peers: readonly AccountSigner[],
): void {
  const by = creator.address;
  must(root.call(by, "0x30::shard_mgmt::create_shard", []));
  must(root.call(by, "0x30::shard_mgmt::configure_shard", configureArgs(SHARD, settings)));
  for (const peer of peers) joinAs(root, peer, settings.stake);
  must(root.call(by, "0x30::shard_mgmt::activate_shard", [arg.u64(SHARD)]));
}

/** A node that owns itself joins shard 1. */
export function joinAs(root: LedgerChain, peer: AccountSigner, stake: bigint): void {
  const { address, publicKey } = peer;
  const place = [arg.u64(SHARD), arg.bytes(publicKey)];
  must(root.call(address, "0x30::shard_mgmt::apply_join", [...place, arg.address(address)]));
  must(root.call(creator.address, "0x30::shard_mgmt::approve_join", place));
  const paid = [...place, arg.text("/ip4/127.0.0.1"), arg.u64(stake)];
  must(root.call(address, "0x30::shard_mgmt::join_shard", paid));
}

export function must(ran: Ran): Ran {
  assert(isExecuted(ran.status), formatVmStatus(ran.status));
  return ran;
}

export function deposit(world: ShardWorld, by: AccountSigner, amount: bigint): void {
  const args = [arg.u64(SHARD), arg.u64(amount)];
  must(world.root.call(by.address, "0x30::shard_gas::deposit_gas", args));
  verify(world);
}

/** Messages of the root to the shard. */
export function toShard({ root }: ShardWorld): readonly SentMessage[] {
  return root.sent().filter(({ message }) => message.toShard === SHARD);
}

/** Gives the shard one message, by a call of its own. */
export function deliver(world: ShardWorld, { message, index }: SentMessage): ProcessedMessage {
  const { processed } = must(world.shard.run(processMessageCall(message, index)));
  const done = present(processed[0], "what became of it");
  if (done.outcome === 0n) world.applied.push({ height: done.fromHeight, index: done.index });
  verify(world);
  return done;
}

/** Gives the shard all that the root has said so far, in order; most of it it has had already. */
export function deliverAll(world: ShardWorld): readonly ProcessedMessage[] {
  return toShard(world).map((sent) => deliver(world, sent));
}

/** Deposits that have arrived. */
export function fundOnShard(world: ShardWorld, by: AccountSigner, amount: bigint): void {
  deposit(world, by, amount);
  deliverAll(world);
}

export function withdraw(world: ShardWorld, by: AccountSigner, amount: bigint): WithdrawRequest {
  const args = [arg.u64(amount)];
  const ran = must(world.shard.call(by.address, "0x30::shard_gas::user_withdraw_gas", args));
  verify(world);
  return requestOf(ran);
}

/** Asks again for a withdrawal. */
export function retry(world: ShardWorld, by: AccountSigner, id: bigint): Ran {
  return world.shard.call(by.address, "0x30::shard_gas::withdraw_retry", [arg.u64(id)]);
}

export function requestOf({ messages }: Ran): WithdrawRequest {
  const sent = present(messages[0], "a request");
  assert(sent.eventType === SHARD_EVENT.gasWithdrawRequest, "a request");
  return readWithdrawRequest(sent.payload);
}

/** A node's word on the root that the shard asks this back. */
export function confirm(
  world: ShardWorld,
  by: AccountSigner,
  { user, withdrawId, amount }: WithdrawRequest,
): Ran {
  const { root } = world;
  const before = root.balance(user);
  const args = [
    arg.bytes(by.publicKey),
    arg.address(user),
    arg.u64(SHARD),
    arg.u64(amount),
    arg.u64(withdrawId),
  ];
  const ran = root.call(by.address, "0x30::shard_gas::peer_confirm_withdraw", args);
  if (root.balance(user) > before) world.payments.push({ shardId: SHARD, user, withdrawId });
  verify(world);
  return ran;
}

/** The words of the nodes with these places. */
export function confirmAll(
  world: ShardWorld,
  places: readonly number[],
  request: WithdrawRequest,
): readonly Ran[] {
  return places.map((place) => must(confirm(world, node(place), request)));
}

/** Ends the shard's epoch, or tells it again. */
export function commitOnShard(world: ShardWorld): FeeCommit {
  const { messages } = must(world.shard.run(commitEpochCall()));
  verify(world);
  const sent = present(messages[0], "a commit");
  assert(sent.eventType === SHARD_EVENT.commitDpos, "a commit");
  return readFeeCommit(sent.payload);
}

/** The hash of the shard's block at a height, as far as the root is concerned. */
export function hashAt(height: bigint): Uint8Array {
  return sha2_256(utf8(`shard block ${height}`));
}

/** A node's word on the root that an epoch ended so. */
export function confirmCommit(
  world: ShardWorld,
  by: AccountSigner,
  { epoch, height, fee }: FeeCommit,
  hash: Uint8Array = hashAt(height),
): Ran {
  const args = [
    arg.bytes(by.publicKey),
    arg.u64(SHARD),
    arg.u64(epoch),
    arg.u64(height),
    arg.bytes(hash),
    arg.u64(fee),
  ];
  const ran = world.root.call(by.address, "0x30::shard_gas::commit_dpos", args);
  verify(world);
  return ran;
}

export function confirmCommits(
  world: ShardWorld,
  places: readonly number[],
  commit: FeeCommit,
): readonly Ran[] {
  return places.map((place) => must(confirmCommit(world, node(place), commit)));
}

/** Ends an epoch on both chains, with the nodes of these places. */
export function endEpoch(
  world: ShardWorld,
  places: readonly number[] = [0, 1, 2, 3, 4],
): FeeCommit {
  world.shard.blocks(EPOCH_BLOCKS);
  const commit = commitOnShard(world);
  confirmCommits(world, places, commit);
  deliverAll(world);
  return commit;
}

export function shardBalance({ root }: ShardWorld): bigint {
  return root.view("0x30::shard_gas::get_shard_gas_balance", arg.u64(SHARD)).u64();
}

export interface UnfinishedWithdrawal {
  readonly id: bigint;
  readonly amount: bigint;
}

export function unfinished({ shard }: ShardWorld, of: Address): readonly UnfinishedWithdrawal[] {
  return shard
    .view("0x30::shard_gas::get_unfinished", arg.address(of))
    .vector((reader: BcsReader) => ({ id: reader.u64(), amount: reader.u64() }));
}

/** A peer's argument. */
export function peerArgs(of: AccountSigner): readonly Uint8Array[] {
  return [arg.u64(SHARD), arg.bytes(of.publicKey)];
}
