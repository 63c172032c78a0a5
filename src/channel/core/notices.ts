/** Tells the client what has changed in the course of a step, each thing once. */

import { compareEpochs } from "../messages.ts";
import { confirmedHeight } from "./certificates.ts";
import { endJobs } from "./departure.ts";
import { complain, notify } from "./emit.ts";
import { tipOf } from "./log.ts";
import { currentEpoch, inForce, leaderPeer, leaderSeat, ownMember, ownSeatIn } from "./members.ts";
import { endOwn } from "./own.ts";
import { expectTransition, type Phase } from "./phase.ts";
import type { Machine } from "./state.ts";

export function tell(machine: Machine): void {
  const { told, chain } = machine;
  const epoch = currentEpoch(machine);
  const leader = leaderSeat(machine);
  if (told.term !== epoch.term || told.leader !== leader) {
    told.term = epoch.term;
    told.leader = leader;
    notify(machine, { type: "leader", epoch, leader });
  }
  const configuration = inForce(machine);
  if (told.configuration !== configuration.number) {
    told.configuration = configuration.number;
    notify(machine, { type: "configuration", configuration });
  }
  const confirmed = confirmedHeight(machine);
  if (told.confirmed !== confirmed) {
    told.confirmed = confirmed;
    notify(machine, { type: "confirmed", height: confirmed });
  }
  const { height } = chain.settled;
  if (told.settled !== height) {
    told.settled = height;
    notify(machine, { type: "settled", height });
  }
  if (ownMember(machine) !== undefined) told.hadSeat = true;
  enter(machine, phaseOf(machine));
}

function enter(machine: Machine, phase: Phase): void {
  if (machine.phase === phase) return;
  expectTransition(machine.phase, phase);
  machine.phase = phase;
  if (phase === "departed") endDeparted(machine);
  if (phase === "closed") endOwn(machine, "CHANNEL_CLOSED", "the channel is closed");
  notify(machine, { type: "phase", phase });
}

/** What was asked for and can never be any more ends with a reason. */
function endDeparted(machine: Machine): void {
  const isBanned = ownMember(machine)?.standing === "removed";
  const [name, detail] = isBanned
    ? (["BANNED", "the chain took this node's seat out of the channel"] as const)
    : (["NOT_MEMBER", "this node has left the channel"] as const);
  if (isBanned) complain(machine, name, detail);
  endOwn(machine, name, detail);
  endJobs(machine, name, detail);
}

/** The epoch has begun on chain and has no header here yet. */
function isElecting(machine: Machine): boolean {
  return compareEpochs(tipOf(machine.log).ref.epoch, currentEpoch(machine)) < 0;
}

function phaseOf(machine: Machine): Phase {
  const { chain, phase } = machine;
  const member = ownMember(machine);
  // Closed for this node once it has fetched what is its own.
  if (phase === "closed" || (chain.closed && member === undefined)) return "closed";
  if (chain.closed) return phase;
  if (member?.standing === "removed") return "departed";
  // Who never had a seat only looks on.
  if (member === undefined) {
    return phase === "departed" || machine.told.hadSeat ? "departed" : "observing";
  }
  if (!machine.isLoaded || ownSeatIn(machine, inForce(machine)) === undefined) return "observing";
  if (chain.leader === undefined || isElecting(machine)) return "electing";
  return leaderPeer(machine) === machine.self ? "leading" : "following";
}
