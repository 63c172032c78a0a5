/** When a node wants to be woken next: as seldom as its duties allow. */
import { compareEpochs } from "../ports.ts";
import { readControl } from "./control.ts";
import { tipOf } from "./log.ts";
import { bestCertified, currentEpoch } from "./members.ts";
import type { Machine } from "./state.ts";

/** Asks for a tick at the earliest moment at which something may be due. */
export function armTimer(machine: Machine): void {
  const { routing, tools, now } = machine;
  const { heartbeatMs, resendMs } = tools.parameters;
  const times = [(routing.beatAt ?? now) + BigInt(heartbeatMs)];
  if (isBusy(machine)) times.push(now + BigInt(resendMs));
  times.push(...leaderTimes(machine));
  // What is due has just been tried: what it waits for is not time.
  const later = times.filter((time) => time > now);
  const at = later.reduce(
    (least, time) => (time < least ? time : least),
    now + BigInt(heartbeatMs),
  );
  if (machine.armedAt === at) return;
  machine.armedAt = at;
  machine.effects.push({ type: "armTimer", at });
}

function leaderTimes(machine: Machine): readonly bigint[] {
  const { leadership, tools, facts } = machine;
  if (leadership === undefined) return [];
  const times: bigint[] = [];
  if (leadership.waitingSince !== undefined) {
    times.push(leadership.waitingSince + BigInt(tools.parameters.batchDelayMs));
  }
  const { tick } = facts.settings;
  if (tick !== undefined) {
    const ticks = readControl(tools.executor)?.ticks ?? 0n;
    times.push(tick.start + (ticks + 1n) * tick.interval);
  }
  return times;
}

/** Something was sent, or is missing, that may have to be sent or asked for again. */
function isBusy(machine: Machine): boolean {
  const { log, sync, own, jobs, promises, commands } = machine;
  const tip = tipOf(log).ref;
  return (
    !machine.isLoaded ||
    sync.isBehind ||
    sync.snapshot !== undefined ||
    jobs.length > 0 ||
    commands.size > 0 ||
    promises.removals.length > 0 ||
    own.some(({ height }) => height === undefined) ||
    bestCertified(machine).ref.number < tip.number ||
    compareEpochs(tip.epoch, currentEpoch(machine)) < 0
  );
}
