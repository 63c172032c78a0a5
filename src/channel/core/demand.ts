/**
 * Answering demands for the data of a settlement (SPEC.md DD1): whoever holds the demanded headers
 * shows them on chain with their entries, each member in its turn; what nobody answered in time is
 * declared void.
 */
import { present } from "#core/assert.ts";
import type { Hash } from "#core/hash.ts";
import { hashMerkleNode } from "#core/merkle/accumulator.ts";
import type { ChainDemand } from "../chain-view.ts";
import { encode, entries as entriesCodec } from "../codec/objects.ts";
import type { AnsweredHeader } from "../evidence.ts";
import { command } from "./commands.ts";
import { findPoint, type Item, itemAt, type Log } from "./log.ts";
import { inForce, ownMember, turnOf } from "./members.ts";
import { evidenceIn } from "./settlement.ts";
import type { Machine } from "./state.ts";

/** Bytes of entries in one answer: it has to fit a transaction. */
const ANSWER_SIZE_MAX = 192 * 1024;

export function answerDemands(machine: Machine): void {
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return;
  const { chain, tools } = machine;
  const turn = BigInt(turnOf(machine, inForce(machine)) * tools.parameters.turnMs);
  for (const demand of chain.demands) {
    const { id, next } = demand;
    if (chain.now >= demand.due + turn) {
      command(machine, `voidDemand/${id}`, { type: "voidDemand", demand: id });
      continue;
    }
    const answer = answerTo(machine, demand);
    if (answer.length === 0) continue;
    command(machine, `answer/${id}/${next}`, { type: "answerDemand", demand: id, answer });
  }
}

/** As many of the demanded headers, in order, as are held here and fit. */
function answerTo({ chain, log }: Machine, demand: ChainDemand): readonly AnsweredHeader[] {
  const proposal = chain.proposals.find(({ id }) => id === demand.proposal);
  const evidence = proposal === undefined ? undefined : evidenceIn(proposal);
  if (evidence === undefined) return [];
  const target = findPoint(log, evidence.certificate.ack.header);
  const answer: AnsweredHeader[] = [];
  if (target === undefined) return answer;
  let size = 0;
  for (let number = demand.next; number <= demand.last; number++) {
    const item = itemAt(log, number);
    if (item === undefined) return answer;
    const shown = shownHeader(log, item, target.ref.number);
    size += shown.steps.reduce((sum, { entries }) => sum + entries.length, 0);
    if (answer.length > 0 && size > ANSWER_SIZE_MAX) return answer;
    answer.push(shown);
  }
  return answer;
}

function shownHeader(log: Log, item: Item, target: bigint): AnsweredHeader {
  const { header, entries, steps } = item.batch;
  let at = 0;
  const shown = steps.map((step) => {
    const own = entries.slice(at, at + step.count);
    at += step.count;
    return { step, entries: encode(entriesCodec, own) };
  });
  const path = item.ref.number === target ? [] : historyPath(log, item, target);
  return { header: header.header, path, steps: shown };
}

/**
 * The path from a header's hash up to the history root of a later one. To the left of it stand the
 * peaks of its own history; everything to the right is in the log.
 */
export function historyPath(log: Log, item: Item, target: bigint): readonly Hash[] {
  const peaks = [...item.history.peaks];
  const hashAt = (index: number) =>
    present(itemAt(log, BigInt(index) + 1n), "a later header is in the log").ref.hash;
  const top = (from: number, count: number): Hash => {
    if (count === 1) return hashAt(from);
    const left = leftSize(count);
    return hashMerkleNode(top(from, left), top(from + left, count - left));
  };
  const climb = (index: number, from: number, count: number): Hash[] => {
    if (count === 1) return [];
    const left = leftSize(count);
    if (index < left) return [...climb(index, from, left), top(from + left, count - left)];
    const sibling = present(peaks.shift(), "a peak for every tree to the left");
    return [...climb(index - left, from + left, count - left), sibling];
  };
  return climb(Number(item.ref.number) - 1, 0, Number(target) - 1);
}

/** The largest power of two below a count that is above one. */
function leftSize(count: number): number {
  let left = 1;
  while (2 * left < count) left *= 2;
  return left;
}
