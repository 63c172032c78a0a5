/**
 * Code that the verifier has accepted by itself, by hash. What a module's own passes say depends on
 * its bytes alone, so the answer holds wherever the same bytes turn up. Linking is judged apart.
 */

/** Hex SHA-256 of bytecode. */
const accepted = new Set<string>();
/** More than this are forgotten together: they are only judged again. */
const CODE_COUNT_MAX = 16 * 1024;

export function rememberVerified(codeHash: string): void {
  if (accepted.size >= CODE_COUNT_MAX) accepted.clear();
  accepted.add(codeHash);
}

export function isKnownVerified(codeHash: string): boolean {
  return accepted.has(codeHash);
}
