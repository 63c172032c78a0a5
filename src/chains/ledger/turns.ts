/**
 * Whose turn it is: time is cut into slots of one length, counted from the Unix epoch, and the
 * producers take them in the order in which genesis names them. As many slots as there are
 * producers are an epoch, so each producer has one slot in every epoch. Knows no block.
 */
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { ChainParameters } from "./parameters.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;

/** Whether several producers share the chain, so that there are turns to keep. */
export function hasTurns({ producers }: ChainParameters): boolean {
  return producers.length > 1;
}

export function slotAt({ slotMs }: ChainParameters, timestampUs: bigint): bigint {
  return timestampUs / (slotMs * MICROSECONDS_PER_MILLISECOND);
}

/** Milliseconds since the Unix epoch at which a slot begins. */
export function slotStartMs({ slotMs }: ChainParameters, slot: bigint): bigint {
  return slot * slotMs;
}

export function epochOfSlot({ producers }: ChainParameters, slot: bigint): bigint {
  // Where nobody takes turns each slot is an epoch.
  return slot / BigInt(Math.max(producers.length, 1));
}

export function epochAt(parameters: ChainParameters, timestampUs: bigint): bigint {
  return epochOfSlot(parameters, slotAt(parameters, timestampUs));
}

export function producerOfSlot({ producers }: ChainParameters, slot: bigint): PublicKey {
  return present(producers[Number(slot % BigInt(producers.length))], "a chain has producers");
}

/** The first slot of `producer` from `slot` on; undefined for who makes no blocks. */
export function nextSlotOf(
  { producers }: ChainParameters,
  producer: PublicKey,
  slot: bigint,
): bigint | undefined {
  const place = producers.findIndex((key) => equalBytes(key, producer));
  if (place < 0) return undefined;
  const count = BigInt(producers.length);
  return slot + ((BigInt(place) - (slot % count) + count) % count);
}
