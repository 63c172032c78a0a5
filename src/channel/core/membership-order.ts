/**
 * Whom a leader lets go alone, admits and suspends (SPEC.md XT2, CF9, CF10): one change at a time,
 * at the end of a batch.
 */
import type { Entry } from "../messages.ts";
import { peerIdOf } from "../ports.ts";
import { seatOf } from "./configuration.ts";
import { readSeat } from "./control.ts";
import { exitEntry } from "./exit.ts";
import { tipOf } from "./log.ts";
import { inForce, isValidOnChain, ownMember, wasHeard } from "./members.ts";
import { admissionOf } from "./membership.ts";
import { MEMBERS_MAX } from "./parameters.ts";
import { isQuorum } from "./quorum.ts";
import type { Machine } from "./state.ts";
import { isFarAhead } from "./steps.ts";

/** Headers that a joiner may be behind and still count as caught up. */
const LAG_MAX = 8n;

export function membershipEntry(machine: Machine): Entry | undefined {
  const exit = exitEntry(machine);
  if (exit !== undefined || isFarAhead(machine)) return exit;
  return suspension(machine) ?? admission(machine);
}

/** The channel's first entry: what its creator brought into escrow, if anything. */
export function foundingEntry(machine: Machine): Entry | undefined {
  const own = ownMember(machine);
  const isFirst = tipOf(machine.log).height === 0n && inForce(machine).number === 0n;
  return isFirst && own?.asset !== undefined ? admissionOf(machine, own) : undefined;
}

/** Members of the chain that are alive, caught up and without a seat, lowest seat first. */
function admission(machine: Machine): Entry | undefined {
  const { chain, peers, tools } = machine;
  const configuration = inForce(machine);
  if (configuration.seats.length >= MEMBERS_MAX) return undefined;
  const tip = tipOf(machine.log).ref.number;
  for (const member of chain.members) {
    if (member.standing === "removed" || seatOf(configuration, member.seat) !== undefined) continue;
    if (readSeat(tools.executor, member.seat)?.standing === "departed") continue;
    const peer = peers.get(peerIdOf(member.nodeKey));
    const reached = peer?.heartbeat?.tip.number;
    const isReady =
      reached !== undefined &&
      reached + LAG_MAX >= tip &&
      wasHeard(machine, member.seat, tools.parameters.heartbeatMs * 3) &&
      isValidOnChain(machine, member.seat);
    const entry = isReady ? admissionOf(machine, member) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** A seat silent on chain and here, where the others are a quorum without it. */
function suspension(machine: Machine): Entry | undefined {
  const { leaseMs, suspendMarginMs } = machine.tools.parameters;
  const { seats } = inForce(machine);
  const own = ownMember(machine);
  const silent = seats.filter(
    ({ seat }) =>
      seat !== own?.seat &&
      !wasHeard(machine, seat, leaseMs) &&
      !isValidOnChain(machine, seat, suspendMarginMs),
  );
  const [first] = silent;
  if (first === undefined || !isQuorum(seats.length - silent.length, seats.length))
    return undefined;
  return { type: "suspend", seat: first.seat };
}
