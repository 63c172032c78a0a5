// Defects of the seed's design (B8) that a whole node does not have: its own halt cannot keep it
// from hearing what ends the halt, nothing is called final that the root chain could undo, a store
// whose state is another than its blocks commit to is not restored, and what was agreed on is not
// lost with all who agreed on it.
import { afterEach, describe, expect, it } from "vitest";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import type { Event } from "#core/effects.ts";
import { gasUnits } from "#core/gas-units.ts";
import { domainHash } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { readBalance } from "../../../src/chains/ledger/framework.ts";
import { openParaChain } from "../../../src/chains/para/opening.ts";
import type { RootAccess } from "../../../src/chains/para/root-access.ts";
import type { RootBlock, RootPlace } from "../../../src/chains/para/root-block.ts";
import { createRootWatch } from "../../../src/chains/para/root-watch.ts";
import { accountNamed, u64 } from "../fixture.ts";
import { CONFIG, paraStore, relayAccount, sender, submitAll, TITLE, text } from "./para-chain.ts";
import {
  closeWorld,
  consensusOf,
  createParaWorld,
  foundGroup,
  hashAt,
  headOf,
  type ParaWorld,
  paraNode,
  pass,
  postedHeights,
  rootNode,
  startPara,
  stopPara,
} from "./para-world.ts";

const AMOUNT = 70_000n;

const worlds: ParaWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await closeWorld(world);
});

const DONE_TYPE = makeStructTag("0x40::consensus::CommitDone");

/** The beginning of what the contract says when a height is done. */
function doneEvent(height: bigint): Event {
  const data = encodeBcs((writer) => {
    writer.string(TITLE).u64(height).u64(4n).u64(3n).u64(3n);
    writer.bytes(domainHash("Test", utf8("status"))).bytes(domainHash("Test", utf8("block")));
  });
  return { type: { kind: "struct", struct: DONE_TYPE }, data };
}

/** A root node whose branch a test writes. */
function writtenRoot(): RootAccess & { readonly branch: RootBlock[]; finalHeight: bigint } {
  const root = {
    branch: [] as RootBlock[],
    finalHeight: 0n,
    head: () => {
      const place = root.branch.at(-1)?.place ?? placeOf("", 0n);
      const { finalHeight } = root;
      return Promise.resolve({ place, finalHeight, timestampUs: 0n, gasUnitPrice: 1n, chainId: 4 });
    },
    blockAt: (height: bigint) => Promise.resolve(root.branch[Number(height)]),
    consensus: () => Promise.resolve(undefined),
    sequenceNumber: () => Promise.resolve(0n),
    post: () => Promise.resolve({ type: "down" } as const),
    isSynced: () => Promise.resolve(true),
    onHead: () => () => undefined,
  };
  return root;
}

function placeOf(branch: string, height: bigint): RootPlace {
  return { height, hash: domainHash("TestRoot", utf8(`${branch} ${height}`)) };
}

/** The next block of a branch, with these events of one transaction. */
function grow(
  root: ReturnType<typeof writtenRoot>,
  branch: string,
  events: readonly Event[],
): void {
  const height = BigInt(root.branch.length);
  const place = placeOf(branch, height);
  const parent = root.branch.at(-1)?.place.hash ?? place.hash;
  const hash = domainHash("TestTransaction", place.hash);
  const receipt = {
    version: 1n,
    transactionHash: hash,
    status: { type: "executed" } as const,
    gasUsed: gasUnits(1n),
    actions: [],
    events,
    changes: [],
  };
  const outcomes = [{ hash, receipt, isExecuted: true, events }];
  root.branch.push({ place, parent, timestampUs: height, finalHeight: root.finalHeight, outcomes });
}

/** Minutes of virtual time, on one processor. */
const TIMEOUT_MS = 120_000;

describe("a node of a parallel chain", { timeout: TIMEOUT_MS }, () => {
  it("[B8] halts its blocks alone: it hears of the consensus that ends the halt", async () => {
    const settings = { unconfirmedBlocksMax: 6n };
    const paras = [settings, settings, settings, settings];
    const world = await createParaWorld({ idleMs: 5_000n, paras });
    worlds.push(world);
    await foundGroup(world);
    for (const index of [0, 1]) await startPara(world, index);
    await pass(world, 240_000);
    const node = paraNode(world, 0);
    expect(await consensusOf(world)).toBe(-1n);
    expect(headOf(node)).toBe(6n);
    expect(node.standing().alarms.map(({ code }) => code)).toEqual(["PRODUCTION_HALTED"]);
    await startPara(world, 2);
    await pass(world, 60_000);
    expect(await consensusOf(world)).toBeGreaterThan(6n);
    expect(headOf(node)).toBeGreaterThan(8n);
    expect(node.standing().alarms).toEqual([]);
  });

  it("[B8] takes for final only what the root chain cannot undo", async () => {
    const root = writtenRoot();
    grow(root, "a", []);
    const agreed: bigint[] = [];
    const heard: bigint[] = [];
    const watch = await createRootWatch(CONFIG.title, root, 4n, {
      onAdded: () => undefined,
      onRemoved: () => undefined,
      onConsensus: ({ height }) => heard.push(height),
      onAgreed: ({ height }) => agreed.push(height),
    });
    grow(root, "a", [doneEvent(0n)]);
    grow(root, "a", [doneEvent(1n)]);
    await watch.follow();
    expect([heard, agreed]).toEqual([[0n, 1n], []]);
    root.finalHeight = 1n;
    await watch.follow();
    expect(agreed).toEqual([0n]);
    // The block that said 1 is undone: what it said is no fact, however final what comes is.
    root.branch.pop();
    grow(root, "b", []);
    grow(root, "b", []);
    root.finalHeight = 3n;
    await watch.follow();
    expect(agreed).toEqual([0n]);
  });

  it("[B8] makes what was agreed on anew from the root when every disk is lost", async () => {
    const world = await createParaWorld();
    worlds.push(world);
    await foundGroup(world);
    const places = [...world.paras.keys()];
    for (const place of places) await startPara(world, place);
    const guest = accountNamed("guest");
    // Nobody commits by this account, so its numbers are the test's.
    const by = sender(relayAccount(0), () => world.clock.now());
    const args = [text(TITLE), addressToBytes(guest.address), u64(AMOUNT)];
    await submitAll(rootNode(world).connect(), [by.call("0x40::cross_asset::transfer", args)]);
    await pass(world, 60_000);
    const agreed = await consensusOf(world);
    expect(agreed).toBeGreaterThan(3n);
    const hash = hashAt(paraNode(world, 0), agreed);
    for (const place of places) {
      await stopPara(world, place);
      const site = present(world.paras[place], "a node");
      site.store = await paraStore(place);
      site.posts.length = 0;
    }
    for (const place of places) await startPara(world, place);
    await pass(world, 60_000);
    for (const place of places) {
      const node = paraNode(world, place);
      expect(hashAt(node, agreed)).toBe(hash);
      expect(readBalance(node.source.tree.final.state, guest.address)).toBe(AMOUNT);
      expect(node.standing().alarms).toEqual([]);
      const committed = postedHeights(present(world.paras[place], "a node")).flat();
      expect(committed.filter((height) => height <= agreed)).toEqual([]);
    }
    expect(await consensusOf(world)).toBeGreaterThan(agreed + 3n);
  });

  it("[B8] restores no state that its newest block does not commit to", async () => {
    const store = await paraStore(0);
    const root = writtenRoot();
    grow(root, "a", []);
    const entropy = () => {
      throw new Error("the store has a key");
    };
    expect((await openParaChain(store, CONFIG, root, entropy)).trail).toHaveLength(1);
    const damaged = {
      ...store,
      load: async () => {
        const kept = await store.load();
        return kept && { ...kept, state: kept.state.slice(1) };
      },
    };
    const opening = openParaChain(damaged, CONFIG, root, entropy);
    await expect(opening).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    const other = { ...CONFIG, chainId: 102 };
    const foreign = openParaChain(store, other, root, entropy);
    await expect(foreign).rejects.toMatchObject({ code: "STORE_CONFLICT" });
  });
});
