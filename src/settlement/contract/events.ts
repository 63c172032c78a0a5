/**
 * The contract's events as the channel's core wants them. Which Move event carries what is known
 * here only.
 */

import type { ChainChannel, ChainEvent, ChainMember } from "#channel";
import type { BcsReader } from "#core/bcs/reader.ts";
import type { Event } from "#core/effects.ts";
import { EVENTS_MODULE, ROOCH } from "./calls.ts";
import { chainProposal, voteOption } from "./channel-view.ts";
import {
  decodeRecord,
  type ProposalRecord,
  readConfiguration,
  readHash,
  readHeaderRef,
  readSeat,
} from "./records.ts";

/** What an event says, before it is completed from the channel's view. */
export type ContractEvent =
  | Exclude<ChainEvent, { readonly type: "memberJoined" | "proposalCreated" }>
  | { readonly type: "memberJoined"; readonly member: ChainMember }
  | { readonly type: "proposalCreated"; readonly proposal: bigint }
  /** Something that only the view shows. */
  | { readonly type: "touched" };

type Reading = (reader: BcsReader) => ContractEvent;

/** By the event's name; every event begins with its channel's id. */
const READINGS: Readonly<Record<string, Reading>> = {
  MemberJoined: (reader) => {
    const seat = readSeat(reader);
    const stake = reader.u64();
    const member = { ...seat, lastAlive: 0n, stake, standing: "joined", asset: undefined } as const;
    return { type: "memberJoined", member };
  },
  MemberLeft: (reader) => {
    const seat = reader.u64();
    reader.u64(); // stake returned
    return { type: "memberLeft", seat };
  },
  LeaderChanged: (reader) => {
    const term = reader.u64();
    const leader = reader.u64();
    readHeaderRef(reader);
    return { type: "leaderChanged", term, leader };
  },
  ConfigurationChanged: (reader) => {
    const configuration = readConfiguration(reader);
    const fence = readHeaderRef(reader);
    const removed = reader.u64();
    // Changes that the channel ordered itself are no news to it.
    if (removed === 0n) return { type: "touched" };
    return { type: "configurationChanged", configuration, fence, removed };
  },
  ProposalCreated: (reader) => {
    const proposal = reader.u64();
    reader.u8(); // kind
    reader.u64(); // proposer
    readHash(reader);
    return { type: "proposalCreated", proposal };
  },
  Voted: (reader) => ({
    type: "voted",
    proposal: reader.u64(),
    seat: reader.u64(),
    option: voteOption(reader.u8()),
  }),
  Settled: (reader) => ({
    type: "settled",
    proposal: reader.u64(),
    height: reader.u64(),
    header: readHeaderRef(reader),
  }),
  Punished: (reader) => ({
    type: "punished",
    seat: reader.u64(),
    fined: reader.u64(),
    bannedUntil: reader.u64(),
  }),
  ChannelClosed: () => ({ type: "closed" }),
};

/** The event if it is one of channel `id`. */
export function readContractEvent(event: Event, id: bigint): ContractEvent | undefined {
  if (event.type.kind !== "struct") return undefined;
  const reading = READINGS[event.type.struct.name];
  return decodeRecord(event.data, (reader) => {
    const channel = reader.u64();
    const read = channel === id ? (reading?.(reader) ?? { type: "touched" as const }) : undefined;
    // The rest of what is not ours, or only shows in the view, is passed over.
    if (read === undefined || read.type === "touched") reader.fixed(reader.remaining);
    return read;
  });
}

/** The number of the proposal that a transaction's events say was created. */
export function createdProposal(events: readonly Event[], id: bigint): bigint | undefined {
  for (const event of events) {
    if (!isContractEvent(event)) continue;
    const read = readContractEvent(event, id);
    if (read?.type === "proposalCreated") return read.proposal;
  }
  return undefined;
}

/** The id of the channel that a transaction's events say was created. */
export function createdChannel(events: readonly Event[]): bigint | undefined {
  for (const event of events) {
    if (!isContractEvent(event) || nameOf(event) !== "ChannelCreated") continue;
    return decodeRecord(event.data, (reader) => {
      const id = reader.u64();
      reader.fixed(reader.remaining);
      return id;
    });
  }
  return undefined;
}

/**
 * What an event means, completed from the view that follows it; undefined when only the view
 * matters.
 */
export function chainEvent(
  event: ContractEvent,
  channel: ChainChannel,
  proposal: ProposalRecord | undefined,
): ChainEvent | undefined {
  switch (event.type) {
    case "touched":
      return undefined;
    case "memberJoined": {
      const current = channel.members.find(({ seat }) => seat === event.member.seat);
      return { type: "memberJoined", member: current ?? event.member };
    }
    case "proposalCreated": {
      const shown = channel.proposals.find(({ id }) => id === event.proposal);
      if (shown !== undefined) return { type: "proposalCreated", proposal: shown };
      if (proposal === undefined) return undefined;
      const made = chainProposal(proposal, {
        disputeWindowMs: channel.settings.disputeWindow,
        activeMs: channel.now,
        seatCount: channel.configuration.seats.length,
      });
      return { type: "proposalCreated", proposal: made };
    }
    default:
      return event;
  }
}

function nameOf({ type }: Event): string | undefined {
  return type.kind === "struct" ? type.struct.name : undefined;
}

function isContractEvent({ type }: Event): boolean {
  if (type.kind !== "struct") return false;
  return type.struct.address === ROOCH && type.struct.module === EVENTS_MODULE.name;
}
