/**
 * Why a header is refused, as far as signatures, certificates and the chain tell (SPEC.md PR2,
 * PR3). Runs nothing: what re-execution says of it is in `inspect.ts`.
 */
import { headerMessage, NO_HEADER, refOfHeader } from "../codec.ts";
import { type Batch, type Certificate, type Configuration, compareEpochs } from "../messages.ts";
import { isValidCertificate } from "./certificates.ts";
import { configurationNamed, seatOf } from "./configuration.ts";
import { findPoint, type Point, sameHeader, sameRef } from "./log.ts";
import { currentEpoch, isFence, isLaterView, leaderOf } from "./members.ts";
import { CLOCK_AHEAD_MS_MAX } from "./parameters.ts";
import type { Machine } from "./state.ts";
import { checkOpening } from "./view-change.ts";

/** Why a batch is not one to append on `parent`; undefined where nothing is said against it. */
export function refusalOf(
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

/** Whether one of these certificates is of the header, and a quorum's. */
export function isVouchedBy(
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
