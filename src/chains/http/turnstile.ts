/**
 * Lets long work through one piece at a time, with a turn of the event loop before each, so that
 * however many ask, blocks are made in between.
 */

/** Resolves in a later turn of the event loop. */
export type NextTurn = () => Promise<void>;

export interface Turnstile {
  readonly nextTurn: NextTurn;
  readonly waitingMax: number;
  waiting: number;
  /** Resolves when everybody who came before has passed. */
  last: Promise<void>;
}

export function createTurnstile(nextTurn: NextTurn, waitingMax: number): Turnstile {
  return { nextTurn, waitingMax, waiting: 0, last: Promise.resolve() };
}

/** Runs `work` in its turn; undefined, at once, when too many wait already. */
export async function pass<T>(turnstile: Turnstile, work: () => T): Promise<T | undefined> {
  if (turnstile.waiting >= turnstile.waitingMax) return undefined;
  turnstile.waiting += 1;
  const before = turnstile.last;
  let leave = (): void => undefined;
  turnstile.last = new Promise((resolve) => {
    leave = resolve;
  });
  try {
    await before;
    await turnstile.nextTurn();
    return work();
  } finally {
    turnstile.waiting -= 1;
    leave();
  }
}
