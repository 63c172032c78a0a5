/**
 * Leaving alone, where no quorum acts any more (SPEC.md XT1 to XT5): the chain pays from the
 * highest confirmed header that anybody shows it. And what those who stay do about it: show what
 * they know, order the exit, settle it.
 */
import { present } from "#core/assert.ts";
import type { ChainExit } from "../chain-view.ts";
import type { ClaimEvidence, ExitEvidence } from "../evidence.ts";
import type { Entry, SeatId } from "../messages.ts";
import { command } from "./commands.ts";
import { seatOf } from "./configuration.ts";
import { readSeat, seatKey } from "./control.ts";
import { compareRefs, findPoint, type Item, tipOf } from "./log.ts";
import { inForce, ownMember, turnOf } from "./members.ts";
import { EXIT_CONTEST_MS, EXIT_GRACE_MS } from "./parameters.ts";
import { heldKey, parkedKey } from "./parking.ts";
import { propose, settleable } from "./settlement.ts";
import type { Machine } from "./state.ts";
import { stepsTo } from "./steps.ts";

/** The highest confirmed header that this node can show; without one where the chain knows it. */
export function exitEvidence(machine: Machine): ExitEvidence {
  const steps = stepsTo(machine, inForce(machine));
  const found = settleable(machine);
  if (found === undefined) return { steps };
  const { item, confirming } = found;
  if (item.certificate === undefined || confirming.certificate === undefined) return { steps };
  if (compareRefs(item.ref, machine.chain.exits.highest) <= 0) return { steps };
  return {
    checkpoint: {
      header: item.header,
      certificate: item.certificate,
      confirming: confirming.header,
      confirmingCertificate: confirming.certificate,
    },
    steps,
  };
}

/** Takes this node's exit a step further; true when everything of its own is off the chain. */
export function advanceExit(machine: Machine): boolean {
  const { exits, now } = machine.chain;
  const own = ownMember(machine);
  if (own === undefined) return true;
  const { seat } = own;
  const open = exits.open.find((exit) => exit.seat === seat);
  if (open !== undefined) {
    if (now >= open.due || isSettled(machine, seat))
      command(machine, "finishExit", { type: "finishExit", seat });
    return false;
  }
  const claim = exits.claims.find((candidate) => candidate.seat === seat);
  if (claim === undefined) {
    command(machine, "openExit", { type: "openExit", seat, evidence: exitEvidence(machine) });
  } else if (machine.chain.settled.header.number >= claim.header.number) {
    command(machine, "leave", { type: "leave" });
  } else {
    const evidence = claimEvidence(machine, claim);
    if (evidence !== undefined) command(machine, "claimExit", { type: "claimExit", evidence });
  }
  return false;
}

/** The chain has settled a state in which the seat has departed. */
function isSettled({ log, tools, chain }: Machine, seat: SeatId): boolean {
  if (chain.members.some((member) => member.seat === seat && member.standing === "joined")) {
    return false;
  }
  const isAbove = log.items.some((item) => holdsExit(item, seat));
  return !isAbove && readSeat(tools.executor, seat)?.standing === "departed";
}

function holdsExit({ batch }: Item, seat: SeatId): boolean {
  return batch.entries.some((entry) => entry.type === "exit" && entry.seat === seat);
}

/** Undefined while the state that it was paid from is not here. */
function claimEvidence(
  machine: Machine,
  { seat, header }: Machine["chain"]["exits"]["claims"][number],
): ClaimEvidence | undefined {
  const { log, tools, facts } = machine;
  const { executor } = tools;
  const own = present(ownMember(machine), "whose claim it is");
  const point = findPoint(log, header);
  if (point === undefined) {
    machine.sync.isBehind = true;
    return undefined;
  }
  executor.rollback(point.mark);
  const keys = [
    seatKey(seat),
    heldKey(own.address, facts.assetType),
    parkedKey(own.address, facts.assetType),
  ];
  const [record, held, parked] = keys.map((key) => executor.read(key));
  const proof = executor.prove(keys);
  executor.rollback(tipOf(log).mark);
  return {
    seat,
    assetType: facts.assetType,
    ...(record === undefined ? {} : { record }),
    ...(held === undefined ? {} : { held }),
    ...(parked === undefined ? {} : { parked }),
    proof,
  };
}

/** What this node does about the exits of others. */
export function followExits(machine: Machine): void {
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return;
  for (const exit of machine.chain.exits.open) {
    if (exit.seat === own.seat) continue;
    contest(machine, exit);
    settleExit(machine, exit.seat);
  }
}

/** At once where nobody has, and at last, each in its turn: the channel may have gone on. */
function contest(machine: Machine, exit: ChainExit): void {
  const { exits, now } = machine.chain;
  const { seat, due, posted } = exit;
  const isFirst = compareRefs(exits.highest, posted) <= 0;
  const turn = BigInt(turnOf(machine, inForce(machine)) * machine.tools.parameters.turnMs);
  if (!isFirst && now + EXIT_CONTEST_MS < due + turn) return;
  const evidence = exitEvidence(machine);
  if (evidence.checkpoint === undefined) return;
  command(machine, `contestExit/${seat}`, { type: "contestExit", seat, evidence });
}

/** An exit that is ordered is settled, so that the chain need not wait. */
function settleExit(machine: Machine, seat: SeatId): void {
  const item = machine.log.items.find((candidate) => holdsExit(candidate, seat));
  if (item !== undefined) propose(machine, item.height);
}

/** The exit that a leader has to order before anything else. */
export function exitEntry(machine: Machine): Entry | undefined {
  const seats = inForce(machine).seats;
  const next = machine.chain.exits.open.find(({ seat }) => isInPlay(machine, seat));
  if (next === undefined || seats.length === 1) return undefined;
  return { type: "exit", seat: next.seat };
}

function isInPlay(machine: Machine, seat: SeatId): boolean {
  const record = readSeat(machine.tools.executor, seat);
  const isHere = record !== undefined && record.standing !== "departed";
  return isHere && seatOf(inForce(machine), seat) !== undefined;
}

/** Whether a leader has left an exit out for so long that nothing else of its is agreed to. */
export function isExitOverdue(machine: Machine, entries: readonly Entry[]): boolean {
  if (entries.length === 0 || entries.some(({ type }) => type === "exit")) return false;
  const { exits, now, settings } = machine.chain;
  return exits.open.some(({ seat, due }) => {
    const openedAt = due - settings.removalWindow;
    return now >= openedAt + EXIT_GRACE_MS && isInPlay(machine, seat);
  });
}
