/**
 * The chain's lease and lead (SPEC.md EL1 to EL4): keep_alive, and applying when the leader's lease
 * has run out.
 */
import { command } from "./commands.ts";
import { seatOf } from "./configuration.ts";
import { isExcluding } from "./exclusion.ts";
import { isBarred } from "./forced-call.ts";
import {
  inForce,
  isValidOnChain,
  leaderSeat,
  ownMember,
  peerOfSeat,
  turnOf,
  wasHeard,
} from "./members.ts";
import { silentSeat } from "./removal.ts";
import { isSpent } from "./reveals.ts";
import type { Machine } from "./state.ts";
import { carriedSteps, ownCandidacy } from "./steps.ts";

/**
 * Every member renews its lease; a leader whom no quorum hears lets it run out, so that another may
 * lead.
 */
export function keepAlive(machine: Machine): void {
  const { now, tools } = machine;
  const member = ownMember(machine);
  if (member === undefined || member.standing === "removed" || shouldGiveWay(machine)) return;
  const { keepAliveMs } = tools.parameters;
  const last = machine.keepAliveAt;
  if (last !== undefined && now - last < BigInt(keepAliveMs)) return;
  if (command(machine, "keepAlive", { type: "keepAlive" })) machine.keepAliveAt = now;
}

/**
 * A leader that no quorum has been heard by for a lease, or that for two could not open its epoch
 * or got no certificate, or that has nothing left to reveal, while another valid member could do
 * better.
 */
function shouldGiveWay(machine: Machine): boolean {
  const { leadership, now, tools, promises, chain } = machine;
  // Who leads by a view change is not replaced by losing its lease.
  if (leadership === undefined || chain.leader !== ownMember(machine)?.seat) return false;
  const lease = BigInt(tools.parameters.leaseMs);
  const isDeaf = now - leadership.quorumAt >= lease;
  const isStuck = now - leadership.progressAt >= 2n * lease && promises.removals.length === 0;
  return (isDeaf || isStuck || leadership.isSpent) && isReplaceable(machine);
}

/** Another seat could lead. */
function isReplaceable(machine: Machine): boolean {
  const own = ownMember(machine)?.seat;
  return inForce(machine).seats.some(({ seat }) => seat !== own && isValidOnChain(machine, seat));
}

/**
 * Applies for the lead when there is none, or when chain and network agree that the leader is gone.
 */
export function applyForLead(machine: Machine): void {
  const { chain, now, tools } = machine;
  const configuration = inForce(machine);
  const own = ownMember(machine);
  if (own === undefined || seatOf(configuration, own.seat) === undefined) return;
  if (!isVacant(machine) || isExcluding(machine) || silentSeat(machine) !== undefined) {
    machine.vacantSince = undefined;
    return;
  }
  machine.vacantSince ??= now;
  const turn = BigInt(applicantTurn(machine) * tools.parameters.turnMs);
  if (now - machine.vacantSince < turn || !isValidOnChain(machine, own.seat)) return;
  if (isBarred(machine, own.seat)) return;
  // Who has nothing left to reveal could order nothing.
  if (isSpent(machine) && isReplaceable(machine)) return;
  if (carriedSteps(machine, configuration) === undefined) return;
  const candidacy = ownCandidacy(machine);
  command(machine, `applyLeader/${chain.term}`, { type: "applyLeader", candidacy });
}

/** Who leads by a view change comes first, so that the lead need not change hands again. */
function applicantTurn(machine: Machine): number {
  const turn = turnOf(machine, inForce(machine));
  const leader = leaderSeat(machine);
  if (leader === undefined || leader === machine.chain.leader) return turn;
  return leader === ownMember(machine)?.seat ? 0 : turn + 1;
}

function isVacant(machine: Machine): boolean {
  const { chain, tools } = machine;
  if (chain.leader === undefined) return true;
  if (peerOfSeat(machine, chain.leader) === machine.self) return false;
  const { leaseMs } = tools.parameters;
  if (isValidOnChain(machine, chain.leader)) return false;
  // One that is here and lets its lease lapse for so long wants to be replaced.
  const isLapsed = !isValidOnChain(machine, chain.leader, leaseMs);
  return isLapsed || !wasHeard(machine, chain.leader, leaseMs);
}
