/**
 * Begins a shard on a network for development: pays for it, configures it, and lets its nodes join.
 * Each step is taken only if the root does not show it done, so that what was cut short goes on.
 */

import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import { isExecuted } from "#core/status.ts";
import { signCall } from "../cross-chain/account-call.ts";
import { provide, untilTaken } from "../cross-chain/provision.ts";
import type { AccountSigner } from "../ledger/account-signer.ts";
import { vmStatusText } from "../ledger/receipt.ts";
import type { Clock } from "../ports.ts";
import type { ChainClient } from "../rpc/client.ts";

/** Units that each node gets: its stake, and what its confirmations cost for a long time. */
const NODE_FUNDS = 100_000_000n;
const STAKE = 1_000_000n;
/** Room for peers without a seat, who can take one over. */
const PEERS_PER_SEAT = 2;
const PEERS_MAX = 100;
const WAIT_MS = 30_000;
const LIFETIME_SECS = 60n;

/** Least delays that the contract takes; this committee has its own. */
const DELAYS_MS = 5_000;
const HANDSHAKE_SECS = 10;

const [STATE_CREATED, STATE_CONFIGURED] = [0, 1];
const [JOIN_NONE, JOIN_APPLIED, JOIN_APPROVED] = [0, 1, 2];

export interface Founders {
  /** Of the root's contracts. */
  readonly operator: AccountSigner;
  /** Who pays for the shard and admits its nodes. */
  readonly creator: AccountSigner;
  /** The nodes' accounts: as many as have seats. */
  readonly nodes: readonly AccountSigner[];
}

export interface Founded {
  readonly shardId: bigint;
  /** Blocks after which an epoch may end. */
  readonly epochBlocks: bigint;
}

interface Work {
  readonly root: ChainClient;
  readonly clock: Clock;
}

/**
 * Resolves when the root shows the shard as active. Rejects with `ChainError`, or with an `Error`
 * that says which step the root has refused.
 */
export async function beginShard(
  root: ChainClient,
  clock: Clock,
  { shardId, epochBlocks }: Founded,
  { operator, creator, nodes }: Founders,
): Promise<void> {
  const work = { root, clock };
  const id = u64(shardId);
  if ((await number(work, "shard_gas::get_version")) === 0n) {
    await send(work, operator, "shard_gas::init", []);
  }
  for (const { address } of [creator, ...nodes]) await provide(root, clock, address, NODE_FUNDS);
  while ((await number(work, "shard_mgmt::get_shard_count")) < shardId) {
    await send(work, creator, "shard_mgmt::create_shard", []);
  }
  if ((await stateOf(work, shardId)) === STATE_CREATED) {
    const seats = nodes.length;
    const peers = Math.min(PEERS_PER_SEAT * seats, PEERS_MAX);
    const settings = [
      ...[peers, seats, 0, 0, DELAYS_MS, DELAYS_MS, HANDSHAKE_SECS].map(u32),
      ...[epochBlocks, STAKE, 0n, 0n].map(u64),
    ];
    await send(work, creator, "shard_mgmt::configure_shard", [id, ...settings]);
  }
  if ((await stateOf(work, shardId)) !== STATE_CONFIGURED) return;
  for (const node of nodes) await admit(work, shardId, creator, node);
  await send(work, creator, "shard_mgmt::activate_shard", [id]);
}

/**
 * Lets a node join a shard that is there: a candidate, which gets a seat when a member leaves.
 * Rejects as {@link beginShard} does.
 */
export async function joinShard(
  root: ChainClient,
  clock: Clock,
  shardId: bigint,
  { creator, node }: { readonly creator: AccountSigner; readonly node: AccountSigner },
): Promise<void> {
  const work = { root, clock };
  for (const { address } of [creator, node]) await provide(root, clock, address, NODE_FUNDS);
  await admit(work, shardId, creator, node);
}

async function admit(
  work: Work,
  shardId: bigint,
  creator: AccountSigner,
  node: AccountSigner,
): Promise<void> {
  const [id, key] = [u64(shardId), encodeBcs((writer) => writer.bytes(node.publicKey))];
  const joined = async (): Promise<bigint> => number(work, "shard_mgmt::get_join_state", [id, key]);
  if ((await joined()) === BigInt(JOIN_NONE)) {
    await send(work, node, "shard_mgmt::apply_join", [id, key, addressToBytes(node.address)]);
  }
  if ((await joined()) === BigInt(JOIN_APPLIED)) {
    await send(work, creator, "shard_mgmt::approve_join", [id, key]);
  }
  if ((await joined()) === BigInt(JOIN_APPROVED)) {
    const place = encodeBcs((writer) => writer.bytes(utf8(node.address)));
    await send(work, node, "shard_mgmt::join_shard", [id, key, place, u64(STAKE)]);
  }
}

async function stateOf({ root }: Work, shardId: bigint): Promise<number> {
  const view = { function: shardFunction("shard_mgmt::get_shard"), args: [u64(shardId)] };
  const [bytes] = await root.view(view);
  const reader = new BcsReader(present(bytes, "a view that returns a shard"));
  reader.u64();
  reader.address();
  return reader.u8();
}

async function number(
  { root }: Work,
  name: string,
  args: readonly Uint8Array[] = [],
): Promise<bigint> {
  const [bytes] = await root.view({ function: shardFunction(name), args });
  return readNumber(bytes);
}

/** A number of whatever width. */
function readNumber(bytes: Uint8Array | undefined): bigint {
  return present(bytes, "a view that returns a number").reduceRight(
    (value, byte) => (value << 8n) | BigInt(byte),
    0n,
  );
}

async function send(
  { root, clock }: Work,
  signer: AccountSigner,
  name: string,
  args: readonly Uint8Array[],
): Promise<void> {
  const call = { function: shardFunction(name), args };
  const { receipt } = await untilTaken(clock, async () => {
    const [{ sequenceNumber }, { chainId, gasUnitPrice }] = await Promise.all([
      root.account(signer.address),
      root.ledger(),
    ]);
    const lifetimeSecs = LIFETIME_SECS;
    const terms = { chainId, sequenceNumber, gasUnitPrice, nowMs: clock.now(), lifetimeSecs };
    const { bytes } = signCall(signer, call, terms);
    return root.waitForTransaction(await root.submit(bytes), WAIT_MS);
  });
  if (isExecuted(receipt.status)) return;
  throw new Error(`The root refuses ${name}: ${vmStatusText(receipt.status)}`);
}

function shardFunction(name: string): FunctionId {
  return functionId(`0x30::${name}`);
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}

function u32(value: number): Uint8Array {
  return encodeBcs((writer) => writer.u32(value));
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}
