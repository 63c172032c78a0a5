import "fake-indexeddb/auto";
import { openDB } from "idb";
import { describe, expect, it, vi } from "vitest";
import { openIndexedDbStore } from "../../../src/channel/store/indexed-db.ts";
import { verifyEd25519 } from "../../../src/sandbox/core/ed25519.ts";
import { sha2_256 } from "../../../src/sandbox/core/hash.ts";
import { journalSuite } from "../../conformance/store.suite.ts";

let count = 0;
let chance = 0;
const entropy = (size: number) => new Uint8Array(size).fill(++chance);
const freshName = () => `test ${count++}`;

journalSuite("IndexedDB", async () => {
  const name = freshName();
  return { reopen: async (journal) => (await openIndexedDbStore(name, entropy)).journal(journal) };
});

describe("IndexedDB store", () => {
  it("makes an identity once, and finds it again", async () => {
    const name = freshName();
    const first = await (await openIndexedDbStore(name, entropy)).identity();
    const again = await (await openIndexedDbStore(name, entropy)).identity();
    expect(again.signer.nodeKey).toEqual(first.signer.nodeKey);
    expect(again.signer.memberKey).toEqual(first.signer.memberKey);
    expect(again.revealTip).toEqual(first.revealTip);
    expect(first.signer.nodeKey).not.toEqual(first.signer.memberKey);
  });

  it("gives different identities different keys", async () => {
    const [a, b] = await Promise.all(
      [freshName(), freshName()].map(async (name) => {
        return (await openIndexedDbStore(name, entropy)).identity();
      }),
    );
    expect(a?.signer.nodeKey).not.toEqual(b?.signer.nodeKey);
  });

  it("gives every seat a chain of reveals of its own, and knows them all", async () => {
    const name = freshName();
    const store = await openIndexedDbStore(name, entropy);
    const first = await store.identityForJoin();
    expect((await store.identityForJoin()).revealTip).toEqual(first.revealTip);
    await store.takeReveals();
    expect((await store.identity()).revealTip).toEqual(first.revealTip);
    const second = await (await openIndexedDbStore(name, entropy)).identityForJoin();
    expect(second.revealTip).not.toEqual(first.revealTip);
    expect(second.signer.nodeKey).toEqual(first.signer.nodeKey);
    for (const { revealTip } of [first, second]) {
      const value = second.signer.reveal(revealTip);
      expect(value && sha2_256(value)).toEqual(revealTip);
    }
    expect(first.signer.reveal(second.revealTip)).toBeUndefined();
  });

  it("signs with either key, and shows no secret", async () => {
    const { signer } = await (await openIndexedDbStore(freshName(), entropy)).identity();
    const message = Uint8Array.of(1, 2, 3);
    expect(verifyEd25519(message, signer.signAsNode(message), signer.nodeKey)).toBe(true);
    expect(verifyEd25519(message, signer.signAsMember(message), signer.memberKey)).toBe(true);
    expect(verifyEd25519(message, signer.signAsMember(message), signer.nodeKey)).toBe(false);
    expect(Object.keys(signer).toSorted()).toEqual([
      "memberKey",
      "nodeKey",
      "reveal",
      "signAsMember",
      "signAsNode",
    ]);
  });

  it("forgets a removed journal and keeps the others", async () => {
    const store = await openIndexedDbStore(freshName(), entropy);
    const record = { sequence: 1, bytes: Uint8Array.of(1) };
    await store.journal("old").append([record]);
    await store.journal("new").append([record]);
    await store.removeJournal("old");
    expect(await store.journal("old").load()).toEqual([]);
    expect(await store.journal("new").load()).toEqual([record]);
  });

  it("[STORE_CORRUPT] refuses a journal with a gap", async () => {
    const store = await openIndexedDbStore(freshName(), entropy);
    const bytes = Uint8Array.of(1);
    await store.journal("a").append([{ sequence: 1, bytes }]);
    await store.journal("a").append([{ sequence: 3, bytes }]);
    await expect(store.journal("a").load()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it("[STORE_NEWER] leaves alone what a newer version wrote", async () => {
    const name = freshName();
    (await openDB(`holdfast:node:${name}`, 99)).close();
    await expect(openIndexedDbStore(name, entropy)).rejects.toMatchObject({ code: "STORE_NEWER" });
  });

  it("commits what waits together: far fewer transactions than appends", async () => {
    const store = await openIndexedDbStore(freshName(), entropy);
    const journal = store.journal("a");
    const spy = vi.spyOn(IDBDatabase.prototype, "transaction");
    const appends = Array.from({ length: 200 }, (_, index) =>
      journal.append([{ sequence: index + 1, bytes: Uint8Array.of(1) }]),
    );
    await Promise.all(appends);
    const calls = spy.mock.calls;
    spy.mockRestore();
    expect(calls).toEqual([["records", "readwrite", { durability: "strict" }]]);
  });
});
