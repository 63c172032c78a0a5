/**
 * The records of `rooch::state_channel` as plain data, out of the BCS that its views return. Field
 * by field as the Move structs have them; what they mean for the channel is `channel-view.ts`.
 */

import type { Configuration, HeaderRef, Seat } from "#channel";
import type { Address } from "#core/address.ts";
import { BcsError, type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type PublicKey, parsePublicKey } from "#core/ed25519.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import { trouble } from "../settlement-error.ts";

export const STANDING_PENDING = 0;
export const STANDING_ADMITTED = 1;
export const STANDING_LEFT = 2;

export const KIND_SETTLEMENT = 1;
export const KIND_PUNISHMENT = 2;

export const STATUS_OPEN = 0;
export const STATUS_EXECUTED = 1;
export const STATUS_REPLACED = 2;

export interface MemberRecord {
  readonly seat: Seat;
  /** 0 pending, 1 admitted, 2 left, 3 removed, 4 punished. */
  readonly standing: number;
  readonly stake: bigint;
  readonly hasAsset: boolean;
  /** Active time, in milliseconds. */
  readonly lastAliveMs: bigint;
}

export interface ConfigRecord {
  readonly stake: bigint;
  readonly disputeWindowMs: bigint;
  readonly challengeWindowMs: bigint;
  readonly exclusionWindowMs: bigint;
  readonly membersMax: bigint;
  /** Whether stakes are exposures of what members hold in the shared stake. */
  readonly isStakeShared: boolean;
  /** Empty where the channel has no ticks. */
  readonly tickFunction: string;
  readonly tickIntervalMs: bigint;
  readonly executionProfile: Hash;
}

export interface SettledRecord {
  readonly index: bigint;
  readonly height: bigint;
  readonly reference: HeaderRef;
  readonly configuration: bigint;
  /** Undefined before the first settlement. */
  readonly stateRoot: Hash | undefined;
}

export interface ChannelRecord {
  readonly id: bigint;
  readonly hash: Hash;
  readonly creator: Address;
  readonly stateType: string;
  readonly stateAddress: Address;
  readonly assetType: string;
  /** False where the asset type stands for none. */
  readonly hasAssets: boolean;
  readonly coinType: string;
  readonly config: ConfigRecord;
  readonly closed: boolean;
  /** A settlement ended the channel: any member may close it. */
  readonly ending: boolean;
  readonly members: readonly MemberRecord[];
  readonly term: bigint;
  /** Zero where nobody leads. */
  readonly leader: bigint;
  readonly configuration: bigint;
  readonly settled: SettledRecord;
  readonly fence: HeaderRef;
  readonly proposalCount: bigint;
  readonly openProposals: readonly bigint[];
  /** Zero where none is. */
  readonly pendingSettlement: bigint;
  /** Punished seats that are still in the configuration. */
  readonly exclusions: readonly { readonly seat: bigint; readonly dueMs: bigint }[];
  /** Votes in elections of leaders that seats have lent to others. */
  readonly delegations: readonly { readonly from: bigint; readonly to: bigint }[];
  /** What is owed for proofs of offences, by the seat that was fined. */
  readonly rewards: readonly {
    readonly seat: bigint;
    readonly receiver: Address;
    readonly amount: bigint;
  }[];
}

export interface ProposalRecord {
  readonly id: bigint;
  readonly kind: number;
  readonly proposer: bigint;
  /** 0 open, 1 executed, 2 replaced, 3 void. */
  readonly status: number;
  /** Active time, in milliseconds. */
  readonly createdMs: bigint;
  /** SHA-256 of the data. */
  readonly hash: Hash;
  readonly data: Uint8Array;
  readonly voters: readonly bigint[];
  readonly holders: readonly bigint[];
  readonly votes: readonly { readonly seat: bigint; readonly option: number }[];
}

/** Decodes all of `bytes`; anything unexpected is BAD_ANSWER. */
export function decodeRecord<T>(bytes: Uint8Array, read: (reader: BcsReader) => T): T {
  try {
    return decodeBcs(bytes, read);
  } catch (error) {
    if (!(error instanceof BcsError)) throw error;
    const what = `the chain's record cannot be read (${error.message})`;
    throw trouble("BAD_ANSWER", what, undefined, error);
  }
}

export function readChannel(reader: BcsReader): ChannelRecord {
  const identity = {
    id: reader.u64(),
    hash: readHash(reader),
    creator: reader.address(),
    stateType: reader.string(),
    stateAddress: reader.address(),
    assetType: reader.string(),
    hasAssets: reader.bool(),
    coinType: reader.string(),
    config: readConfig(reader),
    closed: reader.bool(),
    ending: reader.bool(),
    members: reader.vector(readMember),
  };
  reader.u64(); // next seat
  const standing = {
    term: reader.u64(),
    leader: reader.u64(),
    configuration: reader.u64(),
    settled: readSettled(reader),
    fence: readHeaderRef(reader),
    proposalCount: reader.u64(),
    openProposals: reader.vector((item) => item.u64()),
    pendingSettlement: reader.u64(),
  };
  reader.u64(); // executing
  reader.vector((item) => [item.u64(), item.u64(), item.u64()]); // removals
  reader.vector((item) => [item.address(), item.u64()]); // bans
  const exclusions = reader.vector((item) => ({ seat: item.u64(), dueMs: item.u64() }));
  const delegations = reader.vector((item) => ({ from: item.u64(), to: item.u64() }));
  const rewards = reader.vector(readReward);
  return { ...identity, ...standing, exclusions, delegations, rewards };
}

function readReward(reader: BcsReader): ChannelRecord["rewards"][number] {
  const seat = reader.u64();
  reader.address(); // whose seat it was
  return { seat, receiver: reader.address(), amount: reader.u64() };
}

export function readProposal(reader: BcsReader): ProposalRecord {
  const proposal = {
    id: reader.u64(),
    kind: reader.u8(),
    proposer: reader.u64(),
    status: reader.u8(),
    createdMs: reader.u64(),
    hash: readHash(reader),
    data: reader.bytes().slice(),
  };
  reader.u64(); // configuration
  const votes = {
    voters: reader.vector((item) => item.u64()),
    holders: reader.vector((item) => item.u64()),
    votes: reader.vector((item) => ({ seat: item.u64(), option: item.u8() })),
  };
  reader.vector((item) => {
    item.u64(); // from height
    item.u64(); // to height
    readHeaderRef(item);
    item.u64(); // configuration
    item.bytes(); // state root
    item.bool(); // ends the channel
  });
  reader.u64(); // accused
  return { ...proposal, ...votes };
}

export function readConfiguration(reader: BcsReader): Configuration {
  return { number: reader.u64(), seats: reader.vector(readSeat) };
}

export function readSeat(reader: BcsReader): Seat {
  return {
    seat: reader.u64(),
    address: reader.address(),
    memberKey: readKey(reader),
    nodeKey: readKey(reader),
    revealTip: readHash(reader),
  };
}

export function readHeaderRef(reader: BcsReader): HeaderRef {
  return {
    epoch: { term: reader.u64(), view: reader.u64() },
    number: reader.u64(),
    hash: readHash(reader),
  };
}

/** A `vector<u8>` of 32 bytes. */
export function readHash(reader: BcsReader): Hash {
  return parseHash(reader.bytes().slice()) ?? reader.fail("BAD_VALUE", "not a hash");
}

function readKey(reader: BcsReader): PublicKey {
  return parsePublicKey(reader.bytes().slice()) ?? reader.fail("BAD_VALUE", "not a key");
}

function readConfig(reader: BcsReader): ConfigRecord {
  const config = {
    stake: reader.u64(),
    disputeWindowMs: reader.u64(),
    challengeWindowMs: reader.u64(),
    exclusionWindowMs: reader.u64(),
    membersMax: reader.u64(),
    isStakeShared: reader.bool(),
    tickFunction: reader.string(),
    tickIntervalMs: reader.u64(),
    executionProfile: readHash(reader),
  };
  reader.vector((item) => [item.string(), item.address()]); // labels
  return config;
}

function readMember(reader: BcsReader): MemberRecord {
  const member = {
    seat: readSeat(reader),
    standing: reader.u8(),
    stake: reader.u64(),
    hasAsset: reader.bool(),
    lastAliveMs: reader.u64(),
  };
  reader.u64(); // when an unadmitted join may be taken back
  reader.u64(); // header with which the seat ended
  return member;
}

function readSettled(reader: BcsReader): SettledRecord {
  const settled = {
    index: reader.u64(),
    height: reader.u64(),
    reference: readHeaderRef(reader),
    configuration: reader.u64(),
  };
  const root = reader.bytes().slice();
  if (root.length === 0) return { ...settled, stateRoot: undefined };
  const stateRoot = parseHash(root) ?? reader.fail("BAD_VALUE", "not a state root");
  return { ...settled, stateRoot };
}
