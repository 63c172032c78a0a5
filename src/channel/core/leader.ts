/**
 * Leading (SPEC.md LE1 to LE10): opening the epoch on the highest certificate of a quorum, ordering
 * what waits, gathering acks into certificates, sending again what was not answered.
 */
import { equalBytes } from "#core/bytes.ts";
import type { Signature } from "#core/ed25519.ts";
import { ackMessage } from "../codec.ts";
import type { MessageOf } from "../messages/wire.ts";
import {
  compareEpochs,
  type Entry,
  type Epoch,
  type SeatId,
  type SignedViewChange,
} from "../messages.ts";
import { type PeerId, peerIdOf } from "../ports.ts";
import { cutBack } from "./branch.ts";
import { ackFor, learnCertificate } from "./certificates.ts";
import { configurationAfter, isPending, sameConfiguration, seatOf } from "./configuration.ts";
import { readControl } from "./control.ts";
import { complain } from "./emit.ts";
import { seatLeading } from "./epoch.ts";
import { acknowledge } from "./follower.ts";
import { isProofWanted } from "./forced-call.ts";
import { compareRefs, findPoint, holds, type Item, sameRef, tipOf } from "./log.ts";
import {
  bestCertified,
  currentEpoch,
  inForce,
  isFence,
  isLaterView,
  leaderPeer,
  otherPeers,
  ownMember,
  ownSeatIn,
  peerOfSeat,
  wasHeard,
} from "./members.ts";
import { foundingEntry, membershipEntry } from "./membership-order.ts";
import { order } from "./ordering.ts";
import { giveAgain } from "./own.ts";
import { chooseEntries } from "./pool.ts";
import { isQuorum } from "./quorum.ts";
import { noteAck, noteAnswer, resend } from "./resending.ts";
import { isSpent } from "./reveals.ts";
import { roomBeside } from "./room.ts";
import { send } from "./routing.ts";
import type { Leadership, Machine } from "./state.ts";
import { actorOf, submissionOf } from "./submission.ts";
import { dueTick } from "./ticks.ts";
import {
  countViewChanges,
  extendsFence,
  isSignedViewChange,
  ownViewChange,
} from "./view-change.ts";

/** Does what a leader has to do at this moment; nothing where another node leads. */
export function lead(machine: Machine): void {
  const configuration = inForce(machine);
  const isBound = compareEpochs(machine.promises.epoch, currentEpoch(machine)) > 0;
  const isLeader = leaderPeer(machine) === machine.self && !isBound;
  const mayOrder = isLeader && !hasLostOrder(machine);
  if (!mayOrder || ownSeatIn(machine, configuration) === undefined) {
    machine.leadership = undefined;
    return;
  }
  const leadership = takeLead(machine);
  const heard = configuration.seats.filter(({ seat }) =>
    wasHeard(machine, seat, machine.tools.parameters.leaseMs),
  );
  if (isQuorum(heard.length, configuration.seats.length)) leadership.quorumAt = machine.now;
  if (machine.promises.removals.length > 0) return;
  if (compareEpochs(tipOf(machine.log).ref.epoch, leadership.epoch) < 0) {
    open(machine, leadership);
  } else {
    certify(machine, leadership);
    orderWaiting(machine, leadership);
  }
  noteProgress(machine, leadership);
  sendCertificate(machine, leadership);
  resend(machine);
}

/** What stands where this node has ordered something in this epoch must not be ordered anew. */
function hasLostOrder(machine: Machine): boolean {
  const { log, promises } = machine;
  const { acked } = promises;
  const isOfEpoch = compareEpochs(acked.epoch, currentEpoch(machine)) === 0;
  return isOfEpoch && acked.number > log.base.ref.number && !holds(log, acked);
}

/** A leader that has not opened its epoch is not idle: it waits for others, as they do for it. */
function noteProgress(machine: Machine, leadership: Leadership): void {
  const { number } = bestCertified(machine).ref;
  const tip = tipOf(machine.log).ref;
  const isOpen = compareEpochs(tip.epoch, leadership.epoch) === 0;
  const isIdle = isOpen && number === tip.number;
  if (number > leadership.certified || isIdle) leadership.progressAt = machine.now;
  leadership.certified = number;
}

function takeLead(machine: Machine): Leadership {
  const epoch = currentEpoch(machine);
  const known = machine.leadership;
  if (known !== undefined && compareEpochs(known.epoch, epoch) === 0) return known;
  const made: Leadership = {
    epoch,
    viewChanges: takeEarly(machine, epoch),
    acks: new Map(),
    quorumAt: machine.now,
    progressAt: machine.now,
    certified: 0n,
    waitingSince: undefined,
    held: undefined,
    isSpent: false,
    certificateSent: 0n,
  };
  machine.leadership = made;
  giveAgain(machine);
  noteSpent(machine, made);
  return made;
}

/** View changes that came before this node had entered the epoch itself. */
function takeEarly({ early }: Machine, epoch: Epoch): Map<SeatId, SignedViewChange> {
  const taken = [...early].filter(
    ([, { viewChange }]) => compareEpochs(viewChange.epoch, epoch) === 0,
  );
  early.clear();
  return new Map(taken);
}

/** Whether there is still something to reveal; looked at whenever that may have changed. */
function noteSpent(machine: Machine, leadership: Leadership): void {
  const wasSpent = leadership.isSpent;
  leadership.isSpent = isSpent(machine);
  if (leadership.isSpent && !wasSpent) {
    complain(machine, "OUT_OF_REVEALS", "this node orders nothing more, and gives the lead away");
  }
}

/** A member's view change to the epoch that this node leads, or will lead. */
export function receiveViewChange(machine: Machine, signed: SignedViewChange): void {
  const { leadership } = machine;
  const { viewChange, certificate, seat } = signed;
  if (isEarly(machine, viewChange.epoch)) {
    if (isSignedViewChange(machine, signed)) machine.early.set(seat, signed);
    return;
  }
  if (leadership === undefined) return;
  const order = compareEpochs(viewChange.epoch, leadership.epoch);
  if (order < 0) complain(machine, "STALE_EPOCH", `view change of seat ${seat}`);
  if (order !== 0) return;
  if (!isSignedViewChange(machine, signed)) {
    complain(machine, "BAD_SIGNATURE_OR_NONCE", `view change of seat ${seat}`);
    return;
  }
  if (certificate !== undefined) learnCertificate(machine, certificate);
  leadership.viewChanges.set(seat, signed);
}

/** Of an epoch that this node will lead once it has entered it too. */
function isEarly(machine: Machine, epoch: Epoch): boolean {
  return isLaterView(machine, epoch) && seatLeading(epoch) === ownMember(machine)?.seat;
}

/**
 * Makes the epoch's first header once a quorum has changed to it and the highest certificate's
 * header is here.
 */
function open(machine: Machine, leadership: Leadership): void {
  const own = ownViewChange(machine, leadership.epoch);
  if (own !== undefined) leadership.viewChanges.set(own.seat, own);
  const usable: SignedViewChange[] = [];
  for (const signed of leadership.viewChanges.values()) {
    if (signed.certificate !== undefined) learnCertificate(machine, signed.certificate);
    if (isHeld(machine, signed)) usable.push(signed);
    else askFor(machine, signed);
  }
  const { log, chain } = machine;
  const best = bestCertified(machine);
  const configuration = configurationAfter(log, chain.forced, best, best.ref);
  // One that claims more than is held, or comes from outside, would spoil the opening for all.
  const sound = usable.filter(
    ({ viewChange, seat }) =>
      seatOf(configuration, seat) !== undefined && compareRefs(viewChange.highest, best.ref) <= 0,
  );
  const count = countViewChanges(configuration, sound);
  if (!isQuorum(count, configuration.seats.length)) return;
  if (seatOf(configuration, own?.seat ?? 0n) === undefined) return;
  cutBack(machine, best.ref.number);
  if (!extendsFence(machine, leadership.epoch, best.ref)) {
    machine.sync.isBehind = true;
    return;
  }
  sound.sort((a, b) => (a.seat < b.seat ? -1 : 1));
  noteSpent(machine, leadership);
  const entries = isPending(tipOf(machine.log)) ? [] : choose(machine, leadership).entries;
  place(machine, leadership, entries, sound.map(withoutCertificate));
}

/** Whoever names a certificate holds what it certifies. */
function askFor({ sync, chain }: Machine, { seat }: SignedViewChange): void {
  sync.isBehind = true;
  const holder = chain.members.find((member) => member.seat === seat);
  if (holder !== undefined) sync.holder = peerIdOf(holder.nodeKey);
}

/** The members that read it in a batch need the signature only. */
function withoutCertificate({ viewChange, seat, signature }: SignedViewChange): SignedViewChange {
  return { viewChange, seat, signature };
}

/** The header it names is in the log with its certificate, or is settled. */
function isHeld(machine: Machine, { viewChange }: SignedViewChange): boolean {
  const { log } = machine;
  const { highest } = viewChange;
  if (highest.number <= log.base.ref.number) return true;
  const point = findPoint(log, highest);
  if (point === undefined || !sameRef(point.ref, highest)) return false;
  return point.certificate !== undefined || isFence(machine, highest);
}

/**
 * Orders what waits, if the window has room; an empty header where something waits for its
 * confirmation only.
 */
function orderWaiting(machine: Machine, leadership: Leadership): void {
  const { log, chain } = machine;
  const { windowMax } = machine.tools.parameters;
  for (;;) {
    const tip = tipOf(log);
    const best = bestCertified(machine);
    const openCount = tip.ref.number - best.ref.number;
    const configuration = configurationAfter(log, chain.forced, tip, best.ref);
    if (ownSeatIn(machine, configuration) === undefined) return;
    const waitsForChange = isPending(tip) && configuration.number === tip.configuration.number;
    if (openCount >= BigInt(waitsForChange ? 1 : windowMax)) return;
    const mayChoose = !waitsForChange && !isHeldBack(machine, leadership);
    const choice = mayChoose ? choose(machine, leadership) : NOTHING;
    if (mayChoose && choice.entries.length === 0) leadership.held = undefined;
    if (choice.entries.length > 0 && (choice.isFull || isDue(machine, leadership))) {
      if (place(machine, leadership, choice.entries, [])) continue;
      if (leadership.held === undefined) return;
    }
    const isUnconfirmed = log.items.some(
      (item) => item.ref.number > log.confirmed && (item.receipts.length > 0 || isPending(item)),
    );
    const wantsEmpty =
      isUnconfirmed || (isPending(tip) && !waitsForChange) || isProofWanted(machine);
    const isBusy = choice.entries.length > 0 && leadership.held === undefined;
    if (isBusy || openCount > 0n || !wantsEmpty) return;
    if (!place(machine, leadership, [], [])) return;
  }
}

function hold({ now, log }: Machine, leadership: Leadership): void {
  const since = leadership.held?.since ?? now;
  leadership.held = { since, triedAt: now, base: log.base.ref };
}

/** What waits was too much for the next settlement, and nothing has been settled since. */
function isHeldBack({ now, log, tools }: Machine, { held }: Leadership): boolean {
  if (held === undefined || !sameRef(held.base, log.base.ref)) return false;
  return now - held.triedAt < BigInt(tools.parameters.resendMs);
}

/** Whether the waiting entries have waited long enough for company. */
function isDue(machine: Machine, leadership: Leadership): boolean {
  leadership.waitingSince ??= machine.now;
  return machine.now - leadership.waitingSince >= BigInt(machine.tools.parameters.batchDelayMs);
}

interface Chosen {
  readonly entries: readonly Entry[];
  readonly isFull: boolean;
}

const NOTHING: Chosen = { entries: [], isFull: false };

/** What to order next: a tick that is due, calls, and last a change of configuration. */
function choose(machine: Machine, { isSpent: isBarred }: Leadership): Chosen {
  const { executor, parameters } = machine.tools;
  const control = readControl(executor);
  if (isBarred || control?.closing === true) return NOTHING;
  // The first header of all has none: ticks begin after it.
  const { ticks: done } = control ?? {};
  const tick =
    done === undefined ? undefined : dueTick(machine.facts.settings.tick, done, machine.now);
  const ticks: readonly Entry[] = tick === undefined ? [] : [{ type: "tick", tick }];
  const founding = foundingEntry(machine);
  const first = founding === undefined ? ticks : [founding, ...ticks];
  const change = membershipEntry(machine);
  // A change must not be crowded out by calls: they leave room for it.
  const room = change === undefined ? undefined : roomBeside([...first, change]);
  const others = first.length + (change === undefined ? 0 : 1);
  const calls = chooseEntries(machine, parameters.batchEntriesMax - others, room);
  const entries = [...first, ...calls.entries];
  const last = entries.at(-1);
  if (last?.type === "leave" || last?.type === "close") return { entries, isFull: true };
  if (change === undefined) return { entries, isFull: calls.isFull || tick !== undefined };
  return { entries: [...entries, change], isFull: true };
}

/** Orders entries; one that turns out inadmissible is left out, and the rest tried without it. */
function place(
  machine: Machine,
  leadership: Leadership,
  entries: readonly Entry[],
  viewChanges: readonly SignedViewChange[],
): boolean {
  const placed = order(machine, entries, viewChanges);
  if (placed.ok) {
    leadership.waitingSince = undefined;
    if (entries.length > 0) leadership.held = undefined;
    if (entries.length > 0) noteSpent(machine, leadership);
    acknowledge(machine);
    certify(machine, leadership);
    return true;
  }
  const fault = placed.error;
  if (fault.type === "room") {
    hold(machine, leadership);
    return viewChanges.length > 0 && place(machine, leadership, [], viewChanges);
  }
  if (fault.type === "leader") noteSpent(machine, leadership);
  if (!leadership.isSpent) complain(machine, fault.error.name, fault.error.detail);
  if (fault.type === "leader") return false;
  const faulty = entries[fault.index];
  if (faulty !== undefined) dropFromPool(machine, faulty);
  const rest = entries.filter((entry) => entry !== faulty);
  const isWorthIt = rest.length > 0 || viewChanges.length > 0;
  if (rest.length === entries.length || !isWorthIt) return false;
  return place(machine, leadership, rest, viewChanges);
}

function dropFromPool(machine: Machine, entry: Entry): void {
  const submission = submissionOf(entry);
  if (submission === undefined) return;
  const { seat, nonce } = actorOf(submission);
  machine.pool.get(seat)?.delete(nonce);
}

/** A member's ack of a header of ours. */
export function receiveAck(machine: Machine, message: MessageOf<"ack">, from: PeerId): void {
  const { leadership, log } = machine;
  const { ack, seat, signature } = message;
  if (leadership === undefined) return;
  const peer = peerOfSeat(machine, seat);
  if (peer !== undefined && peer === from) noteAnswer(machine, peer);
  const item = findPoint(log, ack.header);
  if (item === undefined || item === log.base || item.certificate !== undefined) return;
  const key = seatOf(item.configuration, seat)?.nodeKey;
  const expected = ackFor(machine, item);
  const isFitting =
    equalBytes(ack.channel, expected.channel) &&
    sameConfiguration(ack.configuration, expected.configuration) &&
    compareEpochs(ack.header.epoch, item.ref.epoch) === 0 &&
    // Only what this node ordered as leader: in an older epoch another header stood at this number.
    compareEpochs(item.ref.epoch, leadership.epoch) === 0;
  if (key === undefined || !isFitting) return;
  const acks = acksOf(leadership, item.ref.number);
  if (acks.has(seat)) return;
  if (!machine.tools.verify(ackMessage(ack), signature, key)) {
    complain(machine, "BAD_SIGNATURE_OR_NONCE", `ack of seat ${seat}`);
    return;
  }
  acks.set(seat, signature);
  if (peer !== undefined) noteAck(machine, peer, item);
}

function acksOf(leadership: Leadership, number: bigint): Map<SeatId, Signature> {
  const acks = leadership.acks.get(number) ?? new Map<SeatId, Signature>();
  leadership.acks.set(number, acks);
  return acks;
}

/** Turns acks of a quorum into certificates, this node's own among them. */
function certify(machine: Machine, leadership: Leadership): void {
  const { log, tools } = machine;
  for (const item of log.items) {
    if (item.certificate !== undefined) {
      leadership.acks.delete(item.ref.number);
      continue;
    }
    if (compareEpochs(item.ref.epoch, leadership.epoch) !== 0) continue;
    const ack = ackFor(machine, item);
    const acks = acksOf(leadership, item.ref.number);
    const own = ownSeatIn(machine, item.configuration);
    if (own !== undefined && !acks.has(own.seat) && isAcked(machine, item)) {
      acks.set(own.seat, tools.signer.signAsNode(ackMessage(ack)));
    }
    if (!isQuorum(acks.size, item.configuration.seats.length)) continue;
    const signatures = [...acks].map(([seat, signature]) => ({ seat, signature }));
    signatures.sort((a, b) => (a.seat < b.seat ? -1 : 1));
    learnCertificate(machine, { ack, signatures });
  }
}

/** This node has promised, on disk, to stand by the header. */
function isAcked({ log, promises }: Machine, item: Item): boolean {
  const { acked } = promises;
  return (
    compareEpochs(acked.epoch, item.ref.epoch) === 0 &&
    acked.number >= item.ref.number &&
    holds(log, acked)
  );
}

/** The last certificate goes out alone when no header carries it. */
function sendCertificate(machine: Machine, leadership: Leadership): void {
  const { log } = machine;
  const { ref, certificate } = log.highest;
  if (certificate === undefined || compareEpochs(ref.epoch, leadership.epoch) !== 0) return;
  const carried = tipOf(log).header?.header.justify.number ?? 0n;
  if (ref.number <= carried || ref.number <= leadership.certificateSent) return;
  leadership.certificateSent = ref.number;
  send(machine, otherPeers(machine), { type: "certificate", certificate });
}
