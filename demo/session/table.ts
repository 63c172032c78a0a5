// What is known at a point of time about the channel, gathered from the node and the chain, and the
// view that follows from it. Pure: from what is known to what is shown.
import type { Awaited, ChannelStatus, MemberStatus, Progress } from "holdfast";
import type { ProposalRecord } from "../explorer/chain-record.ts";
import type { ChainNews } from "../explorer/chain-watch.ts";
import { EXIT_BOND } from "../explorer/exit-record.ts";
import type { AnyGame } from "../games/game.ts";
import type { ChainView } from "../view/chain.ts";
import type { ChannelView, ProposalView } from "../view/channel.ts";
import type { MemberView, Route } from "../view/player.ts";
import type { StoredState } from "../view/stored.ts";
import type { Standing } from "../view/view.ts";
import { sameAddress } from "./names.ts";
import type { SeatBook } from "./seat-book.ts";

const SILENT_AFTER_MS = 5_000;
const SECOND_MS = 1_000;
const NOTHING_STORED: StoredState = { state: undefined, asset: undefined };

export interface Table {
  readonly id: bigint;
  readonly status: ChannelStatus;
  readonly progress: Progress;
  /** With what the leader has ordered for this tab and this tab has not executed yet. */
  readonly sequenced: bigint;
  readonly delays: ChannelView["delays"];
  readonly news: ChainNews | undefined;
  readonly self: string;
}

export function channelView(table: Table, seats: SeatBook, nowMs: number): ChannelView {
  const { status, progress, sequenced, delays, news, self } = table;
  const creator = news?.record?.creator;
  const isAtTheTable = status.phase !== "departed" && status.phase !== "closed";
  const isCreator = creator !== undefined && sameAddress(creator, self);
  return {
    id: table.id,
    phase: status.phase,
    term: status.term,
    view: status.view,
    configuration: status.configuration,
    leader: status.leader === undefined ? undefined : seats.bySeat(status.leader),
    heights: { ...progress, sequenced },
    delays,
    members: status.members.map((member) => memberView(member, table, seats)),
    proposals: (news?.proposals ?? []).map((proposal) => proposalView(proposal, seats)),
    waiting: [
      ...exitLines(exitLeftMs(table)),
      ...(isAtTheTable ? status.awaited : []).map((awaited) => awaitedText(awaited, seats, nowMs)),
    ],
    canClose: isCreator || status.members.length === 1,
    exit: {
      bond: EXIT_BOND,
      windowMs: news?.record?.exitWindowMs ?? 0,
      leftMs: exitLeftMs(table),
    },
  };
}

/** Of this tab's own exit. */
function exitLeftMs({ news, self }: Table): number | undefined {
  const seats = (news?.record?.members ?? [])
    .filter(({ address }) => sameAddress(address, self))
    .map(({ seat }) => seat);
  return news?.exits.find(({ seat }) => seats.includes(seat))?.leftMs;
}

function memberView(member: MemberStatus, { status, news }: Table, seats: SeatBook): MemberView {
  const record = news?.record?.members.find(({ seat }) => seat === member.seat);
  return {
    ...seats.bySeat(member.seat),
    address: member.address,
    isYou: member.isSelf,
    isLeader: member.isLeader,
    presence: presenceOf(member, record?.isOut === true),
    seenMsAgo: member.silentMs,
    route: routeOf(member, status, seats),
  };
}

function presenceOf(member: MemberStatus, isOut: boolean): MemberView["presence"] {
  if (!member.isAdmitted) return isOut ? "out" : "joining";
  const isSilent = (member.silentMs ?? Number.POSITIVE_INFINITY) > SILENT_AFTER_MS;
  return isSilent && !member.isSelf ? "silent" : "here";
}

function routeOf(member: MemberStatus, { via, delayMs }: ChannelStatus, seats: SeatBook): Route {
  if (member.isSelf) return { type: "self" };
  if (member.isLeader && via !== undefined) {
    return { type: "relay", via: seats.bySeat(via).name, delayMs };
  }
  if (!member.isConnected) return { type: "none" };
  return { type: "direct", delayMs: member.delayMs };
}

function proposalView(proposal: ProposalRecord, seats: SeatBook): ProposalView {
  return {
    id: proposal.id,
    kind: proposal.kind,
    proposer: seats.bySeat(proposal.proposer).name,
    accused: proposal.accused === 0n ? undefined : seats.bySeat(proposal.accused).name,
    isOpen: proposal.status === "open",
    status: proposal.status,
    votes: proposal.votes.map(({ seat, isYes }) => ({ player: seats.bySeat(seat), isYes })),
    votersCount: proposal.voters.length,
    awaited: awaitedVoters(proposal, seats),
  };
}

function awaitedVoters({ status, voters, votes }: ProposalRecord, seats: SeatBook): string[] {
  if (status !== "open") return [];
  const missing = voters.filter((voter) => !votes.some(({ seat }) => seat === voter));
  return missing.map((seat) => seats.bySeat(seat).name);
}

/** What a node can wait for, as a sentence about those whom it waits for. */
const AWAITED: Readonly<Record<Awaited["what"], (who: string) => string>> = {
  snapshot: () => "the state as the others have it",
  headers: (who) => `${who} to send what this tab missed`,
  "view changes": (who) => `${who} to agree to the new leader`,
  leader: () => "a leader to be elected",
  "leader's first header": (who) => `${who} to start leading`,
  "leader's sign": (who) => `${who} to be heard of again, or to be replaced`,
  acks: (who) => `${who} to vouch for the latest moves`,
  removal: (who) => `${who} to be taken out, or to come back`,
  punishment: (who) => `the verdict on ${who}`,
  votes: (who) => `${who} to vote`,
  settlement: () => "the chain to settle what happened, before more may happen",
  order: (who) => `${who} to put this tab's moves in order`,
};

function awaitedText({ what, from, since }: Awaited, seats: SeatBook, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - since) / SECOND_MS));
  const names = from.map((seat) => seats.bySeat(seat).name);
  const who = names.length === 0 ? "the others" : names.join(" and ");
  return `${AWAITED[what](who)}, for ${seconds} s`;
}

/** @param describe what the game says of what the chain stores of it */
function exitLines(leftMs: number | undefined): readonly string[] {
  return leftMs === undefined ? [] : [exitText(leftMs)];
}

function exitText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / SECOND_MS);
  return `your exit: for ${seconds} s more somebody may show the chain a later state`;
}

export function chainView(
  news: ChainNews | undefined,
  url: string | undefined,
  describe: AnyGame["describe"],
): Omit<ChainView, "trouble"> {
  const record = news?.record;
  const stored = news?.stored ?? NOTHING_STORED;
  return {
    url,
    isSilent: news === undefined,
    blocks: news?.blocks ?? [],
    settledHeight: record?.settledHeight,
    stateRoot: record?.stateRoot,
    escrow: record?.members.reduce((sum, { stake }) => sum + stake, 0n),
    stored,
    storedLine: describe(stored),
    details: news?.details,
  };
}

/** How a departure came about, as far as the chain tells. */
export interface Departure {
  /** Stake that the chain returned to this tab's account. */
  readonly returned: bigint;
  /** Stake that it lost by its last punishment. */
  readonly fined: bigint;
}

export interface StandingFacts {
  readonly departure: Departure;
  /** The player has asked to leave, with the others or without them. */
  readonly leaving: "leave" | "exit" | undefined;
  readonly nowMs: number;
}

const ENTERING = "Catching up, and waiting to be let in by the others…";
const EXITING = "Leaving alone: the chain has to open the exit…";
const LEAVING = "Leaving: the others have let this tab go, and the chain has yet to follow…";

/** Where this tab stands when its node reports; the phase decides, the chain gives the details. */
export function standingOf(table: Table, { departure, leaving, nowMs }: StandingFacts): Standing {
  const { phase } = table.status;
  const bannedUntil = banOf(table);
  switch (phase) {
    case "closed":
      return { type: "closed", returned: departure.returned };
    case "departed":
      return bannedUntil !== undefined && bannedUntil > nowMs
        ? { type: "banned", untilMs: bannedUntil, fined: departure.fined }
        : { type: "left", returned: departure.returned };
    case "observing":
      return { type: "starting", step: stepOf(leaving, exitLeftMs(table)) };
    case "electing":
    case "following":
    case "leading":
      return { type: "playing" };
  }
}

function stepOf(leaving: StandingFacts["leaving"], exitLeft: number | undefined): string {
  if (exitLeft !== undefined) return `Waiting for ${exitText(exitLeft)}.`;
  if (leaving === undefined) return ENTERING;
  return leaving === "exit" ? EXITING : LEAVING;
}

function banOf({ news, self }: Table): number | undefined {
  const bans = [...(news?.record?.bans ?? [])];
  return bans.find(([address]) => sameAddress(address, self))?.[1];
}
