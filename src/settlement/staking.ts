/**
 * What a member does on chain beside its channel's play: lends its vote in elections, takes what it
 * is owed for proofs, and keeps one stake for many channels.
 */
import type { SeatId } from "#channel";
import { present } from "#core/assert.ts";
import { makeStructTag, parseStructTag, type StructTag } from "#core/type-tag.ts";
import type { ChainAccess, EntryCall } from "./chain-access.ts";
import { delegate, getCandidates, payReward } from "./contract/calls.ts";
import { type ChannelRecord, decodeRecord, STANDING_ADMITTED } from "./contract/records.ts";
import {
  depositStake,
  readSharedStake,
  type SharedStake,
  unbondStake,
  withdrawStake,
} from "./contract/shared-stake.ts";
import { SettlementError } from "./settlement-error.ts";

const NATIVE_COIN = makeStructTag("0x1::aptos_coin::AptosCoin");

/** All amounts are in units of the coin; `coin` is the chain's own unless named. */
export interface Staking {
  /** Seats that may lead where more than five are in, the strongest first. */
  candidates(id: bigint): Promise<readonly SeatId[]>;
  /** Lends this account's vote in elections to a candidate; undefined takes it back. */
  delegate(id: bigint, candidate: SeatId | undefined): Promise<void>;
  /** Has everything paid that this account is owed for proving offences; returns how much. */
  collectRewards(id: bigint): Promise<bigint>;
  /** What this account has in the stake that backs many channels. */
  sharedStake(coin?: StructTag): Promise<SharedStake>;
  /** Adds to it, each time that it is called. Rejects with STAKE where there is too little. */
  depositStake(amount: bigint, coin?: StructTag): Promise<void>;
  /**
   * Gives notice of a day, by the chain's time, for so much of what backs no seat. Rejects with
   * STAKE where less is free.
   */
  unbondStake(amount: bigint, coin?: StructTag): Promise<void>;
  /** Pays out what notice is over for. Rejects with WINDOW_OPEN where none is. */
  withdrawStake(coin?: StructTag): Promise<void>;
}

interface StakingContext {
  readonly access: ChainAccess;
  readonly typed: (
    id: bigint,
  ) => Promise<{ readonly record: ChannelRecord; readonly stateType: StructTag }>;
  readonly send: (call: EntryCall) => Promise<unknown>;
}

export function stakingCommands({ access, typed, send }: StakingContext): Staking {
  return {
    candidates: async (id) => {
      const [bytes] = await access.view(getCandidates(id));
      return decodeRecord(present(bytes, "a view of one value"), (reader) =>
        reader.vector((item) => item.u64()),
      );
    },
    delegate: async (id, candidate) => {
      const { record, stateType } = await typed(id);
      const own = record.members.find(
        ({ seat, standing }) => seat.address === access.account && standing <= STANDING_ADMITTED,
      );
      const lent = record.delegations.find(({ from }) => from === own?.seat.seat)?.to;
      if (own !== undefined && lent === candidate) return;
      await send(delegate(stateType, id, candidate ?? 0n));
    },
    collectRewards: async (id) => {
      const { record } = await typed(id);
      const coin = present(parseStructTag(record.coinType), "the contract names a type");
      let sum = 0n;
      for (const { seat, receiver, amount } of record.rewards) {
        if (receiver !== access.account) continue;
        try {
          await send(payReward(coin, id, seat));
          sum += amount;
        } catch (error) {
          // Somebody else had it paid, to the same account.
          if (!(error instanceof SettlementError) || error.code !== "NO_REWARD") throw error;
        }
      }
      return sum;
    },
    sharedStake: (coin = NATIVE_COIN) => readSharedStake(access, coin, access.account),
    depositStake: async (amount, coin = NATIVE_COIN) => {
      await send(depositStake(coin, amount));
    },
    unbondStake: async (amount, coin = NATIVE_COIN) => {
      await send(unbondStake(coin, amount));
    },
    withdrawStake: async (coin = NATIVE_COIN) => {
      await send(withdrawStake(coin));
    },
  };
}
