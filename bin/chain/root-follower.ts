// A node of the root inside another chain's process, so that this one trusts nobody about what the
// root says.
import {
  type ChainClient,
  type ChainNode,
  createChainNode,
  createPeerNetwork,
  joinChain,
  keepDialled,
  systemClock,
  systemEntropy,
} from "#chains";
import { dialPeer } from "#chains-node";
import { openStoreIn } from "./store-folder.ts";

const ROOT_FILE = "root.sqlite";
/** A block more is on its way. */
const BEHIND_BLOCKS_MAX = 1n;

export interface RootFollowing {
  /** Where it keeps the root; undefined keeps it in memory. */
  readonly folder: string | undefined;
  /** APIs of nodes of the root. */
  readonly rootUrls: readonly string[];
  readonly onFarewell: (remote: string, reason: string) => void;
}

export interface RootFollower {
  readonly node: ChainNode;
  readonly client: ChainClient;
  /** Whether it is connected, and has what its peers have. */
  isSynced(): boolean;
  close(): Promise<void>;
}

/** Rejects with `PeerError` where no node of the root answers, and with `ChainStoreError`. */
export async function followRootChain(options: RootFollowing): Promise<RootFollower> {
  const { folder, rootUrls, onFarewell } = options;
  const node = await createChainNode({
    clock: systemClock,
    entropy: systemEntropy,
    store: openStoreIn(folder, ROOT_FILE),
    start: () => joinChain(dialPeer, rootUrls, systemClock, systemEntropy),
  });
  const network = createPeerNetwork(node, systemClock, { onFarewell });
  const stopDialling = keepDialled(network, systemClock, dialPeer, rootUrls);
  const client = node.connect();
  return {
    node,
    client,
    isSynced: () => {
      const { height } = node.source.tree.head.block.header;
      return network.count() > 0 && network.height() <= height + BEHIND_BLOCKS_MAX;
    },
    close: async () => {
      stopDialling();
      network.close();
      client.close();
      await node.close();
    },
  };
}
