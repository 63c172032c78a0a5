/**
 * What a batch carries beside what its header covers: the certificate that `justify` names and, in
 * an epoch's first header, view changes. Whoever passed the batch on may have put them there, so
 * what was not checked is dropped: it is neither believed, nor kept, nor served to others (SPEC.md
 * PR14).
 */
import { type Batch, type Certificate, compareEpochs } from "../messages.ts";
import { isValidCertificate } from "./certificates.ts";
import { findPoint, type Point, sameRef } from "./log.ts";
import type { Machine } from "./state.ts";
import { isSignedViewChange } from "./view-change.ts";

/** The batch on `parent`, with nothing beside it that this node has not checked. */
export function checkedBatch(machine: Machine, parent: Point, batch: Batch): Batch {
  const { header, entries, steps, viewChanges } = batch;
  const { epoch } = header.header;
  const certificate = checkedCertificate(machine, batch);
  const opens = compareEpochs(epoch, parent.ref.epoch) !== 0;
  return {
    header,
    entries,
    steps,
    ...(certificate === undefined ? {} : { certificate }),
    viewChanges: opens
      ? viewChanges.filter(
          (signed) =>
            compareEpochs(signed.viewChange.epoch, epoch) === 0 &&
            isSignedViewChange(machine, signed),
        )
      : [],
  };
}

function checkedCertificate(machine: Machine, batch: Batch): Certificate | undefined {
  const { justify } = batch.header.header;
  const point = findPoint(machine.log, justify);
  const { certificate } = batch;
  if (point?.certificate !== undefined) return point.certificate;
  if (certificate === undefined || !sameRef(certificate.ack.header, justify)) return undefined;
  // Below the base nothing is known to check it by; whoever needs it will.
  if (point === undefined) return certificate;
  return isValidCertificate(machine, certificate, point.configuration) ? certificate : undefined;
}
