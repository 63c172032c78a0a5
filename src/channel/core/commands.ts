/**
 * Commands to the chain, each under a key that says what it is for: none is given twice while it is
 * under way.
 */
import type { SettlementCommand } from "./effect.ts";
import type { CommandResult } from "./input.ts";
import type { Command, Machine } from "./state.ts";

/** After this a command counts as lost; repeating it is harmless. */
const ANSWER_MS_MAX = 30_000n;

/** Whether a command may be given now: what it takes to make one can be saved otherwise. */
export function mayCommand({ commands, now }: Machine, key: string): boolean {
  const known = commands.get(key);
  return known === undefined || now >= freeAt(known);
}

/**
 * Gives a command unless the same one is under way or has only just ended. Returns whether it was
 * given.
 */
export function command(machine: Machine, key: string, value: SettlementCommand): boolean {
  if (!mayCommand(machine, key)) return false;
  const { commands, now } = machine;
  machine.nextCommand += 1;
  const id = machine.nextCommand;
  commands.set(key, { id, submittedAt: now, retryAt: undefined });
  machine.effects.push({ type: "submit", id, command: value, after: machine.sequence });
  return true;
}

function freeAt({ submittedAt, retryAt }: Command): bigint {
  return retryAt ?? submittedAt + ANSWER_MS_MAX;
}

/** @returns the key of the command that ended; undefined for one from before a restart. */
export function noteResult(
  machine: Machine,
  id: number,
  _result: CommandResult,
): string | undefined {
  for (const [key, known] of machine.commands) {
    if (known.id !== id) continue;
    known.retryAt = machine.now + BigInt(machine.tools.parameters.commandRetryMs);
    return key;
  }
  return undefined;
}

/** Forgets commands that ended long ago, so that the table stays bounded. */
export function pruneCommands(machine: Machine): void {
  for (const [key, known] of machine.commands) {
    if (machine.now >= freeAt(known)) machine.commands.delete(key);
  }
}
