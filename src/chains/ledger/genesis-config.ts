/**
 * What tells one chain from another, and its bytes: their hash stands where genesis has no parent.
 */
import type { Address } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { PUBLIC_KEY_SIZE, type PublicKey, parsePublicKey } from "#core/ed25519.ts";
import { domainHash, type Hash } from "#core/hash.ts";

export interface GenesisConfig {
  readonly chainId: number;
  /** Microseconds since the Unix epoch. */
  readonly timestampUs: bigint;
  /** The keys that may sign blocks, in the order in which they take turns. */
  readonly producers: readonly PublicKey[];
  /** Whose account receives the whole supply. */
  readonly faucet: Address;
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
}

function readGenesisConfig(reader: BcsReader): GenesisConfig {
  return {
    chainId: reader.u8(),
    timestampUs: reader.u64(),
    faucet: reader.address(),
    producers: reader.vector(readPublicKey, PUBLIC_KEY_SIZE),
  };
}

function readPublicKey(reader: BcsReader): PublicKey {
  const key = parsePublicKey(reader.fixed(PUBLIC_KEY_SIZE).slice());
  return key ?? reader.fail("BAD_VALUE", "not a public key");
}
