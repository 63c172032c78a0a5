/** When a node wants to be woken next: as seldom as its duties allow. */
import { compareEpochs } from "../messages.ts";
import { readControl } from "./control.ts";
import { beatMs } from "./heartbeat.ts";
import { tipOf } from "./log.ts";
import { bestCertified, currentEpoch, leaderPeer } from "./members.ts";
import { sendingTime } from "./own.ts";
import { signingTimes } from "./proposal.ts";
import { resendTimes } from "./resending.ts";
import type { Machine } from "./state.ts";
import { suspicionTimes } from "./suspicion.ts";

/** Asks for a tick at the earliest moment at which something may be due. */
export function armTimer(machine: Machine): void {
  const { routing, tools, now } = machine;
  const { heartbeatMs, resendMs } = tools.parameters;
  const times = [(routing.beatAt ?? now) + beatMs(machine), ...suspicionTimes(machine)];
  if (isBusy(machine)) times.push(now + BigInt(resendMs));
  times.push(...leaderTimes(machine), ...askingTimes(machine), ...ownTimes(machine));
  // What is due has just been tried: what it waits for is not time.
  const later = times.filter((time) => time > now);
  const at = later.reduce(
    (least, time) => (time < least ? time : least),
    now + BigInt(heartbeatMs),
  );
  // One that comes early does no harm; one that is put off again and again never comes.
  if (machine.armedAt !== undefined && machine.armedAt > now && machine.armedAt <= at) return;
  machine.armedAt = at;
  machine.effects.push({ type: "armTimer", at });
}

function leaderTimes(machine: Machine): readonly bigint[] {
  const { leadership, tools, facts } = machine;
  if (leadership === undefined) return [];
  const times = [...resendTimes(machine)];
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

/** When what was asked of others may be asked again. */
function askingTimes({ sync, viewChangeSentAt, wishSentAt, tools }: Machine): readonly bigint[] {
  const asked = [sync.askedAt, sync.snapshot?.askedAt, viewChangeSentAt, wishSentAt];
  return asked.flatMap((at) => (at === undefined ? [] : at + BigInt(tools.parameters.resendMs)));
}

/** When what is our own is to be signed, and given to the leader. */
function ownTimes(machine: Machine): readonly bigint[] {
  const times = signingTimes(machine);
  if (leaderPeer(machine) === undefined) return times;
  const waiting = machine.own.filter(({ height }) => height === undefined);
  const sending = waiting.map((own) =>
    own.sentAt === undefined ? machine.now + 1n : sendingTime(machine, own),
  );
  return [...times, ...sending];
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
