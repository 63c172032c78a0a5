/**
 * Leading (SPEC.md LE1 to LE10): what a leader has to do at this moment, to open its epoch, order
 * what waits, and send again what was not answered.
 */
import { type Configuration, compareEpochs } from "../messages.ts";
import { choose, NOTHING } from "./choice.ts";
import { configurationAfter, isPending } from "./configuration.ts";
import { isProofWanted } from "./forced-call.ts";
import { isHeldBack, noteProgress, takeLead } from "./leadership.ts";
import { holds, tipOf } from "./log.ts";
import {
  bestCertified,
  currentEpoch,
  inForce,
  leaderPeer,
  ownSeatIn,
  wasHeard,
} from "./members.ts";
import { openEpoch } from "./opening.ts";
import { place } from "./placement.ts";
import { isQuorum } from "./quorum.ts";
import { resend } from "./resending.ts";
import type { Leadership, Machine } from "./state.ts";
import { wishOf } from "./suspicion.ts";
import { certify, sendCertificate } from "./tally.ts";

/** Does what a leader has to do at this moment; nothing where another node leads. */
export function lead(machine: Machine): void {
  const configuration = inForce(machine);
  const isBound = compareEpochs(machine.promises.epoch, currentEpoch(machine)) > 0;
  const isLeader = leaderPeer(machine) === machine.self && !isBound;
  const mayOrder = isLeader && !hasLostOrder(machine);
  if (!mayOrder || ownSeatIn(machine, configuration) === undefined) {
    machine.leadership = undefined;
    return;
  }
  const leadership = takeLead(machine);
  noteQuorum(machine, leadership, configuration);
  if (machine.promises.removals.length > 0) return;
  if (compareEpochs(tipOf(machine.log).ref.epoch, leadership.epoch) < 0) {
    openEpoch(machine, leadership);
  } else {
    certify(machine, leadership);
    orderWaiting(machine, leadership);
  }
  noteProgress(machine, leadership);
  sendCertificate(machine, leadership);
  resend(machine);
}

/** Whoever says a later epoch may have promised it, and acks nothing here. */
function noteQuorum(machine: Machine, leadership: Leadership, { seats }: Configuration): void {
  const { leaseMs } = machine.tools.parameters;
  const heard = seats.filter(
    ({ seat }) => wasHeard(machine, seat, leaseMs) && wishOf(machine, seat) === undefined,
  );
  if (isQuorum(heard.length, seats.length)) leadership.quorumAt = machine.now;
}

/** What stands where this node has ordered something in this epoch must not be ordered anew. */
function hasLostOrder(machine: Machine): boolean {
  const { log, promises } = machine;
  const { acked } = promises;
  const isOfEpoch = compareEpochs(acked.epoch, currentEpoch(machine)) === 0;
  return isOfEpoch && acked.number > log.base.ref.number && !holds(log, acked);
}

/**
 * Orders what waits, if the window has room; an empty header where something waits for its
 * confirmation only.
 */
function orderWaiting(machine: Machine, leadership: Leadership): void {
  const { log, chain } = machine;
  const { windowMax } = machine.tools.parameters;
  for (;;) {
    const tip = tipOf(log);
    const best = bestCertified(machine);
    const openCount = tip.ref.number - best.ref.number;
    const configuration = configurationAfter(log, chain.forced, tip, best.ref);
    if (ownSeatIn(machine, configuration) === undefined) return;
    const waitsForChange = isPending(tip) && configuration.number === tip.configuration.number;
    if (openCount >= BigInt(waitsForChange ? 1 : windowMax)) return;
    const mayChoose = !waitsForChange && !isHeldBack(machine, leadership);
    const choice = mayChoose ? choose(machine, leadership) : NOTHING;
    if (mayChoose && choice.entries.length === 0) leadership.held = undefined;
    if (choice.entries.length > 0 && (choice.isFull || isDue(machine, leadership))) {
      if (place(machine, leadership, choice.entries, [])) continue;
      if (leadership.held === undefined) return;
    }
    const isUnconfirmed = log.items.some(
      (item) => item.ref.number > log.confirmed && (item.receipts.length > 0 || isPending(item)),
    );
    const wantsEmpty =
      isUnconfirmed || (isPending(tip) && !waitsForChange) || isProofWanted(machine);
    const isBusy = choice.entries.length > 0 && leadership.held === undefined;
    if (isBusy || openCount > 0n || !wantsEmpty) return;
    if (!place(machine, leadership, [], [])) return;
  }
}

/** Whether the waiting entries have waited long enough for company. */
function isDue(machine: Machine, leadership: Leadership): boolean {
  leadership.waitingSince ??= machine.now;
  return machine.now - leadership.waitingSince >= BigInt(machine.tools.parameters.batchDelayMs);
}
