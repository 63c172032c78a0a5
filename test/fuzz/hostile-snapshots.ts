/** Snapshot chunks as a hostile sender would make them: noise, and real ones with bytes changed. */
import fc from "fast-check";
import { equalBytes } from "#core/bytes.ts";
import { restoreSnapshot, type StateErrorCode, type StateTree, snapshotChunks } from "#sandbox";
import { LIBRARY_STATE } from "../differential/executors.ts";

const CHUNK_SIZE = 2048;
const CHUNKS: readonly Uint8Array[] = [...snapshotChunks(LIBRARY_STATE, CHUNK_SIZE)];

/** Every code that a chunk may be refused with (SPEC.md, "Errors about proofs and snapshots"). */
const CODES: ReadonlySet<StateErrorCode> = new Set<StateErrorCode>([
  "STATE_BYTES_MALFORMED",
  "STATE_TOO_LARGE",
  "STATE_ENTRIES_UNORDERED",
  "SNAPSHOT_CHUNK_EMPTY",
  "SNAPSHOT_CHUNK_REPEATED",
  "SNAPSHOT_CHUNK_MISSING",
  "SNAPSHOT_BOUNDARY",
  "SNAPSHOT_ROOT_MISMATCH",
]);

const EDIT = fc.record({
  at: fc.nat(),
  remove: fc.nat(4),
  insert: fc.uint8Array({ maxLength: 4 }),
});

const CHUNK: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom(...CHUNKS),
  fc.tuple(fc.constantFrom(...CHUNKS), fc.array(EDIT, { minLength: 1, maxLength: 3 })).map(edited),
);

function edited([chunk, edits]: readonly [Uint8Array, readonly EditOf[]]): Uint8Array {
  return edits.reduce((bytes: Uint8Array, { at, remove, insert }) => {
    const start = at % (bytes.length + 1);
    return Uint8Array.of(...bytes.subarray(0, start), ...insert, ...bytes.subarray(start + remove));
  }, chunk);
}

interface EditOf {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

/** Chunks that somebody sends one after another. */
export const HOSTILE_CHUNKS = fc.array(CHUNK, { minLength: 1, maxLength: 8 });

/**
 * What is wrong with how a receiver takes chunks; undefined if nothing is. Whatever was sent in
 * between, the real chunks then lead to the state.
 */
export function problemOfChunks(chunks: readonly Uint8Array[]): string | undefined {
  const restorer = restoreSnapshot(LIBRARY_STATE.root());
  for (const chunk of chunks) {
    const { complete, size } = restorer;
    const added = restorer.add(chunk);
    if (added.ok) continue;
    const { code, at } = added.error;
    if (!CODES.has(code)) return `${code} is not listed`;
    if (!Number.isInteger(at) || at < 0) return `${code} at ${at}`;
    if (restorer.complete !== complete || restorer.size !== size) return `${code} left something`;
  }
  for (const chunk of CHUNKS) restorer.add(chunk);
  return restorer.complete && isWhole(restorer.finish()) ? undefined : "does not get the state";
}

function isWhole(state: StateTree): boolean {
  return equalBytes(state.root(), LIBRARY_STATE.root());
}
