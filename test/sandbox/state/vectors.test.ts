/**
 * The final bytes of the state root, its proofs, its snapshots and of list roots, pinned in
 * test/vectors/state-root. Every root is computed twice, by the product and by model.ts, which
 * shares no code with it. `UPDATE=1` writes the files anew: a changed byte is a new protocol.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "#core/bytes.ts";
import {
  type ChangeSet,
  encodeChangeSet,
  encodeStateKey,
  newValue,
  oldValue,
  type StateKey,
} from "#core/effects.ts";
import { domainPrefix, type Hash, sha2_256 } from "#core/hash.ts";
import { MerkleLog } from "#core/merkle/merkle-log.ts";
import { encodeConsistencyProof, encodeMerklePath } from "#core/merkle/merkle-proof.ts";
import { decodeMultiproof, encodeMultiproof } from "../../../src/sandbox/state/multiproof.ts";
import {
  decodeStateProof,
  encodeStateProof,
  proveStateKey,
  verifyStateProof,
} from "../../../src/sandbox/state/proof.ts";
import { computeRootAfterChanges, proveKeys } from "../../../src/sandbox/state/proven-state.ts";
import { snapshotChunks } from "../../../src/sandbox/state/snapshot.ts";
import { restoreSnapshot } from "../../../src/sandbox/state/snapshot-restore.ts";
import { hashStateKey } from "../../../src/sandbox/state/state-hash.ts";
import { createStateTree, type StateTree } from "../../../src/sandbox/state/state-tree.ts";
import { hashSubtree, type StateEntry, walkLeaves } from "../../../src/sandbox/state/subtree.ts";
import { changesTo, hashOf, itemKey, moduleKeyOf, resourceKey } from "./arbitraries.ts";
import { runContract } from "./contract-model.ts";
import { modelListRoot, modelRoot, sha256, taggedHash } from "./model.ts";

const TAGS = ["StateKey", "StateLeaf", "StateInner", "MerkleNode", "HistoryRoot"] as const;
const LIST_COUNT = 11;
const CHUNK_SIZE = 1024;

/** One entry of each kind of key, then more resources. */
const ENTRIES: readonly StateEntry[] = [
  { key: resourceKey(0), value: Uint8Array.of(1) },
  { key: itemKey("0xabc", utf8("chair")), value: utf8("four legs") },
  { key: moduleKeyOf("0x1", "coin"), value: Uint8Array.of(0xa1, 0x1c, 0xeb, 0x0b) },
  { key: resourceKey(1, "0x1::coin::CoinStore<0x1::a::B>"), value: new Uint8Array() },
  ...Array.from({ length: 12 }, (_, index) => ({
    key: resourceKey(index + 2),
    value: Uint8Array.of(index, 0, 0, 0),
  })),
];
const ABSENT = resourceKey(99);
const list: readonly Hash[] = Array.from({ length: LIST_COUNT }, (_, index) => hashOf(index));

function treeOf(entries: readonly StateEntry[]): StateTree {
  const tree = createStateTree();
  const wanted = entries.map(({ key, value }) => [key, value] as const);
  tree.apply(changesTo(tree, wanted));
  return tree;
}

function modelRootOf(entries: Iterable<StateEntry>): string {
  const leaves = [...entries].map(({ key, value }) => ({ keyHash: modelKeyHash(key), value }));
  return toHex(modelRoot(leaves));
}

function modelKeyHash(key: StateKey): Uint8Array {
  return taggedHash("StateKey", encodeStateKey(key));
}

function makeRoots() {
  const tree = treeOf(ENTRIES);
  const leaves = new Map(
    [...walkLeaves(tree.top)].map(({ leaf }) => [toHex(leaf.keyHash), toHex(hashSubtree(leaf))]),
  );
  return {
    prefixes: Object.fromEntries(TAGS.map((tag) => [tag, toHex(domainPrefix(tag))])),
    entries: ENTRIES.map(({ key, value }) => {
      const keyHash = toHex(hashStateKey(key));
      const leaf = leaves.get(keyHash);
      return { key: toHex(encodeStateKey(key)), value: toHex(value), keyHash, leaf };
    }),
    rootsOfTheFirst: [0, ...ENTRIES.keys()].map((_, count) =>
      toHex(treeOf(ENTRIES.slice(0, count)).root()),
    ),
  };
}

/** None, a change, an insertion, a removal, all of these at once, and the removal of everything. */
function makeChanges(tree: StateTree): ChangeSet[] {
  const [one, two, three] = [resourceKey(0), resourceKey(5), resourceKey(9)];
  const value = Uint8Array.of(7);
  return [
    changesTo(tree, []),
    changesTo(tree, [[one, value]]),
    changesTo(tree, [[ABSENT, value]]),
    changesTo(tree, [[two, undefined]]),
    changesTo(tree, [
      [one, value],
      [two, undefined],
      [three, undefined],
      [ABSENT, value],
    ]),
    changesTo(
      tree,
      ENTRIES.map(({ key }) => [key, undefined]),
    ),
  ];
}

function makeProofs() {
  const tree = treeOf(ENTRIES);
  return {
    root: toHex(tree.root()),
    proofs: [resourceKey(0), resourceKey(5), ABSENT].map((key) => ({
      key: toHex(encodeStateKey(key)),
      value: toHex(tree.get(key) ?? new Uint8Array()),
      isPresent: tree.get(key) !== undefined,
      proof: toHex(encodeStateProof(proveStateKey(tree.top, hashStateKey(key)))),
    })),
    multiproofs: makeChanges(tree).map((changes) => {
      const keys = changes.map(({ key }) => key);
      const proof = proveKeys(tree, keys);
      const after = computeRootAfterChanges(tree.root(), proof, changes);
      return {
        changes: toHex(encodeChangeSet(changes)),
        shape: toHex(proof.shape),
        proof: toHex(encodeMultiproof(proof)),
        rootAfter: after.ok ? toHex(after.value) : after.error.code,
      };
    }),
  };
}

function makeSnapshot() {
  const tree = treeOf(ENTRIES);
  return {
    root: toHex(tree.root()),
    chunkSizeMax: CHUNK_SIZE,
    chunks: [...snapshotChunks(tree, CHUNK_SIZE)].map(toHex),
  };
}

function makeLists() {
  const log = new MerkleLog("HistoryRoot", list);
  return {
    tag: "HistoryRoot",
    hashes: list.map(toHex),
    rootsOfTheFirst: [...list.keys(), LIST_COUNT].map((count) => toHex(log.root(count))),
    paths: list.map((_, index) => toHex(encodeMerklePath(log.prove(index)))),
    consistencyFromTheFirst: [...list.keys(), LIST_COUNT].map((count) =>
      toHex(encodeConsistencyProof(log.proveConsistency(count))),
    ),
  };
}

function readVectors(name: string, made: unknown): unknown {
  const file = new URL(`../../vectors/state-root/${name}.json`, import.meta.url);
  if (process.env["UPDATE"] === "1") writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`);
  return JSON.parse(readFileSync(file, "utf8"));
}

describe("pinned bytes", () => {
  it.each([
    ["[SR1] roots", makeRoots],
    ["[SM3] proofs", makeProofs],
    ["[SN3] snapshot", makeSnapshot],
    ["[SA2] lists", makeLists],
  ])("%s are those of the vectors", (title, make) => {
    const made = make();
    expect(made).toEqual(readVectors(title.split(" ")[1] ?? "", made));
  });

  it("[SR2] the model has the same key hashes, leaves and prefixes", () => {
    const { prefixes, entries } = makeRoots();
    for (const tag of TAGS) expect(prefixes[tag]).toBe(toHex(sha256(utf8(`HOLDFAST::${tag}`))));
    ENTRIES.forEach(({ key, value }, index) => {
      const keyHash = modelKeyHash(key);
      expect(entries[index]?.keyHash).toBe(toHex(keyHash));
      expect(entries[index]?.leaf).toBe(toHex(taggedHash("StateLeaf", keyHash, sha256(value))));
    });
  });

  it("[SR5] the model has the same roots", () => {
    makeRoots().rootsOfTheFirst.forEach((root, count) => {
      expect(root).toBe(modelRootOf(ENTRIES.slice(0, count)));
    });
    makeLists().rootsOfTheFirst.forEach((root, count) => {
      expect(root).toBe(toHex(modelListRoot("HistoryRoot", list.slice(0, count))));
    });
  });

  it("[SM5] the model and a contract written from the rules have the same roots after", () => {
    const { multiproofs, root } = makeProofs();
    const before = treeOf(ENTRIES);
    makeChanges(before).forEach((changes, index) => {
      const after = treeOf(ENTRIES);
      after.apply(changes);
      const wanted = modelRootOf(after.entries());
      expect(multiproofs[index]?.rootAfter).toBe(wanted);
      const proof = proveKeys(
        before,
        changes.map(({ key }) => key),
      );
      const hashValue = (value: Uint8Array | undefined) => value && toHex(sha256(value));
      const entries = changes.map(({ key, op }) => ({
        keyHash: toHex(modelKeyHash(key)),
        before: hashValue(oldValue(op)),
        after: hashValue(newValue(op)),
      }));
      entries.sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1));
      expect(runContract(root, [...proof.shape], proof.hashes.map(toHex), entries)).toBe(wanted);
    });
  });

  it("[SP4] the pinned bytes decode and hold", () => {
    const tree = treeOf(ENTRIES);
    for (const { key, value, isPresent, proof } of makeProofs().proofs) {
      const decoded = decodeStateProof(Buffer.from(proof, "hex"));
      if (!decoded.ok) throw decoded.error;
      const keyHash = taggedHash("StateKey", Buffer.from(key, "hex")) as Hash;
      expect(verifyStateProof(tree.root(), keyHash, decoded.value)).toEqual({
        ok: true,
        value: isPresent ? sha2_256(Buffer.from(value, "hex")) : undefined,
      });
    }
    for (const { proof } of makeProofs().multiproofs) {
      expect(decodeMultiproof(Buffer.from(proof, "hex")).ok).toBe(true);
    }
    const restorer = restoreSnapshot(tree.root());
    for (const chunk of makeSnapshot().chunks) restorer.add(Buffer.from(chunk, "hex"));
    expect(modelRootOf(restorer.finish().entries())).toBe(toHex(tree.root()));
  });
});
