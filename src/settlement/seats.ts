/**
 * In which channels of one chain the accounts of this process have seats, as far as anybody has
 * looked. It is for what is done when an account has left the last of them. Knows no chain.
 */

export interface Seats {
  note(channel: bigint, isSeated: boolean): void;
  isEmpty(): boolean;
}

/** One for all accesses of an account, whichever channel each of them serves. */
export function createSeats<Account>(): { of(account: Account): Seats } {
  const channels = new Map<Account, Set<bigint>>();
  return {
    of: (account) => {
      const own = channels.get(account) ?? new Set();
      channels.set(account, own);
      return {
        note: (channel, isSeated) => {
          if (isSeated) own.add(channel);
          else own.delete(channel);
        },
        isEmpty: () => own.size === 0,
      };
    },
  };
}
