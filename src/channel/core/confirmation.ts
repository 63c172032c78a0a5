/** What a certificate confirms (SPEC.md CE2). */
import { compareEpochs, type Header } from "../messages.ts";

/**
 * The last header that is confirmed once `certified` has a certificate; 0 for none. One round of
 * acks is not enough: its certificate may be lost with the only node that knew it.
 */
export function confirmedBy(certified: Header): bigint {
  const { epoch, justify } = certified;
  return compareEpochs(justify.epoch, epoch) === 0 ? justify.number : 0n;
}
