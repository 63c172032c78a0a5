import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "#core/bytes.ts";
import { type Hash, ZERO_HASH } from "#core/hash.ts";
import {
  decodeMultiproof,
  encodeMultiproof,
  MULTIPROOF_KEYS_MAX,
  MULTIPROOF_SIZE_MAX,
  type Multiproof,
  proveStateKeys,
  SHAPE,
  sortKeyHashes,
} from "../../../src/sandbox/state/multiproof.ts";
import {
  computeRootAfter,
  type ProofEntry,
  updateProven,
  verifyMultiproof,
} from "../../../src/sandbox/state/proven-subtree.ts";
import { hashStateInner, hashStateLeaf } from "../../../src/sandbox/state/state-hash.ts";
import {
  buildSubtree,
  findLeaf,
  hashLeafValue,
  hashSubtree,
  type Subtree,
  updateSubtree,
} from "../../../src/sandbox/state/subtree.ts";
import {
  crowdedKeyHash,
  crowdedLeaves,
  hashOf,
  hashWithBits,
  leafAt,
  mutations,
  smallValue,
} from "./arbitraries.ts";
import { runContract } from "./contract-model.ts";

function entriesOf(top: Subtree, keyHashes: readonly Hash[]): ProofEntry[] {
  return keyHashes.map((keyHash) => {
    const leaf = findLeaf(top, keyHash);
    return { keyHash, valueHash: leaf && hashLeafValue(leaf) };
  });
}

function codeOf(top: Subtree, proof: Multiproof, entries: readonly ProofEntry[]): string {
  const result = verifyMultiproof(hashSubtree(top), proof, entries);
  return result.ok ? "ok" : result.error.code;
}

const someKeys = fc.array(crowdedKeyHash, { maxLength: 12 }).map(sortKeyHashes);

/** bits 0 and 1 set or not: four leaves, one per quarter, and a neighbour deep in the first. */
const quarters = [[], [40], [1], [0], [0, 1]].map((bits, index) =>
  leafAt(hashWithBits(bits), Uint8Array.of(index)),
);
const quarterTop = buildSubtree(
  [...quarters].sort((a, b) => (toHex(a.keyHash) < toHex(b.keyHash) ? -1 : 1)),
);

function contractRoot(
  top: Subtree,
  proof: Multiproof,
  before: readonly ProofEntry[],
  after: readonly ProofEntry[],
): string | undefined {
  const hex = (hash: Hash | undefined) => hash && toHex(hash);
  return runContract(
    toHex(hashSubtree(top)),
    [...proof.shape],
    proof.hashes.map(toHex),
    before.map(({ keyHash, valueHash }, index) => ({
      keyHash: toHex(keyHash),
      before: hex(valueHash),
      after: hex(after[index]?.valueHash),
    })),
  );
}

describe("multiproof", () => {
  it("[SM1] proves any keys of any tree, absences included", () => {
    fc.assert(
      fc.property(crowdedLeaves, someKeys, (leaves, keys) => {
        const top = buildSubtree(leaves);
        expect(codeOf(top, proveStateKeys(top, keys), entriesOf(top, keys))).toBe("ok");
      }),
      { numRuns: 300 },
    );
  });

  it("[SM5] yields the root after any change of its keys", () => {
    fc.assert(
      fc.property(
        crowdedLeaves,
        someKeys,
        fc.infiniteStream(fc.option(smallValue, { nil: undefined, freq: 1 })),
        (leaves, keys, values) => {
          const top = buildSubtree(leaves);
          const proven = verifyMultiproof(
            hashSubtree(top),
            proveStateKeys(top, keys),
            entriesOf(top, keys),
          );
          if (!proven.ok) throw proven.error;
          const updates = keys.map((keyHash) => {
            const value = values.next().value;
            return { keyHash, leaf: value && leafAt(keyHash, value) };
          });
          const after = updates.map(({ keyHash, leaf }) => ({
            keyHash,
            valueHash: leaf && hashLeafValue(leaf),
          }));
          const wanted = toHex(hashSubtree(updateSubtree(top, updates)));
          expect(toHex(computeRootAfter(proven.value, after))).toBe(wanted);
          const contract = contractRoot(
            top,
            proveStateKeys(top, keys),
            proven.value.entries,
            after,
          );
          expect(contract).toBe(wanted);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("[SM5] yields the root after removing all keys, some keys and one after the other", () => {
    fc.assert(
      fc.property(crowdedLeaves, fc.nat(), (leaves, choice) => {
        const top = buildSubtree(leaves);
        const keys = leaves
          .map(({ keyHash }) => keyHash)
          .filter((_, i) => (choice >> (i % 30)) & 1);
        const opened = verifyMultiproof(
          hashSubtree(top),
          proveStateKeys(top, keys),
          entriesOf(top, keys),
        );
        if (!opened.ok) throw opened.error;
        let [proven, whole] = [opened.value, top];
        for (const keyHash of keys) {
          const removal = [{ keyHash, leaf: undefined }];
          proven = { ...proven, top: updateProven(proven, removal) };
          whole = updateSubtree(whole, removal);
          expect(toHex(hashSubtree(proven.top))).toBe(toHex(hashSubtree(whole)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("[SM4] a claim about any key that differs from the tree is refused", () => {
    fc.assert(
      fc.property(crowdedLeaves, someKeys, fc.nat(), (leaves, keys, choice) => {
        fc.pre(keys.length > 0);
        const top = buildSubtree(leaves);
        const proof = proveStateKeys(top, keys);
        const index = choice % keys.length;
        const lies = entriesOf(top, keys).map((entry, at) => {
          if (at !== index) return entry;
          const valueHash =
            entry.valueHash === undefined || choice % 2 === 0 ? hashOf(7) : undefined;
          return { ...entry, valueHash };
        });
        expect(codeOf(top, proof, lies)).toMatch(/^STATE_PROOF_(ENTRY|ROOT)_MISMATCH$/);
      }),
      { numRuns: 200 },
    );
  });

  it("[SM2] every other shape or hash for the same keys is refused", () => {
    const keys = sortKeyHashes([hashWithBits([40]), hashWithBits([0]), hashWithBits([1, 9])]);
    const proof = proveStateKeys(quarterTop, keys);
    const entries = entriesOf(quarterTop, keys);
    expect(codeOf(quarterTop, proof, entries)).toBe("ok");
    const accepted = [...mutations(encodeMultiproof(proof))].filter((bytes) => {
      const decoded = decodeMultiproof(bytes);
      return decoded.ok && codeOf(quarterTop, decoded.value, entries) === "ok";
    });
    expect(accepted).toEqual([]);
  });

  it("[SM2] a proof for other keys is refused, even for fewer of them", () => {
    fc.assert(
      fc.property(crowdedLeaves, someKeys, someKeys, (leaves, keys, others) => {
        const top = buildSubtree(leaves);
        const proof = proveStateKeys(top, keys);
        const wanted = proveStateKeys(top, others);
        const same = equalBytes(encodeMultiproof(proof), encodeMultiproof(wanted));
        expect(codeOf(top, proof, entriesOf(top, others)) === "ok").toBe(same);
      }),
      { numRuns: 300 },
    );
  });

  it("[SM3] decodes what it encodes and refuses other bytes with an offset", () => {
    const proof = proveStateKeys(quarterTop, [hashWithBits([0])]);
    const bytes = encodeMultiproof(proof);
    expect(decodeMultiproof(bytes)).toEqual({ ok: true, value: proof });
    for (let size = 0; size < bytes.length; size++) {
      const cut = decodeMultiproof(bytes.subarray(0, size));
      expect(cut).toMatchObject({ ok: false, error: { code: "STATE_BYTES_MALFORMED" } });
    }
  });

  it("[SM3] arbitrary bytes and shapes end in a listed error", () => {
    const listed = /^STATE_(BYTES_MALFORMED|PROOF_[A-Z_]+)$/;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoded = decodeMultiproof(bytes);
        expect(decoded.ok || decoded.error.code).toSatisfy(
          (end) => end === true || end === "STATE_BYTES_MALFORMED",
        );
      }),
    );
    const keys = sortKeyHashes([hashWithBits([40]), hashWithBits([0])]);
    const hashes = proveStateKeys(quarterTop, keys).hashes;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 12 }),
        fc.array(fc.constantFrom(ZERO_HASH, hashOf(1), ...hashes), { maxLength: 10 }),
        (shape, list) => {
          const code = codeOf(
            quarterTop,
            { shape: Uint8Array.from(shape), hashes: list },
            entriesOf(quarterTop, keys),
          );
          expect(code).toMatch(listed);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("[SM2] a contract written from the rules accepts and refuses the same proofs", () => {
    const keys = sortKeyHashes([[40], [0], [1, 9]].map(hashWithBits));
    const before = entriesOf(quarterTop, keys);
    const after = before.map(({ keyHash }) => ({ keyHash, valueHash: undefined }));
    const proof = proveStateKeys(quarterTop, keys);
    const agree = ({ shape, hashes }: Multiproof, claims: readonly ProofEntry[]) => {
      const ours = codeOf(quarterTop, { shape, hashes }, claims) === "ok";
      return ours === (contractRoot(quarterTop, { shape, hashes }, claims, after) !== undefined);
    };
    const shapes = [...proof.shape.keys()].flatMap((at) =>
      [0, 1, 2, 3, 4, 5, 6].map((tag) =>
        proof.shape.map((old, index) => (index === at ? tag : old)),
      ),
    );
    expect(shapes.filter((shape) => !agree({ ...proof, shape }, before))).toEqual([]);
    const others = proveStateKeys(quarterTop, keys.slice(1));
    for (const [some, claims] of [
      [proof, before],
      [proof, before.slice(1)],
      [others, before.slice(1)],
      [others, before],
      [proof, after],
      [proof, []],
    ] as const) {
      expect(agree(some, claims)).toBe(true);
    }
  });

  it("[SM3] a shape that never ends is cut at 256 levels", () => {
    const shape = new Uint8Array(100_000).fill(SHAPE.inner);
    const entries = [{ keyHash: hashWithBits([]), valueHash: undefined }];
    expect(codeOf(quarterTop, { shape, hashes: [] }, entries)).toBe("STATE_PROOF_TOO_DEEP");
  });

  it("[SM4] unordered, repeated and too many keys are refused", () => {
    const [a, b] = [hashWithBits([3]), hashWithBits([0])].map((keyHash) => ({
      keyHash,
      valueHash: undefined,
    }));
    const proof = proveStateKeys(quarterTop, []);
    if (a === undefined || b === undefined) throw new Error("two entries");
    expect(codeOf(quarterTop, proof, [b, a])).toBe("STATE_ENTRIES_UNORDERED");
    expect(codeOf(quarterTop, proof, [a, a])).toBe("STATE_ENTRIES_UNORDERED");
    const many = Array.from({ length: MULTIPROOF_KEYS_MAX + 1 }, () => a);
    expect(codeOf(quarterTop, proof, many)).toBe("STATE_TOO_LARGE");
  });

  it("[SM2] no keys are proven by the root alone", () => {
    const proof = proveStateKeys(quarterTop, []);
    expect(proof).toEqual({ shape: Uint8Array.of(SHAPE.hash), hashes: [hashSubtree(quarterTop)] });
    expect(codeOf(quarterTop, proof, [])).toBe("ok");
    expect(codeOf(undefined, proveStateKeys(undefined, []), [])).toBe("ok");
    if (quarterTop?.kind !== "inner") throw new Error("the tree has inner nodes");
    const children = [hashSubtree(quarterTop.left), hashSubtree(quarterTop.right)];
    const opened = { shape: Uint8Array.of(SHAPE.pair), hashes: children };
    expect(codeOf(quarterTop, opened, [])).toBe("STATE_PROOF_SHAPE");
  });

  it("[SM2] a leaf passed off as a stub beside a key that may go is refused", () => {
    const [gone, stays] = [
      leafAt(hashWithBits([]), Uint8Array.of(1)),
      leafAt(hashWithBits([0]), Uint8Array.of(2)),
    ];
    const top = buildSubtree([gone, stays]);
    const entries = entriesOf(top, [gone.keyHash]);
    const honest = proveStateKeys(top, [gone.keyHash]);
    expect([...honest.shape]).toEqual([SHAPE.inner, SHAPE.entry, SHAPE.leaf]);
    const shape = Uint8Array.of(SHAPE.inner, SHAPE.entry, SHAPE.hash);
    const forged = { shape, hashes: [hashSubtree(stays)] };
    expect(toHex(hashStateInner(hashSubtree(gone), hashSubtree(stays)))).toBe(
      toHex(hashSubtree(top)),
    );
    expect(codeOf(top, forged, entries)).toBe("STATE_PROOF_SHAPE");
  });

  describe("[SM2] forged proofs whose hashes fit", () => {
    const [zero, one] = [hashWithBits([]), hashWithBits([0])];
    const [valueHash, other] = [hashOf(1), hashOf(2)];
    const leafOf = (keyHash: Hash) => hashStateLeaf(keyHash, valueHash);
    const { inner, empty, entry, hash, leaf, pair } = SHAPE;
    const present: ProofEntry = { keyHash: zero, valueHash };
    const absent: ProofEntry = { keyHash: zero, valueHash: undefined };

    it.each<[string, Hash, number[], Hash[], ProofEntry, string]>([
      [
        "an absence by the key's own leaf",
        leafOf(zero),
        [leaf],
        [zero, valueHash],
        absent,
        "STATE_PROOF_ENTRY_MISMATCH",
      ],
      [
        "an absence by a leaf that has no business there",
        hashStateInner(leafOf(one), other),
        [inner, leaf, hash],
        [one, valueHash, other],
        absent,
        "STATE_PROOF_OFF_PATH",
      ],
      [
        "a lone leaf below an inner node",
        hashStateInner(leafOf(zero), ZERO_HASH),
        [inner, entry, empty],
        [],
        present,
        "STATE_PROOF_SHAPE",
      ],
      [
        "an empty subtree as a stub",
        hashStateInner(ZERO_HASH, hashStateInner(ZERO_HASH, ZERO_HASH)),
        [inner, empty, hash],
        [ZERO_HASH],
        absent,
        "STATE_PROOF_SHAPE",
      ],
      [
        "an inner node opened further than a change needs",
        hashStateInner(leafOf(zero), hashStateInner(other, valueHash)),
        [inner, entry, inner, hash, hash],
        [other, valueHash],
        present,
        "STATE_PROOF_SHAPE",
      ],
      ["a node too many", leafOf(zero), [entry, empty], [], present, "STATE_PROOF_SHAPE"],
      ["a hash too many", leafOf(zero), [entry], [other], present, "STATE_PROOF_SHAPE"],
    ])("%s", (_, root, shape, hashes, claim, code) => {
      const proof = { shape: Uint8Array.from(shape), hashes };
      const result = verifyMultiproof(root, proof, [claim]);
      expect(result.ok || result.error.code).toBe(code);
    });

    it("but not the pair that a removal needs", () => {
      const root = hashStateInner(leafOf(zero), hashStateInner(other, valueHash));
      const proof = { shape: Uint8Array.of(inner, entry, pair), hashes: [other, valueHash] };
      const result = verifyMultiproof(root, proof, [present]);
      if (!result.ok) throw result.error;
      const wanted = hashStateInner(ZERO_HASH, hashStateInner(other, valueHash));
      expect(computeRootAfter(result.value, [absent])).toEqual(wanted);
    });
  });

  it("[SM3] a proof over the limit is refused before it is read", () => {
    const proof = decodeMultiproof(new Uint8Array(MULTIPROOF_SIZE_MAX + 1));
    expect(proof).toMatchObject({ ok: false, error: { code: "STATE_TOO_LARGE" } });
  });

  it("[SM5] changes outside the proven keys are our own mistake", () => {
    const proven = verifyMultiproof(
      hashSubtree(quarterTop),
      proveStateKeys(quarterTop, [hashWithBits([0])]),
      entriesOf(quarterTop, [hashWithBits([0])]),
    );
    if (!proven.ok) throw proven.error;
    const update = [{ keyHash: hashWithBits([0, 1]), leaf: undefined }];
    expect(() => updateProven(proven.value, update)).toThrow("only proven keys change");
  });
});
