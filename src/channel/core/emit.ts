/**
 * How a step asks for effects. Whatever could break a promise waits for the journal: it names the
 * last record.
 */
import { encode } from "../codec/objects.ts";
import type { PeerId } from "../ports.ts";
import type { Notice } from "./effect.ts";
import { type ChannelErrorName, channelError } from "./errors.ts";
import { type JournalEntry, journalEntry } from "./records.ts";
import type { Machine } from "./state.ts";

export function persist(machine: Machine, entry: JournalEntry): number {
  machine.sequence += 1;
  machine.effects.push({
    type: "persist",
    record: { sequence: machine.sequence, bytes: encode(journalEntry, entry) },
  });
  return machine.sequence;
}

export function notify(machine: Machine, notice: Notice): void {
  machine.effects.push({ type: "notify", notice, after: machine.sequence });
}

/** Tells the client that something foreign was refused. */
export function complain(
  machine: Machine,
  name: ChannelErrorName,
  detail: string,
  peer?: PeerId,
): void {
  const error = channelError(name, detail);
  notify(machine, { type: "error", error, ...(peer === undefined ? {} : { peer }) });
}

/** Ends a client's request with a reason; one that nobody here made any more is no loss. */
export function refuse(
  machine: Machine,
  request: number | undefined,
  name: ChannelErrorName,
  detail: string,
): void {
  if (request === undefined) return;
  notify(machine, { type: "refused", request, error: channelError(name, detail) });
}
