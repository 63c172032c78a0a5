/** What executing a block leaves: what the ledger builds on, and what the rules may look at. */
import type { Hash } from "#core/hash.ts";
import type { StateTree } from "#sandbox";
import type { Block } from "./block.ts";
import type { Receipt } from "./receipt.ts";
import type { VerifiedTransaction } from "./validation.ts";

/** A block with all that came of it. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly hash: Hash;
  /** The user transactions, in order. */
  readonly transactions: readonly VerifiedTransaction[];
  /** By version; the first is the prologue's (or genesis's). */
  readonly receipts: readonly Receipt[];
  /** The state after the block; fork it before changing it. */
  readonly state: StateTree;
}
