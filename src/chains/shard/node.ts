/**
 * A node of a shard: the ledger of every chain, decided on by a committee, fed by the root. A node
 * that is in the committee takes part; any other follows what was decided.
 */
import type { ChainStart } from "../chain-start.ts";
import type { Journal } from "../cross-chain/journal.ts";
import { heightOf } from "../ledger/block-tree.ts";
import { addressOfKey } from "../ledger/transaction-hash.ts";
import { type ChainNode, type ChainNodeOptions, createNodeOf } from "../node.ts";
import { createPeerNetwork, type PeerNetwork } from "../peer/network.ts";
import type { Clock, Entropy } from "../ports.ts";
import type { ProducerSecret } from "../producer-key.ts";
import type { ChainClient } from "../rpc/client.ts";
import type { Evidence } from "./consensus/evidence.ts";
import type { Timing } from "./consensus/timing.ts";
import { type Member, startMember } from "./member.ts";
import { type Relay, type RelayStanding, startRelay } from "./relay.ts";
import { followRoot } from "./root-feed.ts";
import { genesisView } from "./root-views.ts";
import { readShardGenesis, shardConfig } from "./shard-genesis.ts";
import { createTriedBlocks, shardKind } from "./shard-kind.ts";
import { readRootCursor, readShardId } from "./shard-state.ts";

export interface ShardNodeOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: ChainNodeOptions["store"];
  readonly journal: Journal;
  /** A node of the root that this node trusts: its own, or one that it runs beside. */
  readonly root: ChainClient;
  /** What an empty store begins with. */
  readonly start: () => Promise<ChainStart>;
  readonly timing?: Timing;
  readonly onEvidence?: (evidence: Evidence) => void;
  readonly onFarewell?: (remote: string, reason: string) => void;
}

export interface ShardStanding {
  readonly headHeight: bigint;
  /** Of the block that is being decided; undefined where this node is not in the committee. */
  readonly height: bigint | undefined;
  readonly round: number | undefined;
  /** The root's blocks up to this height are known here. */
  readonly rootHeight: bigint;
  /** The root's blocks below this height were taken in by the shard. */
  readonly takenHeight: bigint;
  readonly evidence: readonly Evidence[];
  /** Why this node takes no part any more. */
  readonly failure: string | undefined;
  /** What the root is to be told. */
  readonly relay: RelayStanding;
}

export interface ShardNode {
  readonly shardId: bigint;
  /** Serves the shard's API as any chain's node does. */
  readonly node: ChainNode;
  readonly network: PeerNetwork;
  standing(): ShardStanding;
  close(): Promise<void>;
}

/** What a shard begins with, as the root has fixed it; rejects with `ChainError` before. */
export async function foundShard(
  root: ChainClient,
  shardId: bigint,
  producerSecret: ProducerSecret,
): Promise<ChainStart> {
  const { genesisHash } = await root.ledger();
  const [bytes] = await root.view(genesisView(shardId));
  const genesis = readShardGenesis(bytes ?? new Uint8Array());
  return { identity: { config: shardConfig(genesisHash, genesis), producerSecret } };
}

/** Rejects with `ChainStoreError`. */
export async function createShardNode(options: ShardNodeOptions): Promise<ShardNode> {
  const { clock, entropy, store, journal, root, start } = options;
  const tried = createTriedBlocks();
  const kind = shardKind(tried);
  const node = await createNodeOf(kind, { clock, entropy, store, start });
  const { tree } = node.source;
  const shardId = readShardId(tree.head.state);
  // The root and other nodes may speak before the member has read its journal.
  const ears: { member?: Member; relay?: Relay } = {};
  const feed = followRoot(root, clock, shardId, readRootCursor(tree.head.state), () => {
    ears.member?.lookAgain();
  });
  const network = createPeerNetwork(node, clock, {
    onConsensus: (message) => ears.member?.hear(message),
    ...(options.onFarewell === undefined ? {} : { onFarewell: options.onFarewell }),
  });
  const member = await startMember({
    node,
    clock,
    journal,
    feed,
    tried,
    tell: (message) => network.tell(message),
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    onEvidence: (evidence) => {
      ears.relay?.accuse([evidence]);
      options.onEvidence?.(evidence);
    },
  });
  ears.member = member;
  const shard = node.connect();
  const relay = await startRelay({
    shardId,
    shard,
    root,
    clock,
    journal,
    signer: {
      address: addressOfKey(node.producer),
      publicKey: node.producer,
      sign: node.sign,
    },
    isInOffice: () => member.standing() !== undefined,
  });
  ears.relay = relay;
  // What was found in an earlier life, or while the relay was opened.
  relay.accuse(member.evidence());
  return {
    shardId,
    node,
    network,
    standing: () => {
      const { height, round } = member.standing() ?? { height: undefined, round: undefined };
      return {
        headHeight: heightOf(tree.head),
        height,
        round,
        rootHeight: feed.height(),
        takenHeight: readRootCursor(tree.head.state).height,
        evidence: member.evidence(),
        failure: member.failure(),
        relay: relay.standing(),
      };
    },
    close: async () => {
      relay.close();
      shard.close();
      member.close();
      feed.close();
      network.close();
      await node.close();
      await journal.close();
    },
  };
}
