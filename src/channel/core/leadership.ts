/**
 * What a leader keeps of its epoch: begun with the lead, brought up to date with every step. Knows
 * nothing of what is ordered when.
 */
import { compareEpochs, type Epoch, type SeatId, type SignedViewChange } from "../messages.ts";
import { complain } from "./emit.ts";
import { sameRef, tipOf } from "./log.ts";
import { bestCertified, currentEpoch } from "./members.ts";
import { giveAgain } from "./own.ts";
import { isSpent } from "./reveals.ts";
import type { Leadership, Machine } from "./state.ts";

/** What this node keeps of the current epoch, which it leads; begun where it is new. */
export function takeLead(machine: Machine): Leadership {
  const epoch = currentEpoch(machine);
  const known = machine.leadership;
  if (known !== undefined && compareEpochs(known.epoch, epoch) === 0) return known;
  const made: Leadership = {
    epoch,
    viewChanges: takeEarly(machine, epoch),
    acks: new Map(),
    quorumAt: machine.now,
    progressAt: machine.now,
    certified: 0n,
    waitingSince: undefined,
    held: undefined,
    isSpent: false,
    certificateSent: 0n,
  };
  machine.leadership = made;
  giveAgain(machine);
  noteSpent(machine, made);
  return made;
}

/** View changes that came before this node had entered the epoch itself. */
function takeEarly({ early }: Machine, epoch: Epoch): Map<SeatId, SignedViewChange> {
  const taken = [...early].filter(
    ([, { viewChange }]) => compareEpochs(viewChange.epoch, epoch) === 0,
  );
  early.clear();
  return new Map(taken);
}

/** A leader that has not opened its epoch is not idle: it waits for others, as they do for it. */
export function noteProgress(machine: Machine, leadership: Leadership): void {
  const { number } = bestCertified(machine).ref;
  const tip = tipOf(machine.log).ref;
  const isOpen = compareEpochs(tip.epoch, leadership.epoch) === 0;
  const isIdle = isOpen && number === tip.number;
  if (number > leadership.certified || isIdle) leadership.progressAt = machine.now;
  leadership.certified = number;
}

/** Whether there is still something to reveal; looked at whenever that may have changed. */
export function noteSpent(machine: Machine, leadership: Leadership): void {
  const wasSpent = leadership.isSpent;
  leadership.isSpent = isSpent(machine);
  if (leadership.isSpent && !wasSpent) {
    complain(machine, "OUT_OF_REVEALS", "this node orders nothing more, and gives the lead away");
  }
}

/** What waits has to wait for a settlement. */
export function hold({ now, log }: Machine, leadership: Leadership): void {
  const since = leadership.held?.since ?? now;
  leadership.held = { since, triedAt: now, base: log.base.ref };
}

/** What waits was too much for the next settlement, and nothing has been settled since. */
export function isHeldBack({ now, log, tools }: Machine, { held }: Leadership): boolean {
  if (held === undefined || !sameRef(held.base, log.base.ref)) return false;
  return now - held.triedAt < BigInt(tools.parameters.resendMs);
}
