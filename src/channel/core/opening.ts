/**
 * Opening an epoch that this node leads: gathering view changes, and the first header on the
 * highest certificate of a quorum (SPEC.md EL6 to EL8).
 */
import { compareEpochs, type Epoch, type SignedViewChange } from "../messages.ts";
import { peerIdOf } from "../ports.ts";
import { cutBack } from "./branch.ts";
import { learnCertificate } from "./certificates.ts";
import { choose } from "./choice.ts";
import { configurationAfter, isPending, seatOf } from "./configuration.ts";
import { complain } from "./emit.ts";
import { seatLeading } from "./epoch.ts";
import { noteSpent } from "./leadership.ts";
import { compareRefs, findPoint, sameRef, tipOf } from "./log.ts";
import { bestCertified, isFence, isLaterView, ownMember } from "./members.ts";
import { place } from "./placement.ts";
import { isQuorum } from "./quorum.ts";
import type { Leadership, Machine } from "./state.ts";
import {
  countViewChanges,
  extendsFence,
  isSignedViewChange,
  ownViewChange,
} from "./view-change.ts";

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
export function openEpoch(machine: Machine, leadership: Leadership): void {
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
