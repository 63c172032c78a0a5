/**
 * What a leader orders next, of all that waits: ticks, calls, and changes of the members, which
 * calls must leave room for.
 */
import type { Entry } from "../messages.ts";
import { readControl } from "./control.ts";
import { foundingEntry, membershipEntry } from "./membership-order.ts";
import { chooseEntries } from "./pool.ts";
import { roomBeside } from "./room.ts";
import type { Leadership, Machine } from "./state.ts";
import { dueTick } from "./ticks.ts";

export interface Chosen {
  readonly entries: readonly Entry[];
  /** Nothing that comes later would be ordered along with these. */
  readonly isFull: boolean;
}

export const NOTHING: Chosen = { entries: [], isFull: false };

/** What to order next: a tick that is due, calls, and last a change of configuration. */
export function choose(machine: Machine, { isSpent: isBarred }: Leadership): Chosen {
  const { executor, parameters } = machine.tools;
  const control = readControl(executor);
  if (isBarred || control?.closing === true) return NOTHING;
  // The first header of all has none: ticks begin after it.
  const { ticks: done } = control ?? {};
  const tick =
    done === undefined ? undefined : dueTick(machine.facts.settings.tick, done, machine.now);
  const ticks: readonly Entry[] = tick === undefined ? [] : [{ type: "tick", tick }];
  const founding = foundingEntry(machine);
  const first = founding === undefined ? ticks : [founding, ...ticks];
  const change = membershipEntry(machine);
  // A change must not be crowded out by calls: they leave room for it.
  const room = change === undefined ? undefined : roomBeside([...first, change]);
  const others = first.length + (change === undefined ? 0 : 1);
  const calls = chooseEntries(machine, parameters.batchEntriesMax - others, room);
  const entries = [...first, ...calls.entries];
  const last = entries.at(-1);
  if (last?.type === "leave" || last?.type === "close") return { entries, isFull: true };
  if (change === undefined) return { entries, isFull: calls.isFull || tick !== undefined };
  return { entries: [...entries, change], isFull: true };
}
