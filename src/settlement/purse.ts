/**
 * Keeps coins of an account on a chain that borrows all its coins from the root: where there are
 * too few, more are sent from the root, within a budget, and awaited. Nothing is remembered here:
 * what was sent and what has arrived is read from both chains each time, and what is sent carries
 * its number, so that a life that ends between any two steps is continued by the next. Knows no
 * chain.
 */
import type { Clock } from "#channel";
import { callOutcome } from "./call-outcome.ts";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { coinsOf } from "./coins.ts";
import { outboxOf } from "./outbox.ts";
import { SettlementError, trouble } from "./settlement-error.ts";

/** Units of the native coin. */
export interface PurseTerms {
  /** Below this more is sent: what a transaction may cost at most, and a stake. */
  readonly lowWater: bigint;
  /** What there is to be when it has arrived. */
  readonly target: bigint;
  /** Most that is away from the root at a time, what was spent there included. */
  readonly budget: bigint;
}

/** What the root's contract counts of one account's coins on the other chain. */
export interface SentCoins {
  /** How often coins were sent: the number of the next sending. */
  readonly count: bigint;
  /** Units that were sent, all told. */
  readonly amount: bigint;
  /** Units that came back, or were not taken there. */
  readonly returned: bigint;
}

/** The way of one account's coins from the root to the other chain. */
export interface Crossing {
  readonly root: ChainAccess;
  readonly away: Pick<ChainAccess, "view" | "account">;
  /** At the root's newest block. */
  sent(): Promise<SentCoins>;
  /** Units of them that the other chain has dealt with, at its newest block. */
  arrived(): Promise<bigint>;
  /** The call of the root that sends so much, and is refused unless it is the one of `number`. */
  sending(amount: bigint, number: bigint): Promise<EntryCall>;
  /** Whether the root refused because something was sent under that number. */
  isRepeated(error: SettlementError): boolean;
}

export interface Purse {
  /**
   * Resolves when the account holds `least` units, or the low-water mark without it. Rejects with
   * `SettlementError` BUDGET_SPENT, NO_FUNDS where the root's account is too poor, ON_ITS_WAY where
   * what was sent takes too long, and as sending does.
   */
  fill(least?: bigint): Promise<void>;
}

/** How long coins may be on their way before the wait is given up; they arrive all the same. */
const ARRIVAL_TIMEOUT_MS = 60_000n;
const LOOK_MS = 500;

export function createPurse(crossing: Crossing, terms: PurseTerms, clock: Clock): Purse {
  let filling: Promise<void> = Promise.resolve();
  return {
    fill(least = terms.lowWater) {
      // One after the other: the second finds what the first has brought.
      const next = filling.then(() => fill(crossing, terms, clock, least));
      filling = next.catch(() => undefined);
      return next;
    },
  };
}

async function fill(
  crossing: Crossing,
  terms: PurseTerms,
  clock: Clock,
  least: bigint,
): Promise<void> {
  const { away } = crossing;
  if ((await coinsOf(away, away.account)) >= least) return;
  const deadlineMs = clock.now() + ARRIVAL_TIMEOUT_MS;
  for (;;) {
    // In this order: what arrives between two readings is counted twice, never not at all.
    const sent = await crossing.sent();
    const arrived = await crossing.arrived();
    const held = await coinsOf(away, away.account);
    if (held >= least) return;
    const underWay = sent.amount > arrived ? sent.amount - arrived : 0n;
    if (clock.now() >= deadlineMs) {
      throw trouble("ON_ITS_WAY", `${underWay} units of ${away.account} have not arrived yet`);
    }
    if (held + underWay < least) {
      await sendMore(crossing, terms, clock, sent, least, held + underWay);
    }
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve);
    });
  }
}

async function sendMore(
  crossing: Crossing,
  { target, budget }: PurseTerms,
  clock: Clock,
  sent: SentCoins,
  least: bigint,
  expected: bigint,
): Promise<void> {
  const { root, away } = crossing;
  const wanted = (target > least ? target : least) - expected;
  const room = budget + sent.returned - sent.amount;
  const amount = wanted < room ? wanted : room;
  if (expected + amount < least) {
    const why = `${away.account} may have ${budget} units away from the root, and used them up`;
    throw trouble("BUDGET_SPENT", why);
  }
  try {
    callOutcome(await outboxOf(root, clock).send(await crossing.sending(amount, sent.count)));
  } catch (error) {
    // An earlier life, or another tab of this account, has sent it: the next look counts it.
    if (!(error instanceof SettlementError) || !crossing.isRepeated(error)) throw error;
  }
}
