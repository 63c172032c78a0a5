/**
 * A shard as one account uses it: its link's access, with gas from the root before a transaction is
 * signed and what is left of it on the way back once the account has left a channel.
 */
import type { Clock } from "#channel";
import type { ChainAccess } from "../../chain-access.ts";
import { fedAccess, type Need } from "../../fed-access.ts";
import type { PurseTerms } from "../../purse.ts";
import type { Seats } from "../../seats.ts";
import {
  depositGas,
  isAboutGas,
  isDepositRepeated,
  readArrived,
  readGasAccount,
} from "./contract.ts";
import { createReturningGas, type Patience, type ReturningGas } from "./returning-gas.ts";

export interface ShardTerms {
  readonly shardId: () => Promise<bigint>;
  readonly gas: PurseTerms;
  readonly clock: Clock;
  readonly need: Need;
  readonly patience: Patience;
  /** Of the account on this shard. */
  readonly seats: Seats;
}

export interface ShardAccess extends ChainAccess {
  readonly returning: ReturningGas;
}

/** @param root the same account's access to the root. */
export function shardAccess(root: ChainAccess, shard: ChainAccess, terms: ShardTerms): ShardAccess {
  const { shardId, gas, clock, need, patience, seats } = terms;
  const { account } = shard;
  const crossing = {
    root,
    away: shard,
    sent: async () => readGasAccount(root, await shardId(), account),
    arrived: () => readArrived(shard, account),
    sending: async (amount: bigint, number: bigint) => depositGas(await shardId(), amount, number),
    isRepeated: isDepositRepeated,
  };
  const access = fedAccess(shard, { crossing, terms: gas, clock, need, isCrossing: isAboutGas });
  // By the same access, so that the account's transactions take turns.
  const returning = createReturningGas(access, clock, patience);
  return Object.assign(access, {
    returning,
    seated: (channel: bigint, isSeated: boolean) => seats.note(channel, isSeated),
    async parted() {
      // Where it still plays it needs its gas.
      if (seats.isEmpty()) await returning.withdraw();
    },
  });
}
