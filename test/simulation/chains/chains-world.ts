// A root of three producers, a shard of four members of which one runs twice, and a parallel chain
// of four nodes of which one builds other blocks: all in one process on a virtual clock.
import {
  type ChainClient,
  createMemoryJournal,
  createShardNode,
  type Journal,
  keepDialled,
  type ShardNode,
} from "#chains";
import { present } from "#core/assert.ts";
import { heightOf } from "../../../src/chains/ledger/block-tree.ts";
import type { ChainStore } from "../../../src/chains/ports.ts";
import { TIMING } from "../../../src/chains/shard/consensus/timing.ts";
import { manualClock } from "../../chains/manual-clock.ts";
import { paraStore } from "../../chains/para/para-chain.ts";
import {
  type ParaSite,
  type ParaWorld,
  startPara,
  startRoot,
} from "../../chains/para/para-world.ts";
import { createVirtualLinks, type VirtualLinks } from "../../chains/peer/virtual-links.ts";
import { type LastingClients, lastingClients } from "../../settlement/lasting-clients.ts";
import { createPrng, type Prng } from "../prng.ts";
import { beginning, during, MEMBERS, PARAS, ROOTS, rootStore, shardStore } from "./beginning.ts";

/** The member whose key two nodes have, each with a journal of its own: it says two things. */
export const TWIN_OF = MEMBERS - 1;
/** The parallel chain's node that makes blocks at other times, and so commits to others. */
export const LIAR = PARAS - 1;
const IDLE_MS = 1_000n;
/** Fewer empty blocks: a life is long enough for what has to happen. */
const SHARD_TIMING = { ...TIMING, idleIntervalMs: 2_000n };

export interface MemberSite {
  readonly member: number;
  readonly store: ChainStore;
  readonly journal: Journal;
  readonly clients: LastingClients;
  root: ChainClient | undefined;
  node: ShardNode | undefined;
  stopDialling: () => void;
}

export interface ChainsWorld extends ParaWorld {
  /** Of the shard's nodes among each other. */
  readonly shardLinks: VirtualLinks;
  readonly members: readonly MemberSite[];
  /** Of each root node, by place. */
  readonly rootClients: readonly LastingClients[];
  /** Of each node of the parallel chain. */
  readonly paraClients: readonly LastingClients[];
}

export async function startChains(seed: number): Promise<ChainsWorld> {
  const from = await beginning();
  const prng: Prng = createPrng(seed);
  const clock = manualClock(from.startMs);
  const roots: ParaWorld["roots"][number][] = [];
  for (let place = 0; place < ROOTS; place++) {
    const store = await rootStore(from, place);
    roots.push({ store, node: undefined, network: undefined, stopDialling: () => undefined });
  }
  const paras: ParaSite[] = [];
  for (let place = 0; place < PARAS; place++) {
    const settings = place === LIAR ? { emptyBlockInterval: 3n } : {};
    const idle = { node: undefined, client: undefined };
    const store = await paraStore(place);
    const site = { root: place % ROOTS, store, settings, wallet: "ready", isLinked: true } as const;
    paras.push({ ...site, ...idle, posts: [], crashAt: () => "none", hasDied: false });
  }
  const members: MemberSite[] = [];
  for (const member of [...Array(MEMBERS).keys(), TWIN_OF]) {
    members.push({
      member,
      store: { ...(await shardStore(from, member)), close: () => Promise.resolve() },
      journal: { ...createMemoryJournal(), close: () => Promise.resolve() },
      clients: lastingClients(clock),
      root: undefined,
      node: undefined,
      stopDialling: () => undefined,
    });
  }
  const world: ChainsWorld = {
    clock,
    prng,
    links: createVirtualLinks(clock, prng.fork("root links")),
    shardLinks: createVirtualLinks(clock, prng.fork("shard links")),
    roots,
    producers: ROOTS,
    idleMs: IDLE_MS,
    paras,
    members,
    rootClients: roots.map(() => lastingClients(clock)),
    paraClients: paras.map(() => lastingClients(clock)),
  };
  for (let place = 0; place < ROOTS; place++) await beginRoot(world, place);
  for (let place = 0; place < PARAS; place++) await beginPara(world, place);
  for (const place of members.keys()) await beginMember(world, place);
  return world;
}

export async function beginRoot(world: ChainsWorld, place: number): Promise<void> {
  await startRoot(world, place);
  const node = present(world.roots[place]?.node, "it has begun");
  present(world.rootClients[place], "clients").attach(node);
  // Those beside it talk to the new node.
  for (const site of world.paras) if (site.root === place) site.client = undefined;
}

export async function beginPara(world: ChainsWorld, place: number): Promise<void> {
  const node = await during(world, startPara(world, place));
  present(world.paraClients[place], "clients").attach(node);
}

export async function beginMember(world: ChainsWorld, place: number): Promise<void> {
  const { clock, members, shardLinks } = world;
  const site = present(members[place], "a node of the shard");
  const root = present(world.rootClients[place % ROOTS], "a root node").connect();
  const opening = createShardNode({
    clock,
    entropy: (size) => new Uint8Array(size),
    store: site.store,
    journal: site.journal,
    root,
    start: () => Promise.reject(new Error("its store has a chain")),
    timing: SHARD_TIMING,
  });
  const node = await during(world, opening);
  site.root = root;
  site.node = node;
  site.clients.attach(node.node);
  const others = [...members.keys()].filter((other) => other < place);
  const dial = (url: string) => {
    const other = members[Number(url)]?.node;
    if (other === undefined || !shardLinks.passes(place, Number(url))) {
      return Promise.reject(new Error("nobody"));
    }
    const [near, far] = shardLinks.connect(place, Number(url));
    other.network.join(far);
    return Promise.resolve(near);
  };
  site.stopDialling = keepDialled(node.network, clock, dial, others.map(String));
}

export async function endMember({ members }: ChainsWorld, place: number): Promise<void> {
  const site = present(members[place], "a node of the shard");
  const { node, root } = site;
  if (node === undefined) return;
  site.node = undefined;
  site.stopDialling();
  root?.close();
  await node.close();
}

/** The node of the shard that has come farthest. */
export function firstMember({ members }: ChainsWorld): ShardNode {
  const running = members.flatMap(({ node }) => node ?? []);
  const height = (node: ShardNode) => heightOf(node.node.source.tree.head);
  const [first] = running.sort((a, b) => (height(a) > height(b) ? -1 : 1));
  return present(first, "a node of the shard runs");
}
