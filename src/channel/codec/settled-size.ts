/**
 * What a settlement has to carry of changes (SPEC.md LE11, EX14): of each changed key its name, two
 * values and a part of the multiproof.
 */
import { type ChangeSet, newValue, oldValue, stateKeyText } from "#core/effects.ts";

/**
 * What one key takes of the multiproof: of k keys among n, each has about log2(n / k) hashes of its
 * own, which is eleven for 64 keys among 100,000.
 */
const PROOF_KEY_SIZE = 12 * 32;
/** The kind of a change and the lengths of its two values. */
const CHANGE_SIZE = 7;

/** Bytes for a changed key beside its values. @param text {@link stateKeyText} of it. */
export function settledKeySize(text: string): number {
  return text.length / 2 + CHANGE_SIZE + PROOF_KEY_SIZE;
}

/** Bytes of a change set, by itself. */
export function settledSize(changes: ChangeSet): number {
  let size = 0;
  for (const { key, op } of changes) {
    size += settledKeySize(stateKeyText(key));
    size += (oldValue(op)?.length ?? 0) + (newValue(op)?.length ?? 0);
  }
  return size;
}
