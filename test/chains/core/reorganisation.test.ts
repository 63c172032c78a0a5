// What a node does when another branch turns out to be the one that counts: state, receipts, pool,
// events and everybody who listens follow it.
import { describe, expect, it } from "vitest";
import { type ChainNode, type ChainStore, createRestApi, faucetSigner } from "#chains";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { lastVersion } from "../../../src/chains/ledger/block.ts";
import { readBalance } from "../../../src/chains/ledger/framework.ts";
import { createSenderIndex, versionsOf } from "../../../src/chains/sender-index.ts";
import { stateAt } from "../../../src/chains/state-history.ts";
import { accountNamed, START_MS, transferTo } from "../fixture.ts";
import { type ManualClock, manualClock, settle } from "../manual-clock.ts";
import { blocksAbove, producerNode, producerStore, SLOT_MS } from "../producers.ts";

const faucet = faucetSigner();
const alice = accountNamed("alice");
const bob = accountNamed("bob");
const carol = accountNamed("carol");
const COUNT = 3;

interface Split {
  readonly clock: ManualClock;
  readonly stores: readonly ChainStore[];
  readonly nodes: readonly [ChainNode, ChainNode, ChainNode];
}

async function startThree(): Promise<Split> {
  const clock = manualClock(START_MS);
  const stores = [0, 1, 2].map((place) => producerStore(COUNT, place));
  const opened = await Promise.all(stores);
  const [a, b, c] = await Promise.all(opened.map((store) => producerNode(clock, store)));
  const nodes = [present(a, "a"), present(b, "b"), present(c, "c")] as const;
  return { clock, stores: opened, nodes };
}

async function teach(from: ChainNode, to: ChainNode): Promise<void> {
  const blocks = await blocksAbove(from, 0n);
  for (const block of blocks) to.offer(block, true);
  await settle();
}

function balance(node: ChainNode, name: typeof alice): bigint {
  return readBalance(node.source.tree.head.state, name.address);
}

async function submit(node: ChainNode, bytes: Uint8Array): Promise<void> {
  expect(await node.ask({ type: "submit", bytes })).toMatchObject({ ok: true });
}

describe("producers that hear of each other", () => {
  it("take turns, and skip a turn that is missed", async () => {
    const { clock, nodes } = await startThree();
    const [a, b, c] = nodes;
    for (let turn = 0; turn < 8; turn++) {
      await clock.advance(SLOT_MS);
      for (const from of nodes) for (const to of [a, b]) if (from !== c) await teach(from, to);
    }
    const proposers = (await blocksAbove(a, 0n)).map(({ header }) => header.proposer);
    expect(proposers.length).toBeGreaterThanOrEqual(5);
    expect(new Set(proposers).size).toBe(2);
    const twice = proposers.filter((proposer, index) => proposer === proposers[index - 1]);
    expect(twice).toEqual([]);
    expect(a.source.tree.head.hash).toEqual(b.source.tree.head.hash);
    expect(a.source.tree.final.block.header.height).toBeGreaterThan(0n);
  });
});

describe("a node that learns of a better branch", () => {
  /** `c` is alone with a payment to bob; `a` and `b` have one to carol. */
  async function apart(): Promise<Split> {
    const split = await startThree();
    const { clock, nodes } = split;
    const [a, b, c] = nodes;
    await submit(a, transferTo(faucet, 0n, carol.address, 70n).bytes);
    await submit(b, transferTo(faucet, 0n, carol.address, 70n).bytes);
    await submit(c, transferTo(faucet, 0n, alice.address, 1_000_000n).bytes);
    await submit(c, transferTo(faucet, 1n, bob.address, 50n).bytes);
    for (let turn = 0; turn < 9; turn++) {
      await clock.advance(SLOT_MS);
      await teach(a, b);
      await teach(b, a);
    }
    return split;
  }

  it("gives its state, receipts and index to that branch", async () => {
    const { nodes } = await apart();
    const [a, , c] = nodes;
    expect([balance(c, bob), balance(c, carol)]).toEqual([50n, 0n]);
    const left = transferTo(faucet, 1n, bob.address, 50n);
    const replaced = transferTo(faucet, 0n, alice.address, 1_000_000n);
    const index = createSenderIndex();
    const before = await versionsOf(index, c.source, faucet.address);
    expect(before).toHaveLength(2);
    await teach(a, c);
    expect(c.source.tree.head.hash).toEqual(a.source.tree.head.hash);
    expect([balance(c, bob), balance(c, carol)]).toEqual([0n, 70n]);
    expect(await c.ask({ type: "transaction", hash: replaced.hash })).toMatchObject({
      ok: false,
      error: { code: "transaction_not_found" },
    });
    // The one whose number is free still waits again; the other's number is used.
    expect(await c.ask({ type: "transaction", hash: left.hash })).toMatchObject({
      ok: true,
      value: { type: "pending" },
    });
    expect(await versionsOf(index, c.source, faucet.address)).toHaveLength(1);
    const [version] = await versionsOf(index, c.source, faucet.address);
    const dated = await stateAt(c.source, present(version, "the payment") - 1n);
    expect(dated.ok && readBalance(dated.value.state, carol.address)).toBe(0n);
    const [ours, theirs] = [c, a].map(({ source }) => toHex(source.tree.head.state.root()));
    expect(ours).toBe(theirs);
  });

  it("takes back what only the other branch held, and executes it again", async () => {
    const { clock, nodes } = await apart();
    const [a, b, c] = nodes;
    await teach(a, c);
    for (let turn = 0; turn < 4; turn++) {
      await clock.advance(SLOT_MS);
      for (const from of nodes) for (const to of nodes) if (from !== to) await teach(from, to);
    }
    expect([a, b, c].map((node) => balance(node, bob))).toEqual([50n, 50n, 50n]);
  });

  it("tells whoever listens from which height on the blocks are others", async () => {
    const { nodes } = await apart();
    const [a, , c] = nodes;
    const client = c.connect();
    const heard: [bigint, bigint][] = [];
    client.onHead(({ height }, commonHeight) => heard.push([height, commonHeight]));
    await settle();
    const old = c.source.tree.head.block.header.height;
    expect(old).toBeGreaterThan(0n);
    await teach(a, c);
    await settle();
    const jump = heard.find(([height, common]) => common < height - 1n || common < old);
    expect(jump?.[1]).toBe(0n);
    expect(c.source.tree.reorganisations).toBe(1);
    expect(heard.at(-1)?.[0]).toBe(a.source.tree.head.block.header.height);
  });

  it("lists no event before it is final, so that a cursor never has to go back", async () => {
    const { nodes } = await apart();
    const [a, , c] = nodes;
    const cursor = { version: 0n, index: 0 };
    const ask = { type: "events", module: undefined, from: cursor, limit: 1_000 } as const;
    const alone = await c.ask(ask);
    expect(alone.ok && alone.value.type === "events" && alone.value.next.version).toBe(1n);
    await teach(a, c);
    const [listed, same] = [await c.ask(ask), await a.ask(ask)];
    expect(listed).toEqual(same);
    expect(listed.ok && listed.value.type === "events" && listed.value.next.version > 1n).toBe(
      true,
    );
  });

  it("shows the same blocks over the REST API afterwards", async () => {
    const { nodes } = await apart();
    const [a, , c] = nodes;
    await teach(a, c);
    const target = "/v1/blocks/by_height/1?with_transactions=true";
    const request = { method: "GET", target, headers: {}, body: new Uint8Array() };
    const [ours, theirs] = await Promise.all([a, c].map((node) => createRestApi(node)(request)));
    expect(ours?.body).toBe(theirs?.body);
    const ledger = await createRestApi(c)({ ...request, target: "/v1" });
    const { head, final } = c.source.tree;
    expect(JSON.parse(ledger.body)).toMatchObject({
      block_height: head.block.header.height.toString(),
      final_block_height: final.block.header.height.toString(),
      final_ledger_version: lastVersion(final.block.header).toString(),
    });
  });

  it("resumes on it after a restart, with everything that may still be undone", async () => {
    const { clock, stores, nodes } = await apart();
    const [a, , c] = nodes;
    await teach(a, c);
    const head = c.source.tree.head.hash;
    await c.close();
    const again = await producerNode(clock, present(stores[2], "a store"));
    expect(again.source.tree.head.hash).toEqual(head);
    expect(again.source.tree.final.hash).toEqual(c.source.tree.final.hash);
    for (const [name, block] of again.source.tree.blocks) {
      const root = block.state.root();
      expect(root).toEqual(block.block.header.stateRoot);
      expect(toHex(block.hash)).toBe(name);
    }
  });
});

describe("a node does not take", () => {
  it("a block out of turn, of untrue finality, of the future or below what is final", async () => {
    const { clock, nodes } = await startThree();
    const [a, b, c] = nodes;
    for (let turn = 0; turn < 12; turn++) {
      await clock.advance(SLOT_MS);
      for (const from of [a, b]) for (const to of [a, b]) if (from !== to) await teach(from, to);
    }
    const made = await blocksAbove(a, 0n);
    const first = present(made[0], "a block");
    const { header } = first;
    const wrong = (changes: object) =>
      c.offer({ ...first, header: { ...header, ...changes } }, true);
    expect(wrong({ timestampUs: header.timestampUs + 1_000_000n })).toMatchObject({
      type: "wrong",
      code: "WRONG_PROPOSER",
    });
    const finality = { ...header.finality, finalHeight: 1n };
    expect(wrong({ finality })).toMatchObject({ type: "wrong", code: "WRONG_FINALITY" });
    expect(wrong({ timestampUs: header.timestampUs + 10_000_000_000n })).toEqual({
      type: "unwanted",
    });
    expect(c.offer(present(made[1], "the next"), true)).toEqual({ type: "orphan" });
    expect(c.offer(first, true)).toEqual({ type: "taken" });
    expect(c.offer(first, true)).toEqual({ type: "known" });
    // What `c` made alone stands on nothing that can count for `a`.
    const alone = (await blocksAbove(c, 0n)).at(-1);
    await settle();
    expect(a.source.tree.final.block.header.height).toBeGreaterThan(1n);
    const lone = (await blocksAbove(c, 0n)).filter(({ header: own }) => own.height === 1n);
    for (const block of [...lone, ...(alone === undefined ? [] : [alone])]) {
      expect(["stale", "orphan", "known"]).toContain(a.offer(block, true).type);
    }
  });
});
