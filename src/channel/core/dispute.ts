/**
 * Showing the chain every disproved header until all that is to come of it has: its leader and who
 * acked it are out, and nothing that builds on it is settled, paid from or gone on from (SPEC.md
 * FP9, FP10).
 */
import { toHex } from "#core/bytes.ts";
import type { ChainProposal } from "../chain-view.ts";
import { DESCENDANTS_MAX } from "../codec/limits.ts";
import { refOfHeader } from "../codec.ts";
import type { FraudEvidence, SettlementEvidence } from "../evidence.ts";
import type { Header, HeaderRef, SeatId } from "../messages.ts";
import { answeredIn } from "./answered.ts";
import { command } from "./commands.ts";
import { acksOf, descendant, forgetSettled, isVoidWith, noteAcks, noteLater } from "./disproof.ts";
import { sameHeader } from "./log.ts";
import { memberOf, ownMember, ownSeats } from "./members.ts";
import { evidenceIn } from "./proposed.ts";
import { accuserTurn, showHighest } from "./punishment.ts";
import type { Disproof, Machine, Report } from "./state.ts";

/** How often the chain is told the same, and how long it has to draw the consequences. */
const REPORTS_MAX = 3;
const REPORT_MS = 10_000n;

/** Reports disproved headers of which something is still to come, each member in its turn. */
export function reportFrauds(machine: Machine): void {
  forgetSettled(machine);
  if (machine.disproofs.length === 0) return;
  const settlements = openSettlements(machine);
  noteShown(machine, settlements);
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return;
  for (const disproof of machine.disproofs) reportOne(machine, disproof, settlements);
}

interface OpenSettlement {
  readonly id: bigint;
  readonly evidence: SettlementEvidence;
}

function openSettlements({ chain }: Machine): readonly OpenSettlement[] {
  return chain.proposals.flatMap((proposal) => {
    const evidence = isOpenSettlement(proposal) ? evidenceIn(proposal) : undefined;
    return evidence === undefined ? [] : [{ id: proposal.id, evidence }];
  });
}

function isOpenSettlement({ type, status }: ChainProposal): boolean {
  return type === 1 && (status === "open" || status === "passed");
}

/** Remembers what the chain shows of the headers above disproved ones, and of acks. */
function noteShown(machine: Machine, settlements: readonly OpenSettlement[]): void {
  for (const { id, evidence } of settlements) {
    const { header, certificate, confirming, confirmingCertificate } = evidence;
    const shown = machine.chain.answers
      .filter(({ proposal }) => proposal === id)
      .flatMap(({ data }) => answeredIn(data).map((answered) => answered.header.header));
    noteLater(machine, [...shown, header.header, confirming.header]);
    noteAcks(machine, certificate);
    noteAcks(machine, confirmingCertificate);
  }
}

function reportOne(
  machine: Machine,
  disproof: Disproof,
  settlements: readonly OpenSettlement[],
): void {
  const { now, tools } = machine;
  const { ref } = disproof;
  const seats = seatsToName(machine, disproof);
  const relied = reliedOn(machine, disproof, settlements);
  if (seats.length === 0 && relied.length === 0) return;
  const headers = relied.map((header) => toHex(refOfHeader(header).hash));
  const name = [...seats, ...headers].join();
  const report = reportOf(machine, disproof, name);
  const turn = BigInt(accuserTurn(machine, disproof.evidence.accused) * tools.parameters.turnMs);
  const { triedAt } = report;
  const isWaiting =
    now - report.since < turn || (triedAt !== undefined && now - triedAt < REPORT_MS);
  if (isWaiting || report.tries >= REPORTS_MAX || showHighest(machine)) return;
  const evidence = evidenceOf(machine, disproof, relied);
  if (!command(machine, `fraud/${toHex(ref.hash)}/${name}`, { type: "proveFraud", evidence }))
    return;
  report.tries += 1;
  report.triedAt = now;
}

function reportOf({ now }: Machine, { reports }: Disproof, name: string): Report {
  const known = reports.get(name) ?? { since: now, tries: 0, triedAt: undefined };
  reports.set(name, known);
  return known;
}

function evidenceOf(
  machine: Machine,
  disproof: Disproof,
  relied: readonly Header[],
): FraudEvidence {
  const acks = acksOf(machine, disproof);
  const descent = relied.flatMap((header) => descendant(disproof, header) ?? []);
  return {
    ...disproof.evidence,
    ...(acks === undefined ? {} : { acks }),
    descent: descent.slice(0, DESCENDANTS_MAX),
  };
}

/** The leader and who acked the header, as far as they are in. */
function seatsToName(machine: Machine, { evidence, acks }: Disproof): readonly SeatId[] {
  const own = ownSeats(machine);
  return [...new Set([evidence.accused, ...acks.keys()])].filter(
    (seat) => !own.includes(seat) && memberOf(machine, seat)?.standing === "joined",
  );
}

/**
 * What the chain relies on and must not: of open settlements, of what exits would be paid from, and
 * of the next term's fence, whatever stands on the disproved header or is that one.
 */
function reliedOn(
  { chain }: Machine,
  disproof: Disproof,
  settlements: readonly OpenSettlement[],
): readonly Header[] {
  const named = settlements.map(({ evidence }) => evidence.header.header);
  const known = [chain.exits.highest, chain.fence].flatMap((ref) => headerOf(disproof, ref) ?? []);
  const byHash = new Map(
    [...named, ...known].map((header) => [toHex(refOfHeader(header).hash), header]),
  );
  return [...byHash.values()].filter((header) => isVoidWith(disproof, header));
}

function headerOf({ ref, evidence, later }: Disproof, named: HeaderRef): Header | undefined {
  return sameHeader(ref, named) ? evidence.header.header : later.get(toHex(named.hash));
}
