/**
 * The one loop with IO: feeds a machine what happens, carries its effects out in their order, and
 * feeds results back. What an effect relies on is durable before it leaves: effects wait in line
 * for the journal. Knows no rule of the protocol, and no platform but what it is given.
 */
import { assertNever } from "#core/assert.ts";
import type { Effect, Notice, SettlementCommand } from "./core/effect.ts";
import type { CommandResult, Input } from "./core/input.ts";
import { createInbox } from "./inbox.ts";
import type { Millis } from "./messages.ts";
import type { Clock, Journal, JournalRecord, PeerId, Settlement, Transport } from "./ports.ts";
import { runCommand } from "./settlement-command.ts";
import type { VerifyAhead } from "./verify-ahead.ts";

/**
 * Effects that may wait for a slow disk, and messages for their signatures; beyond it messages are
 * dropped, which their senders repeat.
 */
export const WAITING_MAX = 10_000;
/** Bytes of messages among them. */
export const WAITING_SIZE_MAX = 64 * 1024 * 1024;
/** Timers of browsers hold 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** An input without its time, which the driver adds. */
export type Event = Input extends infer One
  ? One extends Input
    ? Omit<One, "now">
    : never
  : never;

export interface DriverOptions {
  /** The machine, restored from what `journal` held. */
  readonly step: (input: Input) => readonly Effect[];
  readonly channelId: bigint;
  readonly journal: Journal;
  /** Sequence of the last record that `journal` holds; 0 for none. */
  readonly durable: number;
  readonly transport: Transport;
  /** Where absent, messages go to the machine as they come. */
  readonly verifyAhead?: VerifyAhead;
  readonly settlement: Settlement;
  readonly clock: Clock;
  readonly onNotice: (notice: Notice) => void;
  /**
   * The node stopped by itself: its disk failed or it found a mistake of its own. Nothing follows.
   */
  readonly onFailure: (failure: Error) => void;
}

export interface Driver {
  /** Rejects with a `TransportError` when the transport cannot be opened. */
  start(): Promise<void>;
  /** Hands in a client's wish. Ignored once stopped. */
  feed(event: Event): void;
  /** Time by the node's clock, never going back. */
  now(): Millis;
  /** Messages dropped because the disk or the checks of signatures did not keep up. */
  droppedCount(): number;
  /** Ends everything; resolves when what was written is durable and the transport closed. */
  stop(): Promise<void>;
}

/** Does nothing before its start; stops by itself when journal or machine fails, and tells why. */
export function createDriver(options: DriverOptions): Driver {
  const { journal, transport, settlement, clock, channelId, verifyAhead } = options;
  const inbox = createInbox<Event>(feed);
  const waiting: Effect[] = [];
  let waitingSize = 0;
  let durable = options.durable;
  let lastNow = 0n;
  let dropped = 0;
  let isDraining = false;
  let isStopped = false;
  let cancelTimer = () => {};
  let unsubscribe = () => {};

  function now(): Millis {
    const time = clock.now();
    if (time > lastNow) lastNow = time;
    return lastNow;
  }

  function feed(event: Event): void {
    if (isStopped) return;
    try {
      const effects = options.step({ ...event, now: now() });
      write(effects.flatMap((effect) => (effect.type === "persist" ? [effect.record] : [])));
      for (const effect of effects) {
        if (effect.type === "persist") continue;
        waiting.push(effect);
        waitingSize += sizeOf(effect);
      }
      drain();
    } catch (error) {
      fail(error);
    }
  }

  function write(records: readonly JournalRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    journal
      .append(records)
      .then(() => {
        durable = last.sequence;
        drain();
      })
      .catch(fail);
  }

  /**
   * Carries out what waits for nothing more, in order; what a listener feeds meanwhile joins the
   * line.
   */
  function drain(): void {
    if (isDraining) return;
    isDraining = true;
    let done = 0;
    for (const effect of waiting) {
      if (isStopped || ("after" in effect && effect.after > durable)) break;
      waitingSize -= sizeOf(effect);
      done++;
      carryOut(effect);
    }
    waiting.splice(0, done);
    isDraining = false;
  }

  function carryOut(effect: Effect): void {
    switch (effect.type) {
      case "persist":
        return;
      case "prune":
        // What is not pruned costs space only; the next prune takes it along.
        journal.prune(effect.sequence).catch(() => {});
        return;
      case "send":
        for (const peer of effect.to) transport.send(peer, effect.bytes);
        return;
      case "submit":
        void submit(effect.id, effect.command);
        return;
      case "notify":
        return options.onNotice(effect.notice);
      case "armTimer":
        return arm(effect.at);
      default:
        assertNever(effect);
    }
  }

  async function submit(id: number, command: SettlementCommand): Promise<void> {
    const result = await resultOf(runCommand(settlement, channelId, command));
    feed({ type: "commandResult", id, result });
  }

  function arm(at: Millis): void {
    cancelTimer();
    const delay = Number(at - now());
    const delayMs = Math.min(Math.max(delay, 0), TIMER_MS_MAX);
    cancelTimer = clock.after(delayMs, () => feed({ type: "tick" }));
  }

  function receive(from: PeerId, bytes: Uint8Array): void {
    const isFull =
      waiting.length + inbox.count() >= WAITING_MAX ||
      waitingSize + inbox.size() >= WAITING_SIZE_MAX;
    if (isStopped) return;
    if (isFull) {
      dropped++;
      return;
    }
    try {
      inbox.put(from, { type: "message", from, bytes }, verifyAhead?.(bytes), bytes.length);
    } catch (error) {
      fail(error);
    }
  }

  function halt(): void {
    isStopped = true;
    cancelTimer();
    unsubscribe();
    waiting.length = 0;
    inbox.close();
  }

  function fail(error: unknown): void {
    if (isStopped) return;
    halt();
    void transport.close();
    options.onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  return {
    async start() {
      unsubscribe = settlement.subscribe(channelId, (event, channel) =>
        feed(event === undefined ? { type: "chain", channel } : { type: "chain", event, channel }),
      );
      feed({ type: "tick" });
      await transport.open({
        peerUp: (peer) => inbox.put(peer, { type: "peerUp", peer }),
        peerDown: (peer) => inbox.put(peer, { type: "peerDown", peer }),
        message: receive,
      });
    },
    feed,
    now,
    droppedCount: () => dropped,
    async stop() {
      halt();
      await Promise.all([journal.close(), transport.close()]);
    },
  };
}

function sizeOf(effect: Effect): number {
  return effect.type === "send" ? effect.bytes.length : 0;
}

async function resultOf(command: Promise<unknown>): Promise<CommandResult> {
  try {
    await command;
    return { ok: true };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
    return { ok: false, code, detail };
  }
}
