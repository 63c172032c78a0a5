/** Transactions as the REST API shows them (profile section 5). Decides nothing. */
import { type Address, formatAddress } from "#core/address.ts";
import { assertNever } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import {
  type Change,
  type Event,
  encodeChangeSet,
  encodeStateKey,
  newValue,
} from "#core/effects.ts";
import { domainHash } from "#core/hash.ts";
import { formatFunctionId } from "#core/identifier.ts";
import { isExecuted } from "#core/status.ts";
import { formatStructTag, formatTypeTag, type TypeTag } from "#core/type-tag.ts";
import type { ModuleSource, TypeReader } from "#sandbox";
import type { AccountAuthenticator } from "../ledger/account-authenticator.ts";
import type { Action } from "../ledger/action-trace.ts";
import type { Authenticator } from "../ledger/authenticator.ts";
import type { BlockHeader } from "../ledger/block.ts";
import { type Receipt, receiptHash, writeEvent } from "../ledger/receipt.ts";
import {
  decodeSignedTransaction,
  type EntryFunctionCall,
  type SignedTransaction,
} from "../ledger/transaction.ts";
import type { StoredTransaction } from "../ports.ts";
import { functionTypes, moduleJson } from "./abi-json.ts";
import { hex, type JsonValue } from "./message.ts";
import { valueToJson } from "./move-json.ts";
import { statusText } from "./status-text.ts";

/** What values and names are read with. */
export interface Reading {
  readonly modules: ModuleSource;
  readonly types: TypeReader;
}

/** Genesis executes calls like any block: what it wrote stands among its changes. */
const NO_WRITE_SET: JsonValue = { type: "direct_write_set", changes: [], events: [] };

type JsonRecord = { readonly [name: string]: JsonValue };

export function pendingJson(reading: Reading, transaction: SignedTransaction): JsonValue {
  return { type: "pending_transaction", ...requestJson(reading, transaction) };
}

/** @param header of the block the transaction stands in; needed where it opens one. */
export function committedJson(
  reading: Reading,
  stored: StoredTransaction,
  header: BlockHeader | undefined,
): JsonValue {
  const { bytes, receipt, height, timestampUs } = stored;
  const outcome = outcomeJson(reading, receipt);
  const events = eventsJson(reading, receipt.events);
  if (bytes !== undefined) {
    const decoded = decodeSignedTransaction(bytes);
    const request = decoded.ok ? requestJson(reading, decoded.value) : {};
    const timestamp = timestampUs.toString();
    return { type: "user_transaction", ...request, ...outcome, events, timestamp };
  }
  if (height === 0n) {
    const payload = { type: "write_set_payload", write_set: NO_WRITE_SET };
    return { type: "genesis_transaction", ...outcome, payload, events };
  }
  return {
    type: "block_metadata_transaction",
    ...outcome,
    id: hex(receipt.transactionHash),
    epoch: "1",
    round: height.toString(),
    previous_block_votes_bitvec: [],
    proposer: header === undefined ? "0x0" : formatAddress(header.proposer),
    failed_proposer_indices: [],
    events,
    timestamp: timestampUs.toString(),
  };
}

/** A transaction that was only tried, as the one that it would be. */
export function simulatedJson(
  reading: Reading,
  transaction: SignedTransaction,
  receipt: Receipt,
  vmStatus: string | undefined,
  timestampUs: bigint,
): JsonValue {
  return {
    type: "user_transaction",
    ...requestJson(reading, transaction),
    ...outcomeJson(reading, receipt),
    ...(vmStatus === undefined ? {} : { vm_status: vmStatus }),
    events: eventsJson(reading, receipt.events),
    timestamp: timestampUs.toString(),
  };
}

function outcomeJson(reading: Reading, receipt: Receipt): JsonRecord {
  const events = encodeBcs((writer) => writer.vector(receipt.events, writeEvent));
  return {
    version: receipt.version.toString(),
    hash: hex(receipt.transactionHash),
    state_change_hash: hex(domainHash("StateChange", encodeChangeSet(receipt.changes))),
    event_root_hash: hex(domainHash("Events", events)),
    state_checkpoint_hash: null,
    accumulator_root_hash: hex(receiptHash(receipt)),
    gas_used: receipt.gasUsed.toString(),
    success: isExecuted(receipt.status),
    vm_status: statusText(reading.modules, receipt.status),
    changes: receipt.changes.map((change) => changeJson(reading, change)),
    actions: receipt.actions.map((action) => actionJson(reading, action)),
  };
}

function requestJson(
  reading: Reading,
  { raw, authenticator, hash }: SignedTransaction,
): JsonRecord {
  return {
    hash: hex(hash),
    sender: formatAddress(raw.sender),
    sequence_number: raw.sequenceNumber.toString(),
    max_gas_amount: raw.maxGas.toString(),
    gas_unit_price: raw.gasUnitPrice.toString(),
    expiration_timestamp_secs: raw.expirationSecs.toString(),
    replay_protection_nonce: null,
    payload: payloadJson(reading, raw.payload.call),
    signature: signatureJson(authenticator),
  };
}

function payloadJson(reading: Reading, call: EntryFunctionCall): JsonValue {
  return {
    type: "entry_function_payload",
    function: formatFunctionId(call.function),
    type_arguments: call.typeArgs.map(formatTypeTag),
    arguments: argumentsJson(reading, call),
  };
}

/** By the function's types; as hex where there is no such function or a value is none of its. */
function argumentsJson(
  { modules, types }: Reading,
  call: Pick<Action, "function" | "typeArgs" | "args">,
): JsonValue[] {
  const bytecode = modules.get(call.function.module);
  const known = bytecode && functionTypes(bytecode, call.function, call.typeArgs);
  return call.args.map((bytes, index) => {
    const type = known?.parameters[index];
    const value = type && valueToJson(types, type, bytes);
    return value?.ok === true ? value.value : hex(bytes);
  });
}

function signatureJson(authenticator: Authenticator): JsonValue {
  switch (authenticator.type) {
    case "ed25519":
      return accountSignatureJson(authenticator);
    case "singleSender":
      return { ...accountSignatureJson(authenticator.sender), type: "single_sender" };
    case "multiAgent":
      return { type: "multi_agent_signature", ...severalJson(authenticator) };
    case "feePayer":
      return {
        type: "fee_payer_signature",
        ...severalJson(authenticator),
        fee_payer_address: formatAddress(authenticator.payerAddress),
        fee_payer_signer: accountSignatureJson(authenticator.payer),
      };
    default:
      return assertNever(authenticator);
  }
}

function severalJson(several: {
  readonly sender: AccountAuthenticator;
  readonly secondaryAddresses: readonly Address[];
  readonly secondary: readonly AccountAuthenticator[];
}): JsonRecord {
  return {
    sender: accountSignatureJson(several.sender),
    secondary_signer_addresses: several.secondaryAddresses.map(formatAddress),
    secondary_signers: several.secondary.map(accountSignatureJson),
  };
}

function accountSignatureJson(authenticator: AccountAuthenticator): JsonRecord {
  switch (authenticator.type) {
    case "ed25519":
      return {
        type: "ed25519_signature",
        public_key: hex(authenticator.publicKey),
        signature: hex(authenticator.signature),
      };
    case "singleKey": {
      const { proof } = authenticator;
      const type = proof.type === "ed25519" ? "ed25519" : "secp256k1_ecdsa";
      return {
        type: "single_key_signature",
        public_key: { type, value: hex(proof.publicKey) },
        signature: { type, value: hex(proof.signature) },
      };
    }
    case "none":
      return { type: "no_account_signature" };
    default:
      return assertNever(authenticator);
  }
}

function changeJson(reading: Reading, { key, op }: Change): JsonValue {
  const state_key_hash = hex(domainHash("StateKey", encodeStateKey(key)));
  const value = newValue(op);
  switch (key.kind) {
    case "resource": {
      const address = formatAddress(key.address);
      const type = formatStructTag(key.type);
      if (value === undefined) {
        return { type: "delete_resource", address, state_key_hash, resource: type };
      }
      const data = { type, data: readable(reading, { kind: "struct", struct: key.type }, value) };
      return { type: "write_resource", address, state_key_hash, data };
    }
    case "module": {
      const address = formatAddress(key.module.address);
      if (value === undefined) {
        const module = `${address}::${key.module.name}`;
        return { type: "delete_module", address, state_key_hash, module };
      }
      return { type: "write_module", address, state_key_hash, data: moduleJson(value) };
    }
    case "tableItem": {
      const item = { state_key_hash, handle: formatAddress(key.handle), key: hex(key.key) };
      // The types of keys and values are the table's, which its items do not name.
      return value === undefined
        ? { type: "delete_table_item", ...item, data: null }
        : { type: "write_table_item", ...item, value: hex(value), data: null };
    }
    default:
      return assertNever(key);
  }
}

/** Ours, beside the profile: what ran for the transaction, the entry function first. */
function actionJson(reading: Reading, action: Action): JsonValue {
  const called = { kind: action.kind, function: formatFunctionId(action.function) };
  if (action.kind === "entry") return called;
  return {
    ...called,
    ...(action.cause === undefined ? {} : { cause: action.cause }),
    type_arguments: action.typeArgs.map(formatTypeTag),
    arguments: argumentsJson(reading, action),
  };
}

function eventsJson(reading: Reading, events: readonly Event[]): JsonValue[] {
  return events.map(({ type, data }) => ({
    guid: { creation_number: "0", account_address: "0x0" },
    sequence_number: "0",
    type: formatTypeTag(type),
    data: readable(reading, type, data),
  }));
}

/** The value, or its bytes as hex where its type has gone. */
function readable({ types }: Reading, type: TypeTag, bytes: Uint8Array): JsonValue {
  const value = valueToJson(types, type, bytes);
  return value.ok ? value.value : hex(bytes);
}
