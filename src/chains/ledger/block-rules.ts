/**
 * In what the kinds of chains differ where blocks are concerned: who may make one, what it says of
 * finality, and what runs before its transactions. Everything else of the ledger is the same.
 */
import type { Call } from "#sandbox";
import type { Block, BlockOpening } from "./block.ts";
import type { ExecutedBlock } from "./executed-block.ts";
import type { Finality, Standing } from "./finality.ts";

/** Why a block that somebody sent is none. */
export type BlockErrorCode =
  | "WRONG_PARENT"
  | "WRONG_TIME"
  | "WRONG_PROPOSER"
  | "WRONG_FINALITY"
  | "WRONG_SIGNATURE"
  | "WRONG_CERTIFICATE"
  | "WRONG_MESSAGE"
  | "WRONG_TRANSACTION"
  | "WRONG_HEADER";

export interface BlockError {
  readonly code: BlockErrorCode;
  readonly message: string;
}

/** A call that opens a block. */
export interface OpeningCall {
  readonly call: Call;
  /** Runs in its place where it fails; without one, failing is this chain's own mistake. */
  readonly otherwise?: Call;
}

export interface BlockRules {
  /** What is wrong with who made a block and when; its parent, time and finality are right. */
  objectionTo(parent: ExecutedBlock, block: Block): BlockError | undefined;
  /** What a block of this time on `parent` says of finality. */
  finalityAfter(parent: Standing, timestampUs: bigint): Finality;
  /** What runs before a block's transactions, in order; undefined for messages that are none. */
  openingCalls(
    opening: BlockOpening,
    messages: readonly Uint8Array[],
  ): readonly OpeningCall[] | undefined;
  /** The block as it was executed here before, whatever its certificate. */
  recall?(block: Block): ExecutedBlock | undefined;
}
