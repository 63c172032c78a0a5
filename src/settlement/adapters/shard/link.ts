/** A shard, as a player's node uses it: a chain of its own whose gas comes from its root. */
import type { Clock } from "#channel";
import type { Address } from "#core/address.ts";
import type { CallSigner, ChainLink } from "../../chain-access.ts";
import { createNeeds } from "../../fed-access.ts";
import type { PurseTerms } from "../../purse.ts";
import { createSeats } from "../../seats.ts";
import type { SettlementError } from "../../settlement-error.ts";
import { type ShardAccess, shardAccess } from "./access.ts";
import { readShardId } from "./contract.ts";

export interface ShardLinkOptions {
  /** Any link to the root. */
  readonly root: ChainLink;
  /** Any link to the shard itself. */
  readonly shard: ChainLink;
  /** Asked of the shard where absent. */
  readonly shardId?: bigint;
  readonly clock: Clock;
  readonly gas?: Partial<PurseTerms>;
  /** How long coins may be on their way back before the shard asks for them again. */
  readonly patienceMs?: bigint;
  /** Told of what goes wrong while nobody waits for it; it is tried again. */
  readonly onTrouble?: (error: SettlementError) => void;
}

export interface ShardLink extends ChainLink {
  access(signer: CallSigner): ShardAccess;
}

/** Two of the dearest transactions, and twenty. */
export const SHARD_GAS: PurseTerms = {
  lowWater: 5_000_000n,
  target: 50_000_000n,
  budget: 500_000_000n,
};
const PATIENCE_MS = 30_000n;
/** What the account needs on the root beside what it sends to the shard: the fees of sending. */
const ROOT_FEES = 10_000_000n;

/**
 * The chain to play on is the shard; gas comes from the root when it is short, and goes back there
 * when the account has left its last channel.
 */
export function shardLink(options: ShardLinkOptions): ShardLink {
  const { root, shard, clock, onTrouble = () => undefined, patienceMs = PATIENCE_MS } = options;
  let known = options.shardId;
  const shardId = async () => {
    known ??= await readShardId(shard);
    return known;
  };
  const gas = { ...SHARD_GAS, ...options.gas };
  const needs = createNeeds<Address>();
  const seats = createSeats<Address>();
  const accesses = new Set<ShardAccess>();
  return {
    ...shard,
    name: `shard at ${shard.name}, with gas from ${root.name}`,
    access(signer) {
      const need = needs.of(signer.address);
      const patience = { patienceMs, onTrouble };
      const own = seats.of(signer.address);
      const terms = { shardId, gas, clock, need, patience, seats: own };
      const access = shardAccess(root.access(signer), shard.access(signer), terms);
      accesses.add(access);
      // An earlier life may have gone while its coins were on their way back.
      access.returning.tend();
      return access;
    },
    /** The root has the faucet; the account's next transaction brings the coins over. */
    async fund(address, least) {
      needs.set(address, least);
      await root.fund(address, least + ROOT_FEES);
    },
    close() {
      for (const { returning } of accesses) returning.stop();
      shard.close();
      root.close();
    },
  };
}
