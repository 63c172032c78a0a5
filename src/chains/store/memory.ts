/**
 * A chain in memory, for tests, simulations and nodes that need not remember. It outlives the node
 * that writes to it, so that a restart can be played through.
 */
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { StateKey } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { SignedMark } from "../core/node-machine.ts";
import { lastVersion } from "../ledger/block.ts";
import type {
  BranchChange,
  ChainIdentity,
  ChainStore,
  StoredBlock,
  StoredChain,
  StoredTransaction,
} from "../ports.ts";
import { fitsBranch, transactionsOf, type Write, writesAcross, writesOf } from "./block-records.ts";
import { ChainStoreError } from "./store-error.ts";

interface Kept {
  readonly identity: ChainIdentity;
  readonly genesisHash: Hash;
  head: StoredBlock;
  signed: SignedMark | undefined;
  readonly blocks: Map<bigint, StoredBlock>;
  readonly versions: Map<bigint, StoredTransaction>;
  readonly byHash: Map<string, bigint>;
  /** By the hex of the encoded key. */
  readonly state: Map<string, { readonly key: StateKey; readonly value: Uint8Array }>;
}

export function createMemoryStore(): ChainStore {
  let kept: Kept | undefined;
  return {
    load: () => Promise.resolve(kept && snapshotOf(kept)),
    create: (identity, genesis) => {
      if (kept !== undefined) return conflict("a chain is already kept here");
      kept = {
        identity,
        genesisHash: genesis.hash,
        head: genesis,
        signed: undefined,
        blocks: new Map(),
        versions: new Map(),
        byHash: new Map(),
        state: new Map(),
      };
      keep(kept, genesis);
      write(kept, writesOf([genesis]));
      return Promise.resolve();
    },
    extend: (change) => {
      if (kept === undefined || !fitsBranch(change, kept.head.block.header.height)) {
        return conflict("the blocks do not follow what is kept");
      }
      extend(kept, change);
      return Promise.resolve();
    },
    blockAt: (height) => Promise.resolve(kept?.blocks.get(height)),
    transactionByHash: (hash) => {
      const version = kept?.byHash.get(toHex(hash));
      return Promise.resolve(version === undefined ? undefined : kept?.versions.get(version));
    },
    transactionsFrom: (from, limit) => Promise.resolve(kept ? versionsFrom(kept, from, limit) : []),
    pruneBelow: (height) => {
      if (kept !== undefined) prune(kept, height);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

function conflict(what: string): Promise<never> {
  return Promise.reject(new ChainStoreError("STORE_CONFLICT", what));
}

function snapshotOf({ identity, genesisHash, head, signed, state }: Kept): StoredChain {
  const mark = signed === undefined ? {} : { signed };
  return { identity, genesisHash, head, ...mark, state: [...state.values()] };
}

function keep(kept: Kept, block: StoredBlock): void {
  kept.head = block;
  kept.blocks.set(block.block.header.height, block);
  for (const transaction of transactionsOf(block)) {
    const { version, transactionHash } = transaction.receipt;
    kept.versions.set(version, transaction);
    kept.byHash.set(toHex(transactionHash), version);
  }
}

function write(kept: Kept, writes: readonly Write[]): void {
  for (const { key, encodedKey, value } of writes) {
    const name = toHex(encodedKey);
    if (value === undefined) kept.state.delete(name);
    else kept.state.set(name, { key, value });
  }
}

function extend(kept: Kept, { keptHeight, blocks, signed }: BranchChange): void {
  const left = [...kept.blocks.values()].filter(({ block }) => block.header.height > keptHeight);
  write(
    kept,
    writesAcross(
      left.flatMap(({ receipts }) => receipts),
      blocks,
    ),
  );
  for (const block of left) forget(kept, block);
  kept.head = present(kept.blocks.get(keptHeight), "a branch is cut where a block is kept");
  for (const block of blocks) keep(kept, block);
  kept.signed = signed ?? kept.signed;
}

function forget(kept: Kept, { block, receipts }: StoredBlock): void {
  kept.blocks.delete(block.header.height);
  for (const { version, transactionHash } of receipts) {
    kept.versions.delete(version);
    kept.byHash.delete(toHex(transactionHash));
  }
}

function versionsFrom(kept: Kept, from: bigint, limit: number): StoredTransaction[] {
  const found: StoredTransaction[] = [];
  const [oldest = kept.head] = kept.blocks.values();
  const first = oldest.block.header.firstVersion;
  const end = lastVersion(kept.head.block.header) + 1n;
  for (
    let version = from > first ? from : first;
    version < end && found.length < limit;
    version++
  ) {
    const transaction = kept.versions.get(version);
    if (transaction !== undefined) found.push(transaction);
  }
  return found;
}

function prune(kept: Kept, below: bigint): void {
  for (const [height, block] of kept.blocks) {
    if (height >= below || block === kept.head) continue;
    forget(kept, block);
  }
}
