/**
 * Brings an account's gas back from a shard to the root. A withdrawal that the root does not pay in
 * time, because too few of the shard's nodes confirmed it or their word was lost, is asked for
 * again. Which ones are open is read from the shard, so that the next life goes on with them.
 */
import type { Clock } from "#channel";
import { callOutcome } from "../../call-outcome.ts";
import type { ChainAccess, EntryCall } from "../../chain-access.ts";
import { coinsOf } from "../../coins.ts";
import { outboxOf } from "../../outbox.ts";
import { SettlementError } from "../../settlement-error.ts";
import {
  GAS_CALL_MAX,
  isWithdrawalFinished,
  readUnfinished,
  retryWithdrawal,
  type UnfinishedWithdrawal,
  withdrawGas,
} from "./contract.ts";

export interface ReturningGas {
  /**
   * Asks back all that the account holds but what asking again may cost, and tells how many units
   * that is: 0 where nothing is worth it. Resolves when the shard has the request; the coins come
   * later. Rejects as sending does.
   */
  withdraw(): Promise<bigint>;
  unfinished(): Promise<readonly UnfinishedWithdrawal[]>;
  /** Looks after open withdrawals, if there are any, until there are none. */
  tend(): void;
  stop(): void;
}

/** Stays on the shard: the withdrawal's own fee, and those of asking for it again. */
const RESERVE = 5n * GAS_CALL_MAX;
const LOOK_MS = 5_000;

interface Tending {
  readonly shard: ChainAccess;
  readonly clock: Clock;
  readonly onTrouble: (error: SettlementError) => void;
  readonly patienceMs: bigint;
  /** When each open withdrawal was asked for, as far as this life knows. */
  readonly askedMs: Map<bigint, bigint>;
  /** Undefined while nothing is looked after. */
  cancel: (() => void) | undefined;
  stopped: boolean;
}

export interface Patience {
  /** How long a withdrawal may be open before it is asked for again. */
  readonly patienceMs: bigint;
  /** Told of what goes wrong while nobody waits; it is tried again. */
  readonly onTrouble: (error: SettlementError) => void;
}

export function createReturningGas(
  shard: ChainAccess,
  clock: Clock,
  { patienceMs, onTrouble }: Patience,
): ReturningGas {
  const tending: Tending = {
    shard,
    clock,
    onTrouble,
    patienceMs,
    askedMs: new Map(),
    cancel: undefined,
    stopped: false,
  };
  return {
    async withdraw() {
      const held = await coinsOf(shard, shard.account);
      if (held <= 2n * RESERVE) return 0n;
      const amount = held - RESERVE;
      await send(tending, withdrawGas(amount));
      tend(tending);
      return amount;
    },
    unfinished: () => readUnfinished(shard, shard.account),
    tend: () => tend(tending),
    stop() {
      tending.stopped = true;
      tending.cancel?.();
    },
  };
}

function tend(tending: Tending): void {
  if (tending.cancel !== undefined || tending.stopped) return;
  tending.cancel = () => undefined;
  void look(tending);
}

async function look(tending: Tending): Promise<void> {
  let isOpen = true;
  try {
    isOpen = await askAgain(tending);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    tending.onTrouble(error);
  }
  tending.cancel = undefined;
  if (!isOpen || tending.stopped) return;
  tending.cancel = tending.clock.after(LOOK_MS, () => void look(tending));
}

/** Returns whether any withdrawal is open. */
async function askAgain(tending: Tending): Promise<boolean> {
  const { shard, clock, askedMs, patienceMs } = tending;
  const open = await readUnfinished(shard, shard.account);
  const ids = new Set(open.map(({ id }) => id));
  for (const id of askedMs.keys()) if (!ids.has(id)) askedMs.delete(id);
  for (const { id } of open) {
    const now = clock.now();
    const since = askedMs.get(id) ?? now;
    askedMs.set(id, since);
    if (now - since < patienceMs) continue;
    await retry(tending, id);
    askedMs.set(id, clock.now());
  }
  return open.length > 0;
}

async function retry(tending: Tending, id: bigint): Promise<void> {
  try {
    await send(tending, retryWithdrawal(id));
  } catch (error) {
    // The root's word has come meanwhile.
    if (!(error instanceof SettlementError) || !isWithdrawalFinished(error)) throw error;
  }
}

async function send({ shard, clock }: Tending, call: EntryCall): Promise<void> {
  callOutcome(await outboxOf(shard, clock).send(call));
}
