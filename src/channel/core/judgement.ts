/**
 * This node's vote on an accusation (SPEC.md FR6, FR8, FR9): what its own re-execution of the
 * accused's batch says, and nothing where it cannot tell.
 */

import type { ChainProposal } from "../chain-view.ts";
import { headerMessage, refOfHeader } from "../codec.ts";
import type { Batch } from "../messages.ts";
import { noteEquivocation } from "./accusation.ts";
import { configurationNamed } from "./configuration.ts";
import { accusedBatch } from "./exhibit.ts";
import { evidenceIn } from "./indictment.ts";
import { inspect } from "./inspect.ts";
import { findPoint, itemAt, type Point, sameHeader, tipOf } from "./log.ts";
import { memberOf } from "./members.ts";
import { VOTE_ABSTAIN, VOTE_NO, VOTE_YES, type Vote } from "./settlement.ts";
import type { Machine } from "./state.ts";

/**
 * Yes when re-execution contradicts the accused's header; undefined where this node has no vote or
 * cannot tell yet.
 */
export function judgePunishment(
  machine: Machine,
  proposal: ChainProposal,
  own: bigint,
): Vote | undefined {
  const evidence = evidenceIn(proposal);
  if (evidence === undefined) return VOTE_NO;
  if (evidence.accused === own) return undefined;
  const { header, signature } = evidence.header;
  const key = memberOf(machine, evidence.accused)?.nodeKey;
  // The chain knew it as a member: this view is behind, or it has left since.
  if (key === undefined) return undefined;
  const isSigned =
    header.leader === evidence.accused &&
    machine.tools.verify(headerMessage(header), signature, key);
  if (!isSigned) return VOTE_NO;
  noteOther(machine, evidence.header);
  const held = itemAt(machine.log, header.number);
  if (held !== undefined && sameHeader(held.ref, refOfHeader(header))) return VOTE_NO;
  if (header.number <= machine.log.base.ref.number) return VOTE_ABSTAIN;
  const batch = accusedBatch(machine, proposal, evidence);
  if (batch === undefined) return undefined;
  const parent = findPoint(machine.log, { number: header.number - 1n, hash: header.previous });
  if (parent === undefined) {
    machine.sync.isBehind = true;
    return undefined;
  }
  return judgeBatch(machine, parent, batch);
}

/**
 * An accusation shows a header that its accused signed. Where this node has another one for the
 * same place, in its log or as evidence, the two need no judge.
 */
function noteOther(machine: Machine, accused: Batch["header"]): void {
  const { number } = accused.header;
  const ref = refOfHeader(accused.header);
  const held = itemAt(machine.log, number)?.header;
  const { distrust } = machine;
  const caught = distrust?.evidence.type === "execution" ? distrust.evidence.batch.header : held;
  for (const known of [held, caught]) {
    if (known === undefined || known.header.number !== number) continue;
    if (!sameHeader(refOfHeader(known.header), ref)) noteEquivocation(machine, known, accused);
  }
}

/**
 * Runs the accused's batch where it stands and returns to the tip. Where this node cannot tell
 * under which configuration it stands, it waits for its view of the chain, and has no opinion once
 * that view is as new as the header.
 */
function judgeBatch(machine: Machine, parent: Point, batch: Batch): Vote | undefined {
  const { log, facts, tools, chain } = machine;
  const { header } = batch.header;
  const named = (forced: typeof chain.forced) =>
    configurationNamed(log, facts.channel, forced, parent, header);
  // A configuration that the chain has forced since voids the header, and excuses nothing.
  const configuration = named(chain.forced) ?? named(undefined);
  if (configuration === undefined) {
    return header.configuration.number > chain.configuration.number ? undefined : VOTE_ABSTAIN;
  }
  tools.executor.rollback(parent.mark);
  const finding = inspect(facts, tools, parent, batch, configuration);
  tools.executor.rollback(tipOf(log).mark);
  return finding.type === "fraud" ? VOTE_YES : VOTE_NO;
}
