/**
 * Sends an account's transactions one after the other, each exactly once. Lost, doubled and expired
 * transactions and a chain that restarts are all survived the same way: the sequence number
 * decides, and before a number is used again the fate of everything that was sent with it is known.
 */

import type { Clock } from "#channel";
import type { Hash } from "#core/hash.ts";
import type { ChainAccess, CommittedCall, EntryCall } from "./chain-access.ts";
import { SettlementError, trouble } from "./settlement-error.ts";

/** How long one signed transaction may wait for a block. */
const LIFETIME_SECS = 20n;
/** How long a command is tried before it is given up; it may still be repeated. */
const COMMAND_TIMEOUT_MS = 60_000n;
const RETRY_MS = 1_000;
const FATE_WAIT_MS = 5_000;
const MILLISECONDS_PER_SECOND = 1_000n;

export interface Outbox {
  /**
   * Sends a call after all that were sent before it. Resolves when it is in a block, whatever its
   * status; rejects with `SettlementError` when it was refused or nothing was heard of it for a
   * minute.
   */
  send(call: EntryCall): Promise<CommittedCall>;
}

interface Sender {
  readonly access: ChainAccess;
  readonly clock: Clock;
}

const outboxes = new WeakMap<ChainAccess, Outbox>();

/**
 * The one outbox of an account's access: whoever sends by the same account takes turns, instead of
 * contending for its next number.
 */
export function outboxOf(access: ChainAccess, clock: Clock): Outbox {
  const known = outboxes.get(access) ?? createOutbox(access, clock);
  outboxes.set(access, known);
  return known;
}

/** One for each account: two would take each other's sequence numbers. */
export function createOutbox(access: ChainAccess, clock: Clock): Outbox {
  let last: Promise<unknown> = Promise.resolve();
  return {
    send: (call) => {
      const sending = last.then(() => sendOnce({ access, clock }, call));
      // The next one waits for this one, not for its success.
      last = sending.catch(() => undefined);
      return sending;
    },
  };
}

async function sendOnce(sender: Sender, call: EntryCall): Promise<CommittedCall> {
  const { access, clock } = sender;
  const deadlineMs = clock.now() + COMMAND_TIMEOUT_MS;
  const sent: Hash[] = [];
  for (;;) {
    try {
      const committed = await attempt(access, call, sent);
      if (committed !== undefined) return committed;
    } catch (error) {
      const isPassing = error instanceof SettlementError && error.code === "CHAIN_UNREACHABLE";
      if (!isPassing || clock.now() >= deadlineMs) throw error;
    }
    if (clock.now() >= deadlineMs) {
      throw trouble("CHAIN_UNREACHABLE", "the transaction found its way into no block");
    }
    await pause(clock, RETRY_MS);
  }
}

/**
 * One try: settles what was sent before, else sends anew. Undefined when it has to be tried again.
 */
async function attempt(
  access: ChainAccess,
  call: EntryCall,
  sent: Hash[],
): Promise<CommittedCall | undefined> {
  const sequenceNumber = await access.sequenceNumber();
  for (const hash of sent) {
    const fate = await access.fate(hash, FATE_WAIT_MS);
    if (fate.type === "committed") return fate.call;
    if (fate.type === "pending") return undefined;
  }
  const nowSecs = (await access.chainTimeMs()) / MILLISECONDS_PER_SECOND;
  const signed = await access.sign(call, sequenceNumber, nowSecs + LIFETIME_SECS);
  sent.push(signed.hash);
  const handover = await access.submit(signed);
  switch (handover.type) {
    case "refused":
      throw trouble("CHAIN_REFUSED", handover.detail);
    case "noFunds":
      throw trouble("NO_FUNDS", handover.detail);
    case "numberUsed":
    case "busy":
      return undefined;
    case "accepted": {
      const fate = await access.fate(signed.hash, FATE_WAIT_MS);
      return fate.type === "committed" ? fate.call : undefined;
    }
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
