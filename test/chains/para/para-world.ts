// A root chain of several producers and the nodes of a parallel chain, each beside a root node of
// its own, in one process over virtual time: links that are cut, nodes that stop and come back,
// wallets that are locked, and checkers that look on.
import {
  type ChainClient,
  type ChainNode,
  type ChainStore,
  createParaNode,
  lockableWallet,
  type ParaNode,
  type ParaSettings,
  type RootAccess,
  rootAccess,
  type WalletState,
} from "#chains";
import { assert, present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { equalBytes, fromHex, toHex } from "#core/bytes.ts";
import { parseModuleId } from "#core/identifier.ts";
import { branchBlock, heightOf } from "../../../src/chains/ledger/block-tree.ts";
import { decodeSignedTransaction } from "../../../src/chains/ledger/transaction.ts";
import { consensusView, readConsensus, readTitleEvent } from "../../../src/chains/para/contract.ts";
import { decodeStatus } from "../../../src/chains/para/node-status.ts";
import { keepDialled } from "../../../src/chains/peer/dialer.ts";
import { createPeerNetwork, type PeerNetwork } from "../../../src/chains/peer/network.ts";
import { createPrng, type Prng } from "../../simulation/prng.ts";
import { accountNamed, START_MS } from "../fixture.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";
import { createVirtualLinks, type VirtualLinks } from "../peer/virtual-links.ts";
import { producerNode, producerStore, SLOT_MS } from "../producers.ts";
import {
  CONFIG,
  groupTransactions,
  paraAccount,
  paraStore,
  relayAccount,
  submitAll,
} from "./para-chain.ts";

const CONSENSUS_MODULE = present(parseModuleId("0x40::consensus"), "a module");

export interface RootSite {
  readonly store: ChainStore;
  node: ChainNode | undefined;
  network: PeerNetwork | undefined;
  stopDialling: () => void;
}

export interface ParaSite {
  /** The root node that it is beside. */
  root: number;
  /** Another one when its disk was lost. */
  store: ChainStore;
  readonly settings: Partial<ParaSettings>;
  node: ParaNode | undefined;
  client: ChainClient | undefined;
  wallet: WalletState;
  /** Whether its root node answers it. */
  isLinked: boolean;
  /** Every root transaction that it posted, by hex. */
  readonly posts: string[];
  /** Where the next write of its store crashes, if it does. */
  crashAt: () => "none" | "before" | "after";
  /** Whether its process has died at a write. */
  hasDied: boolean;
}

export interface ParaWorld {
  readonly clock: ManualClock;
  readonly prng: Prng;
  readonly links: VirtualLinks;
  readonly roots: readonly RootSite[];
  /** How many of them make blocks: the first ones. */
  readonly producers: number;
  readonly paras: readonly ParaSite[];
  readonly idleMs: bigint;
}

export interface ParaWorldOptions {
  readonly roots?: number;
  /** Root nodes beside them that make no blocks. */
  readonly followers?: number;
  /** Of a sole producer: time after which it makes an empty block. */
  readonly idleMs?: bigint;
  /** Settings of each node of the parallel chain. */
  readonly paras?: readonly Partial<ParaSettings>[];
  readonly seed?: number;
}

/** Root nodes that run; nodes of the parallel chain are started by {@link startPara}. */
export async function createParaWorld(options: ParaWorldOptions = {}): Promise<ParaWorld> {
  const {
    roots: count = 1,
    paras = [{}, {}, {}, {}],
    seed = 1,
    idleMs = 1_000n,
    followers = 0,
  } = options;
  const clock = manualClock(START_MS);
  const prng = createPrng(seed);
  const links = createVirtualLinks(clock, prng.fork("links"));
  const roots: RootSite[] = [];
  for (let place = 0; place < count + followers; place++) {
    const store = await producerStore(count, place);
    roots.push({ store, node: undefined, network: undefined, stopDialling: () => undefined });
  }
  const sites: ParaSite[] = [];
  for (const [index, settings] of paras.entries()) {
    sites.push({
      root: index % count,
      store: await paraStore(index),
      settings,
      node: undefined,
      client: undefined,
      wallet: "ready",
      isLinked: true,
      posts: [],
      crashAt: () => "none",
      hasDied: false,
    });
  }
  const world = { clock, prng, links, roots, producers: count, paras: sites, idleMs };
  for (let place = 0; place < roots.length; place++) await startRoot(world, place);
  return world;
}

export async function startRoot(world: ParaWorld, index: number): Promise<void> {
  const { clock, links, roots, idleMs } = world;
  const site = present(roots[index], "a root node");
  const kept = { ...site.store, close: () => Promise.resolve() };
  const node = await producerNode(clock, kept, { idleBlockIntervalMs: idleMs });
  const network = createPeerNetwork(node, clock, { limits: { banMs: 2_000n } });
  site.node = node;
  site.network = network;
  // Whoever watches makes a sole producer's time move on.
  node.connect().onHead(() => undefined);
  const urls = roots.map((_, other) => String(other)).filter((url) => Number(url) < index);
  site.stopDialling = keepDialled(network, clock, (url) => dial(Number(url)), urls);

  function dial(to: number) {
    const other = roots[to]?.network;
    if (other === undefined || !links.passes(index, to)) return Promise.reject(new Error("nobody"));
    const [near, far] = links.connect(index, to);
    other.join(far);
    return Promise.resolve(near);
  }
}

export async function stopRoot(world: ParaWorld, index: number): Promise<void> {
  const site = present(world.roots[index], "a root node");
  site.stopDialling();
  site.network?.close();
  const { node } = site;
  site.node = undefined;
  site.network = undefined;
  await node?.close();
}

/** What the node is beside, as it is at the moment: a root node that is down does not answer. */
function accessOf(world: ParaWorld, site: ParaSite): RootAccess {
  const current = (): RootAccess => {
    const node = site.isLinked ? world.roots[site.root]?.node : undefined;
    if (node === undefined) throw new Error("the root node does not answer");
    site.client ??= node.connect();
    return rootAccess(site.client, () => true);
  };
  const ask = async <T>(work: (access: RootAccess) => Promise<T>): Promise<T> => work(current());
  return {
    head: () => ask((access) => access.head()),
    blockAt: (height) => ask((access) => access.blockAt(height)),
    consensus: (title) => ask((access) => access.consensus(title)),
    sequenceNumber: (address) => ask((access) => access.sequenceNumber(address)),
    post: async (bytes) => {
      site.posts.push(toHex(bytes));
      try {
        return await current().post(bytes);
      } catch {
        return { type: "down" };
      }
    },
    isSynced: () => ask((access) => access.isSynced()),
    onHead: () => () => undefined,
  };
}

export async function startPara(world: ParaWorld, index: number): Promise<ParaNode> {
  const site = present(world.paras[index], "a node");
  // The root node may be another one by now.
  site.client = undefined;
  const wallet = lockableWallet(paraAccount(index), () => site.wallet);
  const { clock } = world;
  const { store, settings } = site;
  // A store outlives the node that closes it.
  const kept = { ...crashing(site, store), close: () => Promise.resolve() };
  site.hasDied = false;
  const root = accessOf(world, site);
  const entropy = () => {
    throw new Error("the relay's key is in the store");
  };
  const options = { config: CONFIG, root, wallet, clock, entropy, store: kept, settings };
  const node = await createParaNode(options);
  site.node = node;
  return node;
}

/** A store over `inner` that dies at the writes that the site chooses. */
function crashing(site: ParaSite, inner: ChainStore): ChainStore {
  return {
    ...inner,
    extend: async (change) => {
      const crash = site.hasDied ? "before" : site.crashAt();
      if (crash !== "none") site.hasDied = true;
      if (crash !== "before") await inner.extend(change);
      if (crash !== "none") throw new Error("the process was killed");
    },
  };
}

export async function stopPara(world: ParaWorld, index: number): Promise<void> {
  const site = present(world.paras[index], "a node");
  const { node } = site;
  site.node = undefined;
  site.client = undefined;
  await node?.close();
}

/** Lets time pass. */
export async function pass({ clock }: ParaWorld, ms: number): Promise<void> {
  await clock.advance(ms);
}

export function rootNode({ roots }: ParaWorld): ChainNode {
  return present(roots.find(({ node }) => node !== undefined)?.node, "a root node that runs");
}

export function rootAt({ roots }: ParaWorld, index: number): ChainNode {
  return present(roots[index]?.node, "a root node that runs");
}

/** Whether a node follows this root node's branch, to a block or two from its head. */
export function follows(world: ParaWorld, index: number, root: number): boolean {
  const { tree } = rootAt(world, root).source;
  const { root: place } = paraNode(world, index).standing();
  const own = branchBlock(tree, place.height);
  return equalBytes(own.hash, place.hash) && heightOf(tree.head) - place.height <= 2n;
}

export function producersOf({ producers }: ParaWorld) {
  return Array.from({ length: producers }, (_, index) => accountNamed(`producer ${index}`));
}

/** Makes the group of all nodes, and pays everybody. */
export async function foundGroup(world: ParaWorld): Promise<void> {
  const { clock, paras, producers } = world;
  const nodes = paras.map((_, index) => paraAccount(index));
  const relays = paras.map((_, index) => relayAccount(index));
  const now = () => clock.now();
  const client = rootNode(world).connect();
  const slots = producers > 1 ? 3 * SLOT_MS : 500;
  for (const step of groupTransactions(now, producersOf(world), nodes, relays)) {
    await submitAll(client, step);
    await pass(world, slots);
  }
  client.close();
}

/** What the nodes agree on, as a root node says; -1 before they do. */
export async function consensusOf(world: ParaWorld, root = rootNode(world)): Promise<bigint> {
  const client = root.connect();
  const asking = client.view(consensusView(CONFIG.title));
  const [value] = await asking;
  client.close();
  return (value && readConsensus(value)?.height) ?? -1n;
}

/** Heights that were made done, in the order in which the root chain's final blocks say so. */
export async function doneHeights(world: ParaWorld): Promise<readonly bigint[]> {
  const client = rootNode(world).connect();
  const heights: bigint[] = [];
  for (let from = { version: 0n, index: 0 }; ; ) {
    const { events, next } = await client.events(CONSENSUS_MODULE, from, 1_000);
    for (const { eventType, data } of events) {
      const found = readTitleEvent(CONFIG.title, { type: eventType, data });
      if (found?.type === "done") heights.push(found.agreed.height);
    }
    if (next.version === from.version && next.index === from.index) break;
    from = next;
  }
  client.close();
  return heights;
}

export function paraNode({ paras }: ParaWorld, index: number): ParaNode {
  return present(paras[index]?.node, "a node that runs");
}

export function headOf(node: ParaNode): bigint {
  return heightOf(node.source.tree.head);
}

/** The hash of a node's block at a height that it has in memory. */
export function hashAt(node: ParaNode, height: bigint): string {
  return toHex(branchBlock(node.source.tree, height).hash);
}

/** Heights of the statuses in every commit that a node posted, in order. */
export function postedHeights({ posts }: ParaSite): readonly (readonly bigint[])[] {
  return posts.flatMap((hex) => {
    const decoded = decodeSignedTransaction(present(fromHex(hex), "hex"));
    assert(decoded.ok, "a node posts transactions");
    const { function: called, args } = decoded.value.raw.payload.call;
    if (called.name !== "commit") return [];
    const statuses = decodeBcs(present(args[0], "statuses"), (reader) => {
      return reader.vector((item) => decodeStatus(item.bytes()));
    });
    return [statuses.map(({ height }) => height)];
  });
}

export async function closeWorld(world: ParaWorld): Promise<void> {
  for (const index of world.paras.keys()) await stopPara(world, index);
  for (const index of world.roots.keys()) await stopRoot(world, index);
}
