/**
 * What the chain itself calls and reads in the shard contracts at 0x30, by name and layout. The
 * only file that knows those names; the Move sources are in `../contracts/shard`.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { PUBLIC_KEY_SIZE, type PublicKey, parsePublicKey } from "#core/ed25519.ts";
import type { Event } from "#core/effects.ts";
import { formatStructTag, formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import type { Call } from "#sandbox";
import { functionId, systemCall } from "../ledger/system-call.ts";

/** Whose pool the fees of a shard go to, and whose contracts lend coins to shards. */
export const SHARD_ADDRESS = makeAddress("0x30");
/** The root's number among chains. */
export const ROOT_SHARD_ID = 0n;
/** Shard i is the chain with id 10 + i. */
const SHARD_CHAIN_ID_BASE = 10;
/** The smallest committee that withstands one faulty node; a network for real money asks for 7. */
const LEAST_SEATS = 4;

const INITIALIZE_ROOT = functionId("0x30::genesis::initialize_root");
const INITIALIZE_SHARD = functionId("0x30::genesis::initialize_shard");
const PROCESS_MESSAGE = functionId("0x30::shard_sys_msg::process_shard_msg");
const SKIP_MESSAGE = functionId("0x30::shard_sys_msg::skip_shard_msg");
const END_ROOT_BLOCK = functionId("0x30::shard_sys_msg::end_root_block");
const COMMIT_EPOCH = functionId("0x30::shard_gas::shard_commit_dpos");

const MESSAGE_TYPE = eventName("0x30::shard_event::ShardEventState");
const PROCESSED_TYPE = eventName("0x30::shard_sys_msg::ShardMsgProcessed");

/** Types of messages, by the numbers of seed 000's source. */
export const SHARD_EVENT = {
  create: 0,
  configUpdate: 1,
  peerJoin: 2,
  activated: 3,
  peerLeave: 4,
  gasDeposit: 128,
  gasWithdrawRequest: 129,
  gasWithdrawDone: 130,
  commitDpos: 131,
} as const;

/** What a shard's contracts begin with, as the root's `shard_mgmt::get_genesis` tells it. */
export interface ShardFacts {
  /** From 1 on. */
  readonly shardId: bigint;
  /** Blocks after which an epoch may end. */
  readonly epochBlocks: bigint;
  /** Seats. */
  readonly k: number;
  /** Seats whose nodes may fail. */
  readonly c: number;
  /** Keys of the nodes in office, in the order in which they joined. */
  readonly peers: readonly PublicKey[];
}

/** A message of one chain to another: what its event says. */
export interface ShardMessage {
  readonly version: number;
  readonly eventType: number;
  readonly toShard: bigint;
  /** Of the block that sends it. */
  readonly fromHeight: bigint;
  /** BCS of the struct of its type. */
  readonly payload: Uint8Array;
}

/** What became of a message on a shard. */
export interface ProcessedMessage {
  readonly fromHeight: bigint;
  /** Place among the messages to the shard in that block of the root. */
  readonly index: bigint;
  readonly eventType: number;
  /** 0 for applied, else a number of `0x30::errors`. */
  readonly outcome: bigint;
}

export interface WithdrawRequest {
  readonly shardId: bigint;
  /** Of the shard's block that asks. */
  readonly height: bigint;
  readonly user: Address;
  readonly withdrawId: bigint;
  /** Units. */
  readonly amount: bigint;
}

export interface FeeCommit {
  readonly shardId: bigint;
  /** Of the shard's block in which the epoch ended, whose hash the root is to be told. */
  readonly height: bigint;
  readonly epoch: bigint;
  /** Units. */
  readonly fee: bigint;
}

export function shardChainId(shardId: bigint): number {
  return SHARD_CHAIN_ID_BASE + Number(shardId);
}

/** @param operator opens the contracts and has what creators of shards pay. */
export function rootGenesisCall(operator: Address): Call {
  return systemCall(INITIALIZE_ROOT, [addressToBytes(operator), u32(LEAST_SEATS)], [SHARD_ADDRESS]);
}

export function shardGenesisCall({ shardId, epochBlocks, k, c, peers }: ShardFacts): Call {
  const keys = encodeBcs((writer) => writer.vector(peers, (out, key) => out.bytes(key)));
  return systemCall(
    INITIALIZE_SHARD,
    [u64(shardId), u64(epochBlocks), u32(k), u32(c), keys],
    [SHARD_ADDRESS],
  );
}

/** @param index place among the messages to this shard in the root's block, from 0. */
export function processMessageCall(message: ShardMessage, index: bigint): Call {
  const { version, eventType, toShard, fromHeight, payload } = message;
  const bytes = encodeBcs((writer) => writer.bytes(payload));
  const places = [u64(toShard), u64(fromHeight), u64(index)];
  return systemCall(PROCESS_MESSAGE, [u32(version), u32(eventType), ...places, bytes], []);
}

/** For a message whose call failed, so that those behind it go on. */
export function skipMessageCall({ fromHeight, eventType }: ShardMessage, index: bigint): Call {
  return systemCall(SKIP_MESSAGE, [u64(fromHeight), u64(index), u32(eventType)], []);
}

/** Every message of the root's blocks up to `height` was given. */
export function endRootBlockCall(height: bigint): Call {
  return systemCall(END_ROOT_BLOCK, [u64(height)], []);
}

/** Fails while the epoch has blocks to come; else ends it, or tells the root again. */
export function commitEpochCall(): Call {
  return systemCall(COMMIT_EPOCH, [], [SHARD_ADDRESS]);
}

/** The message that an event is; undefined for any other event. */
export function readShardMessage({ type, data }: Event): ShardMessage | undefined {
  if (formatTypeTag(type) !== MESSAGE_TYPE) return undefined;
  return decodeBcs(data, (reader) => ({
    version: reader.u32(),
    eventType: reader.u32(),
    toShard: reader.u64(),
    fromHeight: reader.u64(),
    payload: reader.bytes().slice(),
  }));
}

/** What an event tells of a message that was given; undefined for any other event. */
export function readProcessedMessage({ type, data }: Event): ProcessedMessage | undefined {
  if (formatTypeTag(type) !== PROCESSED_TYPE) return undefined;
  return decodeBcs(data, (reader) => ({
    fromHeight: reader.u64(),
    index: reader.u64(),
    eventType: reader.u32(),
    outcome: reader.u64(),
  }));
}

/** The payload of `gasWithdrawRequest`; throws `BcsError`. */
export function readWithdrawRequest(payload: Uint8Array): WithdrawRequest {
  return decodeBcs(payload, (reader) => ({
    ...readPlaces(reader),
    user: reader.address(),
    withdrawId: reader.u64(),
    amount: reader.u64(),
  }));
}

/** The payload of `commitDpos`; throws `BcsError`. */
export function readFeeCommit(payload: Uint8Array): FeeCommit {
  return decodeBcs(payload, (reader) => ({
    ...readPlaces(reader),
    epoch: reader.u64(),
    fee: reader.u64(),
  }));
}

function readPlaces(reader: BcsReader): { readonly shardId: bigint; readonly height: bigint } {
  const shardId = reader.u64();
  // The target, which is the root.
  reader.u64();
  return { shardId, height: reader.u64() };
}

/** BCS of a list of peer keys; throws `BcsError`. */
export function readPeerKeys(reader: BcsReader): readonly PublicKey[] {
  return reader.vector((inner) => {
    const bytes = inner.bytes();
    const key = bytes.length === PUBLIC_KEY_SIZE ? parsePublicKey(bytes.slice()) : undefined;
    return key ?? inner.fail("BAD_VALUE", "not a public key");
  });
}

/** An event's type as text, as events are compared by. */
function eventName(text: string): string {
  return formatStructTag(makeStructTag(text));
}

function u32(value: number): Uint8Array {
  return encodeBcs((writer) => writer.u32(value));
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}
