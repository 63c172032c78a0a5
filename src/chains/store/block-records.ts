/**
 * What every store takes out of a block it is to keep: its transactions by version and the values
 * it leaves behind.
 */
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { encodeStateKey, newValue, type StateKey } from "#core/effects.ts";
import type { StoredBlock, StoredTransaction } from "../ports.ts";

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

/** One write per key that the block touches. */
export function writesOf({ receipts }: StoredBlock): readonly Write[] {
  const writes = new Map<string, Write>();
  for (const { changes } of receipts) {
    for (const { key, op } of changes) {
      const encodedKey = encodeStateKey(key);
      writes.set(toHex(encodedKey), { key, encodedKey, value: newValue(op) });
    }
  }
  return [...writes.values()];
}
