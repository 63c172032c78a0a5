/**
 * What the chain itself calls and reads in the framework at 0x1, by name and layout. The only file
 * that knows those names; the Move sources are in `../contracts/framework`.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import type { StatusName, VmStatus } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { Call, StateReader } from "#sandbox";
import type { Signers } from "./authenticator.ts";
import type { BlockOpening } from "./block.ts";
import type { GenesisConfig } from "./genesis-config.ts";
import { rememberedKeys } from "./remembered-keys.ts";
import { functionId, systemCall } from "./system-call.ts";
import type { RawTransaction } from "./transaction.ts";
import { addressOfKey } from "./transaction-hash.ts";

export const FRAMEWORK_ADDRESS = makeAddress("0x1");

const GENESIS = functionId("0x1::genesis::initialize");
const BLOCK_PROLOGUE = functionId("0x1::block::prologue");
const PROLOGUE = functionId("0x1::transaction_validation::prologue");
const EPILOGUE = functionId("0x1::transaction_validation::epilogue");

const ACCOUNT_TYPE = makeStructTag("0x1::account::Account");
const NATIVE_STORE_TYPE = makeStructTag("0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>");
/** A coin store begins with its coins: a u64. */
const COIN_SIZE = 8;

/** The abort codes of `transaction_validation::prologue`. */
const PROLOGUE_STATUS = new Map<bigint, StatusName>([
  [1001n, "INVALID_AUTH_KEY"],
  [1002n, "SEQUENCE_NUMBER_TOO_OLD"],
  [1003n, "SEQUENCE_NUMBER_TOO_NEW"],
  [1004n, "SENDING_ACCOUNT_DOES_NOT_EXIST"],
  [1005n, "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE"],
  [1006n, "TRANSACTION_EXPIRED"],
  [1007n, "BAD_CHAIN_ID"],
  [1008n, "SEQUENCE_NUMBER_TOO_BIG"],
]);

/** @param feeCollector whose pool the chain's fees go to. */
export function genesisCall(config: GenesisConfig, feeCollector: Address): Call {
  const { chainId, timestampUs, faucet, producers } = config;
  const addresses = producers.map(addressOfKey);
  const list = encodeBcs((writer) => writer.vector(addresses, (out, item) => out.address(item)));
  const args = [
    u8(chainId),
    u64(timestampUs),
    addressToBytes(faucet),
    list,
    addressToBytes(feeCollector),
  ];
  return systemCall(GENESIS, args, [FRAMEWORK_ADDRESS]);
}

export function blockPrologueCall(opening: BlockOpening): Call {
  const { height, timestampUs, proposer, finality, parent } = opening;
  const args = [
    u64(height),
    u64(timestampUs),
    addressToBytes(proposer),
    u64(finality.finalHeight),
    encodeBcs((writer) => writer.bytes(parent)),
  ];
  return systemCall(BLOCK_PROLOGUE, args, []);
}

/** @param gasUnitPrice what the payer is charged per unit, 0 for a free transaction. */
export function prologueCall(raw: RawTransaction, signers: Signers, gasUnitPrice: bigint): Call {
  const args = [
    addressToBytes(signers.payer),
    u64(raw.sequenceNumber),
    encodeBcs((writer) => writer.bytes(signers.senderAuthenticationKey)),
    u64(gasUnitPrice),
    u64(raw.maxGas),
    u64(raw.expirationSecs),
    u8(raw.chainId),
  ];
  return systemCall(PROLOGUE, args, [raw.sender]);
}

export function epilogueCall(signers: Signers, gasUnitPrice: bigint, gasUsed: bigint): Call {
  const args = [addressToBytes(signers.payer), u64(gasUnitPrice), u64(gasUsed)];
  return systemCall(EPILOGUE, args, [signers.sender]);
}

/** The validation status behind a prologue that did not pass. */
export function prologueRefusal(status: VmStatus): StatusName {
  const known = status.type === "aborted" ? PROLOGUE_STATUS.get(status.code) : undefined;
  return known ?? "UNKNOWN_VALIDATION_STATUS";
}

export interface AccountView {
  readonly authenticationKey: Uint8Array;
  /** The number that the next transaction must carry. */
  readonly sequenceNumber: bigint;
}

const accountKey = rememberedKeys<Address>((address) => {
  return { kind: "resource", address, type: ACCOUNT_TYPE };
});

/** An address that never signed anything has its own bytes for a key and starts at 0. */
export function readAccount(
  state: StateReader,
  address: Address,
): AccountView & { exists: boolean } {
  const bytes = state.get(accountKey(address));
  if (bytes === undefined) {
    return { authenticationKey: addressToBytes(address), sequenceNumber: 0n, exists: false };
  }
  return decodeBcs(bytes, (reader) => ({
    authenticationKey: reader.bytes().slice(),
    sequenceNumber: reader.u64(),
    exists: true,
  }));
}

/** Units of the native coin that an address holds. */
export function readBalance(state: StateReader, address: Address): bigint {
  const store = state.get({ kind: "resource", address, type: NATIVE_STORE_TYPE });
  return store === undefined ? 0n : coinsOfStore(store);
}

/** @param store BCS of a CoinStore of any coin. */
export function coinsOfStore(store: Uint8Array): bigint {
  return decodeBcs(store.subarray(0, COIN_SIZE), (reader) => reader.u64());
}

function u8(value: number): Uint8Array {
  return encodeBcs((writer: BcsWriter) => writer.u8(value));
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer: BcsWriter) => writer.u64(value));
}
