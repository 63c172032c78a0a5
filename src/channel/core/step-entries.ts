/** The entries of a step out of the bytes that its hash covers. */
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import { domainHash } from "#core/hash.ts";
import { entries as entriesCodec } from "../codec/objects.ts";
import { decode, hashEntries } from "../codec.ts";
import type { Entry, Step } from "../messages.ts";

/** Whether a step's hash covers these bytes, whatever they are. */
export function covers(step: Step, bytes: Uint8Array): boolean {
  return equalBytes(domainHash("Entries", bytes), step.entriesHash);
}

/** Undefined unless they are as many as the step counts, and have its hash when written again. */
export function entriesOf(step: Step, bytes: Uint8Array): readonly Entry[] | undefined {
  try {
    const entries = decode(entriesCodec, bytes);
    const isWhole = entries.length === step.count;
    return isWhole && equalBytes(hashEntries(entries), step.entriesHash) ? entries : undefined;
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
