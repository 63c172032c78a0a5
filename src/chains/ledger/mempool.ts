/**
 * Transactions that wait for a block, by sender and sequence number (REST profile section 6).
 * Numbers ahead of the account's wait their turn; what is offered to a block is in order of price,
 * then of arrival. Knows no state: the caller says which sequence number an account is at, and has
 * validated what it adds.
 */
import type { Address } from "#core/address.ts";
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { VerifiedTransaction } from "./validation.ts";

export interface MempoolLimits {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  readonly perAccountMax: number;
}

export const MEMPOOL_LIMITS: MempoolLimits = {
  transactionsMax: 20_000,
  bytesMax: 32 * 1024 * 1024,
  perAccountMax: 100,
};

interface Pooled {
  readonly transaction: VerifiedTransaction;
  /** Order of arrival. */
  readonly arrival: number;
}

interface Queue {
  /** Where the account is: the number that its next transaction must carry. */
  sequenceNumber: bigint;
  readonly waiting: Map<bigint, Pooled>;
}

export interface Mempool {
  readonly limits: MempoolLimits;
  /** By sender. */
  readonly accounts: Map<Address, Queue>;
  /** By the hex of the hash. */
  readonly byHash: Map<string, VerifiedTransaction>;
  bytes: number;
  arrivals: number;
}

export function createMempool(limits: MempoolLimits = MEMPOOL_LIMITS): Mempool {
  return { limits, accounts: new Map(), byHash: new Map(), bytes: 0, arrivals: 0 };
}

export function pendingTransaction(pool: Mempool, hash: Hash): VerifiedTransaction | undefined {
  return pool.byHash.get(toHex(hash));
}

/** Waiting transactions in order of arrival, of `size` bytes together at most. */
export function somePending(pool: Mempool, size: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  let room = size;
  for (const { bytes } of pool.byHash.values()) {
    room -= bytes.length;
    if (room < 0) break;
    found.push(bytes);
  }
  return found;
}

export function pendingCount(pool: Mempool): number {
  return pool.byHash.size;
}

/**
 * Adds a transaction. A byte-identical one is accepted again without effect; another one with the
 * same sender and number replaces the first only at a higher price, else it is refused with
 * `invalid_transaction_update`; a full pool or account refuses with `mempool_is_full`.
 *
 * @param accountNumber where the sender is in the state that counts.
 */
export function addTransaction(
  pool: Mempool,
  transaction: VerifiedTransaction,
  accountNumber: bigint,
): Result<"added" | "known", Refusal> {
  const { sequenceNumber } = transaction.raw;
  const standing = waiting(pool, transaction);
  if (standing !== undefined) {
    if (toHex(standing.hash) === toHex(transaction.hash)) return ok("known");
    if (transaction.raw.gasUnitPrice <= standing.raw.gasUnitPrice) {
      return err(updateRefused(sequenceNumber));
    }
    remove(pool, standing);
  }
  const full = fullness(pool, transaction);
  if (full !== undefined) {
    if (standing !== undefined) insert(pool, standing, accountNumber);
    return err(refusal("mempool_is_full", full));
  }
  insert(pool, transaction, accountNumber);
  return ok("added");
}

/** Whether a block made now would hold anything. */
export function hasReady(pool: Mempool): boolean {
  for (const queue of pool.accounts.values()) {
    if (queue.waiting.has(queue.sequenceNumber)) return true;
  }
  return false;
}

/**
 * Yields what may stand in the next block, in order: of each account the numbers from its own on
 * without a gap, the highest price first among accounts, earlier arrival first at equal price.
 */
export function* readyTransactions(pool: Mempool): Generator<VerifiedTransaction> {
  const heads: Pooled[] = [];
  for (const queue of pool.accounts.values()) {
    const head = queue.waiting.get(queue.sequenceNumber);
    if (head !== undefined) heads.push(head);
  }
  heads.sort(byRank);
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    const { sender, sequenceNumber } = head.transaction.raw;
    // The queue is read before the caller can change it.
    const next = pool.accounts.get(sender)?.waiting.get(sequenceNumber + 1n);
    yield head.transaction;
    if (next !== undefined) heads.splice(rankIndex(heads, next), 0, next);
  }
}

/** Says that an account has come to `sequenceNumber`; what it had waiting below is forgotten. */
export function moveAccount(pool: Mempool, address: Address, sequenceNumber: bigint): void {
  const queue = pool.accounts.get(address);
  if (queue === undefined) return;
  queue.sequenceNumber = sequenceNumber;
  for (const [number, { transaction }] of queue.waiting) {
    if (number < sequenceNumber) remove(pool, transaction);
  }
}

/** The first sequence number, from where the account is, that nothing of it waits with. */
export function nextFreeNumber(pool: Mempool, address: Address, accountNumber: bigint): bigint {
  const queue = pool.accounts.get(address);
  let number = accountNumber;
  while (queue?.waiting.has(number) === true) number += 1n;
  return number;
}

export function dropTransaction(pool: Mempool, transaction: VerifiedTransaction): void {
  const standing = waiting(pool, transaction);
  if (standing !== undefined && toHex(standing.hash) === toHex(transaction.hash)) {
    remove(pool, standing);
  }
}

/** Forgets and returns what has expired at `nowSecs` of chain time. */
export function dropExpired(pool: Mempool, nowSecs: bigint): readonly VerifiedTransaction[] {
  const expired = [...pool.byHash.values()].filter(({ raw }) => raw.expirationSecs <= nowSecs);
  for (const transaction of expired) remove(pool, transaction);
  return expired;
}

/** What waits with the sender and number of `raw`. */
function waiting(pool: Mempool, { raw }: VerifiedTransaction): VerifiedTransaction | undefined {
  return pool.accounts.get(raw.sender)?.waiting.get(raw.sequenceNumber)?.transaction;
}

/** Ascending rank: the best is last, where it is cheap to take. */
function byRank(a: Pooled, b: Pooled): number {
  const [first, second] = [a.transaction.raw.gasUnitPrice, b.transaction.raw.gasUnitPrice];
  if (first !== second) return first < second ? -1 : 1;
  return b.arrival - a.arrival;
}

/** Where `pooled` belongs in a list that is sorted by {@link byRank}. */
function rankIndex(heads: readonly Pooled[], pooled: Pooled): number {
  let [low, high] = [0, heads.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = heads[middle];
    if (other !== undefined && byRank(other, pooled) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fullness(pool: Mempool, { raw, bytes }: VerifiedTransaction): string | undefined {
  const { transactionsMax, bytesMax, perAccountMax } = pool.limits;
  if ((pool.accounts.get(raw.sender)?.waiting.size ?? 0) >= perAccountMax) {
    return `Account ${raw.sender} has ${perAccountMax} transactions waiting; wait for a block.`;
  }
  if (pool.byHash.size >= transactionsMax || pool.bytes + bytes.length > bytesMax) {
    return "The node has no room for more waiting transactions; try again after the next block.";
  }
  return undefined;
}

function updateRefused(sequenceNumber: bigint): Refusal {
  return refusal(
    "invalid_transaction_update",
    `Another transaction with sequence number ${sequenceNumber} is waiting; ` +
      "replace it at a higher gas unit price or use the next number.",
  );
}

function insert(pool: Mempool, transaction: VerifiedTransaction, accountNumber: bigint): void {
  const { sender, sequenceNumber } = transaction.raw;
  const queue = pool.accounts.get(sender) ?? { sequenceNumber: accountNumber, waiting: new Map() };
  queue.sequenceNumber = accountNumber;
  queue.waiting.set(sequenceNumber, { transaction, arrival: pool.arrivals });
  pool.arrivals += 1;
  pool.accounts.set(sender, queue);
  pool.byHash.set(toHex(transaction.hash), transaction);
  pool.bytes += transaction.bytes.length;
}

function remove(pool: Mempool, transaction: VerifiedTransaction): void {
  const { sender, sequenceNumber } = transaction.raw;
  const queue = pool.accounts.get(sender);
  queue?.waiting.delete(sequenceNumber);
  if (queue?.waiting.size === 0) pool.accounts.delete(sender);
  pool.byHash.delete(toHex(transaction.hash));
  pool.bytes -= transaction.bytes.length;
}
