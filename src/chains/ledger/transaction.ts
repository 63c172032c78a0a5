/**
 * Transactions as bytes: RawTransaction, its payload and its authenticator, exactly as the REST
 * profile lays them down (section 4), so that the official SDK's transactions are ours. Knows
 * neither state nor keys.
 */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { BcsError, type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { type GasUnits, gasUnits } from "#core/gas-units.ts";
import type { Hash } from "#core/hash.ts";
import { type FunctionId, formatFunctionId, parseFunctionId } from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import { readIdentifier, readTypeTag, type TypeTag, writeTypeTag } from "#core/type-tag.ts";
import { type Authenticator, readAuthenticator, writeAuthenticator } from "./authenticator.ts";
import { invalidTransaction, type Refusal, refusal } from "./refusal.ts";
import { transactionHash } from "./transaction-hash.ts";

/** Largest signed transaction, in bytes (the real network's limit). */
export const TRANSACTION_SIZE_MAX = 64 * 1024;
/** Largest one that brings evidence to the state-channel contract. */
export const EVIDENCE_TRANSACTION_SIZE_MAX = 256 * 1024;

/** What evidence comes by: a step with its values and proofs, or the change set of a settlement. */
const EVIDENCE_FUNCTIONS: ReadonlySet<string> = new Set(
  [
    "0x20::fraud::report_entry",
    "0x20::challenge::answer_entry",
    "0x20::state_channel::create_proposal_entry",
  ].map((text) => formatFunctionId(present(parseFunctionId(text), `not a function: ${text}`))),
);

/** Whether the call may be larger than others: it brings evidence to the state-channel contract. */
export function bringsEvidence({ function: called }: EntryFunctionCall): boolean {
  return EVIDENCE_FUNCTIONS.has(formatFunctionId(called));
}

/** The sequence number that marks an orderless transaction. */
const ORDERLESS_SEQUENCE_NUMBER = (1n << 64n) - 1n;

export interface EntryFunctionCall {
  readonly function: FunctionId;
  readonly typeArgs: readonly TypeTag[];
  /** BCS of each argument that is not a signer. */
  readonly args: readonly Uint8Array[];
}

export type Payload = { readonly type: "entryFunction"; readonly call: EntryFunctionCall };

export interface RawTransaction {
  readonly sender: Address;
  readonly sequenceNumber: bigint;
  readonly payload: Payload;
  readonly maxGas: GasUnits;
  readonly gasUnitPrice: bigint;
  /** Seconds since the Unix epoch of chain time, from which on the transaction is void. */
  readonly expirationSecs: bigint;
  readonly chainId: number;
}

/** A transaction with the exact bytes that were received and their hash, which is its name. */
export interface SignedTransaction {
  readonly raw: RawTransaction;
  readonly authenticator: Authenticator;
  readonly bytes: Uint8Array;
  readonly hash: Hash;
}

const PAYLOADS: Readonly<Record<number, string>> = {
  0: "script",
  1: "module bundle",
  3: "multisig",
  4: "versioned payload",
  5: "encrypted payload",
};
const PAYLOAD_ENTRY_FUNCTION = 2;

export function encodeRawTransaction(raw: RawTransaction): Uint8Array {
  return encodeBcs((writer) => writeRawTransaction(writer, raw));
}

/** Puts a transaction and its authenticator together. */
export function makeSignedTransaction(
  raw: RawTransaction,
  authenticator: Authenticator,
): SignedTransaction {
  const bytes = encodeBcs((writer) => {
    writeRawTransaction(writer, raw);
    writeAuthenticator(writer, authenticator);
  });
  return { raw, authenticator, bytes, hash: transactionHash(bytes) };
}

/**
 * Reads a signed transaction, strictly: one encoding per transaction, nothing behind it, at most
 * {@link TRANSACTION_SIZE_MAX} bytes, or {@link EVIDENCE_TRANSACTION_SIZE_MAX} of evidence. Refuses
 * with `invalid_input` and the offset, or with `vm_error` EXCEEDED_MAX_TRANSACTION_SIZE.
 */
export function decodeSignedTransaction(bytes: Uint8Array): Result<SignedTransaction, Refusal> {
  if (bytes.length > EVIDENCE_TRANSACTION_SIZE_MAX) return err(tooLarge(bytes));
  const own = bytes.slice();
  try {
    const { raw, authenticator } = decodeBcs(own, (reader) => ({
      raw: readRawTransaction(reader),
      authenticator: readAuthenticator(reader),
    }));
    if (bytes.length > TRANSACTION_SIZE_MAX && !bringsEvidence(raw.payload.call))
      return err(tooLarge(bytes));
    return ok({ raw, authenticator, bytes: own, hash: transactionHash(own) });
  } catch (error) {
    if (!(error instanceof BcsError)) throw error;
    return err(refusal("invalid_input", `The transaction cannot be read: ${error.message}.`));
  }
}

function tooLarge({ length }: Uint8Array): Refusal {
  const why = `${length} bytes, at most ${TRANSACTION_SIZE_MAX}`;
  return invalidTransaction("EXCEEDED_MAX_TRANSACTION_SIZE", why);
}

function writeRawTransaction(writer: BcsWriter, raw: RawTransaction): void {
  writer.address(raw.sender).u64(raw.sequenceNumber);
  writer.uleb128(PAYLOAD_ENTRY_FUNCTION);
  writeEntryFunction(writer, raw.payload.call);
  writer.u64(raw.maxGas).u64(raw.gasUnitPrice).u64(raw.expirationSecs).u8(raw.chainId);
}

function readRawTransaction(reader: BcsReader): RawTransaction {
  const sender = reader.address();
  const sequenceNumber = reader.u64();
  if (sequenceNumber === ORDERLESS_SEQUENCE_NUMBER) {
    reader.fail("BAD_VALUE", "orderless transactions are not supported, use a sequence number");
  }
  const payload = readPayload(reader);
  return {
    sender,
    sequenceNumber,
    payload,
    maxGas: gasUnits(reader.u64()),
    gasUnitPrice: reader.u64(),
    expirationSecs: reader.u64(),
    chainId: reader.u8(),
  };
}

function readPayload(reader: BcsReader): Payload {
  const variant = reader.uleb128();
  if (variant !== PAYLOAD_ENTRY_FUNCTION) {
    const name = PAYLOADS[variant] ?? "unknown";
    reader.fail("BAD_VARIANT", `payload ${variant} (${name}) is not supported, use EntryFunction`);
  }
  return { type: "entryFunction", call: readEntryFunction(reader) };
}

export function writeEntryFunction(writer: BcsWriter, call: EntryFunctionCall): void {
  writer.address(call.function.module.address).string(call.function.module.name);
  writer.string(call.function.name);
  writer.vector(call.typeArgs, writeTypeTag);
  writer.vector(call.args, (out, arg) => out.bytes(arg));
}

export function readEntryFunction(reader: BcsReader): EntryFunctionCall {
  const module = { address: reader.address(), name: readIdentifier(reader) };
  const name = readIdentifier(reader);
  const typeArgs = reader.vector((item) => readTypeTag(item));
  const args = reader.vector((item) => item.bytes());
  return { function: { module, name }, typeArgs, args };
}
