/**
 * Which versions an account's transactions have, in order. Built from the kept transactions the
 * first time somebody asks, and brought up to date every time after that.
 */
import type { Address } from "#core/address.ts";
import { lastVersion } from "./ledger/block.ts";
import { decodeSignedTransaction } from "./ledger/transaction.ts";
import type { StoredTransaction } from "./ports.ts";
import type { QuerySource } from "./queries.ts";

/** Transactions read at a time, so that blocks are made in between. */
const PAGE = 200;

export interface SenderIndex {
  readonly versions: Map<Address, bigint[]>;
  /** The first version that is not indexed yet. */
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
  return index.versions.get(sender) ?? [];
}

async function update(index: SenderIndex, { store, tree }: QuerySource): Promise<void> {
  const end = lastVersion(tree.head.block.header);
  while (index.next <= end) {
    const page = await store.transactionsFrom(index.next, PAGE);
    if (page.length === 0) return;
    for (const transaction of page) note(index, transaction);
  }
}

function note(index: SenderIndex, { bytes, receipt }: StoredTransaction): void {
  index.next = receipt.version + 1n;
  if (bytes === undefined) return;
  const decoded = decodeSignedTransaction(bytes);
  if (!decoded.ok) return;
  const { sender } = decoded.value.raw;
  const versions = index.versions.get(sender);
  if (versions === undefined) index.versions.set(sender, [receipt.version]);
  else versions.push(receipt.version);
}
