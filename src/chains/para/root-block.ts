/** What a parallel chain sees of a block of the root chain, and where in it it stands. */
import { equalBytes } from "#core/bytes.ts";
import type { Event } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { isExecuted } from "#core/status.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { StoredBlock } from "../ports.ts";

/** A block of the root chain by what finds it. */
export interface RootPlace {
  readonly height: bigint;
  readonly hash: Hash;
}

/** What became of one of its transactions. */
export interface RootOutcome {
  readonly hash: Hash;
  readonly receipt: Receipt;
  readonly isExecuted: boolean;
  /** None unless it executed. */
  readonly events: readonly Event[];
}

export interface RootBlock {
  readonly place: RootPlace;
  readonly parent: Hash;
  /** Above its parent's, so a block that is built from it is later than the one before. */
  readonly timestampUs: bigint;
  /** The newest root block that this one makes final. */
  readonly finalHeight: bigint;
  /** User transactions, in order. */
  readonly outcomes: readonly RootOutcome[];
}

export function rootBlockOf({ hash, block, receipts }: StoredBlock): RootBlock {
  const { height, parent, timestampUs, finality } = block.header;
  return {
    place: { height, hash },
    parent,
    timestampUs,
    finalHeight: finality.finalHeight,
    outcomes: receipts.slice(1).map(outcomeOf),
  };
}

function outcomeOf(receipt: Receipt): RootOutcome {
  const executed = isExecuted(receipt.status);
  const events = executed ? receipt.events : [];
  return { hash: receipt.transactionHash, receipt, isExecuted: executed, events };
}

export function isSamePlace(a: RootPlace, b: RootPlace): boolean {
  return a.height === b.height && equalBytes(a.hash, b.hash);
}
