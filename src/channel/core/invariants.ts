/**
 * What must hold of a machine after every step. Breaking one is our bug: the node stops rather than
 * sign on.
 */
import { assert } from "#core/assert.ts";
import { compareEpochs } from "../messages.ts";
import { compareRefs, tipOf } from "./log.ts";
import type { Machine } from "./state.ts";

export function checkInvariants(machine: Machine): void {
  const { log, promises } = machine;
  const tip = tipOf(log);
  const { base } = log;
  assert(log.confirmed >= base.ref.number, "what is settled is confirmed");
  assert(log.confirmed <= tip.ref.number, "what is confirmed is in the log");
  assert(
    tip.ref.number === base.ref.number + BigInt(log.items.length),
    "the log has one header per number",
  );
  assert(
    compareEpochs(promises.epoch, promises.acked.epoch) >= 0,
    "nothing is acked below a promised epoch",
  );
  assert(
    promises.acked.number === 0n || compareRefs(promises.locked, promises.acked) < 0,
    "a lock is below what was acked",
  );
}
