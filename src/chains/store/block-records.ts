/**
 * What every store takes out of a block it is to keep: its transactions by version and the values
 * it leaves behind.
 */
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { encodeStateKey, newValue, oldValue, type StateKey } from "#core/effects.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { BranchChange, StoredBlock, StoredTransaction } from "../ports.ts";

/** The last value a block gives a key; undefined where it deletes it. */
export interface Write {
  readonly key: StateKey;
  readonly encodedKey: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** By version, the prologue first. */
export function transactionsOf({ block, receipts }: StoredBlock): readonly StoredTransaction[] {
  const { height, timestampUs } = block.header;
  return receipts.map((receipt, index): StoredTransaction => {
    const record = { height, timestampUs, receipt };
    if (index === 0) return record;
    return { ...record, bytes: present(block.transactions[index - 1], "a receipt's transaction") };
  });
}

/** One write per key that the blocks touch, in order. */
export function writesOf(blocks: readonly StoredBlock[]): readonly Write[] {
  const writes = new Map<string, Write>();
  for (const { changes } of blocks.flatMap(({ receipts }) => receipts)) {
    for (const { key, op } of changes) {
      const encodedKey = encodeStateKey(key);
      writes.set(toHex(encodedKey), { key, encodedKey, value: newValue(op) });
    }
  }
  return [...writes.values()];
}

/**
 * One write per key that takes the state back to what it was before `receipts`, in order of
 * version, and then forward by `blocks`.
 */
export function writesAcross(
  receipts: readonly Receipt[],
  blocks: readonly StoredBlock[],
): readonly Write[] {
  const writes = new Map<string, Write>();
  for (const { changes } of receipts) {
    for (const { key, op } of changes) {
      const encodedKey = encodeStateKey(key);
      const name = toHex(encodedKey);
      if (!writes.has(name)) writes.set(name, { key, encodedKey, value: oldValue(op) });
    }
  }
  for (const write of writesOf(blocks)) writes.set(toHex(write.encodedKey), write);
  return [...writes.values()];
}

/**
 * Whether `change` fits on a branch whose head is at `headHeight`: it adds blocks, takes some back,
 * or both.
 */
export function fitsBranch({ keptHeight, blocks }: BranchChange, headHeight: bigint): boolean {
  if (keptHeight > headHeight || keptHeight < 0n) return false;
  if (blocks.length === 0) return keptHeight < headHeight;
  return blocks.every(({ block }, index) => {
    return block.header.height === keptHeight + BigInt(index) + 1n;
  });
}
