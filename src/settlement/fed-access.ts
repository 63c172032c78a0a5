/**
 * An account's access to a chain that borrows its coins from the root: before a transaction is
 * signed there are coins for it. Knows no chain.
 */
import type { Clock } from "#channel";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { isFree } from "./contract/calls.ts";
import { type Crossing, createPurse, type PurseTerms } from "./purse.ts";
import { SettlementError } from "./settlement-error.ts";

export interface Feeding {
  readonly crossing: Crossing;
  readonly terms: PurseTerms;
  readonly clock: Clock;
  /** Units that the account is to find with its next transaction, beside the terms. */
  readonly need: Need;
  /** Whether the call brings coins from chain to chain itself: it is paid from what is there. */
  readonly isCrossing: (call: EntryCall) => boolean;
}

/** What a faucet promised an account of the other chain. */
export interface Need {
  units(): bigint | undefined;
  /** It was seen there. */
  met(): void;
}

export function fedAccess(away: ChainAccess, feeding: Feeding): ChainAccess {
  const { crossing, terms, clock, need, isCrossing } = feeding;
  const purse = createPurse(crossing, terms, clock);
  /** Why there were no coins to be had for the transaction that is being sent. */
  let dry: SettlementError | undefined;
  return {
    ...away,
    get canReexecute() {
      return away.canReexecute;
    },
    async sign(call, sequenceNumber, expirationSecs) {
      dry = undefined;
      try {
        if (!isFree(call) && !isCrossing(call)) {
          await purse.fill(need.units());
          need.met();
        }
      } catch (error) {
        if (!(error instanceof SettlementError)) throw error;
        // What is there may do, as long as the chain does not say otherwise.
        dry = error;
      }
      return away.sign(call, sequenceNumber, expirationSecs);
    },
    async submit(call) {
      const handover = await away.submit(call);
      if (handover.type === "noFunds" && dry !== undefined) throw dry;
      return handover;
    },
  };
}

/** Needs of the accounts of one link, by account. */
export function createNeeds<Account>(): {
  set(account: Account, units: bigint): void;
  of(account: Account): Need;
} {
  const needs = new Map<Account, bigint>();
  return {
    set: (account, units) => void needs.set(account, units),
    of: (account) => ({
      units: () => needs.get(account),
      met: () => void needs.delete(account),
    }),
  };
}
