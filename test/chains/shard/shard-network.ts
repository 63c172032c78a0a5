// A root, and the nodes of one shard in the same process: links that a test cuts, stores and
// journals that outlive their nodes, one clock.
import {
  beginShard,
  type ChainClient,
  type ChainStore,
  createMemoryJournal,
  createMemoryStore,
  createShardNode,
  faucetSigner,
  foundShard,
  type Journal,
  joinShard,
  keepDialled,
  type ShardNode,
} from "#chains";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { ChainStart } from "../../../src/chains/chain-start.ts";
import { genesisConfigHash } from "../../../src/chains/ledger/genesis-config.ts";
import type { StoredBlock } from "../../../src/chains/ports.ts";
import { createPrng, type Prng } from "../../simulation/prng.ts";
import { accountNamed, secretNamed, startChain, type TestChain } from "../fixture.ts";
import { createVirtualLinks, type VirtualLinks } from "../peer/virtual-links.ts";

export const SHARD = 1n;
const STEP_MS = 100;

export interface ShardPlace {
  readonly store: ChainStore;
  readonly journal: Journal;
  node: ShardNode | undefined;
  client: ChainClient | undefined;
  root: ChainClient | undefined;
  stopDialling: () => void;
}

/** A node of the root, which a test may stop and start under the shard. */
export interface ShardRoot {
  readonly clock: TestChain["clock"];
  readonly client: ChainClient;
  readonly node: { connect(): ChainClient; close(): Promise<void> };
}

export interface ShardNetwork<Root extends ShardRoot = TestChain> {
  readonly root: Root;
  readonly prng: Prng;
  readonly links: VirtualLinks;
  readonly places: readonly ShardPlace[];
}

/** By its key the shard was made. */
export const shardCreator = accountNamed("shard creator");

export function memberNamed(place: number): string {
  return `shard member ${place}`;
}

/** A root whose shard 1 is active, and the shard's nodes, all of them running. */
export async function startShard(
  size: number,
  seed = 1,
  epochBlocks = 1_000n,
): Promise<ShardNetwork> {
  return startShardOn(await startChain(), size, seed, epochBlocks);
}

export async function startShardOn<Root extends ShardRoot>(
  root: Root,
  size: number,
  seed = 1,
  epochBlocks = 1_000n,
): Promise<ShardNetwork<Root>> {
  const prng = createPrng(seed);
  const links = createVirtualLinks(root.clock, prng.fork("links"));
  const nodes = Array.from({ length: size }, (_, place) => accountNamed(memberNamed(place)));
  const founders = { operator: faucetSigner(), creator: shardCreator, nodes };
  await meanwhile(
    root,
    beginShard(root.client, root.clock, { shardId: SHARD, epochBlocks }, founders),
  );
  const places = nodes.map(emptyPlace);
  const network = { root, prng, links, places };
  for (const place of places.keys()) await meanwhile(root, startNode(network, place));
  return network;
}

function emptyPlace(): ShardPlace {
  const idle = { node: undefined, client: undefined, root: undefined };
  const kept = { store: createMemoryStore(), journal: createMemoryJournal() };
  return { ...kept, ...idle, stopDialling: () => undefined };
}

/** Another node that has nothing yet and joins the shard on the root; tells its place. */
export async function addNode(network: ShardNetwork<ShardRoot>): Promise<number> {
  const { root, places } = network;
  const index = places.length;
  const node = accountNamed(memberNamed(index));
  const founders = { creator: shardCreator, node };
  await meanwhile(root, joinShard(root.client, root.clock, SHARD, founders));
  (places as ShardPlace[]).push(emptyPlace());
  await meanwhile(root, startNode(network, index));
  return index;
}

/** Lets time pass until `work` is done. */
export async function meanwhile<T>(
  { clock }: Pick<ShardRoot, "clock">,
  work: Promise<T>,
): Promise<T> {
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  // Failures are the caller's, who awaits them below.
  ended.catch(() => undefined);
  while (!isDone) await clock.advance(STEP_MS);
  return ended;
}

/** By configuration: a genesis runs every contract's initialiser, which takes its time. */
const geneses = new Map<string, StoredBlock>();

/**
 * Gives an empty store the genesis that a node of the same shard has made, in whatever test; where
 * there is none yet, tells under which name it will be looked for.
 */
async function beginFromKnown(
  store: ChainStore,
  start: () => Promise<ChainStart>,
): Promise<string | undefined> {
  if ((await store.load()) !== undefined) return undefined;
  const { identity } = await start();
  const name = toHex(genesisConfigHash(identity.config));
  const known = geneses.get(name);
  if (known === undefined) return name;
  await store.create(identity, known);
  return undefined;
}

export async function startNode(
  { root, links, places }: ShardNetwork<ShardRoot>,
  index: number,
): Promise<ShardNode> {
  const place = present(places[index], "a place");
  const client = root.node.connect();
  const start = () => foundShard(client, SHARD, secretNamed(memberNamed(index)));
  const name = await beginFromKnown(place.store, start);
  const node = await createShardNode({
    clock: root.clock,
    entropy: (size) => new Uint8Array(size),
    store: place.store,
    journal: place.journal,
    root: client,
    start,
  });
  if (name !== undefined) geneses.set(name, present(await place.store.blockAt(0n), "a genesis"));
  place.node = node;
  place.root = client;
  place.client = node.node.connect();
  const urls = places.slice(0, index).map((_, other) => String(other));
  place.stopDialling = keepDialled(
    node.network,
    root.clock,
    (url) => {
      const other = places[Number(url)]?.node;
      if (other === undefined || !links.passes(index, Number(url))) {
        return Promise.reject(new Error("nobody"));
      }
      const [near, far] = links.connect(index, Number(url));
      other.network.join(far);
      return Promise.resolve(near);
    },
    urls,
  );
  return node;
}

/** Ends a node at once, as a kill does; what it had not written is lost. */
export async function stopNode(
  { places }: Pick<ShardNetwork, "places">,
  index: number,
): Promise<void> {
  const place = present(places[index], "a place");
  const { node, client, root } = place;
  if (node === undefined) return;
  place.node = undefined;
  place.stopDialling();
  client?.close();
  root?.close();
  await node.close();
}

export async function closeShard(network: ShardNetwork<ShardRoot>): Promise<void> {
  for (const index of network.places.keys()) await stopNode(network, index);
  await network.root.node.close();
}

export function shardNode({ places }: Pick<ShardNetwork, "places">, index: number): ShardNode {
  return present(places[index]?.node, `node ${index} runs`);
}

export function heights({ places }: Pick<ShardNetwork, "places">): readonly bigint[] {
  return places.flatMap(({ node }) => {
    return node === undefined ? [] : [node.node.source.tree.head.block.header.height];
  });
}
