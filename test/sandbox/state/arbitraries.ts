/**
 * Generated inputs for this folder's properties: state keys, and key hashes that crowd into long
 * shared prefixes.
 */

import fc from "fast-check";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import type { BcsWriter } from "#core/bcs/writer.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { compareBytes, equalBytes } from "#core/bytes.ts";
import {
  type Change,
  makeChangeSet,
  opBetween,
  type StateKey,
  stateKeyText,
} from "#core/effects.ts";
import { type Hash, parseHash, sha2_256 } from "#core/hash.ts";
import { parseIdentifier } from "#core/identifier.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { type Leaf, makeLeaf } from "../../../src/sandbox/state/subtree.ts";

/** A resource of account `index`. */
export function resourceKey(index: number, type = "0x21::chat::Message"): StateKey {
  return {
    kind: "resource",
    address: makeAddress(`0x${(index + 16).toString(16)}`),
    type: makeStructTag(type),
  };
}

export function itemKey(handle: string, key: Uint8Array): StateKey {
  return { kind: "tableItem", handle: makeAddress(handle), key };
}

export function moduleKeyOf(address: string, name: string): StateKey {
  const identifier = present(parseIdentifier(name), "a literal identifier");
  return { kind: "module", module: { address: makeAddress(address), name: identifier } };
}

export function numberBytes(value: number): Uint8Array {
  return encodeBcs((writer: BcsWriter) => writer.u32(value));
}

export function hashOf(value: number): Hash {
  return sha2_256(numberBytes(value));
}

/**
 * 32 bytes that differ only in a few bits far apart: subtrees up to 256 deep, collapses everywhere.
 */
export const crowdedKeyHash: fc.Arbitrary<Hash> = fc
  .subarray([0, 1, 2, 3, 9, 100, 254, 255])
  .map((ones) => hashWithBits(ones));

export function hashWithBits(ones: readonly number[]): Hash {
  const bytes = new Uint8Array(32);
  for (const bit of ones) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return present(parseHash(bytes), "32 bytes");
}

export const smallValue: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 4 });

const places: readonly StateKey[] = [
  ...Array.from({ length: 40 }, (_, index) => resourceKey(index)),
  ...Array.from({ length: 20 }, (_, index) => itemKey("0xabc", numberBytes(index))),
  ...Array.from({ length: 4 }, (_, index) => moduleKeyOf("0x1", `m${index}`)),
];

export const stateKey: fc.Arbitrary<StateKey> = fc.constantFrom(...places);

/** Writes and removals (`undefined`), to be turned into a change set against a state. */
export const writes: fc.Arbitrary<readonly (readonly [StateKey, Uint8Array | undefined])[]> =
  fc.uniqueArray(
    fc.tuple(
      stateKey,
      fc.oneof(
        { weight: 2, arbitrary: smallValue },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
    ),
    { maxLength: 20, selector: ([key]) => stateKeyText(key) },
  );

/** The change set that makes `wanted` true of a state. */
export function changesTo(
  state: { get(key: StateKey): Uint8Array | undefined },
  wanted: readonly (readonly [StateKey, Uint8Array | undefined])[],
) {
  const changes: Change[] = [];
  for (const [key, value] of wanted) {
    const op = opBetween(state.get(key), value);
    if (op !== undefined) changes.push({ key, op });
  }
  return makeChangeSet(changes);
}

/** A leaf at a chosen place of the tree, whatever its key. */
export function leafAt(keyHash: Hash, value: Uint8Array): Leaf {
  return makeLeaf(keyHash, { key: resourceKey(0), value });
}

export function sortedLeaves(values: ReadonlyMap<Hash, Uint8Array>): Leaf[] {
  return [...values]
    .map(([keyHash, value]) => leafAt(keyHash, value))
    .sort((a, b) => compareBytes(a.keyHash, b.keyHash));
}

/** Leaves at distinct crowded places, in order. */
export const crowdedLeaves: fc.Arbitrary<Leaf[]> = fc
  .uniqueArray(fc.tuple(crowdedKeyHash, smallValue), {
    maxLength: 40,
    comparator: ([a], [b]) => equalBytes(a, b),
  })
  .map((pairs) => sortedLeaves(new Map(pairs)));

/** Each way to damage `bytes`: every single bit flipped, every length cut, one byte added. */
export function* mutations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < bytes.length; index++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[index] = (changed[index] ?? 0) ^ (1 << bit);
      yield changed;
    }
    yield bytes.slice(0, index);
  }
  yield Uint8Array.from([...bytes, 0]);
}
