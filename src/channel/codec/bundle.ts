/**
 * Calls of one bundle as they travel: the bundle once, the calls, and what lies beside them in its
 * list, from which the path of each follows (SPEC.md "Bundles"). Signs nothing and believes
 * nothing: whether the paths lead to the bundle's root is told by {@link isInBundle}.
 */
import { assert, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Signature } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { MerkleLog } from "#core/merkle/merkle-log.ts";
import { verifyMerklePath } from "#core/merkle/merkle-proof.ts";
import { besideRange, expandRange } from "#core/merkle/merkle-range.ts";
import type { Bundle, BundledCall, Call } from "../messages.ts";
import { hashCall } from "./call-hash.ts";
import { type Codec, hash, list, signature, struct } from "./fields.ts";
import { BUNDLE_CALLS_MAX, BUNDLE_PATH_MAX } from "./limits.ts";
import { bundle, call, encode } from "./objects.ts";

const TAG = "BundleRoot";

/** Calls of one bundle that follow one another. */
export interface BundlePart {
  readonly bundle: Bundle;
  readonly signature: Signature;
  readonly calls: readonly Call[];
  /** Tops of the trees beside them (sandbox SPEC.md, SA6). */
  readonly beside: readonly Hash[];
}

/** On either side of them there may be as many as a path has. */
export const besideCodec: Codec<readonly Hash[]> = list(hash, 2 * BUNDLE_PATH_MAX);

/** Calls whose path was found to lead to their bundle's root. */
const proved = new WeakSet<BundledCall>();

/** Whether the call is the one that its bundle has in its place. */
export function isInBundle(bundled: BundledCall): boolean {
  if (proved.has(bundled)) return true;
  const { call: own, bundle: of, path } = bundled;
  const listed = { tag: TAG, count: of.count, root: of.root };
  const index = Number(own.nonce - of.first);
  if (!verifyMerklePath(listed, index, hashCall(own), path).ok) return false;
  proved.add(bundled);
  return true;
}

/**
 * A bundle of calls of one seat with consecutive nonces.
 * @param sign the member's signature of the bundle.
 */
export function makeBundle(
  calls: readonly Call[],
  sign: (value: Bundle) => Signature,
): readonly BundledCall[] {
  const [first] = calls;
  assert(first !== undefined && calls.length <= BUNDLE_CALLS_MAX, "a bundle has some calls");
  const { channel, seat, nonce } = first;
  const isRow = calls.every((own, at) => own.seat === seat && own.nonce === nonce + BigInt(at));
  assert(isRow, "the calls of a bundle follow one another");
  const log = new MerkleLog(TAG, calls.map(hashCall));
  const made: Bundle = { channel, seat, first: nonce, count: calls.length, root: log.root() };
  const signed = sign(made);
  return calls.map((own, index) => ({
    call: own,
    bundle: made,
    path: log.prove(index),
    signature: signed,
  }));
}

/** Whether one call comes right after the other in the same bundle. */
export function follows(next: BundledCall, last: BundledCall): boolean {
  if (next.call.nonce !== last.call.nonce + 1n) return false;
  if (!equalBytes(next.signature, last.signature)) return false;
  return (
    next.bundle === last.bundle ||
    equalBytes(encode(bundle, next.bundle), encode(bundle, last.bundle))
  );
}

/** @param row calls of which each {@link follows} the one before. */
export function partOf(row: readonly BundledCall[]): BundlePart {
  const first = present(row[0], "a part has calls");
  const last = present(row.at(-1), "a part has calls");
  const { bundle: of, signature: signed } = first;
  const placed = ({ call: own, path }: BundledCall) => ({
    index: Number(own.nonce - of.first),
    path,
  });
  return {
    bundle: of,
    signature: signed,
    calls: row.map((bundled) => bundled.call),
    beside: besideRange(of.count, placed(first), placed(last)),
  };
}

/**
 * The calls, each with its path; undefined where they do not follow one another, have no place in
 * the bundle, or something else lies beside them than there is room for.
 */
export function callsOf(part: BundlePart): readonly BundledCall[] | undefined {
  const { bundle: of, signature: signed, calls, beside } = part;
  const [first] = calls;
  if (first === undefined) return undefined;
  if (calls.some(({ nonce }, at) => nonce !== first.nonce + BigInt(at))) return undefined;
  const offset = first.nonce - of.first;
  if (offset < 0n || offset >= BigInt(of.count)) return undefined;
  const from = Number(offset);
  const hashes = calls.map(hashCall);
  const expanded = expandRange({ tag: TAG, count: of.count, from, hashes, beside });
  if (!expanded.ok) return undefined;
  const { root, paths } = expanded.value;
  const isProved = equalBytes(root, of.root);
  return calls.map((own, at) => {
    const path = present(paths[at], "a path for each call");
    const bundled = { call: own, bundle: of, path, signature: signed };
    if (isProved) proved.add(bundled);
    return bundled;
  });
}

const anyPart: Codec<BundlePart> = struct<BundlePart>()([
  ["bundle", bundle],
  ["signature", signature],
  ["calls", list(call, BUNDLE_CALLS_MAX)],
  ["beside", besideCodec],
]);

/** Calls of which each {@link follows} the one before, as one part. */
export const bundlePart: Codec<readonly BundledCall[]> = {
  write: (writer, row) => anyPart.write(writer, partOf(row)),
  read(reader) {
    const calls = callsOf(anyPart.read(reader));
    return calls ?? reader.fail("BAD_VALUE", "no part of its bundle");
  },
};
