/**
 * Running again what was answered on chain of a settlement that this node was not shown
 * (SPEC.md DD4): beside the log, from the last header that both hold.
 */
import { toHex } from "#core/bytes.ts";
import { DEMANDED_HEADERS_MAX } from "../codec/limits.ts";
import { refOfHeader } from "../codec.ts";
import type { AnsweredHeader, SettlementEvidence } from "../evidence.ts";
import type { Header } from "../messages.ts";
import { accuse } from "./accusation.ts";
import { answeredIn, isCarriable, runAnswered } from "./answered.ts";
import { disproofOf, disprove, disproveUnread } from "./disproof.ts";
import { appendItem, findPoint, holds, type Log, type Point, sameHeader, tipOf } from "./log.ts";
import { itemFor } from "./ordering.ts";
import { evidenceIn } from "./proposed.ts";
import type { Inquiry, Machine } from "./state.ts";

/** Follows the answers about every open settlement whose header is not in the log. */
export function inquire(machine: Machine): void {
  const { chain, inquiries } = machine;
  const lacking = new Map<bigint, SettlementEvidence>();
  for (const proposal of chain.proposals) {
    if (proposal.type !== 1 || proposal.status !== "open") continue;
    const evidence = evidenceIn(proposal);
    if (evidence !== undefined && isLacking(machine, evidence)) lacking.set(proposal.id, evidence);
  }
  for (const id of inquiries.keys()) if (!lacking.has(id)) inquiries.delete(id);
  for (const [id, evidence] of lacking) follow(machine, id, evidence);
}

function isLacking({ log, chain }: Machine, { header: { header } }: SettlementEvidence): boolean {
  return header.number > chain.settled.header.number && !holds(log, refOfHeader(header));
}

function follow(machine: Machine, proposal: bigint, evidence: SettlementEvidence): void {
  const { chain, inquiries, log, now } = machine;
  const answers = chain.answers.filter((answer) => answer.proposal === proposal);
  const tip = tipOf(log).ref;
  const known = inquiries.get(proposal);
  const isSame = known?.answers === answers.length && sameHeader(known.tip, tip);
  if (isSame || (known !== undefined && known.outcome !== "open")) return;
  const shown = answers.flatMap(({ data }) => answeredIn(data));
  const found = examine(machine, evidence.header.header, shown);
  const demanded = known?.demanded ?? new Set();
  inquiries.set(proposal, { answers: answers.length, tip, since: now, demanded, ...found });
}

/** Runs what is shown, as far as it goes on from the log without a gap. */
function examine(
  machine: Machine,
  target: Header,
  shown: readonly AnsweredHeader[],
): Pick<Inquiry, "outcome" | "next"> {
  const { log, tools } = machine;
  const parent = meetingPoint(log, shown);
  if (parent === undefined) return { outcome: "open", next: firstLacking(log, target, shown) };
  const byNumber = new Map(shown.map((one) => [one.header.header.number, one]));
  const items = log.items.filter(({ ref }) => ref.number <= parent.ref.number);
  // What comes of it is nowhere but here: nothing is written, acked or sent.
  const side: Machine = { ...machine, effects: [], log: { ...log, items } };
  tools.executor.rollback(parent.mark);
  let last: Step = "sound";
  while (last === "sound") {
    const next = byNumber.get(tipOf(side.log).ref.number + 1n);
    last = next === undefined ? "unclear" : runOn(machine, side, next, target);
  }
  for (const { mark, ref } of side.log.items) {
    if (ref.number > parent.ref.number) tools.executor.release(mark);
  }
  tools.executor.rollback(tipOf(log).mark);
  const reached = tipOf(side.log).ref;
  const next = reached.number + 1n;
  if (last === "fraud") return { outcome: "fraud", next };
  return { outcome: sameHeader(reached, refOfHeader(target)) ? "sound" : "open", next };
}

type Step = "sound" | "fraud" | "unclear";

/** Runs one header on the tip of the side log, which has it afterwards if it is sound. */
function runOn(machine: Machine, side: Machine, shown: AnsweredHeader, target: Header): Step {
  const run = runAnswered(side, shown);
  if (run === undefined) return "unclear";
  const { parent, configuration } = run;
  if (run.type === "unread") {
    disproveUnread(side, parent, configuration, shown.header, run.unread);
  } else {
    const { batch, finding } = run;
    if (finding.type === "sound") {
      appendItem(side.log, itemFor(side, parent, batch, configuration, finding.executed));
      return "sound";
    }
    disprove(side, parent, configuration, batch);
    // Its header alone is what the others can be told of where no message carries the rest.
    const told = isCarriable(batch) ? batch : { ...batch, entries: [], steps: [] };
    accuse(machine, parent, told, finding.detail);
  }
  // The chain has checked the way up.
  const ref = refOfHeader(shown.header.header);
  disproofOf(machine, ref)?.paths.set(toHex(refOfHeader(target).hash), shown.path);
  return "fraud";
}

/** The highest header in the log on which one of these stands. */
function meetingPoint(log: Log, shown: readonly AnsweredHeader[]): Point | undefined {
  let highest: Point | undefined;
  for (const { header } of shown) {
    const { number, previous } = header.header;
    const point = findPoint(log, { number: number - 1n, hash: previous });
    if (point !== undefined && point.ref.number >= (highest?.ref.number ?? 0n)) highest = point;
  }
  return highest;
}

/**
 * The first header to ask for. Where the log goes as far as the settlement, or what is shown stands
 * on none of its headers, their branches part further down.
 */
function firstLacking(log: Log, target: Header, shown: readonly AnsweredHeader[]): bigint {
  const tip = tipOf(log).ref.number;
  const lowest = shown.reduce(
    (least, { header }) => (header.header.number < least ? header.header.number : least),
    target.number + 1n,
  );
  if (shown.length === 0) return (tip < target.number ? tip : log.confirmed) + 1n;
  const first = lowest - BigInt(DEMANDED_HEADERS_MAX);
  const least = log.base.ref.number + 1n;
  return first > least ? first : least;
}
