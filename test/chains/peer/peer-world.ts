// Several nodes of one chain in one process: links that fail, stores that crash at their writes,
// accounts that pay each other and try to pay twice, and checkers that look on.
import { type ChainNode, type ChainStore, faucetSigner } from "#chains";
import { assert, present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { toHex } from "#core/bytes.ts";
import { formatStructTag } from "#core/type-tag.ts";
import type { StateTree } from "#sandbox";
import { type Block, blockHash, decodeBlock } from "../../../src/chains/ledger/block.ts";
import { branchBlock, heightOf } from "../../../src/chains/ledger/block-tree.ts";
import { slotAt } from "../../../src/chains/ledger/turns.ts";
import { keepDialled } from "../../../src/chains/peer/dialer.ts";
import { peerMessageCodec } from "../../../src/chains/peer/messages.ts";
import { createPeerNetwork, type PeerNetwork } from "../../../src/chains/peer/network.ts";
import type { BranchChange } from "../../../src/chains/ports.ts";
import { decodeWith } from "../../../src/chains/rpc/codec.ts";
import { createPrng, type Prng } from "../../simulation/prng.ts";
import { accountNamed, START_MS, transferTo } from "../fixture.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";
import { producerNode, producerStore, SLOT_MS } from "../producers.ts";
import { createVirtualLinks, NO_FAULTS, type VirtualLinks } from "./virtual-links.ts";

export const SUPPLY = 1_000_000_000_000_000n;
const COIN_STORE = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>";
const faucet = faucetSigner();

/** Where a store crashes at a write: not at all, before the write counts, or after. */
export type Crash = "none" | "before" | "after";

interface Place {
  readonly store: ChainStore;
  node: ChainNode | undefined;
  network: PeerNetwork | undefined;
  stopDialling: () => void;
  /** A node that has crashed comes back at this time. */
  backMs: bigint;
}

export interface PeerWorld {
  readonly clock: ManualClock;
  readonly links: VirtualLinks;
  readonly prng: Prng;
  readonly places: readonly Place[];
  /** Says where the next write of a node's store crashes. */
  crashAt: (place: number) => Crash;
  /** Final blocks by height, as the first node that had them said. */
  readonly finals: Map<bigint, string>;
  /** Blocks by producer and slot. */
  readonly signed: Map<string, string>;
  /** What was found to be broken. */
  readonly broken: string[];
  crashes: number;
  reorganisations: number;
}

/** @param count producers; one node more follows without making blocks. */
export async function createPeerWorld(seed: number, count: number): Promise<PeerWorld> {
  const clock = manualClock(START_MS);
  const prng = createPrng(seed);
  const links = createVirtualLinks(clock, prng.fork("links"));
  const places: Place[] = [];
  for (let place = 0; place <= count; place++) {
    const store = await producerStore(count, place);
    const idle = { node: undefined, network: undefined, stopDialling: () => undefined };
    places.push({ store, ...idle, backMs: 0n });
  }
  const world: PeerWorld = {
    clock,
    links,
    prng,
    places,
    crashAt: () => "none",
    finals: new Map(),
    signed: new Map(),
    broken: [],
    crashes: 0,
    reorganisations: 0,
  };
  links.onSent = (_from, message) => noteSigned(world, message);
  for (let place = 0; place < places.length; place++) await start(world, place);
  return world;
}

async function start(world: PeerWorld, index: number): Promise<void> {
  const { clock, links, places } = world;
  const place = present(places[index], "a place");
  const node = await producerNode(clock, crashing(world, index, place.store));
  const network = createPeerNetwork(node, clock, { limits: { banMs: 2_000n } });
  node.observe({
    onHead: ({ abandoned }) => {
      world.reorganisations += Number(abandoned.length > 0);
      checkFinal(world, index, node);
    },
    onTransaction: () => undefined,
  });
  place.node = node;
  place.network = network;
  // Each dials those before it: one connection between any two.
  const urls = places.slice(0, index).map((_, other) => String(other));
  place.stopDialling = keepDialled(network, clock, (url) => dial(world, index, Number(url)), urls);

  function dial({ places: all }: PeerWorld, from: number, to: number) {
    const other = all[to]?.network;
    if (other === undefined || !links.passes(from, to)) return Promise.reject(new Error("nobody"));
    const [near, far] = links.connect(from, to);
    other.join(far);
    return Promise.resolve(near);
  }
}

/** A store over `inner` that dies at the writes that the world chooses. */
function crashing(world: PeerWorld, index: number, inner: ChainStore): ChainStore {
  let isDead = false;
  return {
    ...inner,
    extend: async (change: BranchChange) => {
      if (isDead) throw new Error("the process has gone");
      const crash = world.crashAt(index);
      if (crash !== "none") {
        isDead = true;
        world.crashes += 1;
      }
      if (crash !== "before") await inner.extend(change);
      if (crash !== "none") {
        stop(world, index, 1_500);
        throw new Error("the process was killed");
      }
    },
  };
}

/** Ends a node at once, as a kill does; it comes back after a while. */
export function stop(world: PeerWorld, index: number, forMs: number): void {
  const place = present(world.places[index], "a place");
  const { node, network } = place;
  if (node === undefined) return;
  place.node = undefined;
  place.network = undefined;
  place.backMs = world.clock.now() + BigInt(forMs);
  place.stopDialling();
  network?.close();
  void node.close();
}

/** Lets time pass, and brings back whoever's time has come. */
export async function pass(world: PeerWorld, ms: number): Promise<void> {
  const step = 250;
  for (let passed = 0; passed < ms; passed += step) {
    await world.clock.advance(step);
    for (const [index, place] of world.places.entries()) {
      if (place.node === undefined && world.clock.now() >= place.backMs) await start(world, index);
    }
  }
}

export function nodesOf({ places }: PeerWorld): readonly ChainNode[] {
  return places.flatMap(({ node }) => (node === undefined ? [] : [node]));
}

/** What a producer puts on the wire binds it: one block a slot. */
function noteSigned({ signed, broken, places }: PeerWorld, message: Uint8Array): void {
  const decoded = decodeWith(peerMessageCodec, message);
  assert(decoded.ok, "nodes speak the protocol");
  if (decoded.value.type !== "block") return;
  const { header }: Block = decodeBlock(decoded.value.block);
  const node = places.find((place) => place.node !== undefined)?.node;
  if (node === undefined) return;
  const slot = slotAt(node.source.environment.parameters, header.timestampUs);
  const [turn, name] = [`${header.proposer} ${slot}`, toHex(blockHash(header))];
  const standing = signed.get(turn) ?? name;
  signed.set(turn, standing);
  if (standing !== name) broken.push(`two blocks are signed in slot ${slot}`);
}

/** One final block per height, whoever says so and whenever. */
function checkFinal({ finals, broken }: PeerWorld, index: number, node: ChainNode): void {
  const { tree } = node.source;
  const top = heightOf(tree.final);
  for (let height = top; height >= 0n; height--) {
    const block = branchBlock(tree, height);
    if (heightOf(block) !== height) break;
    const name = toHex(block.hash);
    const standing = finals.get(height);
    if (standing === name) break;
    if (standing !== undefined) broken.push(`node ${index} finalises another block ${height}`);
    finals.set(height, name);
  }
}

/** Everything in coin stores, and in the pools that fees go to. */
export function coinsIn(state: StateTree): bigint {
  let total = 0n;
  for (const { key, value } of state.entries()) {
    const isStore = key.kind === "resource" && formatStructTag(key.type) === COIN_STORE;
    // The pools of producers: a table from addresses to coins.
    const isPool = key.kind === "tableItem" && key.key.length === 32 && value.length === 8;
    if (isStore || isPool) total += new BcsReader(value).u64();
  }
  return total;
}

/** Sends a payment by the faucet to some node; with the same number to another, another one. */
export function pay(world: PeerWorld, number: bigint): void {
  const { prng } = world;
  const names = ["alice", "bob", "carol"];
  const nodes = nodesOf(world);
  const times = prng.permille(300) ? 2 : 1;
  for (let time = 0; time < times && nodes.length > 0; time++) {
    const to = accountNamed(prng.pick(names)).address;
    const expirationSecs = START_MS / 1_000n + 100_000n;
    const payment = transferTo(faucet, number, to, BigInt(1 + prng.below(900)), { expirationSecs });
    void prng.pick(nodes).ask({ type: "submit", bytes: payment.bytes });
  }
}

/** Lets everything work again and waits until all agree; says what is still amiss. */
export async function heal(world: PeerWorld): Promise<readonly string[]> {
  world.links.faults = NO_FAULTS;
  world.links.passes = () => true;
  world.crashAt = () => "none";
  const { broken } = world;
  const reached = (): bigint =>
    nodesOf(world).reduce((low, { source }) => {
      const height = heightOf(source.tree.final);
      return height < low ? height : low;
    }, 1n << 62n);
  await pass(world, 40_000);
  const before = reached();
  await pass(world, 12 * SLOT_MS);
  if (reached() <= before) broken.push(`finality stands still at ${before}`);
  const nodes = nodesOf(world);
  if (nodes.length !== world.places.length) broken.push("not every node has come back");
  const common = reached();
  const roots = nodes.map(({ source }) => toHex(branchBlock(source.tree, common).state.root()));
  if (new Set(roots).size !== 1) broken.push(`states differ at the final height ${common}`);
  for (const { source } of nodes) {
    const coins = coinsIn(source.tree.head.state);
    if (coins !== SUPPLY) broken.push(`there are ${coins} coins`);
  }
  return broken;
}

export async function closeWorld(world: PeerWorld): Promise<void> {
  for (const { network, node, stopDialling } of world.places) {
    stopDialling();
    network?.close();
    await node?.close();
  }
}
