/**
 * A world in one process, for Node and for tests: a chain in memory or one elsewhere, players that
 * reach each other directly, and stores that live as long as the world. Nothing of it is a stub: it
 * is the chain and the node of a browser.
 */
import { createMemoryStore as createChainStore, createEmbeddedNode } from "#chains";
import {
  type Clock,
  createMemoryDisk,
  createMemoryNetwork,
  createMemoryStore,
  type MemoryDisk,
  type MemoryNetwork,
  type Ownership,
  openTabMemory,
  platformClock,
  platformDefer,
  platformEntropy,
  type TabStorage,
} from "#channel";
import { toHex } from "#core/bytes.ts";
import { type ChainAddress, type ChainLink, rootLink, servedLink } from "#settlement";
import { createNodeHost } from "./node-host.ts";
import type { World } from "./world.ts";

/** Nodes of a process play shorter than a browser's, and should start at once. */
const REVEALS_COUNT = 2 ** 16;
const IDENTITY_SIZE = 16;

export interface LocalWorld extends World {
  /** Ends the chain that is in it. Close the nodes first. */
  close(): Promise<void>;
}

interface LocalChain {
  connect(): ChainLink;
  close(): Promise<void>;
}

interface Premises {
  readonly chain: LocalChain;
  /** By room. */
  readonly networks: Map<string, MemoryNetwork>;
  /** By identity. */
  readonly disks: Map<string, MemoryDisk>;
  /** What a browser would keep for its tabs. */
  readonly storage: TabStorage;
  /** Identities that a node lives by. */
  readonly inUse: Set<string>;
  wiresCount: number;
}

/**
 * @param clock the time of everybody in it; the machine's where absent
 * @param elsewhere a chain that is served over HTTP, in place of one in memory
 */
export async function createLocalWorld(
  clock: Clock = platformClock,
  elsewhere?: ChainAddress,
): Promise<LocalWorld> {
  const chain = elsewhere === undefined ? await openChain(clock) : chainAt(elsewhere, clock);
  const premises: Premises = {
    chain,
    networks: new Map(),
    disks: new Map(),
    storage: createMemoryStorage(),
    inUse: new Set(),
    wiresCount: 0,
  };
  return {
    lodge: async (name, emit) => ({
      host: createNodeHost(
        {
          clock,
          entropy: platformEntropy,
          chain: chain.connect(),
          claim: async (remembered) => claim(premises.inUse, remembered),
          openStore: async (identity) => {
            const disk = entry(premises.disks, identity, createMemoryDisk);
            return createMemoryStore(platformEntropy, disk, REVEALS_COUNT);
          },
          wires: (room) => {
            const network = entry(premises.networks, room, () =>
              createMemoryNetwork(platformDefer),
            );
            premises.wiresCount++;
            return [network.wire(`${premises.wiresCount}`)];
          },
        },
        emit,
      ),
      memory: openTabMemory(premises.storage, undefined, name),
      end: () => {},
    }),
    close: () => chain.close(),
  };
}

async function openChain(clock: Clock): Promise<LocalChain> {
  const store = createChainStore();
  const node = await createEmbeddedNode({ clock, entropy: platformEntropy, store });
  return { connect: () => rootLink(node.connect()), close: () => node.close() };
}

function chainAt(address: ChainAddress, clock: Clock): LocalChain {
  return { connect: () => servedLink(address, clock), close: () => Promise.resolve() };
}

function claim(inUse: Set<string>, remembered: string | null): Ownership {
  const isFree = remembered !== null && !inUse.has(remembered);
  const identity = isFree ? remembered : toHex(platformEntropy(IDENTITY_SIZE));
  inUse.add(identity);
  return { identity, isAdopted: false, release: () => void inUse.delete(identity) };
}

function createMemoryStorage(): TabStorage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
