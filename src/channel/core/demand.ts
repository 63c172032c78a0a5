/**
 * Answering demands for the data of a settlement (SPEC.md DD1): whoever holds the demanded headers
 * shows them on chain with their entries, each member in its turn; what nobody answered in time is
 * declared void.
 */
import type { Hash } from "#core/hash.ts";
import type { ChainDemand } from "../chain-view.ts";
import { encode, entries as entriesCodec } from "../codec/objects.ts";
import type { AnsweredHeader } from "../evidence.ts";
import { command } from "./commands.ts";
import { historyPath } from "./history-path.ts";
import { findPoint, type Item, itemAt, type Log } from "./log.ts";
import { inForce, ownMember, turnOf } from "./members.ts";
import { evidenceIn } from "./proposed.ts";
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
  const path = item.ref.number === target ? [] : pathOf(log, item, target);
  return { header, path, steps: shown };
}

/** From an item's hash to the history root of a later one. */
function pathOf(log: Log, item: Item, target: bigint): readonly Hash[] {
  const from = Number(item.ref.number - log.base.ref.number) - 1;
  const above = log.items.slice(from, from + Number(target - item.ref.number));
  return historyPath(
    item.history,
    above.map(({ ref }) => ref.hash),
  );
}
