// The contract's walk of a multiproof against the sandbox's own tree.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import {
  type Change,
  type ChangeSet,
  encodeChangeSet,
  makeChangeSet,
  opBetween,
  type StateKey,
} from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { createStateTree, encodeMultiproof, proveKeys, type StateTree } from "#sandbox";
import { codeOf, refusalOf } from "./abort.ts";
import { CHAT, openChatChannel } from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";

const BAD_PROOF = 38;
const RUNS = { numRuns: 60 };
const HANDLE = makeAddress("0x7ab1e");
const KEYS_MAX = 24;

const chain = startContractChain();

function rootAfter(root: Uint8Array, changes: ChangeSet, proof: Uint8Array) {
  const args = [arg.bytes(root), arg.bytes(encodeChangeSet(changes)), arg.bytes(proof)];
  return chain.ask("0x20::state_proof::root_after", { args });
}

/** The root that the contract computes, or its refusal. */
function answer(root: Uint8Array, changes: ChangeSet, proof: Uint8Array): string | number {
  const { status, returns } = rootAfter(root, changes, proof);
  if (status.type !== "executed") return codeOf({ status });
  const bytes = decodeBcs(returns[0] ?? new Uint8Array(), (reader) => reader.bytes().slice());
  return toHex(bytes);
}

function keyOf(number: number): StateKey {
  return { kind: "tableItem", handle: HANDLE, key: arg.u64(number) };
}

type Contents = ReadonlyMap<number, number>;

function treeOf(contents: Contents): StateTree {
  const tree = createStateTree();
  const changes = [...contents].map(
    ([key, value]): Change => ({ key: keyOf(key), op: { type: "new", value: arg.u64(value) } }),
  );
  tree.apply(makeChangeSet(changes));
  return tree;
}

/** From one to the other, over the keys that differ. */
function changesBetween(before: Contents, after: Contents): ChangeSet {
  const bytes = (value: number | undefined) => (value === undefined ? undefined : arg.u64(value));
  const changes = Array.from({ length: KEYS_MAX }, (_, key) => {
    const op = opBetween(bytes(before.get(key)), bytes(after.get(key)));
    return op === undefined ? [] : [{ key: keyOf(key), op }];
  });
  return makeChangeSet(changes.flat());
}

function proofOf(tree: StateTree, changes: ChangeSet): Uint8Array {
  const keys = changes.map(({ key }) => key);
  return encodeMultiproof(proveKeys(tree, keys));
}

const contents: fc.Arbitrary<Contents> = fc
  .uniqueArray(fc.tuple(fc.nat(KEYS_MAX - 1), fc.nat(2)), { selector: ([key]) => key })
  .map((pairs) => new Map(pairs));

describe("a change set with its multiproof", () => {
  it("leads the contract to the root that the tree has", () => {
    fc.assert(
      fc.property(contents, contents, (before, after) => {
        const tree = treeOf(before);
        const changes = changesBetween(before, after);
        const proof = proofOf(tree, changes);
        const expected = toHex(treeOf(after).root());
        expect(answer(tree.root(), changes, proof)).toBe(expected);
      }),
      RUNS,
    );
  });

  it("is refused under another root", () => {
    const tree = treeOf(new Map([[1, 1]]));
    const changes = changesBetween(new Map([[1, 1]]), new Map([[1, 2]]));
    const other = treeOf(new Map([[1, 2]])).root();
    expect(answer(other, changes, proofOf(tree, changes))).toBe(BAD_PROOF);
  });

  it("is refused with any byte of the proof altered", () => {
    const before = new Map(Array.from({ length: 12 }, (_, key) => [key, 1]));
    const after = new Map([...before, [3, 2], [20, 5]]);
    after.delete(7);
    const tree = treeOf(before);
    const changes = changesBetween(before, after);
    const proof = proofOf(tree, changes);
    const accepted = [...proof.keys()].filter((index) => {
      const altered = proof.with(index, (proof[index] ?? 0) ^ 1);
      return rootAfter(tree.root(), changes, altered).status.type === "executed";
    });
    expect(accepted).toEqual([]);
  });

  it("is refused where it starts from other values than the state's", () => {
    fc.assert(
      fc.property(contents, contents, fc.nat(), (before, after, choice) => {
        const tree = treeOf(before);
        const changes = changesBetween(before, after);
        const proof = proofOf(tree, changes);
        const false_ = changes.map((change, index) =>
          index === choice % Math.max(1, changes.length) ? falsify(change) : change,
        );
        fc.pre(changes.length > 0);
        expect(answer(tree.root(), false_, proof)).toBe(BAD_PROOF);
      }),
      RUNS,
    );
  });

  it("is refused with a proof that is too short, too long, or of no proper hashes", () => {
    const before = new Map([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    const tree = treeOf(before);
    const changes = changesBetween(before, new Map([...before, [1, 2]]));
    const { shape, hashes } = proveKeys(
      tree,
      changes.map(({ key }) => key),
    );
    const tried = (some: Uint8Array, all: readonly Uint8Array[]) => {
      const proof = encodeBcs((writer) => {
        writer.bytes(some);
        writer.vector(all, (out, hash) => out.bytes(hash));
      });
      return answer(tree.root(), changes, proof);
    };
    const [first] = hashes;
    const more = [...hashes, ...(first === undefined ? [] : [first])];
    expect(tried(shape, hashes)).not.toBe(BAD_PROOF);
    expect(tried(shape.subarray(1), hashes)).toBe(BAD_PROOF);
    expect(tried(Uint8Array.of(...shape, 0), hashes)).toBe(BAD_PROOF);
    expect(tried(shape, hashes.slice(1))).toBe(BAD_PROOF);
    expect(tried(shape, more)).toBe(BAD_PROOF);
    expect(
      tried(
        shape,
        hashes.map((hash) => hash.subarray(1) as Hash),
      ),
    ).toBe(BAD_PROOF);
  });

  it("costs little more than its hashes", () => {
    const before = new Map(Array.from({ length: KEYS_MAX }, (_, key) => [key, 1]));
    const after = new Map(Array.from({ length: KEYS_MAX }, (_, key) => [key, 2]));
    const tree = treeOf(before);
    const changes = changesBetween(before, after);
    const { gas } = rootAfter(tree.root(), changes, proofOf(tree, changes));
    expect(gas / changes.length).toBeLessThan(40_000);
  });

  it("reads resources and table items alike", () => {
    const channel = openChatChannel(startContractChain());
    const { log, stateKey } = channel;
    const root = log.state.root();
    const type = makeStructTag(`${CHAT}::ChatGroup`);
    expect(stateKey).toEqual({ kind: "resource", address: type.address, type });
    const op = opBetween(log.state.get(stateKey), arg.u64(1));
    const changes = op === undefined ? [] : [{ key: stateKey, op }];
    const proof = proofOf(log.state, changes);
    log.state.apply(changes);
    expect(answer(root, changes, proof)).toBe(toHex(log.state.root()));
  });

  it("must itself be canonical", () => {
    const root = treeOf(new Map()).root();
    const refused = rootAfter(root, [], Uint8Array.of(0x80, 0x00, 0));
    expect(refusalOf(refused)).toBe("0x1::bcs_stream 65537");
  });
});

/** The same change from a value that was not there. */
function falsify({ key, op }: Change): Change {
  switch (op.type) {
    case "new":
      return { key, op: { type: "modify", old: arg.u64(77), value: op.value } };
    case "modify":
      return { key, op: { ...op, old: arg.u64(77) } };
    case "delete":
      return { key, op: { type: "delete", old: arg.u64(77) } };
  }
}
