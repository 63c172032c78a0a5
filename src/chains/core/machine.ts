/**
 * A chain node as a state machine over an injected clock, network and store: transactions and
 * blocks come in, blocks go out. Pure and synchronous; a block counts only once the store has it,
 * so nobody is told of one that a crash could undo. Knows no request format and no transport.
 */
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { ok, type Result } from "#core/result.ts";
import { type Block, blockHash } from "../ledger/block.ts";
import { type BlockSigner, type Discarded, executeBlock } from "../ledger/block-execution.ts";
import {
  type BlockTree,
  blockByHash,
  branchBlock,
  changeToBest,
  finalise,
  type HeadChange,
  heightOf,
  insertBlock,
  moveHead,
} from "../ledger/block-tree.ts";
import type { ExecutedBlock } from "../ledger/executed-block.ts";
import { createMempool, dropExpired, dropTransaction } from "../ledger/mempool.ts";
import { invalidTransaction, type Refusal } from "../ledger/refusal.ts";
import { hasTurns, slotAt } from "../ledger/turns.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";
import type { VerifiedTransaction } from "../ledger/validation.ts";
import { admitTransaction, nowSecs } from "./admission.ts";
import {
  NODE_SETTINGS,
  type NodeMachine,
  type NodeSettings,
  type SignedMark,
} from "./node-machine.ts";
import { draftNext, nextBlockDueMs, produceNext } from "./production.ts";
import { followHead } from "./reorganisation.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;
/** How far ahead of our clock another producer's may be. */
const AHEAD_MS_MAX = 2_000n;
/** Blocks of one turn that are taken; a producer that signs more is of no use to anybody. */
const BLOCKS_PER_TURN_MAX = 3;

export type Input =
  /** Somebody hands in a transaction; the answer comes at once. */
  | { readonly type: "submit"; readonly request: number; readonly bytes: Uint8Array }
  /** A peer hands in a block; the verdict comes at once. */
  | {
      readonly type: "block";
      readonly request: number;
      readonly block: Block;
      /** Whether there is a block on top of it, so that it may matter more than it seems to. */
      readonly isBuiltUpon: boolean;
    }
  /** Make a block that could follow the head, for others to decide on; it comes at once. */
  | {
      readonly type: "draft";
      readonly request: number;
      /** What another chain has told this one. */
      readonly messages: readonly Uint8Array[];
    }
  /** Time has passed. */
  | { readonly type: "tick"; readonly nowMs: bigint }
  /** So many clients are connected. */
  | { readonly type: "watchers"; readonly count: number }
  /** The store has what the `persist` effect asked for. */
  | { readonly type: "persisted" };

/** What a block that was handed in is to this node; all but the first two change nothing. */
export type BlockVerdict =
  | { readonly type: "taken" }
  | { readonly type: "known" }
  /** Its parent is not here. */
  | { readonly type: "orphan" }
  /** It stands on what can no longer count. */
  | { readonly type: "stale" }
  /** Its time has not come, or its turn has had blocks enough. */
  | { readonly type: "unwanted" }
  /** It breaks the rules: whoever hands it in does not check blocks. */
  | { readonly type: "wrong"; readonly code: string; readonly message: string };

export type Effect =
  | {
      readonly type: "answer";
      readonly request: number;
      readonly result: Result<Hash, Refusal>;
    }
  | { readonly type: "judged"; readonly request: number; readonly verdict: BlockVerdict }
  | { readonly type: "drafted"; readonly request: number; readonly block: ExecutedBlock }
  /** A transaction has come into the pool that was not there. */
  | { readonly type: "pooled"; readonly transaction: VerifiedTransaction }
  /** Keep this change of branch, then say `persisted`. Nothing else is kept meanwhile. */
  | {
      readonly type: "persist";
      readonly change: HeadChange;
      /** Where the last block is our own: what we have signed with it. */
      readonly signed: SignedMark | undefined;
    }
  /** The head has moved so. */
  | { readonly type: "head"; readonly change: HeadChange }
  /** A transaction that was waiting will not be executed. */
  | { readonly type: "dropped"; readonly hash: Hash; readonly refusal: Refusal }
  /** Send a tick at this time; a later effect of this type replaces an earlier one. */
  | { readonly type: "wake"; readonly atMs: bigint };

/**
 * @param tree genesis alone, or what the store holds from the newest final block on.
 * @param signed what the node has signed last, undefined where it never did.
 */
export function createNodeMachine(
  environment: ExecutionEnvironment,
  signer: BlockSigner,
  tree: BlockTree,
  signed: SignedMark | undefined,
  nowMs: bigint,
  settings: NodeSettings = NODE_SETTINGS,
): NodeMachine {
  return {
    environment,
    settings,
    signer,
    tree,
    pool: createMempool(),
    nowMs,
    watchers: 0,
    signed,
    persisting: undefined,
  };
}

/**
 * Applies one input. Mutates only `machine`; everything the world must do is returned, in order.
 */
export function step(machine: NodeMachine, input: Input): readonly Effect[] {
  switch (input.type) {
    case "submit":
      return [...submit(machine, input.request, input.bytes), ...advance(machine)];
    case "block": {
      const verdict = judge(machine, input.block, input.isBuiltUpon);
      return [{ type: "judged", request: input.request, verdict }, ...advance(machine)];
    }
    case "draft":
      return draft(machine, input.request, input.messages);
    case "tick":
      if (input.nowMs > machine.nowMs) machine.nowMs = input.nowMs;
      return [...expire(machine), ...advance(machine)];
    case "watchers":
      machine.watchers = input.count;
      return advance(machine);
    case "persisted":
      return [...commit(machine), ...advance(machine)];
  }
}

/** The height up to which nothing that the head stands on can be undone. */
export function finalHeightOf(
  { parameters }: ExecutionEnvironment,
  { finalityDepth }: Pick<NodeSettings, "finalityDepth">,
  head: ExecutedBlock,
): bigint {
  const { height, finality } = head.block.header;
  const deep = height > BigInt(finalityDepth) ? height - BigInt(finalityDepth) : 0n;
  if (!hasTurns(parameters)) return deep;
  return finality.finalHeight < deep ? finality.finalHeight : deep;
}

function submit(machine: NodeMachine, request: number, bytes: Uint8Array): readonly Effect[] {
  const admitted = admitTransaction(machine, bytes);
  if (!admitted.ok) return [{ type: "answer", request, result: admitted }];
  const { transaction, isNew } = admitted.value;
  const answer: Effect = { type: "answer", request, result: ok(transaction.hash) };
  return isNew ? [answer, { type: "pooled", transaction }] : [answer];
}

/** Executes a block that somebody else made and puts it into the tree, if it has a place there. */
function judge(machine: NodeMachine, block: Block, isBuiltUpon: boolean): BlockVerdict {
  const { environment, tree, nowMs } = machine;
  const { header } = block;
  if (blockByHash(tree, blockHash(header)) !== undefined) return { type: "known" };
  if (header.height <= heightOf(tree.final)) {
    return isOnBranch(tree, block) ? { type: "known" } : { type: "stale" };
  }
  const parent = blockByHash(tree, header.parent);
  if (parent === undefined) return { type: "orphan" };
  // Above the final block in height though below it in the tree: its header is untrue.
  if (heightOf(parent) < heightOf(tree.final)) return { type: "stale" };
  const aheadMs = header.timestampUs / MICROSECONDS_PER_MILLISECOND - nowMs;
  const isOneTooMany = !isBuiltUpon && countRivals(machine, block) >= BLOCKS_PER_TURN_MAX;
  if (aheadMs > AHEAD_MS_MAX || isOneTooMany) return { type: "unwanted" };
  const executed = executeBlock(environment, parent, block);
  if (!executed.ok) return { type: "wrong", ...executed.error };
  insertBlock(tree, executed.value);
  return { type: "taken" };
}

function isOnBranch(tree: BlockTree, { header }: Block): boolean {
  return equalBytes(branchBlock(tree, header.height).hash, blockHash(header));
}

/** Blocks here that its producer made in its place: on the same parent or in the same turn. */
function countRivals({ environment, tree }: NodeMachine, { header }: Block): number {
  const { parameters } = environment;
  const slot = hasTurns(parameters) ? slotAt(parameters, header.timestampUs) : undefined;
  let count = 0;
  for (const { block } of tree.blocks.values()) {
    if (block.header.proposer !== header.proposer) continue;
    const isSameTurn = slot !== undefined && slotAt(parameters, block.header.timestampUs) === slot;
    if (isSameTurn || equalBytes(block.header.parent, header.parent)) count += 1;
  }
  return count;
}

/** Moves to the best block, or makes one if it is due, and says when to look again. */
function advance(machine: NodeMachine): readonly Effect[] {
  if (machine.persisting !== undefined) return [];
  if (machine.tree.best !== machine.tree.head) return keepBest(machine, undefined);
  const dueMs = nextBlockDueMs(machine);
  if (dueMs === undefined) return [];
  if (dueMs > machine.nowMs) return [{ type: "wake", atMs: dueMs }];
  const { block, discarded, mark } = produceNext(machine);
  insertBlock(machine.tree, block);
  machine.signed = mark;
  return [...dropDiscarded(machine, discarded), ...keepBest(machine, mark)];
}

function draft(
  machine: NodeMachine,
  request: number,
  messages: readonly Uint8Array[],
): readonly Effect[] {
  const { block, discarded } = draftNext(machine, messages);
  return [...dropDiscarded(machine, discarded), { type: "drafted", request, block }];
}

/** What can never stand in a block leaves the pool; what only comes too early waits. */
function dropDiscarded(machine: NodeMachine, discarded: readonly Discarded[]): readonly Effect[] {
  return discarded
    .filter(({ refusal }) => refusal.status !== "SEQUENCE_NUMBER_TOO_NEW")
    .map(({ transaction, refusal }): Effect => {
      dropTransaction(machine.pool, transaction);
      return { type: "dropped", hash: transaction.hash, refusal };
    });
}

function keepBest(machine: NodeMachine, signed: SignedMark | undefined): readonly Effect[] {
  machine.persisting = changeToBest(machine.tree);
  return [{ type: "persist", change: machine.persisting, signed }];
}

function commit(machine: NodeMachine): readonly Effect[] {
  const { environment, settings, tree, pool, persisting: change } = machine;
  assert(change !== undefined, "the store kept what it was given");
  machine.persisting = undefined;
  moveHead(tree, change);
  finalise(tree, finalHeightOf(environment, settings, tree.head), settings.residentBlocks);
  const dropped = followHead(pool, change).map(({ transaction, refusal }): Effect => {
    return { type: "dropped", hash: transaction.hash, refusal };
  });
  return [{ type: "head", change }, ...dropped];
}

function expire(machine: NodeMachine): readonly Effect[] {
  const now = nowSecs(machine);
  return dropExpired(machine.pool, now).map((transaction): Effect => {
    const why = `void from second ${transaction.raw.expirationSecs} on`;
    const refusal = invalidTransaction("TRANSACTION_EXPIRED", why);
    return { type: "dropped", hash: transaction.hash, refusal };
  });
}
