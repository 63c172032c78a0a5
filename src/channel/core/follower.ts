/**
 * Taking batches from others: whether they are the leader's, whether they may be appended here,
 * re-executing them, and acknowledging them (SPEC.md PR1 to PR9). A batch that only waits for news
 * of the chain is dropped: it comes again.
 */
import { equalBytes } from "#core/bytes.ts";
import { ackMessage, headerMessage, NO_HEADER, refOfHeader } from "../codec.ts";
import { type Batch, type Certificate, type Configuration, compareEpochs } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { accuse, noteEquivocation } from "./accusation.ts";
import { cutBack, extend } from "./branch.ts";
import { checkedBatch } from "./carried.ts";
import { ackFor, isValidCertificate, learnCertificate } from "./certificates.ts";
import { configurationNamed, seatOf } from "./configuration.ts";
import { disprove, noteAcks, noteLater } from "./disproof.ts";
import { complain, persist } from "./emit.ts";
import { inspect } from "./inspect.ts";
import {
  compareRefs,
  findPoint,
  holds,
  type Item,
  itemAt,
  type Point,
  sameHeader,
  sameRef,
  tipOf,
} from "./log.ts";
import {
  currentEpoch,
  isFence,
  isLaterView,
  leaderOf,
  leaderPeer,
  memberOf,
  ownSeatIn,
} from "./members.ts";
import { checkMembership } from "./membership.ts";
import { itemFor } from "./ordering.ts";
import { giveAgain } from "./own.ts";
import { CLOCK_AHEAD_MS_MAX } from "./parameters.ts";
import { isOverfull } from "./pending.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";
import { checkOpening, promiseEpoch } from "./view-change.ts";

/** Batches in the order of their numbers, each standing on the one before. */
export function receiveBatches(
  machine: Machine,
  batches: readonly Batch[],
  certificates: readonly Certificate[],
  from: PeerId,
): void {
  const { log } = machine;
  const fresh: Batch[] = [];
  for (const batch of batches) {
    if (isKnown(machine, batch)) answerAgain(machine, batch, from);
    else fresh.push(batch);
  }
  noteBuiltOn(machine, fresh);
  const [first] = fresh;
  if (first !== undefined) {
    const { header } = first.header;
    const parent = findPoint(log, { number: header.number - 1n, hash: header.previous });
    if (parent === undefined) {
      machine.sync.isBehind ||= header.number > log.base.ref.number;
    } else if (!areLinked(fresh)) {
      complain(machine, "BAD_BATCH", "batches that do not follow one another", from);
    } else if (mayTake(machine, parent, fresh, certificates)) {
      take(machine, parent, fresh, certificates, from);
    } else {
      refuse(machine, parent, first, from);
    }
  }
  for (const certificate of certificates) learnCertificate(machine, certificate);
}

/** Batches on a disproved header are refused, and show who acked it and what builds on it. */
function noteBuiltOn(machine: Machine, batches: readonly Batch[]): void {
  if (machine.disproofs.length === 0) return;
  noteLater(
    machine,
    batches.map(({ header }) => header.header),
  );
  for (const { certificate } of batches)
    if (certificate !== undefined) noteAcks(machine, certificate);
}

/** Appends batches on `parent`; nothing above it is given up for a header that is refused. */
function take(
  machine: Machine,
  parent: Point,
  batches: readonly Batch[],
  certificates: readonly Certificate[],
  from: PeerId,
): void {
  const [first] = batches;
  if (first === undefined) return;
  const carried = batches.flatMap(({ certificate }) => certificate ?? []);
  const vouchers = [...carried, ...certificates];
  const isCut = parent !== tipOf(machine.log);
  const refused = isCut ? refusalOf(machine, parent, first, vouchers) : undefined;
  if (refused !== undefined) {
    complain(machine, "BAD_BATCH", `header ${first.header.header.number}: ${refused}`, from);
    return;
  }
  cutBack(machine, parent.ref.number);
  for (const batch of batches) if (!append(machine, batch, vouchers, from)) break;
}

/** Says why a header is not taken, where it should have been. */
function refuse(machine: Machine, parent: Point, batch: Batch, from: PeerId): void {
  const { epoch, number } = batch.header.header;
  if (compareEpochs(epoch, machine.promises.epoch) < 0) {
    const { term, view } = epoch;
    complain(machine, "STALE_EPOCH", `header ${number} of epoch ${term}.${view}`, from);
    return;
  }
  const isCurrent = compareEpochs(epoch, currentEpoch(machine)) === 0;
  const refused = isCurrent ? refusalOf(machine, parent, batch, []) : undefined;
  if (refused !== undefined) {
    complain(machine, "BAD_BATCH", `header ${number}: ${refused}`, from);
  }
}

/**
 * Each stands on the one before, so that what vouches for the last vouches for all: nothing is cut
 * from the log for a batch that only came along.
 */
function areLinked(batches: readonly Batch[]): boolean {
  return batches.slice(1).every(({ header: { header } }, index) => {
    const before = batches[index]?.header.header;
    if (before === undefined) return false;
    const { number, hash } = refOfHeader(before);
    return header.number === number + 1n && equalBytes(header.previous, hash);
  });
}

/** In the log, or below it. */
function isKnown(machine: Machine, batch: Batch): boolean {
  const { log } = machine;
  const { header } = batch.header;
  if (header.number <= log.base.ref.number) return true;
  const item = itemAt(log, header.number);
  if (item === undefined) return false;
  if (sameHeader(item.ref, refOfHeader(header))) return true;
  noteEquivocation(machine, item.header, batch.header);
  return false;
}

/** A leader that sends a header again may have missed the ack. */
function answerAgain(machine: Machine, batch: Batch, from: PeerId): void {
  const { log, promises } = machine;
  const item = itemAt(log, batch.header.header.number);
  if (item === undefined) return;
  if (batch.certificate !== undefined) learnCertificate(machine, batch.certificate);
  const { acked } = promises;
  // An ack on another branch, or of an epoch left behind, must not become a second one here.
  const isAcked =
    compareEpochs(item.ref.epoch, acked.epoch) === 0 &&
    compareEpochs(item.ref.epoch, promises.epoch) >= 0 &&
    item.ref.number <= acked.number &&
    holds(log, acked);
  if (isAcked && from === leaderPeer(machine)) sendAck(machine, item);
}

/** Whether batches may replace what stands above their parent. */
function mayTake(
  machine: Machine,
  parent: Point,
  batches: readonly Batch[],
  certificates: readonly Certificate[],
): boolean {
  const { log } = machine;
  const last = batches.at(-1)?.header.header;
  if (last === undefined || parent.ref.number < log.confirmed) return false;
  const tip = tipOf(log);
  if (isByLeader(machine, parent, batches)) {
    return parent === tip || compareEpochs(last.epoch, tip.ref.epoch) > 0;
  }
  if (isOwnOrder(machine, tip)) return false;
  // History: worth taking when a quorum stood behind some of it.
  const carried = batches.flatMap(({ certificate }) => certificate ?? []);
  return [...carried, ...certificates].some(
    (certificate) =>
      (parent === tip || compareRefs(certificate.ack.header, log.highest.ref) > 0) &&
      vouchesFor(machine, certificate, parent, batches),
  );
}

/** What this node has ordered in the epoch that it leads: given up, it would be ordered again. */
function isOwnOrder(machine: Machine, tip: Point): boolean {
  const isCurrent = compareEpochs(tip.ref.epoch, currentEpoch(machine)) === 0;
  return isCurrent && leaderPeer(machine) === machine.self;
}

/** Whether a certificate is of one of these batches, under a configuration that is known here. */
function vouchesFor(
  machine: Machine,
  certificate: Certificate,
  parent: Point,
  batches: readonly Batch[],
): boolean {
  const { log, chain, facts } = machine;
  const [first] = batches;
  const isOfThese = batches.some(({ header }) =>
    sameHeader(refOfHeader(header.header), certificate.ack.header),
  );
  if (first === undefined || !isOfThese) return false;
  const { header } = first.header;
  const named = configurationNamed(log, facts.channel, chain.forced, parent, header);
  const known = [parent.configuration, parent.next, named, chain.forced?.configuration];
  return known.some(
    (configuration) =>
      configuration !== undefined && isValidCertificate(machine, certificate, configuration),
  );
}

/** Signed by the leader of the current epoch, or of one that the first of the batches opens. */
function isByLeader(machine: Machine, parent: Point, batches: readonly Batch[]): boolean {
  const last = batches.at(-1);
  if (last === undefined) return false;
  const { header, signature } = last.header;
  const isCurrent = compareEpochs(header.epoch, currentEpoch(machine)) === 0;
  if (header.leader !== leaderOf(machine, header.epoch)) return false;
  if (!isCurrent && !isNextView(machine, parent, batches)) return false;
  const key = memberOf(machine, header.leader)?.nodeKey;
  return key !== undefined && machine.tools.verify(headerMessage(header), signature, key);
}

/** A quorum's view changes show that a later view of this reign has begun (SPEC.md EL14). */
function isNextView(machine: Machine, parent: Point, batches: readonly Batch[]): boolean {
  const { log, chain, facts } = machine;
  const [first] = batches;
  if (first === undefined) return false;
  const { header } = first.header;
  if (!isLaterView(machine, header.epoch)) return false;
  const isOne = batches.every((batch) => {
    const { epoch } = batch.header.header;
    return compareEpochs(epoch, header.epoch) === 0;
  });
  const configuration = configurationNamed(log, facts.channel, chain.forced, parent, header);
  if (!isOne || configuration === undefined) return false;
  return checkOpening(machine, first, configuration) === undefined;
}

/** Appends one batch on the tip; false when it was not taken. */
function append(
  machine: Machine,
  batch: Batch,
  vouchers: readonly Certificate[],
  from: PeerId,
): boolean {
  const { log, chain, facts, tools } = machine;
  const { header } = batch.header;
  const parent = tipOf(log);
  const isLater = isLaterView(machine, header.epoch);
  if (!isLater && compareEpochs(header.epoch, currentEpoch(machine)) > 0) return false;
  if (machine.distrust?.term === chain.term && header.epoch.term === chain.term) return false;
  if (!equalBytes(header.channel, facts.channel)) {
    complain(machine, "NO_CHANNEL", "a header of another channel", from);
    return false;
  }
  const configuration = configurationNamed(log, facts.channel, chain.forced, parent, header);
  const refused = refusalOf(machine, parent, batch, vouchers);
  if (configuration === undefined || refused !== undefined) {
    complain(machine, "BAD_BATCH", `header ${header.number}: ${refused}`, from);
    return false;
  }
  // What a quorum stood behind needs no view of our own.
  const isSound = checkMembership(machine, batch) === "sound";
  if (!isSound && !isVouchedBy(machine, batch, configuration, vouchers)) return false;
  const finding = inspect(facts, tools, parent, batch, configuration);
  if (finding.type !== "sound") {
    tools.executor.rollback(parent.mark);
    const name = finding.type === "fraud" ? "WRONG_EXECUTION" : "BAD_BATCH";
    complain(machine, name, `header ${header.number}: ${finding.detail}`, from);
    if (finding.type === "fraud") {
      disprove(machine, parent, configuration, batch);
      accuse(machine, parent, batch, finding.detail);
    }
    return false;
  }
  if (isLater) promiseEpoch(machine, header.epoch);
  const kept = checkedBatch(machine, parent, batch);
  const item = itemFor(machine, parent, kept, configuration, finding.executed);
  if (kept.certificate !== undefined) learnCertificate(machine, kept.certificate, true);
  extend(machine, item);
  if (compareEpochs(item.ref.epoch, parent.ref.epoch) !== 0) giveAgain(machine);
  return true;
}

/** Whether one of these certificates is of the header, and a quorum's. */
function isVouchedBy(
  machine: Machine,
  { header: { header } }: Batch,
  configuration: Configuration,
  vouchers: readonly Certificate[],
): boolean {
  return vouchers.some(
    (certificate) =>
      sameHeader(certificate.ack.header, refOfHeader(header)) &&
      isValidCertificate(machine, certificate, configuration),
  );
}

/** {@link headerRefusal} under the configuration that the header names. */
function refusalOf(
  machine: Machine,
  parent: Point,
  batch: Batch,
  vouchers: readonly Certificate[],
): string | undefined {
  const { log, chain, facts } = machine;
  const { header } = batch.header;
  const configuration = configurationNamed(log, facts.channel, chain.forced, parent, header);
  if (configuration === undefined) return "a configuration that is not in force there";
  const isVouched = () => isVouchedBy(machine, batch, configuration, vouchers);
  return headerRefusal(machine, parent, batch, configuration, isVouched);
}

/** Why a header is not one to append here, as far as signatures and certificates tell. */
function headerRefusal(
  machine: Machine,
  parent: Point,
  batch: Batch,
  configuration: Configuration,
  isVouched: () => boolean,
): string | undefined {
  const { header, signature } = batch.header;
  const { tools } = machine;
  const leader = seatOf(configuration, header.leader);
  if (leader === undefined) return "its leader is no seat";
  const named = leaderOf(machine, header.epoch);
  if (named !== undefined && named !== header.leader) return "its leader does not lead the epoch";
  if (!tools.verify(headerMessage(header), signature, leader.nodeKey)) return "a bad signature";
  if (header.time > machine.now + CLOCK_AHEAD_MS_MAX) return "its time is ahead of our clock";
  const unjustified = justifyRefusal(machine, batch, isVouched);
  if (unjustified !== undefined) return unjustified;
  const opens = compareEpochs(header.epoch, parent.ref.epoch) !== 0;
  const isOld = compareEpochs(header.epoch, currentEpoch(machine)) < 0;
  if (!opens || isOld) return undefined;
  // A quorum that acked it had seen how it was opened.
  if (isLaterView(machine, header.epoch) && isVouched()) return undefined;
  return checkOpening(machine, batch, configuration);
}

/** A member refuses a header whose named certificate it cannot verify. */
function justifyRefusal(
  machine: Machine,
  batch: Batch,
  isVouched: () => boolean,
): string | undefined {
  const { log } = machine;
  const { header } = batch.header;
  if (header.justify.number === 0n) {
    return sameRef(header.justify, NO_HEADER) ? undefined : "it names a header that is none";
  }
  const justified = findPoint(log, header.justify);
  if (justified === undefined) {
    return isBelowBase(machine, batch) ? undefined : "it names a certificate of another branch";
  }
  if (!sameRef(header.justify, justified.ref)) return "it names a header under another epoch";
  const { certificate } = batch;
  const isSettled = sameRef(header.justify, machine.chain.settled.header);
  if (justified.certificate !== undefined || justified === log.base || isSettled) return undefined;
  if (isFence(machine, header.justify)) return undefined;
  if (certificate === undefined || !sameRef(certificate.ack.header, header.justify)) {
    if (isVouched()) return undefined;
    return "it lacks the certificate that it names";
  }
  return isValidCertificate(machine, certificate, justified.configuration)
    ? undefined
    : "it carries an invalid certificate";
}

/**
 * The base's own justify, which headers right above it may name again; or a header between the two,
 * which is not held here: its certificate shows that it is of this branch, since the members of a
 * configuration certify one branch in an epoch.
 */
function isBelowBase(machine: Machine, { header: { header }, certificate }: Batch): boolean {
  const { base } = machine.log;
  const { justify } = header;
  const known = base.header?.header.justify;
  if (known === undefined) return false;
  if (sameRef(known, justify)) return true;
  const isBetween =
    known.number < justify.number &&
    justify.number < base.ref.number &&
    compareEpochs(justify.epoch, base.ref.epoch) === 0;
  return (
    isBetween &&
    certificate !== undefined &&
    sameRef(certificate.ack.header, justify) &&
    isValidCertificate(machine, certificate, base.configuration)
  );
}

/** Acknowledges what is in the log and may be, in order (SPEC.md PR6). */
export function acknowledge(machine: Machine): void {
  const { log, promises, chain, distrust } = machine;
  if (chain.leader === undefined || promises.removals.length > 0) return;
  if (distrust?.term === chain.term || isLeavingAlone(machine)) return;
  const current = currentEpoch(machine);
  const leads = leaderOf(machine, current);
  const { acked } = promises;
  const isAcking = compareEpochs(acked.epoch, current) === 0;
  const skipped = isAcking ? Number(acked.number - log.base.ref.number) : 0;
  for (const item of log.items.slice(Math.max(skipped, 0))) {
    const { epoch, justify, leader } = item.header.header;
    if (compareEpochs(epoch, current) !== 0 || leader !== leads) continue;
    if (compareEpochs(epoch, promises.epoch) < 0 || !isNext(machine, item)) continue;
    const own = ownSeatIn(machine, item.configuration);
    if (own === undefined) continue;
    if (leader !== own.seat && isOverfull(machine, item)) return;
    promises.acked = item.ref;
    promises.epoch = epoch;
    if (compareRefs(justify, promises.locked) > 0) promises.locked = justify;
    persist(machine, { type: "ack", header: item.ref, locked: promises.locked });
    sendAck(machine, item);
  }
}

/**
 * What it acks from now on would show that it knew of more than it has shown the chain, which is
 * worth its bond.
 */
function isLeavingAlone({ jobs }: Machine): boolean {
  return jobs.some(({ kind }) => kind === "exit");
}

/** Above the last ack of its epoch; in a new epoch, not against the lock. */
function isNext({ log, promises }: Machine, item: Item): boolean {
  const { acked, locked } = promises;
  if (compareEpochs(item.ref.epoch, acked.epoch) === 0) {
    // Where the base has passed the last ack, what was acked is settled, or was given up by all.
    const isBelow = acked.number <= log.base.ref.number;
    return item.ref.number > acked.number && (isBelow || holds(log, acked));
  }
  if (compareEpochs(item.ref.epoch, acked.epoch) < 0) return false;
  const { justify } = item.header.header;
  const extendsLocked =
    locked.number <= log.base.ref.number || (locked.number < item.ref.number && holds(log, locked));
  return extendsLocked || compareRefs(justify, locked) >= 0;
}

/** Gives an ack to the leader; this node's own counts when it leads, without being sent. */
function sendAck(machine: Machine, item: Item): void {
  const seat = ownSeatIn(machine, item.configuration);
  const leader = leaderPeer(machine);
  if (seat === undefined || leader === undefined || leader === machine.self) return;
  const ack = ackFor(machine, item);
  const signature = machine.tools.signer.signAsNode(ackMessage(ack));
  send(machine, [leader], { type: "ack", ack, seat: seat.seat, signature });
}
