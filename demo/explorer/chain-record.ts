// The channel and its proposals as the chain's contracts hold them, in plain data.

import type { JsValue } from "holdfast/sandbox";
import { bigOf, type Fields, fieldsOf, hexOf, listOf, numberOf, textOf } from "./fields.ts";

/** By the contract's numbers. */
const STATUSES = ["open", "executed", "replaced", "void"] as const;
const KIND_PUNISHMENT = 2;
const VOTE_YES = 1;
/** From here on a member is no more at the table. */
const STANDING_LEFT = 2;

export interface ProposalRecord {
  readonly id: bigint;
  readonly kind: "settlement" | "punishment";
  readonly proposer: bigint;
  readonly accused: bigint;
  readonly status: (typeof STATUSES)[number];
  /** Seats whose vote counts, who has left since the last settlement included. */
  readonly voters: readonly bigint[];
  readonly votes: readonly { readonly seat: bigint; readonly isYes: boolean }[];
}

export interface ChannelRecord {
  readonly id: bigint;
  readonly creator: string;
  readonly isClosed: boolean;
  /** How long an exit waits for a later state. */
  readonly exitWindowMs: number;
  readonly configuration: bigint;
  readonly settledHeight: bigint;
  readonly stateRoot: string;
  readonly proposalCount: bigint;
  /** Seats ever held whose record still stands. */
  readonly members: readonly {
    readonly seat: bigint;
    readonly address: string;
    readonly stake: bigint;
    /** Left, removed or thrown out, with something still to fetch. */
    readonly isOut: boolean;
  }[];
  /** Milliseconds since 1970, by address. */
  readonly bans: ReadonlyMap<string, number>;
}

export function channelRecord(value: JsValue | undefined): ChannelRecord | undefined {
  const channel = fieldsOf(value);
  const settled = fieldsOf(channel?.["settled"]);
  const id = bigOf(channel?.["id"]);
  const settledHeight = bigOf(settled?.["height"]);
  if (channel === undefined || id === undefined || settledHeight === undefined) return undefined;
  return {
    id,
    creator: textOf(channel["creator"]) ?? "",
    isClosed: channel["closed"] === true,
    exitWindowMs: Number(bigOf(fieldsOf(channel["config"])?.["challenge_window_ms"]) ?? 0n),
    configuration: bigOf(channel["configuration"]) ?? 0n,
    settledHeight,
    stateRoot: hexOf(settled?.["state_root"]) ?? "",
    proposalCount: bigOf(channel["proposal_count"]) ?? 0n,
    members: listOf(channel["members"]).flatMap(memberRecord),
    bans: new Map(listOf(channel["bans"]).flatMap(banEntry)),
  };
}

function memberRecord(value: JsValue): ChannelRecord["members"] {
  const member = fieldsOf(value);
  const seat = fieldsOf(member?.["seat"]);
  const id = bigOf(seat?.["seat"]);
  const address = textOf(seat?.["address"]);
  const stake = bigOf(member?.["stake"]);
  if (id === undefined || address === undefined || stake === undefined) return [];
  const isOut = (numberOf(member?.["standing"]) ?? 0) >= STANDING_LEFT;
  return [{ seat: id, address, stake, isOut }];
}

function banEntry(value: JsValue): [string, number][] {
  const ban = fieldsOf(value);
  const address = textOf(ban?.["address"]);
  const untilMs = bigOf(ban?.["until_ms"]);
  return address === undefined || untilMs === undefined ? [] : [[address, Number(untilMs)]];
}

export function proposalRecord(value: JsValue | undefined): ProposalRecord | undefined {
  const proposal = fieldsOf(value);
  const id = bigOf(proposal?.["id"]);
  if (proposal === undefined || id === undefined) return undefined;
  return {
    id,
    kind: numberOf(proposal["kind"]) === KIND_PUNISHMENT ? "punishment" : "settlement",
    proposer: bigOf(proposal["proposer"]) ?? 0n,
    accused: bigOf(proposal["accused"]) ?? 0n,
    status: STATUSES[numberOf(proposal["status"]) ?? 0] ?? "open",
    voters: [...new Set([...seatsOf(proposal["voters"]), ...seatsOf(proposal["holders"])])],
    votes: listOf(proposal["votes"]).flatMap((vote) => voteOf(fieldsOf(vote))),
  };
}

function seatsOf(value: JsValue | undefined): readonly bigint[] {
  return listOf(value).flatMap((seat) => bigOf(seat) ?? []);
}

function voteOf(vote: Fields | undefined): ProposalRecord["votes"] {
  const seat = bigOf(vote?.["seat"]);
  if (seat === undefined) return [];
  return [{ seat, isYes: numberOf(vote?.["option"]) === VOTE_YES }];
}
