/**
 * What a leader's seat may still reveal (SPEC.md LE9). A chain of reveals ends; then its seat can
 * order no entries any more, and another has to lead.
 */
import type { Hash } from "#core/hash.ts";
import type { Seat } from "../messages.ts";
import { readSeat } from "./control.ts";
import { ownMember } from "./members.ts";
import type { Machine } from "./state.ts";

/** What this node's seat reveals with the next entries; undefined where nothing is left. */
export function nextReveal(
  { tools }: Machine,
  { seat, revealTip }: Pick<Seat, "seat" | "revealTip">,
): Hash | undefined {
  const last = readSeat(tools.executor, seat)?.reveal ?? revealTip;
  return tools.signer.reveal(last);
}

/** Whether this node, were it to lead, could order nothing. */
export function isSpent(machine: Machine): boolean {
  const own = ownMember(machine);
  return own !== undefined && nextReveal(machine, own) === undefined;
}
