/**
 * What the chain itself calls and reads in the resource model at 0x50, by name and layout. The only
 * file that knows those names; the Move sources are in `../contracts/resource_model`.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { StateKey } from "#core/effects.ts";
import { type FunctionId, type Identifier, parseIdentifier } from "#core/identifier.ts";
import { makeStructTag, type StructTag } from "#core/type-tag.ts";
import type { Call, StateReader } from "#sandbox";
import type { Action } from "../ledger/action-trace.ts";
import { functionId, systemCall } from "../ledger/system-call.ts";

/** Whose pool the fees of a chain with producers go to, and whose contracts share them out. */
export const RESOURCE_ADDRESS = makeAddress("0x50");

const GENESIS = functionId("0x50::genesis::initialize");
const ON_BLOCK = functionId("0x50::producers::onblock");
const COUNT_RAM = functionId("0x50::ram::count");
const OWN_TABLES = functionId("0x50::ram::own_tables");
export const ON_FEE = functionId("0x50::fees::onfee");

export const CONFIG_TYPE = makeStructTag("0x50::config::Config");
export const FEE_TABLES_TYPE = makeStructTag("0x50::fees::FeeTables");
export const RAM_TYPE = makeStructTag("0x50::ram::Ram");

/** Why the chain ends a transaction that its fees do not cover, as functions that abort. */
const REFUSALS = {
  cpu: functionId("0x50::limits::exceed_cpu"),
  net: functionId("0x50::limits::exceed_net"),
  ram: functionId("0x50::limits::exceed_ram"),
  feeLimit: functionId("0x50::limits::exceed_fee_limit"),
  noFee: functionId("0x50::limits::lack_fee"),
  actionCount: functionId("0x50::limits::exceed_actions"),
  badAction: functionId("0x50::limits::name_no_action"),
} as const;
export type LimitName = keyof typeof REFUSALS;

const RECEIVER = identifier("receiver");
const ON_NOTIFY = identifier("on_notify");

/** The system's accounts are those that only genesis publishes at. */
const SYSTEM_ADDRESSES_END = 0x100n;

export function isSystem(address: Address): boolean {
  return BigInt(address) < SYSTEM_ADDRESSES_END;
}

/** What an account that wants to be told publishes. */
export function receiverOf(account: Address): FunctionId {
  return { module: { address: account, name: RECEIVER }, name: ON_NOTIFY };
}

/**
 * @param faucet has the whole supply.
 * @param reserve what it gives for block rewards, in units of the coin.
 */
export function resourceGenesisCall(
  faucet: Address,
  producers: readonly { readonly address: Address; readonly key: PublicKey }[],
  reserve: bigint,
): Call {
  const names = encodeBcs((writer) => {
    writer.vector(producers, (out, { address }) => out.address(address));
  });
  const keys = encodeBcs((writer) => writer.vector(producers, (out, { key }) => out.bytes(key)));
  const units = encodeBcs((writer) => writer.u64(reserve));
  return systemCall(GENESIS, [names, keys, units], [RESOURCE_ADDRESS, faucet]);
}

/** Behind a block's prologue. */
export function onBlockCall(proposer: Address): Call {
  return systemCall(ON_BLOCK, [addressToBytes(proposer)], [RESOURCE_ADDRESS]);
}

/** How many more or fewer bytes an account makes the chain store. */
export interface RamChange {
  readonly account: Address;
  /** In tables that the account's code made, not under the account itself. */
  readonly isInTables: boolean;
  /** Not 0. */
  readonly bytes: number;
}

export function countRamCall(changes: readonly RamChange[]): Call {
  const args = [
    encodeBcs((writer) => writer.vector(changes, (out, { account }) => out.address(account))),
    encodeBcs((writer) => writer.vector(changes, (out, { isInTables }) => out.bool(isInTables))),
    encodeBcs((writer) => writer.vector(changes, (out, { bytes }) => out.bool(bytes > 0))),
    encodeBcs((writer) => {
      writer.vector(changes, (out, { bytes }) => out.u64(BigInt(Math.abs(bytes))));
    }),
  ];
  return systemCall(COUNT_RAM, args, []);
}

export function ownTablesCall(owner: Address, handles: readonly Address[]): Call {
  const list = encodeBcs((writer) => writer.vector(handles, (out, handle) => out.address(handle)));
  return systemCall(OWN_TABLES, [addressToBytes(owner), list], []);
}

/** Aborts with the code of `limit`. */
export function refusalCall(limit: LimitName): Call {
  return systemCall(REFUSALS[limit], [], []);
}

/**
 * The trace's entry for the fee of the action behind it.
 *
 * @param fee in units of the coin.
 */
export function feeAction(
  cause: number | undefined,
  payer: Address,
  fee: bigint,
  producer: Address,
): Action {
  const args = [
    addressToBytes(payer),
    encodeBcs((writer) => writer.u64(fee)),
    addressToBytes(producer),
  ];
  return { kind: "fee", cause, function: ON_FEE, typeArgs: [], args };
}

/**
 * Reads a resource of the resource model, which genesis made. What was read of the same bytes
 * object is not read again: a state hands out the same object until the value changes.
 */
export function resourceReader<T>(
  type: StructTag,
  read: (reader: BcsReader) => T,
): (state: StateReader) => T {
  const known = new WeakMap<Uint8Array, { readonly value: T }>();
  const key: StateKey = { kind: "resource", address: RESOURCE_ADDRESS, type };
  return (state) => {
    const bytes = present(state.get(key), "genesis made the resource model");
    const found = known.get(bytes);
    if (found !== undefined) return found.value;
    const value = decodeBcs(bytes, read);
    known.set(bytes, { value });
    return value;
  };
}

function identifier(text: string): Identifier {
  return present(parseIdentifier(text), `not an identifier: ${text}`);
}
