// Chains whose producers take turns: nodes that tests connect by hand, each over a store of its
// own, all from one genesis.
import {
  type ChainNode,
  type ChainStart,
  type ChainStore,
  createChainNode,
  createMemoryStore,
  faucetSigner,
  type NodeSettings,
} from "#chains";
import { present } from "#core/assert.ts";
import type { Block } from "../../src/chains/ledger/block.ts";
import type { ChainIdentity, Clock, StoredBlock } from "../../src/chains/ports.ts";
import { accountNamed, START_MS, secretNamed } from "./fixture.ts";
import { manualClock } from "./manual-clock.ts";

export const SLOT_MS = 1_000;

/** What the node of producer `place`, of so many, begins with; a place beyond them makes none. */
export function producerIdentity(count: number, place: number): ChainIdentity {
  const name = (index: number): string => `producer ${index}`;
  return {
    config: {
      chainId: 4,
      timestampUs: START_MS * 1_000n,
      producers: Array.from({ length: count }, (_, index) => accountNamed(name(index)).publicKey),
      slotMs: SLOT_MS,
      faucet: faucetSigner().address,
    },
    producerSecret: secretNamed(name(place)),
  };
}

/** Making genesis verifies every contract: once for each number of producers is enough. */
const geneses = new Map<number, Promise<StoredBlock>>();

async function makeGenesis(count: number): Promise<StoredBlock> {
  const store = createMemoryStore();
  const start = () => Promise.resolve({ identity: producerIdentity(count, count) });
  const clock = manualClock(START_MS);
  const node = await createChainNode({ clock, entropy: noEntropy, store, start });
  await node.close();
  return present(await store.load(), "a chain was begun").head;
}

function noEntropy(): never {
  throw new Error("a node that is told what to begin with needs no chance");
}

/** A store that holds the genesis of so many producers and the key of the one at `place`. */
export async function producerStore(count: number, place: number): Promise<ChainStore> {
  const genesis = geneses.get(count) ?? makeGenesis(count);
  geneses.set(count, genesis);
  const store = createMemoryStore();
  await store.create(producerIdentity(count, place), await genesis);
  return store;
}

export function producerNode(
  clock: Clock,
  store: ChainStore,
  settings: Partial<NodeSettings> = {},
  start?: () => Promise<ChainStart>,
): Promise<ChainNode> {
  const beginning = start === undefined ? {} : { start };
  return createChainNode({ clock, entropy: noEntropy, store, settings, ...beginning });
}

/** The blocks of a node's branch above `height`, oldest first. */
export async function blocksAbove(node: ChainNode, height: bigint): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for (let next = height + 1n; ; next++) {
    const stored = await node.source.store.blockAt(next);
    if (stored === undefined) return blocks;
    blocks.push(stored.block);
  }
}
