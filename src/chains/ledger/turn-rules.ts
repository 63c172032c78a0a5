/** The rules for blocks where producers take turns, each signing its own: the root's. */
import { onBlockCall } from "../resources/contract.ts";
import { type Block, isSignedBy } from "./block.ts";
import type { BlockError, BlockRules } from "./block-rules.ts";
import type { ExecutedBlock } from "./executed-block.ts";
import { finalityAfter } from "./finality.ts";
import { blockPrologueCall } from "./framework.ts";
import type { ChainParameters } from "./parameters.ts";
import { addressOfKey } from "./transaction-hash.ts";
import { hasTurns, producerOfSlot, slotAt } from "./turns.ts";

export function turnRules(parameters: ChainParameters): BlockRules {
  return {
    objectionTo: (parent, block) => objection(parameters, parent, block),
    finalityAfter: (parent, timestampUs) => finalityAfter(parameters, parent, timestampUs),
    openingCalls: (opening, messages) => {
      if (messages.length > 0) return undefined;
      return [{ call: blockPrologueCall(opening) }, { call: onBlockCall(opening.proposer) }];
    },
  };
}

function objection(
  parameters: ChainParameters,
  parent: ExecutedBlock,
  block: Block,
): BlockError | undefined {
  const { header } = block;
  const { height } = header;
  const slot = slotAt(parameters, header.timestampUs);
  if (hasTurns(parameters) && slot <= slotAt(parameters, parent.block.header.timestampUs)) {
    return { code: "WRONG_TIME", message: `Block ${height} is in the turn of its parent.` };
  }
  const producer = producerOfSlot(parameters, slot);
  if (addressOfKey(producer) !== header.proposer) {
    return { code: "WRONG_PROPOSER", message: `It was not the turn of ${header.proposer}.` };
  }
  if (!isSignedBy(block, producer)) {
    return { code: "WRONG_SIGNATURE", message: `Block ${height} is not signed by its proposer.` };
  }
  if (block.certificate.length > 0) {
    return { code: "WRONG_CERTIFICATE", message: `Nobody certifies block ${height} here.` };
  }
  return undefined;
}
