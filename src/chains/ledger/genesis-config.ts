/**
 * What tells one chain from another, and its bytes: their hash stands where genesis has no parent.
 */
import type { Address } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { PUBLIC_KEY_SIZE, type PublicKey, parsePublicKey } from "#core/ed25519.ts";
import { domainHash, type Hash } from "#core/hash.ts";

/** Keys that may take turns. */
export const PRODUCERS_MAX = 100;
/** Length of a turn unless a chain is begun with another. */
export const SLOT_MS_USUAL = 1_000;

const NO_FACTS = new Uint8Array();

export interface GenesisConfig {
  readonly chainId: number;
  /** Microseconds since the Unix epoch. */
  readonly timestampUs: bigint;
  /** The keys that may sign blocks, in the order in which they take turns. */
  readonly producers: readonly PublicKey[];
  /** Length of a producer's turn, where there are several: 1 to 2^32 - 1 milliseconds. */
  readonly slotMs: number;
  /** Whose account receives the whole supply. */
  readonly faucet: Address;
  /** What else genesis is made of, in bytes that the chain's kind reads; absent on the root. */
  readonly facts?: Uint8Array;
}

export function encodeGenesisConfig(config: GenesisConfig): Uint8Array {
  return encodeBcs((writer) => writeGenesisConfig(writer, config));
}

/** Throws `BcsError`. */
export function decodeGenesisConfig(bytes: Uint8Array): GenesisConfig {
  return decodeBcs(bytes, readGenesisConfig);
}

export function genesisConfigHash(config: GenesisConfig): Hash {
  return domainHash("GenesisConfig", encodeGenesisConfig(config));
}

function writeGenesisConfig(writer: BcsWriter, config: GenesisConfig): void {
  writer.u8(config.chainId).u64(config.timestampUs).address(config.faucet);
  writer.vector(config.producers, (out, key) => out.fixed(key));
  writer.u32(config.slotMs);
  writer.bytes(config.facts ?? NO_FACTS);
}

function readGenesisConfig(reader: BcsReader): GenesisConfig {
  const config = {
    chainId: reader.u8(),
    timestampUs: reader.u64(),
    faucet: reader.address(),
    producers: readProducers(reader),
    slotMs: readSlotMs(reader),
  };
  const facts = reader.bytes().slice();
  return facts.length === 0 ? config : { ...config, facts };
}

function readProducers(reader: BcsReader): readonly PublicKey[] {
  const producers = reader.vector(readPublicKey, PUBLIC_KEY_SIZE);
  const isDistinct = new Set(producers.map(toHex)).size === producers.length;
  if (producers.length > 0 && producers.length <= PRODUCERS_MAX && isDistinct) return producers;
  return reader.fail("BAD_VALUE", `a chain has 1 to ${PRODUCERS_MAX} different producers`);
}

function readSlotMs(reader: BcsReader): number {
  const slotMs = reader.u32();
  return slotMs > 0 ? slotMs : reader.fail("BAD_VALUE", "a turn takes time");
}

function readPublicKey(reader: BcsReader): PublicKey {
  const key = parsePublicKey(reader.fixed(PUBLIC_KEY_SIZE).slice());
  return key ?? reader.fail("BAD_VALUE", "not a public key");
}
