/**
 * What of a root block is a parallel chain's (SPEC.md, PF): the transactions that were sent to its
 * title and the coins that cross. A group is what one root transaction brings; when that failed,
 * nothing of the group is packed, for it left no event. Knows no state.
 */
import { decodeSignedTransaction } from "../ledger/transaction.ts";
import { type VerifiedTransaction, verifySignatures } from "../ledger/validation.ts";
import { type Agreed, type CrossAction, readTitleEvent } from "./contract.ts";
import type { RootBlock } from "./root-block.ts";
import type { Title } from "./title.ts";

/** In the order of the root block. */
export interface Filtered {
  readonly cross: readonly CrossAction[];
  /** Read and signed; what is neither was sent in vain. */
  readonly transactions: readonly VerifiedTransaction[];
}

export function filterBlock(title: Title, block: RootBlock): Filtered {
  const cross: CrossAction[] = [];
  const transactions: VerifiedTransaction[] = [];
  for (const found of titleEvents(title, block)) {
    if (found.type === "cross") cross.push(found.action);
    if (found.type === "sent") transactions.push(...found.payloads.flatMap(readPayload));
  }
  return { cross, transactions };
}

/** The newest height that this root block makes done; undefined where it makes none. */
export function agreedIn(title: Title, block: RootBlock): Agreed | undefined {
  let agreed: Agreed | undefined;
  for (const found of titleEvents(title, block)) {
    if (found.type === "done") agreed = found.agreed;
  }
  return agreed;
}

function* titleEvents(title: Title, { outcomes }: RootBlock) {
  for (const { events } of outcomes) {
    for (const event of events) {
      const found = readTitleEvent(title, event);
      if (found !== undefined) yield found;
    }
  }
}

function readPayload(payload: Uint8Array): readonly VerifiedTransaction[] {
  const decoded = decodeSignedTransaction(payload);
  const verified = decoded.ok ? verifySignatures(decoded.value) : decoded;
  return verified.ok ? [verified.value] : [];
}
