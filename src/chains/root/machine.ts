/**
 * A chain node as a state machine over an injected clock and store: transactions come in, blocks go
 * out. Pure and synchronous; a block counts only once the store has it, so nobody is told of one
 * that a crash could undo. Knows no request format and no transport.
 */
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import {
  type BlockSigner,
  type Discarded,
  type ExecutedBlock,
  produceBlock,
} from "../ledger/block-execution.ts";
import { type BlockTree, createBlockTree, insertBlock, pruneTree } from "../ledger/block-tree.ts";
import { readAccount } from "../ledger/framework.ts";
import {
  addTransaction,
  createMempool,
  dropExpired,
  dropTransaction,
  hasReady,
  type Mempool,
  moveAccount,
  pendingTransaction,
  readyTransactions,
} from "../ledger/mempool.ts";
import { invalidTransaction, type Refusal } from "../ledger/refusal.ts";
import { decodeSignedTransaction, type SignedTransaction } from "../ledger/transaction.ts";
import { type ExecutionEnvironment, refusedByPrologue } from "../ledger/user-transaction.ts";
import { refuseOutOfBounds, verifySignatures } from "../ledger/validation.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;
const MICROSECONDS_PER_SECOND = 1_000_000n;

export interface NodeSettings {
  /** Least time between two blocks while transactions wait. */
  readonly blockIntervalMs: bigint;
  /**
   * Time after which an empty block is made while somebody watches, so that chain time moves on.
   */
  readonly idleBlockIntervalMs: bigint;
  /** Blocks above one that make it final. */
  readonly finalityDepth: number;
  /** Blocks that stay in memory, with their states. */
  readonly residentBlocks: number;
}

export const NODE_SETTINGS: NodeSettings = {
  blockIntervalMs: 150n,
  idleBlockIntervalMs: 1_000n,
  finalityDepth: 0,
  residentBlocks: 64,
};

export type Input =
  /** Somebody hands in a transaction; the answer comes at once. */
  | { readonly type: "submit"; readonly request: number; readonly bytes: Uint8Array }
  /** Time has passed. */
  | { readonly type: "tick"; readonly nowMs: bigint }
  /** So many clients are connected. */
  | { readonly type: "watchers"; readonly count: number }
  /** The store has the block of a `persist` effect. */
  | { readonly type: "persisted"; readonly hash: Hash };

export type Effect =
  | {
      readonly type: "answer";
      readonly request: number;
      readonly result: Result<Hash, Refusal>;
    }
  /** Keep this block, then say `persisted`. Nothing else is made meanwhile. */
  | { readonly type: "persist"; readonly block: ExecutedBlock }
  /** The head is this block now. */
  | { readonly type: "committed"; readonly block: ExecutedBlock }
  /** A transaction that was waiting will not be executed. */
  | { readonly type: "dropped"; readonly hash: Hash; readonly refusal: Refusal }
  /** Send a tick at this time; a later effect of this type replaces an earlier one. */
  | { readonly type: "wake"; readonly atMs: bigint };

export interface NodeMachine {
  readonly environment: ExecutionEnvironment;
  readonly settings: NodeSettings;
  readonly signer: BlockSigner;
  readonly tree: BlockTree;
  readonly pool: Mempool;
  nowMs: bigint;
  watchers: number;
  /** The block that the store is writing. */
  persisting: ExecutedBlock | undefined;
}

/** @param head genesis, or the newest block that the store holds. */
export function createNodeMachine(
  environment: ExecutionEnvironment,
  signer: BlockSigner,
  head: ExecutedBlock,
  nowMs: bigint,
  settings: NodeSettings = NODE_SETTINGS,
): NodeMachine {
  return {
    environment,
    settings,
    signer,
    tree: createBlockTree(head),
    pool: createMempool(),
    nowMs,
    watchers: 0,
    persisting: undefined,
  };
}

/**
 * Applies one input. Mutates only `machine`; everything the world must do is returned, in order.
 */
export function step(machine: NodeMachine, input: Input): readonly Effect[] {
  switch (input.type) {
    case "submit":
      return [
        { type: "answer", request: input.request, result: submit(machine, input.bytes) },
        ...advance(machine),
      ];
    case "tick":
      if (input.nowMs > machine.nowMs) machine.nowMs = input.nowMs;
      return [...expire(machine), ...advance(machine)];
    case "watchers":
      machine.watchers = input.count;
      return advance(machine);
    case "persisted":
      return [...commit(machine, input.hash), ...advance(machine)];
  }
}

/** The time by which transactions are judged before they are in a block. */
function nowSecs(machine: NodeMachine): bigint {
  const headUs = machine.tree.head.block.header.timestampUs;
  const nowUs = machine.nowMs * MICROSECONDS_PER_MILLISECOND;
  return (headUs > nowUs ? headUs : nowUs) / MICROSECONDS_PER_SECOND;
}

/** The order of the checks is the profile's (section 6.1). */
function submit(machine: NodeMachine, bytes: Uint8Array): Result<Hash, Refusal> {
  const decoded = decodeSignedTransaction(bytes);
  if (!decoded.ok) return decoded;
  const transaction = decoded.value;
  if (pendingTransaction(machine.pool, transaction.hash) !== undefined) {
    return ok(transaction.hash);
  }
  const old = refuseIfOld(machine, transaction);
  if (old !== undefined) return err(old);
  const verified = verifySignatures(transaction);
  if (!verified.ok) return verified;
  const { environment, tree, pool } = machine;
  const refused =
    refuseOutOfBounds(transaction, environment.parameters, nowSecs(machine)) ??
    refusedByPrologue(environment, tree.head.state, verified.value);
  if (refused !== undefined) return err(refused);
  const { sequenceNumber } = readAccount(tree.head.state, transaction.raw.sender);
  const added = addTransaction(pool, verified.value, sequenceNumber);
  return added.ok ? ok(transaction.hash) : added;
}

function refuseIfOld(machine: NodeMachine, { raw }: SignedTransaction): Refusal | undefined {
  const { sequenceNumber } = readAccount(machine.tree.head.state, raw.sender);
  if (raw.sequenceNumber >= sequenceNumber) return undefined;
  const why = `the account is at sequence number ${sequenceNumber}`;
  return invalidTransaction("SEQUENCE_NUMBER_TOO_OLD", why);
}

/** Makes a block if one is due, and says when to look again. */
function advance(machine: NodeMachine): readonly Effect[] {
  if (machine.persisting !== undefined) return [];
  const dueMs = nextBlockDueMs(machine);
  if (dueMs === undefined) return [];
  if (dueMs > machine.nowMs) return [{ type: "wake", atMs: dueMs }];
  return makeBlock(machine);
}

/** When the next block is due; undefined when nobody needs one. */
function nextBlockDueMs(machine: NodeMachine): bigint | undefined {
  const { settings, tree } = machine;
  const lastMs = tree.head.block.header.timestampUs / MICROSECONDS_PER_MILLISECOND;
  if (hasReady(machine.pool)) return lastMs + settings.blockIntervalMs;
  if (machine.watchers > 0) return lastMs + settings.idleBlockIntervalMs;
  return undefined;
}

function makeBlock(machine: NodeMachine): readonly Effect[] {
  const { environment, signer, tree, pool } = machine;
  const nowUs = machine.nowMs * MICROSECONDS_PER_MILLISECOND;
  const afterHeadUs = tree.head.block.header.timestampUs + 1n;
  const timestampUs = nowUs > afterHeadUs ? nowUs : afterHeadUs;
  const made = produceBlock(environment, tree.head, timestampUs, signer, readyTransactions(pool));
  machine.persisting = made.block;
  return [...dropDiscarded(machine, made.discarded), { type: "persist", block: made.block }];
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

function commit(machine: NodeMachine, hash: Hash): readonly Effect[] {
  const block = machine.persisting;
  assert(
    block !== undefined && equalBytes(block.hash, hash),
    "the store kept the block it was given",
  );
  machine.persisting = undefined;
  const { tree, pool, settings } = machine;
  const isHead = insertBlock(tree, block);
  assert(isHead, "a block made on the head is the new head");
  pruneTree(tree, settings.residentBlocks + settings.finalityDepth);
  for (const { raw } of block.transactions) {
    moveAccount(pool, raw.sender, readAccount(block.state, raw.sender).sequenceNumber);
  }
  return [{ type: "committed", block }];
}

function expire(machine: NodeMachine): readonly Effect[] {
  const now = nowSecs(machine);
  return dropExpired(machine.pool, now).map((transaction): Effect => {
    const why = `void from second ${transaction.raw.expirationSecs} on`;
    const refusal = invalidTransaction("TRANSACTION_EXPIRED", why);
    return { type: "dropped", hash: transaction.hash, refusal };
  });
}
