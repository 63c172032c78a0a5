/**
 * The bytes of a transaction that calls an entry function, signed by one Ed25519 key, and their
 * hash (REST profile section 4).
 */
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import { sha3 } from "#core/hash.ts";
import { writeTypeTag } from "#core/type-tag.ts";
import type { CallSigner, EntryCall, SignedCall } from "../../chain-access.ts";

/** What a transaction says besides its call. */
export interface TransactionTerms {
  readonly sequenceNumber: bigint;
  readonly maxGas: bigint;
  readonly gasUnitPrice: bigint;
  readonly expirationSecs: bigint;
  readonly chainId: number;
}

const SIGNING_PREFIX = sha3(utf8("APTOS::RawTransaction"));
const HASH_PREFIX = sha3(utf8("APTOS::Transaction"));
/** Variants: of payloads, of authenticators, and of a user transaction among all. */
const ENTRY_FUNCTION = 2;
const ED25519 = 0;
const USER_TRANSACTION = Uint8Array.of(0);

export function signCall(call: EntryCall, terms: TransactionTerms, signer: CallSigner): SignedCall {
  const raw = encodeBcs((writer) => {
    writer.address(signer.address).u64(terms.sequenceNumber).uleb128(ENTRY_FUNCTION);
    writeEntryCall(writer, call);
    writer.u64(terms.maxGas).u64(terms.gasUnitPrice).u64(terms.expirationSecs).u8(terms.chainId);
  });
  const signature = signer.sign(concatBytes(SIGNING_PREFIX, raw));
  const bytes = encodeBcs((writer) => {
    writer.fixed(raw).uleb128(ED25519).bytes(signer.publicKey).bytes(signature);
  });
  return { bytes, hash: sha3(concatBytes(HASH_PREFIX, USER_TRANSACTION, bytes)) };
}

/** Also the body of a view. */
export function writeEntryCall(writer: BcsWriter, { function: callee, typeArgs, args }: EntryCall) {
  writer.address(callee.module.address).string(callee.module.name).string(callee.name);
  writer.vector(typeArgs, writeTypeTag);
  writer.vector(args, (out, arg) => out.bytes(arg));
}
