/**
 * What of a batch only a view of the chain can tell: who joined, who was silent and who leaves
 * alone (SPEC.md CF9, CF10, XT2).
 */
import { equalBytes } from "#core/bytes.ts";
import type { ChainMember } from "../chain-view.ts";
import { ASSET_SIZE_MAX } from "../codec/limits.ts";
import type { Batch, Entry, Header, Seat } from "../messages.ts";
import { readSeat } from "./control.ts";
import { isExitOverdue } from "./exit.ts";
import { tipOf } from "./log.ts";
import { isValidOnChain, memberOf, ownMember, wasHeard } from "./members.ts";
import type { Machine } from "./state.ts";

/** `wait`: the chain's view here may be behind the leader's. */
export type MembershipFinding = "sound" | "wait";

export function checkMembership(machine: Machine, batch: Batch): MembershipFinding {
  const { header } = batch.header;
  const isHistory = header.epoch.term < machine.chain.term;
  if (!isHistory && isExitOverdue(machine, batch.entries)) return "wait";
  const isSound = batch.entries.every((entry) => isBorneOut(machine, header, entry));
  return isSound ? "sound" : "wait";
}

function isBorneOut(machine: Machine, header: Header, entry: Entry): boolean {
  if (entry.type === "admit") {
    const member = memberOf(machine, entry.seat.seat);
    // In history a seat may have come and gone, and a settlement may have changed its asset.
    if (isHistory(machine, header)) return member === undefined || isSeatOf(member, entry.seat);
    if (member === undefined || !isSeatOf(member, entry.seat)) return false;
    return isAsset(broughtBy(machine, member), entry.asset);
  }
  if (entry.type === "suspend") return maySuspend(machine, header, entry.seat);
  if (entry.type === "exit") {
    const { exits, term } = machine.chain;
    const isOpen = exits.open.some(({ seat }) => seat === entry.seat);
    return isOpen || header.epoch.term < term || memberOf(machine, entry.seat) === undefined;
  }
  return true;
}

/** Of an older term, or below what the chain has settled: this node's view is of later days. */
function isHistory({ chain }: Machine, { epoch, number }: Header): boolean {
  return epoch.term < chain.term || number <= chain.settled.header.number;
}

/**
 * What a member brings when it is admitted now: its asset in escrow, once. The creator's record
 * stands before anything is ordered.
 */
function broughtBy({ log, tools }: Machine, member: ChainMember): Uint8Array | undefined {
  const isFirst = tipOf(log).height === 0n;
  return isFirst || readSeat(tools.executor, member.seat) === undefined ? member.asset : undefined;
}

function isAsset(held: Uint8Array | undefined, asset: Uint8Array | undefined): boolean {
  if (held === undefined || asset === undefined) return held === asset;
  return equalBytes(held, asset);
}

function isSeatOf(member: ChainMember, seat: Seat): boolean {
  return (
    member.address === seat.address &&
    equalBytes(member.memberKey, seat.memberKey) &&
    equalBytes(member.nodeKey, seat.nodeKey) &&
    equalBytes(member.revealTip, seat.revealTip)
  );
}

/** A lapsed lease is remembered this long: the seat may come back between two members' looks. */
const LAPSE_REMEMBERED_MS = 30_000n;

/**
 * Its lease has lapsed, or had a moment ago, or it is silent here too. A node that finds itself
 * suspended agrees: it will be admitted again, and its no could leave the others without a quorum.
 */
function maySuspend(machine: Machine, header: Header, seat: bigint): boolean {
  if (header.epoch.term < machine.chain.term || memberOf(machine, seat) === undefined) return true;
  if (ownMember(machine)?.seat === seat) return true;
  const lapsedAt = machine.lapses.get(seat);
  const isRemembered = lapsedAt !== undefined && machine.now - lapsedAt <= LAPSE_REMEMBERED_MS;
  const { leaseMs } = machine.tools.parameters;
  return isRemembered || !isValidOnChain(machine, seat) || !wasHeard(machine, seat, leaseMs);
}

/** Notes whose lease the chain's view shows to have lapsed. */
export function noteLapses(machine: Machine): void {
  for (const { seat } of machine.chain.members) {
    if (!isValidOnChain(machine, seat)) machine.lapses.set(seat, machine.now);
  }
}

/** The entry that admits a member of the chain; undefined for one whose asset no entry can hold. */
export function admissionOf(machine: Machine, member: ChainMember): Entry | undefined {
  const asset = broughtBy(machine, member);
  if (asset === undefined) return { type: "admit", seat: seatFrom(member) };
  if (asset.length > ASSET_SIZE_MAX) return undefined;
  return { type: "admit", seat: seatFrom(member), asset };
}

/** A member of the chain as a seat of a configuration. */
export function seatFrom(member: ChainMember): Seat {
  const { seat, address, memberKey, nodeKey, revealTip } = member;
  return { seat, address, memberKey, nodeKey, revealTip };
}
