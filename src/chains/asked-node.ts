/**
 * What an API is served from, whatever makes the chain's blocks, and what every kind of node
 * answers alike: which transactions there are, and when one that waits has ended.
 */
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import { type BlockTree, type HeadChange, parentOf } from "./ledger/block-tree.ts";
import type { ExecutedBlock } from "./ledger/executed-block.ts";
import { type Mempool, pendingTransaction } from "./ledger/mempool.ts";
import { type Refusal, refusal } from "./ledger/refusal.ts";
import type { ChainStore, StoredTransaction } from "./ports.ts";
import type { QuerySource } from "./query-source.ts";
import type { RpcAnswer, RpcRequest } from "./rpc/messages.ts";
import { transactionsOf } from "./store/block-records.ts";
import { settleWaiters, type Waiters, waitFor } from "./waiters.ts";

export interface AskedNode {
  /** What can be read without asking; its state belongs to the node. */
  readonly source: QuerySource;
  /** Answers one request, as a client's over a line would be. Never rejects. */
  ask(request: RpcRequest): Promise<Result<RpcAnswer, Refusal>>;
}

export type Answering = Result<RpcAnswer, Refusal>;
/** How a transaction that waited ended. */
export type Ending = Result<StoredTransaction, Refusal>;

/** Where a node's transactions are: those that wait, those in blocks, and who waits for them. */
export interface TransactionPlaces {
  readonly pool: Mempool;
  /** Its newest blocks are asked for most. */
  readonly tree: BlockTree;
  readonly store: ChainStore;
  readonly waiters: Waiters<Ending>;
}

/** Blocks below the head that are looked through before the store is asked. */
const RECENT_BLOCKS = 8;
/** Longest time that a node holds one wait. */
const WAIT_MS_MAX = 10_000;

/** @param failure why the node has stopped, if it has: then it answers nothing else. */
export async function answerSafely(
  failure: Refusal | undefined,
  answer: () => Promise<Answering> | Answering,
): Promise<Answering> {
  if (failure !== undefined) return err(failure);
  try {
    return await answer();
  } catch (error) {
    return err(refusal("internal_error", `The request failed: ${whyOf(error)}`));
  }
}

/** What a node says from then on, when what happened was more than it can mend. */
export function stoppedBy(error: unknown): Refusal {
  return refusal("health_check_failed", `The chain node has stopped: ${whyOf(error)}`);
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export async function submitted(submitting: Promise<Result<Hash, Refusal>>): Promise<Answering> {
  const result = await submitting;
  return result.ok ? ok({ type: "submitted", hash: result.value }) : result;
}

export async function transactionBy(
  { pool, tree, store }: TransactionPlaces,
  hash: Hash,
): Promise<Answering> {
  const pending = pendingTransaction(pool, hash);
  if (pending !== undefined) return ok({ type: "pending", bytes: pending.bytes });
  const stored = recentTransaction(tree, hash) ?? (await store.transactionByHash(hash));
  if (stored !== undefined) return committed(stored);
  const message = "The node knows no such transaction; it may have expired. Send it again.";
  return err(refusal("transaction_not_found", message));
}

const byHash = new WeakMap<ExecutedBlock, ReadonlyMap<string, StoredTransaction>>();

function recentTransaction(tree: BlockTree, hash: Hash): StoredTransaction | undefined {
  const name = toHex(hash);
  let block: ExecutedBlock | undefined = tree.head;
  for (let count = 0; count < RECENT_BLOCKS && block !== undefined; count++) {
    const found = transactionsIn(block).get(name);
    if (found !== undefined) return found;
    block = parentOf(tree, block);
  }
  return undefined;
}

function transactionsIn(block: ExecutedBlock): ReadonlyMap<string, StoredTransaction> {
  const known = byHash.get(block);
  if (known !== undefined) return known;
  const found = new Map(
    transactionsOf(block).map((one) => [toHex(one.receipt.transactionHash), one]),
  );
  byHash.set(block, found);
  return found;
}

/** Answers when it has ended, or after 10 s at most. */
export async function endingBy(
  places: TransactionPlaces,
  hash: Hash,
  timeoutMs: number,
): Promise<Answering> {
  if (pendingTransaction(places.pool, hash) === undefined) return transactionBy(places, hash);
  const ending = await waitFor(places.waiters, hash, Math.min(timeoutMs, WAIT_MS_MAX));
  if (ending === undefined) return transactionBy(places, hash);
  return ending.ok ? committed(ending.value) : ending;
}

/** Tells who waits for what has come into blocks. */
export function settleAdopted(waiters: Waiters<Ending>, { adopted }: HeadChange): void {
  for (const transaction of adopted.flatMap(transactionsOf)) {
    settleWaiters(waiters, transaction.receipt.transactionHash, ok(transaction));
  }
}

function committed({ height, timestampUs, bytes, receipt }: StoredTransaction): Answering {
  return ok({ type: "committed", height, timestampUs, bytes, receipt });
}
