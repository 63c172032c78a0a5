/**
 * Replacing a leader without the chain (SPEC.md EL10 to EL14): when a member gives its leader up,
 * what it says of that, and when a quorum's wishes take it into another view. Wishes bind nobody;
 * the promise of a view change, which does, is made only when a quorum wishes for it. Does not know
 * how an epoch is opened: that is `view-change.ts` and `opening.ts`.
 */
import {
  type Configuration,
  compareEpochs,
  type Epoch,
  type Millis,
  type SeatId,
} from "../messages.ts";
import { seatOf } from "./configuration.ts";
import { aRoundLater, epochAfter, isSameReign, seatLeading } from "./epoch.ts";
import { isBarred } from "./forced-call.ts";
import { tipOf } from "./log.ts";
import {
  bestCertified,
  chainEpoch,
  currentEpoch,
  inForce,
  isLaterView,
  leaderSeat,
  ownSeatIn,
  peerOfSeat,
  wasHeard,
} from "./members.ts";
import { isQuorum } from "./quorum.ts";
import type { Machine } from "./state.ts";
import { promiseEpoch } from "./view-change.ts";

/** Heartbeats that a node may miss before what the last one said counts no more. */
const HEARTBEATS_MISSED_MAX = 3;
/** The times double with every view that certified nothing, this often. */
const DOUBLINGS_MAX = 3;
/**
 * A node that gets to run so much later than it asked to has been held up: more than the timers of
 * a page in the background are.
 */
const HELD_UP_MS = 1_000n;

/** Whether the other seats of a configuration are a quorum without this one. */
export function canDoWithout({ seats }: Configuration, leader: SeatId): boolean {
  const others = seats.filter(({ seat }) => seat !== leader);
  return seats.length > 0 && isQuorum(others.length, seats.length);
}

/** The epoch that this node's heartbeats name: its wish, or what it has promised. */
export function wantedEpoch({ watch, promises }: Machine): Epoch {
  return watch.wish ?? promises.epoch;
}

/** What it did not hear while it could not run is no leader's fault. Called before time goes on. */
export function noteHeldUp({ armedAt, watch }: Machine, now: Millis): void {
  if (armedAt === undefined || now - armedAt <= HELD_UP_MS) return;
  watch.since = now;
  watch.progressAt = now;
}

/** Gives the leader up where it has to be, and enters the view that a quorum wishes for. */
export function followView(machine: Machine): void {
  notePassed(machine);
  noteEpoch(machine);
  const { watch, promises } = machine;
  watch.wish = isGivenUp(machine) ? nextEpoch(machine) : undefined;
  const wished = wishedEpoch(machine);
  if (wished === undefined || compareEpochs(wished, promises.epoch) < 0) return;
  promiseEpoch(machine, wished);
  watch.isPassed = false;
  watch.wish = undefined;
  noteEpoch(machine);
}

/** When this node will give its leader up if nothing happens; empty where it cannot. */
export function suspicionTimes(machine: Machine): readonly Millis[] {
  const leader = leaderSeat(machine);
  if (leader === undefined || !maySuspect(machine, leader)) return [];
  return deadlines(machine, leader);
}

/** Whether the others stayed in an earlier epoch than this node has promised, as they say since. */
function notePassed(machine: Machine): void {
  const { watch, promises, log } = machine;
  const { epoch } = promises;
  if (compareEpochs(tipOf(log).ref.epoch, epoch) >= 0 || !isSameReign(chainEpoch(machine), epoch)) {
    watch.isPassed = false;
    return;
  }
  // Promised a moment ago: nobody can have answered that yet.
  if (!watch.isPassed && compareEpochs(watch.epoch, epoch) < 0) return;
  const { seats } = inForce(machine);
  const earlier = seats.filter(({ seat }) => {
    const peer = peerOfSeat(machine, seat);
    const state = peer === undefined ? undefined : machine.peers.get(peer);
    const said = state?.heartbeat?.epoch;
    const isNews = state !== undefined && state.heartbeatAt > watch.since;
    return isNews && said !== undefined && compareEpochs(said, epoch) < 0;
  });
  if (isQuorum(earlier.length, seats.length)) watch.isPassed = true;
}

function noteEpoch(machine: Machine): void {
  const { watch, now, log } = machine;
  const epoch = currentEpoch(machine);
  const best = bestCertified(machine).ref;
  if (compareEpochs(watch.epoch, epoch) !== 0) {
    const isFailure = isSameReign(watch.epoch, epoch) && !watch.isProven;
    watch.failures = isFailure ? watch.failures + 1 : 0;
    watch.epoch = epoch;
    watch.since = now;
    watch.progressAt = now;
    watch.isProven = false;
  }
  if (compareEpochs(best.epoch, epoch) === 0) watch.isProven = true;
  const isIdle = best.number === tipOf(log).ref.number;
  if (isIdle || best.number !== watch.certified) watch.progressAt = now;
  watch.certified = best.number;
}

function isGivenUp(machine: Machine): boolean {
  const leader = leaderSeat(machine);
  if (leader === undefined || !isFree(machine)) return false;
  if (hasResigned(machine, leader)) return true;
  if (!maySuspect(machine, leader)) return false;
  if (seatOf(inForce(machine), leader) === undefined) return true;
  return deadlines(machine, leader).some((at) => machine.now >= at);
}

/** In a seat, and bound by nothing that keeps it from acking in this term. */
function isFree(machine: Machine): boolean {
  const { promises, distrust, chain } = machine;
  const isBound = promises.removals.length > 0 || distrust?.term === chain.term;
  return !isBound && ownSeatIn(machine, inForce(machine)) !== undefined;
}

function maySuspect(machine: Machine, leader: SeatId): boolean {
  return isFree(machine) && canDoWithout(inForce(machine), leader);
}

/** Says itself that another had better lead. */
function hasResigned(machine: Machine, leader: SeatId): boolean {
  const peer = peerOfSeat(machine, leader);
  if (peer === machine.self) return isOwnLeadSpent(machine, leader);
  const said = peer === undefined ? undefined : machine.peers.get(peer)?.heartbeat?.epoch;
  return said !== undefined && isLaterView(machine, said);
}

/** Where the chain made it leader and a quorum needs it, it is the chain that replaces it (EL1). */
function isOwnLeadSpent(machine: Machine, own: SeatId): boolean {
  const { leadership, watch, now } = machine;
  if (leadership?.isSpent !== true || now < watch.since + scaled(machine, "openMs")) return false;
  const { seats } = inForce(machine);
  const isByView = seatLeading(currentEpoch(machine)) !== undefined && seats.length > 1;
  return isByView || canDoWithout(inForce(machine), own);
}

function scaled({ watch, tools }: Machine, name: "suspectMs" | "openMs" | "stallMs"): bigint {
  return BigInt(tools.parameters[name]) << BigInt(Math.min(watch.failures, DOUBLINGS_MAX));
}

/** When the leader's time is up: to be heard, to open its epoch, to have its headers certified. */
function deadlines(machine: Machine, leader: SeatId): readonly Millis[] {
  const { watch, log } = machine;
  const times: Millis[] = [];
  const peer = peerOfSeat(machine, leader);
  const state = peer === undefined ? undefined : machine.peers.get(peer);
  if (peer !== machine.self) {
    const heardAt = state?.heardAt ?? watch.since;
    const tripMs = Math.max(state?.rttMs ?? 0, machine.routing.delayMs ?? 0);
    const from = heardAt > watch.since ? heardAt : watch.since;
    times.push(from + scaled(machine, "suspectMs") + BigInt(tripMs));
  }
  const tip = tipOf(log).ref;
  if (compareEpochs(tip.epoch, watch.epoch) < 0) {
    times.push(watch.since + scaled(machine, "openMs"));
  } else if (bestCertified(machine).ref.number < tip.number) {
    times.push(watch.progressAt + scaled(machine, "stallMs"));
  }
  return times;
}

/**
 * The next view of a seat that could lead it, as far as this node knows; not before the one that
 * another says, who may have promised it and can go into no earlier one.
 */
function nextEpoch(machine: Machine): Epoch | undefined {
  const leader = leaderSeat(machine);
  const seats = inForce(machine).seats.map(({ seat }) => seat);
  const others = seats.filter((seat) => seat !== leader);
  const able = others.filter(
    (seat) => wasHeard(machine, seat, newsMs(machine)) && !isBarred(machine, seat),
  );
  const candidates = able.length > 0 ? able : others;
  let next = epochAfter(latestEpoch(machine), candidates);
  if (next === undefined) return undefined;
  // Of what is further ahead than a round, nobody honest can have promised anything.
  const limit = aRoundLater(next);
  const target = saidEpochs(machine).findLast((epoch) => compareEpochs(epoch, limit) <= 0);
  while (target !== undefined && next !== undefined && compareEpochs(next, target) < 0) {
    next = epochAfter(next, candidates);
  }
  return next;
}

/** The current one, or one that this node has promised and the others have not entered. */
function latestEpoch(machine: Machine): Epoch {
  const current = currentEpoch(machine);
  const { epoch } = machine.promises;
  return isLaterView(machine, epoch) ? epoch : current;
}

/** How long what a heartbeat says counts. */
function newsMs({ tools }: Machine): number {
  return HEARTBEATS_MISSED_MAX * tools.parameters.heartbeatMs;
}

/** The latest view that a quorum of the configuration in force is for, if later than this one. */
function wishedEpoch(machine: Machine): Epoch | undefined {
  if (machine.chain.leader === undefined) return undefined;
  const { seats } = inForce(machine);
  const said = saidEpochs(machine).toReversed();
  return said.find((_, index) => isQuorum(index + 1, seats.length));
}

/** The later views that seats say, this node's own included, ascending. */
function saidEpochs(machine: Machine): readonly Epoch[] {
  const { seats } = inForce(machine);
  return seats
    .flatMap(({ seat }) => wishOf(machine, seat) ?? [])
    .filter((epoch) => seats.some(({ seat }) => seat === seatLeading(epoch)))
    .toSorted(compareEpochs);
}

/** What a seat said last, if that is a later view than this node's. */
export function wishOf(machine: Machine, seat: SeatId): Epoch | undefined {
  const peer = peerOfSeat(machine, seat);
  if (peer === undefined) return undefined;
  const state = machine.peers.get(peer);
  const isFresh =
    state?.heartbeat !== undefined && machine.now - state.heartbeatAt <= BigInt(newsMs(machine));
  const said = isFresh ? state.heartbeat?.epoch : undefined;
  const wish = peer === machine.self ? wantedEpoch(machine) : said;
  return wish !== undefined && isLaterView(machine, wish) ? wish : undefined;
}
