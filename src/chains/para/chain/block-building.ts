/**
 * Builds a parallel chain's block out of a root block (SPEC.md, PB). Pure: the same root blocks
 * give the same blocks on every node. Coins that cross are moved in the block's first transaction,
 * in the order of their ids; then come the transactions, each of which may fail by itself.
 */
import { assert } from "#core/assert.ts";
import type { Event } from "#core/effects.ts";
import { formatFunctionId } from "#core/identifier.ts";
import { formatVmStatus, isExecuted } from "#core/status.ts";
import type { Session } from "#sandbox";
import { type Discarded, deriveBlock } from "../../ledger/block-execution.ts";
import type { ExecutedBlock } from "../../ledger/executed-block.ts";
import type { Finality } from "../../ledger/finality.ts";
import type { ExecutionEnvironment } from "../../ledger/user-transaction.ts";
import { crossCall, mineCall, PARACROSS_ADDRESS } from "../contract.ts";
import type { Filtered } from "../filter.ts";
import type { RootBlock } from "../root-block.ts";
import type { Title } from "../title.ts";

export interface BuiltBlock {
  readonly block: ExecutedBlock;
  /** Transactions that could not stand in it. */
  readonly discarded: readonly Discarded[];
}

/**
 * @param finalHeight the newest block of this chain that the root block makes final, below the new
 *   one.
 */
export function buildBlock(
  environment: ExecutionEnvironment,
  title: Title,
  parent: ExecutedBlock,
  root: RootBlock,
  filtered: Filtered,
  finalHeight: bigint,
): BuiltBlock {
  const { height, stateRoot } = parent.block.header;
  const calls = [
    mineCall(title, height + 1n, root.place, parent.hash, stateRoot),
    ...filtered.cross.map(crossCall),
  ];
  const open = (session: Session): readonly Event[] =>
    calls.flatMap((call) => {
      const { status, events } = session.execute(call);
      const what = `${formatFunctionId(call.function)}: ${formatVmStatus(status)}`;
      assert(isExecuted(status), `what the root chain orders runs here: ${what}`);
      return events;
    });
  const opening = {
    timestampUs: root.timestampUs,
    // Nobody earns a reward for a block that nobody chooses.
    proposer: PARACROSS_ADDRESS,
    finality: finalityOf(parent, finalHeight),
    open,
  };
  return deriveBlock(environment, parent, opening, filtered.transactions);
}

/** A block is final when its root block is; nobody votes here. */
function finalityOf(parent: ExecutedBlock, finalHeight: bigint): Finality {
  const before = parent.block.header.finality;
  const isLater = finalHeight > before.finalHeight;
  return { ...before, votes: 1, finalHeight: isLater ? finalHeight : before.finalHeight };
}
