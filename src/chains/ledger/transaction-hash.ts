/**
 * The Aptos-lineage hashes of transactions and keys (REST profile section 4): SHA3-256 under the
 * prefixes that wallets and the official SDK use. What is ours alone is hashed by `#core/hash.ts`
 * instead.
 */
import { type Address, addressFromBytes } from "#core/address.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";
import { type Hash, sha3 } from "#core/hash.ts";

const RAW_TRANSACTION_PREFIX = sha3(utf8("APTOS::RawTransaction"));
const RAW_TRANSACTION_WITH_DATA_PREFIX = sha3(utf8("APTOS::RawTransactionWithData"));
const TRANSACTION_PREFIX = sha3(utf8("APTOS::Transaction"));
/** The variant of a user transaction among all transactions. */
const USER_TRANSACTION = Uint8Array.of(0);
/** Scheme bytes behind a key in the preimage of its authentication key. */
const SCHEME_ED25519 = Uint8Array.of(0);
const SCHEME_SINGLE_KEY = Uint8Array.of(2);
/** Variants of RawTransactionWithData. */
const MULTI_AGENT = 0;
const FEE_PAYER = 1;

/** What a single signer signs, out of the BCS of a RawTransaction. */
export function signingMessage(rawBytes: Uint8Array): Uint8Array {
  return concatBytes(RAW_TRANSACTION_PREFIX, rawBytes);
}

/** What every signer of a multi-agent transaction signs. */
export function multiAgentMessage(rawBytes: Uint8Array, secondary: readonly Address[]): Uint8Array {
  const data = encodeBcs((writer) => {
    writer.uleb128(MULTI_AGENT).fixed(rawBytes).vector(secondary, writeAddress);
  });
  return concatBytes(RAW_TRANSACTION_WITH_DATA_PREFIX, data);
}

/** What everybody signs of a transaction that `payer` pays for. */
export function feePayerMessage(
  rawBytes: Uint8Array,
  secondary: readonly Address[],
  payer: Address,
): Uint8Array {
  const data = encodeBcs((writer) => {
    writer.uleb128(FEE_PAYER).fixed(rawBytes).vector(secondary, writeAddress).address(payer);
  });
  return concatBytes(RAW_TRANSACTION_WITH_DATA_PREFIX, data);
}

function writeAddress(writer: BcsWriter, address: Address): void {
  writer.address(address);
}

/** A user transaction's name, out of the exact bytes received. */
export function transactionHash(signedBytes: Uint8Array): Hash {
  return sha3(concatBytes(TRANSACTION_PREFIX, USER_TRANSACTION, signedBytes));
}

/** The authentication key of an Ed25519 key: 32 bytes. */
export function authenticationKey(key: PublicKey): Hash {
  return sha3(concatBytes(key, SCHEME_ED25519));
}

/** The authentication key of a single key of any kind, out of the BCS of AnyPublicKey. */
export function singleKeyAuthenticationKey(anyPublicKey: Uint8Array): Hash {
  return sha3(concatBytes(anyPublicKey, SCHEME_SINGLE_KEY));
}

/** The address an account has from its first key on. */
export function addressOfKey(key: PublicKey): Address {
  return addressFromBytes(authenticationKey(key));
}
