/**
 * Whether batches may replace what stands above their parent: those of the leader may, and history
 * that a quorum stood behind (SPEC.md PR1).
 */
import { headerMessage, refOfHeader } from "../codec.ts";
import { type Batch, type Certificate, compareEpochs } from "../messages.ts";
import { isValidCertificate } from "./certificates.ts";
import { configurationNamed } from "./configuration.ts";
import { compareRefs, type Point, sameHeader, tipOf } from "./log.ts";
import { currentEpoch, isLaterView, leaderOf, leaderPeer, memberOf } from "./members.ts";
import type { Machine } from "./state.ts";
import { checkOpening } from "./view-change.ts";

/** Whether batches may replace what stands above their parent. */
export function mayTake(
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
