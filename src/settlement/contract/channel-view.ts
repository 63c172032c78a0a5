/**
 * Puts a channel together as the channel's core wants it, out of the contract's records. Remembers
 * what a settled header fixes, and nothing that the chain may still take back.
 */

import type {
  ChainChannel,
  ChainMember,
  ChainProposal,
  Configuration,
  ForcedConfiguration,
  HeaderRef,
} from "#channel";
import { present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import { toHex } from "#core/bytes.ts";
import { type Hash, ZERO_HASH } from "#core/hash.ts";
import { parseStructTag, type StructTag } from "#core/type-tag.ts";
import type { ViewSource } from "../chain-access.ts";
import { trouble } from "../settlement-error.ts";
import {
  getAsset,
  getCeiling,
  getChannel,
  getConfiguration,
  getProfile,
  getProposal,
  getTime,
  hasChannel,
} from "./calls.ts";
import { type Demanded, readDemanded } from "./demands.ts";
import { readExits } from "./exits.ts";
import { readForcedCalls } from "./forced-calls.ts";
import { hasPassed, isDefeated, type Moment } from "./quorum.ts";
import {
  type ChannelRecord,
  decodeRecord,
  KIND_PUNISHMENT,
  KIND_SETTLEMENT,
  type MemberRecord,
  type ProposalRecord,
  readChannel,
  readConfiguration,
  readHash,
  readHeaderRef,
  readProposal,
  STANDING_ADMITTED,
  STANDING_LEFT,
  STATUS_EXECUTED,
  STATUS_OPEN,
  STATUS_REPLACED,
} from "./records.ts";

/**
 * Proposals that a view holds besides the open ones: the newest, so that their outcome can be seen.
 */
const PAST_PROPOSALS_MAX = 4n;

/** Reads one chain's channels. */
export interface ChannelReader {
  /** Undefined when there is no such channel. */
  channel(id: bigint): Promise<ChainChannel | undefined>;
  /** The contract's own record of it. */
  record(id: bigint): Promise<ChannelRecord | undefined>;
  proposal(id: bigint, proposal: bigint): Promise<ProposalRecord>;
}

interface Remembered {
  readonly known: Set<bigint>;
  /** By channel. */
  readonly memories: Map<bigint, Memory>;
  /** Answers to demands by the hex of their hash, by channel. */
  readonly answers: Map<bigint, Map<string, Uint8Array>>;
}

/**
 * What cannot change while a channel's settled header is the same, whatever the chain takes back:
 * only what came before that header. Everything newer may be undone and be something else the next
 * time, under the same number, and is read anew.
 */
interface Memory {
  /** The channel and its settled header. */
  readonly of: string;
  readonly configurations: Map<bigint, Configuration>;
  /** What ended a configuration that is not the latest any more. */
  readonly ceilings: Map<bigint, HeaderRef | undefined>;
  readonly pastProposals: Map<bigint, ProposalRecord>;
  /** By seat and owner. */
  readonly assets: Map<string, Uint8Array>;
  profile: Hash | undefined;
}

/** @param source what each question is asked of; of one question everything. */
export function createChannelReader(source: () => Promise<ViewSource>): ChannelReader {
  const remembered: Remembered = {
    known: new Set(),
    memories: new Map(),
    answers: new Map(),
  };
  return {
    channel: async (id) => {
      const access = await source();
      const record = await channelRecord(remembered, access, id);
      return record && assemble(remembered, access, record);
    },
    record: async (id) => channelRecord(remembered, await source(), id),
    proposal: async (id, number) => readProposalOf(await source(), id, number),
  };
}

function memoryOf({ memories }: Remembered, { id, hash, settled }: ChannelRecord): Memory {
  const of = `${toHex(hash)}/${settled.index}/${toHex(settled.reference.hash)}`;
  const known = memories.get(id);
  if (known?.of === of) return known;
  const made: Memory = {
    of,
    configurations: new Map(),
    ceilings: new Map(),
    pastProposals: new Map(),
    assets: new Map(),
    profile: undefined,
  };
  memories.set(id, made);
  return made;
}

async function channelRecord(
  { known }: Remembered,
  access: ViewSource,
  id: bigint,
): Promise<ChannelRecord | undefined> {
  if (!known.has(id)) {
    const [answer] = await access.view(hasChannel(id));
    if (!decodeRecord(present(answer, "a view of one value"), (reader) => reader.bool())) {
      return undefined;
    }
    known.add(id);
  }
  try {
    const [bytes] = await access.view(getChannel(id));
    return decodeRecord(present(bytes, "a view of one value"), readChannel);
  } catch (error) {
    // Its creation may have been undone: then the next question is whether there is one.
    known.delete(id);
    throw error;
  }
}

async function assemble(
  remembered: Remembered,
  access: ViewSource,
  record: ChannelRecord,
): Promise<ChainChannel> {
  const { id, config, settled } = record;
  const memory = memoryOf(remembered, record);
  const reading: Reading = { access, record, memory };
  const assetType = structTag(record.assetType);
  const [activeMs, configuration, settledUnder, forced, members, exits, demanded, forcedCalls] =
    await Promise.all([
      activeTimeMs(access),
      configurationOf(reading, record.configuration),
      configurationOf(reading, settled.configuration),
      forcedConfiguration(reading),
      chainMembers(reading, assetType),
      readExits(access, id),
      demandedOf(remembered, access, id),
      readForcedCalls(access, id),
    ]);
  const executionProfile = await profileOf(reading);
  const proposals = await chainProposals(reading, {
    disputeWindowMs: config.disputeWindowMs,
    activeMs,
    seatCount: configuration.seats.length,
  });
  const hasTicks = config.tickFunction !== "";
  return {
    id,
    channel: record.hash,
    creator: record.creator,
    stateType: structTag(record.stateType),
    assetType,
    executionProfile,
    stake: config.stake,
    settings: {
      disputeWindow: config.disputeWindowMs,
      removalWindow: config.challengeWindowMs,
      // The contract names no start: ticks are counted from 1970.
      tick: hasTicks ? { start: 0n, interval: config.tickIntervalMs } : undefined,
    },
    settled: {
      height: settled.height,
      header: settled.reference,
      stateRoot: settled.stateRoot ?? ZERO_HASH,
      configuration: settledUnder,
      index: settled.index,
    },
    term: record.term,
    leader: record.leader === 0n ? undefined : record.leader,
    members,
    configuration,
    fence: record.fence,
    forced,
    exclusions: record.exclusions.map(({ seat, dueMs }) => ({ seat, due: dueMs })),
    proposals,
    exits,
    ...demanded,
    forcedCalls,
    judges: access.canReexecute,
    closed: record.closed,
    now: activeMs,
  };
}

/** What is demanded of the channel's settlements, and what was answered. */
function demandedOf({ answers }: Remembered, access: ViewSource, id: bigint): Promise<Demanded> {
  const known = answers.get(id) ?? new Map<string, Uint8Array>();
  answers.set(id, known);
  return readDemanded(access, id, known);
}

/** One channel as it is being read. */
interface Reading {
  readonly access: ViewSource;
  readonly record: ChannelRecord;
  readonly memory: Memory;
}

/** What the chain pinned when the channel was created; it never changes. */
async function profileOf({ access, record, memory }: Reading): Promise<Hash> {
  if (memory.profile === undefined) {
    const [bytes] = await access.view(getProfile(record.id));
    memory.profile = decodeRecord(present(bytes, "a view of one value"), readHash);
  }
  return memory.profile;
}

async function activeTimeMs(access: ViewSource): Promise<bigint> {
  const [active] = await access.view(getTime());
  return decodeRecord(present(active, "a view of two values"), (reader) => reader.u64());
}

async function configurationOf(
  { access, record, memory }: Reading,
  number: bigint,
): Promise<Configuration> {
  const known = memory.configurations.get(number);
  if (known !== undefined) return known;
  const [bytes] = await access.view(getConfiguration(record.id, number));
  const read = decodeRecord(present(bytes, "a view of one value"), readConfiguration);
  if (number <= record.settled.configuration) memory.configurations.set(number, read);
  return read;
}

/** The latest configuration that the chain itself made: the one above the highest that it ended. */
async function forcedConfiguration(reading: Reading): Promise<ForcedConfiguration | undefined> {
  for (let number = reading.record.configuration - 1n; number >= 0n; number--) {
    const fence = await ceilingOf(reading, number);
    if (fence !== undefined) {
      return { configuration: await configurationOf(reading, number + 1n), fence };
    }
  }
  return undefined;
}

async function ceilingOf(
  { access, record, memory }: Reading,
  number: bigint,
): Promise<HeaderRef | undefined> {
  if (memory.ceilings.has(number)) return memory.ceilings.get(number);
  const [bytes] = await access.view(getCeiling(record.id, number));
  const read = (reader: BcsReader) => reader.vector(readHeaderRef)[0];
  const ceiling = decodeRecord(present(bytes, "a view of one value"), read);
  // The settled header's own may be ended yet.
  if (number < record.settled.configuration) memory.ceilings.set(number, ceiling);
  return ceiling;
}

async function chainMembers(
  reading: Reading,
  assetType: StructTag,
): Promise<readonly ChainMember[]> {
  return Promise.all(
    reading.record.members.map(async (member): Promise<ChainMember> => {
      const asset = await assetOf(reading, assetType, member);
      return {
        ...member.seat,
        lastAlive: member.lastAliveMs,
        stake: member.stake,
        standing: standingOf(member),
        asset,
      };
    }),
  );
}

function standingOf({ standing }: MemberRecord): ChainMember["standing"] {
  if (standing <= STANDING_ADMITTED) return "joined";
  return standing === STANDING_LEFT ? "out" : "removed";
}

async function assetOf(
  { access, record: { id, hasAssets }, memory }: Reading,
  assetType: StructTag,
  { seat, hasAsset }: MemberRecord,
): Promise<Uint8Array | undefined> {
  if (!hasAsset || !hasAssets) return undefined;
  const name = `${seat.seat}/${seat.address}`;
  const known = memory.assets.get(name);
  if (known !== undefined) return known;
  const [bytes] = await access.view(getAsset(assetType, id, seat.seat));
  const asset = decodeRecord(present(bytes, "a view of one value"), (reader) =>
    reader.bytes().slice(),
  );
  memory.assets.set(name, asset);
  return asset;
}

async function chainProposals(reading: Reading, moment: Moment): Promise<readonly ChainProposal[]> {
  const { proposalCount, openProposals } = reading.record;
  const wanted = new Set(openProposals);
  for (let number = proposalCount; number > 0n; number--) {
    if (number + PAST_PROPOSALS_MAX <= proposalCount) break;
    wanted.add(number);
  }
  const numbers = [...wanted].sort((a, b) => (a < b ? -1 : 1));
  const records = await Promise.all(numbers.map((number) => proposalRecord(reading, number)));
  return records.map((proposal) => chainProposal(proposal, moment));
}

async function proposalRecord(
  { access, record, memory }: Reading,
  number: bigint,
): Promise<ProposalRecord> {
  const isOpen = record.openProposals.includes(number);
  const past = isOpen ? undefined : memory.pastProposals.get(number);
  if (past !== undefined) return past;
  const proposal = await readProposalOf(access, record.id, number);
  if (!isOpen && proposal.status !== STATUS_OPEN) memory.pastProposals.set(number, proposal);
  return proposal;
}

async function readProposalOf(
  access: ViewSource,
  id: bigint,
  number: bigint,
): Promise<ProposalRecord> {
  const [bytes] = await access.view(getProposal(id, number));
  return decodeRecord(present(bytes, "a view of one value"), readProposal);
}

export function chainProposal(proposal: ProposalRecord, moment: Moment): ChainProposal {
  const { id, kind, proposer, data, votes, voters, holders } = proposal;
  if (kind !== KIND_SETTLEMENT && kind !== KIND_PUNISHMENT) {
    throw trouble("BAD_ANSWER", `proposal ${id} is of unknown kind ${kind}`);
  }
  return {
    id,
    type: kind,
    proposer,
    data,
    voters: [...new Set([...voters, ...holders])].sort((a, b) => (a < b ? -1 : 1)),
    votes: votes.map(({ seat, option }) => ({ seat, option: voteOption(option) })),
    status: statusOf(proposal, moment),
  };
}

function statusOf(proposal: ProposalRecord, moment: Moment): ChainProposal["status"] {
  switch (proposal.status) {
    case STATUS_OPEN:
      if (isDefeated(proposal, moment)) return "void";
      return hasPassed(proposal, moment) ? "passed" : "open";
    case STATUS_EXECUTED:
      return "executed";
    case STATUS_REPLACED:
      return "replaced";
    default:
      return "void";
  }
}

export function voteOption(option: number): 0 | 1 | 2 {
  if (option === 0 || option === 1 || option === 2) return option;
  throw trouble("BAD_ANSWER", `a vote of unknown kind ${option}`);
}

function structTag(text: string): StructTag {
  const tag = parseStructTag(text);
  if (tag === undefined) throw trouble("BAD_ANSWER", `${text} is no struct type`);
  return tag;
}
