// A node that is killed at any write to its store, a reorganisation's included, comes back as the
// chain before that write or after it, and goes on to the same end.
import { beforeAll, describe, expect, it } from "vitest";
import { type ChainNode, type ChainStore, faucetSigner } from "#chains";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { Block } from "../../../src/chains/ledger/block.ts";
import { accountNamed, START_MS, transferTo } from "../fixture.ts";
import { type ManualClock, manualClock, settle } from "../manual-clock.ts";
import { blocksAbove, producerNode, producerStore, SLOT_MS } from "../producers.ts";

const COUNT = 3;
const OWN_TURNS = 9;
const WRITES_MAX = 60;
const faucet = faucetSigner();
const bob = accountNamed("bob");

/** What two other producers make meanwhile. */
let others: readonly Block[];

beforeAll(async () => {
  const clock = manualClock(START_MS);
  const stores = await Promise.all([0, 1].map((place) => producerStore(COUNT, place)));
  const nodes = await Promise.all(stores.map((store) => producerNode(clock, store)));
  for (const node of nodes) {
    for (const number of [0n, 1n, 2n]) await pay(node, number, 7n);
  }
  for (let turn = 0; turn < OWN_TURNS; turn++) {
    await clock.advance(SLOT_MS);
    for (const from of nodes) {
      for (const to of nodes) for (const block of await made(from)) to.offer(block, true);
    }
    await settle();
  }
  others = await made(present(nodes[0], "a node"));
});

function made(node: ChainNode): Promise<readonly Block[]> {
  return blocksAbove(node, 0n);
}

async function pay(node: ChainNode, number: bigint, amount: bigint): Promise<void> {
  const { bytes } = transferTo(faucet, number, bob.address, amount);
  expect(await node.ask({ type: "submit", bytes })).toMatchObject({ ok: true });
}

interface Killed {
  readonly store: ChainStore;
  readonly wasKilled: () => boolean;
}

/** A store whose nth write kills its process, before the write counts or after. */
function killing(inner: ChainStore, nth: number, mode: "before" | "after"): Killed {
  let writes = 0;
  const store: ChainStore = {
    ...inner,
    extend: async (change) => {
      writes += 1;
      if (writes > nth) throw new Error("the process has gone");
      if (writes < nth || mode === "after") await inner.extend(change);
      if (writes === nth) throw new Error("the process is killed");
    },
  };
  return { store, wasKilled: () => writes >= nth };
}

/** Alone at first, with a payment of its own; then it hears what the others have made. */
async function live(clock: ManualClock, node: ChainNode): Promise<void> {
  await pay(node, 0n, 1_000n).catch(() => undefined);
  await clock.advance(OWN_TURNS * SLOT_MS);
  for (const block of others) node.offer(block, true);
  await settle();
}

describe("a node", () => {
  it.each(["before", "after"] as const)(
    "killed %s any of its writes goes on",
    async (mode) => {
      let killed = true;
      let nth = 0;
      while (killed) {
        nth += 1;
        expect(nth).toBeLessThan(WRITES_MAX);
        const inner = await producerStore(COUNT, 2);
        const clock = manualClock(START_MS);
        const { store, wasKilled } = killing(inner, nth, mode);
        const node = await producerNode(clock, store);
        await live(clock, node);
        killed = wasKilled();
        await node.close();

        const again = await producerNode(clock, inner);
        const { tree } = again.source;
        expect(tree.head.state.root()).toEqual(tree.head.block.header.stateRoot);
        for (const block of others) again.offer(block, true);
        await settle();
        const head = present((await made(again)).at(others.length - 1), "the block above them all");
        const top = present(others.at(-1), "the others' newest");
        expect(toHex(head.header.stateRoot)).toBe(toHex(top.header.stateRoot));
        await again.close();
      }
      // Its own turns, and the reorganisation with what follows it.
      expect(nth).toBeGreaterThan(4);
    },
    120_000,
  );
});
