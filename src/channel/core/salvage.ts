/**
 * Taking into the log, out of answers on chain, what the chain goes on from and nobody gives
 * (SPEC.md DD6): once a majority was caught, its honest member may hold nothing of what it was not
 * shown, and those who do have no reason to help.
 */
import { toHex } from "#core/bytes.ts";
import { refOfHeader } from "../codec.ts";
import type { AnsweredHeader } from "../evidence.ts";
import type { HeaderRef } from "../messages.ts";
import { answeredIn, runAnswered } from "./answered.ts";
import { cutBack, extend } from "./branch.ts";
import { appendItem, compareRefs, findPoint, holds, type Point, tipOf } from "./log.ts";
import { itemFor } from "./ordering.ts";
import type { Machine } from "./state.ts";

/** Takes the settled header and the fence, with all below them, where answers show them. */
export function salvage(machine: Machine): void {
  const { chain } = machine;
  if (chain.answers.length === 0) return;
  for (const ref of [chain.settled.header, chain.fence, chain.forced?.fence]) {
    const way = ref === undefined ? undefined : wayTo(machine, ref);
    if (ref === undefined || way === undefined) continue;
    const name = toHex(ref.hash);
    if (machine.salvaged === name) continue;
    machine.salvaged = name;
    if (isSound(machine, way)) take(machine, way);
  }
}

interface Way {
  /** In the log. */
  readonly parent: Point;
  /** What stands on it, in order. */
  readonly shown: readonly AnsweredHeader[];
}

/** Undefined for a header that is in the log, or that answers do not lead to from there. */
function wayTo({ chain, log }: Machine, ref: HeaderRef): Way | undefined {
  if (ref.number <= log.base.ref.number || holds(log, ref)) return undefined;
  const all = chain.answers.flatMap(({ data }) => answeredIn(data));
  const byHash = new Map(all.map((one) => [toHex(refOfHeader(one.header.header).hash), one]));
  const shown: AnsweredHeader[] = [];
  let { number, hash } = ref;
  let parent = findPoint(log, { number, hash });
  while (parent === undefined) {
    const next = byHash.get(toHex(hash));
    if (next === undefined) return undefined;
    shown.push(next);
    ({ previous: hash } = next.header.header);
    number -= 1n;
    parent = findPoint(log, { number, hash });
  }
  // As with any history: nothing confirmed is cut, and nothing for what ranks no higher.
  const isTip = parent === tipOf(log);
  const mayCut = parent.ref.number >= log.confirmed && compareRefs(ref, log.highest.ref) > 0;
  return isTip || mayCut ? { parent, shown: shown.reverse() } : undefined;
}

/** Whether all of it is, run again beside the log. */
function isSound(machine: Machine, { parent, shown }: Way): boolean {
  const { log, tools } = machine;
  const items = log.items.filter(({ ref }) => ref.number <= parent.ref.number);
  const side: Machine = { ...machine, effects: [], log: { ...log, items } };
  tools.executor.rollback(parent.mark);
  const areSound = shown.every((one) => append(side, one));
  for (const { mark, ref } of side.log.items) {
    if (ref.number > parent.ref.number) tools.executor.release(mark);
  }
  tools.executor.rollback(tipOf(log).mark);
  return areSound;
}

function append(side: Machine, shown: AnsweredHeader): boolean {
  const run = runAnswered(side, shown);
  if (run?.type !== "run" || run.finding.type !== "sound") return false;
  const { parent, batch, configuration, finding } = run;
  appendItem(side.log, itemFor(side, parent, batch, configuration, finding.executed));
  return true;
}

function take(machine: Machine, { parent, shown }: Way): void {
  cutBack(machine, parent.ref.number);
  for (const one of shown) {
    const run = runAnswered(machine, one);
    if (run?.type !== "run" || run.finding.type !== "sound") return;
    const { batch, configuration, finding } = run;
    extend(machine, itemFor(machine, run.parent, batch, configuration, finding.executed));
  }
}
