/**
 * What a node is doing and what it waits for (SPEC.md ST9): whoever sees no progress sees here who
 * is awaited, and why.
 */
import type { ChainProposal } from "../chain-view.ts";
import {
  type Configuration,
  compareEpochs,
  type Epoch,
  type Height,
  type Millis,
  type SeatId,
} from "../messages.ts";
import { confirmedHeight } from "./certificates.ts";
import { seatOf } from "./configuration.ts";
import { tipOf } from "./log.ts";
import {
  bestCertified,
  currentEpoch,
  inForce,
  isValidOnChain,
  leaderPeer,
  leaderSeat,
  memberOf,
  ownMember,
  peerOfSeat,
} from "./members.ts";
import type { Phase } from "./phase.ts";
import { isQuorum } from "./quorum.ts";
import { silentSeat } from "./removal.ts";
import type { Machine } from "./state.ts";

export interface MemberStatus {
  readonly seat: SeatId;
  readonly address: string;
  /** In the configuration in force; a member without is not admitted yet, or suspended. */
  readonly hasSeat: boolean;
  readonly isLeader: boolean;
  readonly isSelf: boolean;
  readonly isValidOnChain: boolean;
  /**
   * When something that it signed last came in; undefined for this node and for one never heard.
   */
  readonly heardAt: Millis | undefined;
  readonly rttMs: number | undefined;
  /** The last header it says it holds. */
  readonly reached: bigint | undefined;
}

/** Progress that does not come, from whom, since when. */
export interface Awaited {
  readonly what:
    | "snapshot"
    | "headers"
    | "view changes"
    | "leader"
    | "leader's first header"
    | "leader's sign"
    | "acks"
    | "removal"
    | "punishment"
    | "votes"
    | "settlement"
    | "order";
  readonly seats: readonly SeatId[];
  readonly since: Millis;
}

export interface Status {
  readonly phase: Phase;
  readonly seat: SeatId | undefined;
  readonly epoch: Epoch;
  readonly leader: SeatId | undefined;
  readonly configuration: Configuration;
  /** Last heights of each stage. */
  readonly heights: {
    readonly verified: Height;
    readonly certified: Height;
    readonly confirmed: Height;
    readonly settled: Height;
  };
  readonly members: readonly MemberStatus[];
  /** The path to the leader. */
  readonly route: {
    readonly via: SeatId | undefined;
    readonly delayMs: number | undefined;
    readonly hops: number;
  };
  readonly pendingCalls: number;
  readonly awaited: readonly Awaited[];
}

export function statusOf(machine: Machine): Status {
  const { log, chain, routing } = machine;
  const configuration = inForce(machine);
  return {
    phase: machine.phase,
    seat: ownMember(machine)?.seat,
    epoch: tipOf(log).ref.epoch,
    leader: leaderSeat(machine),
    configuration,
    heights: {
      verified: tipOf(log).height,
      certified: bestCertified(machine).height,
      confirmed: confirmedHeight(machine),
      settled: chain.settled.height,
    },
    members: membersOf(machine, configuration),
    route: {
      via: seatOfPeerId(machine, routing.via),
      delayMs: routing.delayMs,
      hops: routing.hops,
    },
    pendingCalls: machine.own.filter(({ height }) => height === undefined).length,
    awaited: awaitedBy(machine, configuration),
  };
}

function seatOfPeerId(machine: Machine, peer: string | undefined): SeatId | undefined {
  return machine.chain.members.find(({ seat }) => peerOfSeat(machine, seat) === peer)?.seat;
}

function membersOf(machine: Machine, configuration: Configuration): readonly MemberStatus[] {
  const own = ownMember(machine);
  const leader = leaderSeat(machine);
  return machine.chain.members.map((member) => {
    const peer = peerOfSeat(machine, member.seat);
    const state = peer === undefined ? undefined : machine.peers.get(peer);
    return {
      seat: member.seat,
      address: member.address,
      hasSeat: seatOf(configuration, member.seat) !== undefined,
      isLeader: leader === member.seat,
      isSelf: member.seat === own?.seat,
      isValidOnChain: isValidOnChain(machine, member.seat),
      heardAt: state?.heardAt,
      rttMs: state?.rttMs,
      reached: state?.heartbeat?.tip.number,
    };
  });
}

function awaitedBy(machine: Machine, configuration: Configuration): readonly Awaited[] {
  const { chain, distrust, log, sync, own } = machine;
  const found: Awaited[] = [];
  const seat = leaderSeat(machine);
  const leader = seat === undefined ? [] : [seat];
  const add = (what: Awaited["what"], seats: readonly SeatId[], since: Millis | undefined) =>
    found.push({ what, seats, since: since ?? machine.chainAt });
  if (!machine.isLoaded) add("snapshot", [], sync.askedAt);
  else if (sync.isBehind) add("headers", leader, sync.askedAt);
  const silent = silentSeat(machine);
  if (silent !== undefined) add("removal", [silent], machine.wishSentAt);
  if (distrust !== undefined) add("punishment", [distrust.accused], distrust.since);
  if (chain.leader === undefined) add("leader", [], machine.vacantSince);
  else if (machine.watch.wish !== undefined) add("leader's sign", leader, machine.watch.since);
  else if (compareEpochs(tipOf(log).ref.epoch, currentEpoch(machine)) < 0) {
    addElection(machine, configuration, add);
  }
  addAcks(machine, add);
  const { held } = machine.leadership ?? {};
  if (held !== undefined) add("settlement", [], held.since);
  const waiting = own.find(({ height }) => height === undefined);
  if (waiting !== undefined) add("order", leader, waiting.firstSentAt);
  for (const proposal of chain.proposals) {
    if (proposal.status !== "open") continue;
    add("votes", missingVoters(machine, proposal), machine.openSince.get(proposal.id));
  }
  return found;
}

/**
 * The chain names who may vote: not the accused of an accusation, and on a settlement also who held
 * a seat since the last one. Who was thrown out votes no more.
 */
function missingVoters(machine: Machine, { voters, votes }: ChainProposal): readonly SeatId[] {
  const voted = new Set(votes.map(({ seat }) => seat));
  return voters.filter((seat) => {
    const standing = memberOf(machine, seat)?.standing;
    return standing !== undefined && standing !== "removed" && !voted.has(seat);
  });
}

type Add = (what: Awaited["what"], seats: readonly SeatId[], since: Millis | undefined) => void;

function addElection(machine: Machine, configuration: Configuration, add: Add): void {
  const { leadership, watch } = machine;
  const leader = leaderSeat(machine);
  if (leaderPeer(machine) !== machine.self || leadership === undefined) {
    add("leader's first header", leader === undefined ? [] : [leader], watch.since);
    return;
  }
  const missing = configuration.seats.filter(({ seat }) => !leadership.viewChanges.has(seat));
  add(
    "view changes",
    missing.map(({ seat }) => seat),
    leadership.quorumAt,
  );
}

/** Who has not acknowledged the oldest header without a certificate. */
function addAcks(machine: Machine, add: Add): void {
  const { log, leadership } = machine;
  const item = log.items.find(({ ref }) => ref.number > bestCertified(machine).ref.number);
  if (item === undefined) return;
  const acks = leadership?.acks.get(item.ref.number);
  const missing = item.configuration.seats.filter(({ seat }) => acks?.has(seat) !== true);
  const count = item.configuration.seats.length - missing.length;
  if (leadership === undefined || isQuorum(count, item.configuration.seats.length)) return;
  add(
    "acks",
    missing.map(({ seat }) => seat),
    item.time,
  );
}
