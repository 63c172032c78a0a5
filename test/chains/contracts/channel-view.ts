// What the views of 0x20::state_channel return, decoded by the layouts of the contracts' README.
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { parsePublicKey } from "#core/ed25519.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import type { Configuration, HeaderRef, Seat } from "../../../src/channel/messages.ts";

export type Standing = "pending" | "admitted" | "left" | "removed" | "punished";
const STANDINGS: readonly Standing[] = ["pending", "admitted", "left", "removed", "punished"];

export interface MemberView {
  readonly seat: Seat;
  readonly standing: Standing;
  readonly stake: bigint;
  readonly hasAsset: boolean;
  readonly lastAliveMs: bigint;
  readonly cancelAtMs: bigint;
  readonly outAtNumber: bigint;
}

export interface ChannelView {
  readonly id: bigint;
  readonly hash: Hash;
  readonly creator: Address;
  readonly stateType: string;
  readonly stateAddress: Address;
  readonly assetType: string;
  readonly hasAssets: boolean;
  readonly coinType: string;
  readonly config: ConfigView;
  readonly closed: boolean;
  readonly ending: boolean;
  readonly members: readonly MemberView[];
  readonly nextSeat: bigint;
  readonly term: bigint;
  readonly leader: bigint;
  readonly configuration: bigint;
  readonly settled: {
    readonly index: bigint;
    readonly height: bigint;
    readonly header: HeaderRef;
    readonly configuration: bigint;
    readonly stateRoot: Uint8Array;
  };
  readonly fence: HeaderRef;
  readonly proposalCount: bigint;
  readonly openProposals: readonly bigint[];
  readonly pendingSettlement: bigint;
  readonly executing: bigint;
  readonly removals: readonly { accused: bigint; configuration: bigint; dueMs: bigint }[];
  readonly bans: readonly { address: Address; untilMs: bigint }[];
  readonly exclusions: readonly { seat: bigint; dueMs: bigint }[];
  readonly delegations: readonly { from: bigint; to: bigint }[];
  readonly rewards: readonly {
    seat: bigint;
    offender: Address;
    receiver: Address;
    amount: bigint;
  }[];
}

export interface ConfigView {
  readonly stake: bigint;
  readonly disputeWindowMs: bigint;
  readonly challengeWindowMs: bigint;
  readonly exclusionWindowMs: bigint;
  readonly membersMax: bigint;
  readonly isStakeShared: boolean;
  readonly tickFunction: string;
  readonly tickIntervalMs: bigint;
  readonly executionProfile: Uint8Array;
  readonly labels: readonly { name: string; value: Address }[];
}

export interface ProposalView {
  readonly id: bigint;
  readonly kind: number;
  readonly proposer: bigint;
  readonly status: number;
  readonly createdMs: bigint;
  readonly hash: Uint8Array;
  readonly data: Uint8Array;
  readonly configuration: bigint;
  readonly voters: readonly bigint[];
  readonly holders: readonly bigint[];
  readonly votes: readonly { seat: bigint; option: number }[];
}

export function decodeChannel(bytes: Uint8Array): ChannelView {
  return decodeBcs(bytes, (reader) => ({
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
    nextSeat: reader.u64(),
    term: reader.u64(),
    leader: reader.u64(),
    configuration: reader.u64(),
    settled: {
      index: reader.u64(),
      height: reader.u64(),
      header: readRef(reader),
      configuration: reader.u64(),
      stateRoot: reader.bytes(),
    },
    fence: readRef(reader),
    proposalCount: reader.u64(),
    openProposals: reader.vector((item) => item.u64()),
    pendingSettlement: reader.u64(),
    executing: reader.u64(),
    removals: reader.vector((item) => ({
      accused: item.u64(),
      configuration: item.u64(),
      dueMs: item.u64(),
    })),
    bans: reader.vector((item) => ({ address: item.address(), untilMs: item.u64() })),
    exclusions: reader.vector((item) => ({ seat: item.u64(), dueMs: item.u64() })),
    delegations: reader.vector((item) => ({ from: item.u64(), to: item.u64() })),
    rewards: reader.vector((item) => ({
      seat: item.u64(),
      offender: item.address(),
      receiver: item.address(),
      amount: item.u64(),
    })),
  }));
}

export function decodeConfiguration(bytes: Uint8Array): Configuration {
  return decodeBcs(bytes, (reader) => ({
    number: reader.u64(),
    seats: reader.vector(readSeat),
  }));
}

export function decodeRefs(bytes: Uint8Array): HeaderRef[] {
  return decodeBcs(bytes, (reader) => reader.vector(readRef));
}

/** Without what a proposal keeps of the header it settles. */
export function decodeProposal(bytes: Uint8Array): ProposalView {
  return decodeBcs(bytes, (reader) => {
    const proposal = {
      id: reader.u64(),
      kind: reader.u8(),
      proposer: reader.u64(),
      status: reader.u8(),
      createdMs: reader.u64(),
      hash: reader.bytes(),
      data: reader.bytes(),
      configuration: reader.u64(),
      voters: reader.vector((item) => item.u64()),
      holders: reader.vector((item) => item.u64()),
      votes: reader.vector((item) => ({ seat: item.u64(), option: item.u8() })),
    };
    reader.vector((item) => {
      item.u64();
      item.u64();
      readRef(item);
      item.u64();
      item.bytes();
      return item.bool();
    });
    reader.u64();
    return proposal;
  });
}

function readConfig(reader: BcsReader): ConfigView {
  return {
    stake: reader.u64(),
    disputeWindowMs: reader.u64(),
    challengeWindowMs: reader.u64(),
    exclusionWindowMs: reader.u64(),
    membersMax: reader.u64(),
    isStakeShared: reader.bool(),
    tickFunction: reader.string(),
    tickIntervalMs: reader.u64(),
    executionProfile: reader.bytes(),
    labels: reader.vector((item) => ({ name: item.string(), value: item.address() })),
  };
}

function readMember(reader: BcsReader): MemberView {
  return {
    seat: readSeat(reader),
    standing: present(STANDINGS[reader.u8()], "a member has a known standing"),
    stake: reader.u64(),
    hasAsset: reader.bool(),
    lastAliveMs: reader.u64(),
    cancelAtMs: reader.u64(),
    outAtNumber: reader.u64(),
  };
}

function readSeat(reader: BcsReader): Seat {
  return {
    seat: reader.u64(),
    address: reader.address(),
    memberKey: present(parsePublicKey(reader.bytes()), "a key has 32 bytes"),
    nodeKey: present(parsePublicKey(reader.bytes()), "a key has 32 bytes"),
    revealTip: readHash(reader),
  };
}

function readRef(reader: BcsReader): HeaderRef {
  return {
    epoch: { term: reader.u64(), view: reader.u64() },
    number: reader.u64(),
    hash: readHash(reader),
  };
}

function readHash(reader: BcsReader): Hash {
  return present(parseHash(reader.bytes()), "a hash has 32 bytes");
}
