import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "#core/bytes.ts";
import { type Hash, sha2_256, ZERO_HASH } from "#core/hash.ts";
import {
  decodeStateProof,
  encodeStateProof,
  proveStateKey,
  type StateProof,
  verifyStateProof,
} from "../../../src/sandbox/state/proof.ts";
import { hashStateKey } from "../../../src/sandbox/state/state-hash.ts";
import { buildSubtree, hashSubtree, type Leaf } from "../../../src/sandbox/state/subtree.ts";
import {
  crowdedKeyHash,
  crowdedLeaves,
  hashOf,
  hashWithBits,
  leafAt,
  mutations,
  numberBytes,
  resourceKey,
} from "./arbitraries.ts";

/** Leaves at the real places of 50 resources. */
const leaves: readonly Leaf[] = Array.from({ length: 50 }, (_, index) =>
  leafAt(hashStateKey(resourceKey(index)), numberBytes(index)),
).sort((a, b) => (toHex(a.keyHash) < toHex(b.keyHash) ? -1 : 1));
const top = buildSubtree(leaves);
const root = hashSubtree(top);
const present = hashStateKey(resourceKey(7));
const absent = hashStateKey(resourceKey(99));

function codeOf(proof: StateProof, keyHash: Hash, of: Hash = root): string {
  const result = verifyStateProof(of, keyHash, proof);
  return result.ok ? "ok" : result.error.code;
}

describe("proof of one key", () => {
  it("[SP1] proves every value and every absence of any tree", () => {
    fc.assert(
      fc.property(crowdedLeaves, crowdedKeyHash, (held, keyHash) => {
        const tree = buildSubtree(held);
        const own = held.find((leaf) => equalBytes(leaf.keyHash, keyHash));
        const result = verifyStateProof(hashSubtree(tree), keyHash, proveStateKey(tree, keyHash));
        const valueHash = own?.entry && sha2_256(own.entry.value);
        expect(result).toEqual({ ok: true, value: valueHash });
      }),
      { numRuns: 200 },
    );
  });

  it("[SP4] decodes what it encodes", () => {
    for (const keyHash of [present, absent, hashWithBits([])]) {
      const proof = proveStateKey(top, keyHash);
      expect(decodeStateProof(encodeStateProof(proof))).toEqual({ ok: true, value: proof });
    }
  });

  it("[SP4] what is decoded does not share memory with the message, not even with a Buffer", () => {
    const proof = proveStateKey(top, present);
    const message = Buffer.from(encodeStateProof(proof));
    const decoded = decodeStateProof(message);
    message.fill(0);
    expect(decoded).toEqual({ ok: true, value: proof });
  });

  it.each([
    ["a value", present],
    ["an absence", absent],
  ])("[SP2] every damaged proof of %s is refused", (_, keyHash) => {
    const accepted = [...mutations(encodeStateProof(proveStateKey(top, keyHash)))].filter(
      (bytes) => {
        const proof = decodeStateProof(bytes);
        return proof.ok && codeOf(proof.value, keyHash) === "ok";
      },
    );
    expect(accepted).toEqual([]);
  });

  it("[SP2] a proof holds for its key and its root only", () => {
    const proof = proveStateKey(top, present);
    const { keyHash } =
      leaves.find((leaf) => !equalBytes(leaf.keyHash, present)) ?? leafAt(absent, absent);
    expect(codeOf(proof, keyHash)).toBe("STATE_PROOF_ROOT_MISMATCH");
    expect(codeOf(proof, present, hashOf(1))).toBe("STATE_PROOF_ROOT_MISMATCH");
  });

  it("[SP3] absence is not shown by the key's own leaf", () => {
    const proof = proveStateKey(top, present);
    const { end } = proof;
    if (end.kind !== "value") throw new Error("the key has a value");
    const forged: StateProof = {
      ...proof,
      end: { kind: "otherLeaf", keyHash: present, valueHash: end.valueHash },
    };
    expect(codeOf(forged, present)).toBe("STATE_PROOF_SHAPE");
  });

  it("[SP3] absence is not shown by a leaf from elsewhere", () => {
    const other = leaves.find((leaf) => (leaf.keyHash[0] ?? 0) >> 7 !== (present[0] ?? 0) >> 7);
    if (other === undefined) throw new Error("both halves hold leaves");
    const proof = proveStateKey(top, other.keyHash);
    const forged: StateProof = {
      siblings: proof.siblings,
      end: { kind: "otherLeaf", keyHash: other.keyHash, valueHash: sha2_256(numberBytes(0)) },
    };
    expect(codeOf(forged, present)).toBe("STATE_PROOF_OFF_PATH");
  });

  it("[SP3] an inner node does not pass for a leaf", () => {
    if (top?.kind !== "inner") throw new Error("the tree has inner nodes");
    const [left, right] = [hashSubtree(top.left), hashSubtree(top.right)];
    const forged: StateProof = { siblings: [], end: { kind: "value", valueHash: right } };
    expect(codeOf(forged, left)).toBe("STATE_PROOF_ROOT_MISMATCH");
  });

  it("[SP3] the lowest sibling is not empty and no path is longer than a key hash", () => {
    const proof = proveStateKey(top, present);
    const longer = [ZERO_HASH, ...proof.siblings];
    expect(codeOf({ ...proof, siblings: longer }, present)).toBe("STATE_PROOF_SHAPE");
    const siblings = Array.from({ length: 257 }, () => hashOf(1));
    expect(codeOf({ ...proof, siblings }, present)).toBe("STATE_PROOF_TOO_DEEP");
    expect(decodeStateProof(encodeStateProof({ ...proof, siblings }))).toMatchObject({
      ok: false,
      error: { code: "STATE_BYTES_MALFORMED" },
    });
  });

  it("proves in 256 levels", () => {
    const deep = buildSubtree([
      leafAt(hashWithBits([]), Uint8Array.of(1)),
      leafAt(hashWithBits([255]), Uint8Array.of(2)),
    ]);
    const proof = proveStateKey(deep, hashWithBits([255]));
    expect(proof.siblings.length).toBe(256);
    expect(codeOf(proof, hashWithBits([255]), hashSubtree(deep))).toBe("ok");
    const decoded = decodeStateProof(encodeStateProof(proof));
    expect(decoded.ok && codeOf(decoded.value, hashWithBits([255]), hashSubtree(deep))).toBe("ok");
  });
});
