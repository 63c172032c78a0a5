/**
 * Which versions an account's transactions have, in order. Built from the kept transactions the
 * first time somebody asks, and brought up to date every time after that. What is not final may
 * yet stand elsewhere: it is looked through every time and not remembered.
 */
import type { Address } from "#core/address.ts";
import { lastVersion } from "./ledger/block.ts";
import { decodeSignedTransaction } from "./ledger/transaction.ts";
import type { StoredTransaction } from "./ports.ts";
import type { QuerySource } from "./query-source.ts";

/** Transactions read at a time, so that blocks are made in between. */
const PAGE = 200;

export interface SenderIndex {
  readonly versions: Map<Address, bigint[]>;
  /** The first version that is not indexed yet; none that is indexed can be undone. */
  next: bigint;
  /** The work under way; whoever comes meanwhile waits for it. */
  updating: Promise<void> | undefined;
}

export function createSenderIndex(): SenderIndex {
  return { versions: new Map(), next: 0n, updating: undefined };
}

/** Versions of the transactions that `sender` signed, ascending. */
export async function versionsOf(
  index: SenderIndex,
  source: QuerySource,
  sender: Address,
): Promise<readonly bigint[]> {
  index.updating ??= update(index, source).finally(() => {
    index.updating = undefined;
  });
  await index.updating;
  const recent: bigint[] = [];
  await walk(source, index.next, lastVersion(source.tree.head.block.header), (transaction) => {
    if (senderOf(transaction) === sender) recent.push(transaction.receipt.version);
  });
  return [...(index.versions.get(sender) ?? []), ...recent];
}

async function update(index: SenderIndex, source: QuerySource): Promise<void> {
  const end = lastVersion(source.tree.final.block.header);
  await walk(source, index.next, end, (transaction) => note(index, transaction));
}

/** Visits the kept transactions of versions `first` to `last`, in order. */
async function walk(
  { store }: QuerySource,
  first: bigint,
  last: bigint,
  visit: (transaction: StoredTransaction) => void,
): Promise<void> {
  let next = first;
  while (next <= last) {
    const page = await store.transactionsFrom(next, PAGE);
    if (page.length === 0) return;
    for (const transaction of page) {
      if (transaction.receipt.version > last) return;
      next = transaction.receipt.version + 1n;
      visit(transaction);
    }
  }
}

function note(index: SenderIndex, transaction: StoredTransaction): void {
  const { version } = transaction.receipt;
  index.next = version + 1n;
  const sender = senderOf(transaction);
  if (sender === undefined) return;
  const versions = index.versions.get(sender);
  if (versions === undefined) index.versions.set(sender, [version]);
  else versions.push(version);
}

function senderOf({ bytes }: StoredTransaction): Address | undefined {
  const decoded = bytes && decodeSignedTransaction(bytes);
  return decoded?.ok === true ? decoded.value.raw.sender : undefined;
}
