/**
 * Taking batches from others (SPEC.md PR1 to PR5): those that may stand here are run again and
 * appended. A batch that only waits for news of the chain is dropped: it comes again.
 */
import { equalBytes } from "#core/bytes.ts";
import { refOfHeader } from "../codec.ts";
import { type Batch, type Certificate, compareEpochs } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { accuse, noteEquivocation } from "./accusation.ts";
import { acknowledgeAgain } from "./acknowledgement.ts";
import { cutBack, extend } from "./branch.ts";
import { checkedBatch } from "./carried.ts";
import { learnCertificate } from "./certificates.ts";
import { configurationNamed } from "./configuration.ts";
import { disprove, noteAcks, noteLater } from "./disproof.ts";
import { complain } from "./emit.ts";
import { isVouchedBy, refusalOf } from "./header-refusal.ts";
import { inspect } from "./inspect.ts";
import { findPoint, itemAt, type Point, sameHeader, tipOf } from "./log.ts";
import { currentEpoch, isLaterView } from "./members.ts";
import { checkMembership } from "./membership.ts";
import { itemFor } from "./ordering.ts";
import { giveAgain } from "./own.ts";
import { mayTake } from "./replacement.ts";
import type { Machine } from "./state.ts";
import { promiseEpoch } from "./view-change.ts";

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
    if (isKnown(machine, batch)) acknowledgeAgain(machine, batch, from);
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
