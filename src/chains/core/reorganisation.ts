/**
 * What a change of head means to the pool: what was executed leaves it, and what stood only on the
 * branch that was left comes back to it. Knows no store.
 */
import type { Address } from "#core/address.ts";
import type { Discarded } from "../ledger/block-execution.ts";
import type { HeadChange } from "../ledger/block-tree.ts";
import { readAccount } from "../ledger/framework.ts";
import { addTransaction, type Mempool, moveAccount } from "../ledger/mempool.ts";

/** Returns the transactions of the abandoned branch that find no place in the pool any more. */
export function followHead(pool: Mempool, change: HeadChange): readonly Discarded[] {
  const { state } = change.adopted.at(-1) ?? change.common;
  const blocks = [...change.abandoned, ...change.adopted];
  const transactions = blocks.flatMap((block) => block.transactions);
  const senders = new Set<Address>(transactions.map(({ raw }) => raw.sender));
  for (const sender of senders) {
    moveAccount(pool, sender, readAccount(state, sender).sequenceNumber);
  }
  const discarded: Discarded[] = [];
  for (const transaction of change.abandoned.flatMap((block) => block.transactions)) {
    const { sender, sequenceNumber } = transaction.raw;
    const account = readAccount(state, sender).sequenceNumber;
    // The new branch has a transaction with this number: this very one, or another in its place.
    if (sequenceNumber < account) continue;
    const added = addTransaction(pool, transaction, account);
    if (!added.ok) discarded.push({ transaction, refusal: added.error });
  }
  return discarded;
}
