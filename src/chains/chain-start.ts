/**
 * What a node begins with that keeps nothing yet: a chain of its own, a new one that several nodes
 * are to share, or the chain of a node that it joins.
 */
import type { Hash } from "#core/hash.ts";
import { faucetSigner } from "./genesis.ts";
import { SLOT_MS_USUAL } from "./ledger/genesis-config.ts";
import { ROOT_CHAIN_ID } from "./ledger/parameters.ts";
import { introduce } from "./peer/introduction.ts";
import type { Dial } from "./peer/link.ts";
import type { ChainIdentity, Clock, Entropy } from "./ports.ts";
import {
  newProducerSecret,
  type ProducerKey,
  type ProducerSecret,
  producerKeyOf,
} from "./producer-key.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;

export interface ChainStart {
  readonly identity: ChainIdentity;
  /** What genesis must come to, where somebody else has made it already. */
  readonly genesisHash?: Hash;
}

export interface Founding {
  /** The key to make blocks with; a fresh one without it. */
  readonly producerSecret?: ProducerSecret | undefined;
  /** In the order of their turns; this node alone without it. */
  readonly producers?: readonly ProducerKey[] | undefined;
  /** Length of a turn, where there are several producers. */
  readonly slotMs?: number | undefined;
}

/** A chain that is born now and gives play money away. With a fresh key its genesis is unique. */
export function foundChain(clock: Clock, entropy: Entropy, founding: Founding = {}): ChainStart {
  const producerSecret = founding.producerSecret ?? newProducerSecret(entropy);
  const config = {
    chainId: ROOT_CHAIN_ID,
    timestampUs: clock.now() * MICROSECONDS_PER_MILLISECOND + microseconds(entropy),
    producers: founding.producers ?? [producerKeyOf(producerSecret)],
    slotMs: founding.slotMs ?? SLOT_MS_USUAL,
    faucet: faucetSigner().address,
  };
  return { identity: { config, producerSecret } };
}

/** The chain of the first of `urls` that answers; rejects with `PeerError` when none does. */
export async function joinChain(
  dial: Dial,
  urls: readonly string[],
  clock: Clock,
  entropy: Entropy,
  producerSecret: ProducerSecret = newProducerSecret(entropy),
): Promise<ChainStart> {
  const { config, genesisHash } = await introduce(dial, clock, urls);
  return { identity: { config, producerSecret }, genesisHash };
}

/**
 * What the clock does not say of the time, by chance: contracts name their chain by its time of
 * birth, and two chains may be born in one millisecond.
 */
function microseconds(entropy: Entropy): bigint {
  const [low = 0, high = 0] = entropy(2);
  return BigInt(low + 256 * high) % MICROSECONDS_PER_MILLISECOND;
}
