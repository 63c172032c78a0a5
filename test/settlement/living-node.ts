// A root node that a test stops and starts again, and whose newest blocks it undoes, under clients
// and servers that stay.
import {
  type ChainClient,
  type ChainNode,
  type ChainStore,
  createChainNode,
  type NodeSettings,
  type SignedTransaction,
} from "#chains";
import { assert, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { produceBlock } from "../../src/chains/ledger/block-execution.ts";
import { branchBlock, heightOf } from "../../src/chains/ledger/block-tree.ts";
import { verifySignatures } from "../../src/chains/ledger/validation.ts";
import { type ManualClock, settle } from "../chains/manual-clock.ts";
import { lastingClients } from "./lasting-clients.ts";

export interface LivingNode {
  current(): ChainNode;
  /** A client that only finds its node slow while it is away. */
  connect(): ChainClient;
  /** Until it begins again nobody answers its clients. */
  close(): Promise<void>;
  begin(): Promise<void>;
  /** Stops the node, what waited in its pool being lost, and starts it again. */
  restart(): Promise<void>;
  /**
   * Undoes the newest blocks, so many, by a longer branch of empty ones; its first block may hold
   * transactions, by which others of the same numbers never come again.
   */
  undo(blocks: number, instead?: readonly SignedTransaction[]): Promise<void>;
}

/** @param settings with a `finalityDepth` of at least as many blocks as are ever undone. */
export async function livingNode(
  clock: ManualClock,
  store: ChainStore,
  settings: Partial<NodeSettings> = {},
): Promise<LivingNode> {
  const open = () => createChainNode({ clock, store, entropy: noEntropy, settings });
  const clients = lastingClients(clock);
  let node = await open();
  clients.attach(node);
  const begin = async () => {
    node = await open();
    clients.attach(node);
  };
  return {
    current: () => node,
    connect: () => clients.connect(),
    async restart() {
      await node.close();
      await begin();
    },
    begin,
    close: () => node.close(),
    undo: (blocks, instead = []) => undoBlocks(node, store, blocks, instead),
  };
}

/** What {@link LivingNode.undo} does, with a node that keeps its chain in `store`. */
export async function undoBlocks(
  node: ChainNode,
  store: ChainStore,
  blocks: number,
  instead: readonly SignedTransaction[],
): Promise<void> {
  const { environment, tree } = node.source;
  const { identity } = present(await store.load(), "the node keeps a chain");
  const signer = {
    publicKey: node.producer,
    sign: (message: Uint8Array) => signEd25519(message, identity.producerSecret),
  };
  const height = heightOf(tree.head) - BigInt(blocks);
  let parent = branchBlock(tree, height > 0n ? height : 0n);
  assert(heightOf(parent) >= heightOf(tree.final), "what is final cannot be undone");
  const abandoned = heightOf(tree.best);
  let candidates = instead.map((transaction) => {
    const verified = verifySignatures(transaction);
    assert(verified.ok, "who puts a transaction in has signed it");
    return verified.value;
  });
  while (heightOf(parent) <= abandoned) {
    const timeUs = parent.block.header.timestampUs + 1n;
    const made = produceBlock(environment, parent, timeUs, signer, candidates);
    assert(made.discarded.length === 0, "what is put in has its place there");
    parent = made.block;
    candidates = [];
    const verdict = node.offer(parent.block, true);
    assert(verdict.type === "taken", "a producer's block on what is not final is taken");
  }
  await settle();
  const { hash } = branchBlock(tree, heightOf(parent));
  assert(equalBytes(hash, parent.hash), "the longer branch counts");
}

function noEntropy(): never {
  throw new Error("a node that keeps a chain needs no chance");
}
