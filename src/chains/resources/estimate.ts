/**
 * What an action would take before it is sent: fee, CPU, NET and RAM, by trying it on the node at
 * no cost, and what is missing for it. Sets the fee limit, so that a contract whose action queues
 * others can never take more than was shown.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { type GasUnits, gasUnits } from "#core/gas-units.ts";
import { parseFunctionId } from "#core/identifier.ts";
import type { VmStatus } from "#core/status.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { Action } from "../ledger/action-trace.ts";
import {
  type EntryFunctionCall,
  encodeRawTransaction,
  makeSignedTransaction,
  type RawTransaction,
} from "../ledger/transaction.ts";
import type { ChainClient, SimulatedTransaction } from "../rpc/client.ts";
import { accountResources, read } from "./account.ts";

/** Nobody: a transaction that is only tried is paid for by nobody. */
const NOBODY = makeAddress("0x0");
const BALANCE = present(parseFunctionId("0x1::coin::balance"), "a function");
const COIN = { kind: "struct", struct: makeStructTag("0x1::aptos_coin::AptosCoin") } as const;

/** Gas that a try may use: a second of CPU. */
const TRY_GAS = gasUnits(500_000n);
/** A transaction's least max gas on chains of this profile. */
const MAX_GAS_LEAST = 200n;
const MICROSECONDS_PER_UNIT = 2n;
const LIFETIME_SECS = 60n;
const MICROSECONDS_PER_SECOND = 1_000_000n;
/** How much more than was measured a fee limit allows: state changes before a block takes it. */
const FEE_LIMIT_FACTOR = 2n;
/** Bytes that an account's key and signature add to what they sign. */
const SIGNATURE_BYTES = 99;

/** RAM that one account would come to store. */
export interface RamNeed {
  readonly account: Address;
  /** Bytes more. */
  readonly bytes: bigint;
  /** Bytes beyond what it may store; 0 where it has room. */
  readonly missingBytes: bigint;
  /** Units of votes, whole coins, that would rent what is missing. */
  readonly missingStake: bigint;
}

/** Everything that an action would take. */
export interface ResourceEstimate {
  readonly status: VmStatus;
  /** Units of the coin for all actions, the entry function's and those it queues. */
  readonly fee: bigint;
  readonly actions: readonly Action[];
  readonly cpuUs: bigint;
  readonly netBytes: number;
  /** By account, those that would store more. */
  readonly ram: readonly RamNeed[];
  /** Max gas to send with: twice the fee at this price, the fee limit. */
  readonly maxGas: GasUnits;
  readonly gasUnitPrice: bigint;
  /** Units that the sender has. */
  readonly balance: bigint;
  /** Units that the sender lacks for the fee limit; what the action itself spends comes on top. */
  readonly missingCoins: bigint;
}

/** An estimate with the transaction that is ready to be signed. */
export interface PreparedTransaction {
  readonly raw: RawTransaction;
  readonly estimate: ResourceEstimate;
}

/**
 * Tries `call` for `sender` and fills in a transaction for it. Rejects with `ChainError` where the
 * chain would refuse it whatever is done about resources, among others an action without a fee on a
 * chain that wants one (FEATURE_NOT_ENABLED).
 */
export async function prepareTransaction(
  client: ChainClient,
  sender: Address,
  call: EntryFunctionCall,
): Promise<PreparedTransaction> {
  const ledger = await client.ledger();
  const { sequenceNumber } = await client.account(sender);
  const draft: RawTransaction = {
    sender,
    sequenceNumber,
    payload: { type: "entryFunction", call },
    maxGas: TRY_GAS,
    gasUnitPrice: ledger.gasUnitPrice,
    expirationSecs: ledger.timestampUs / MICROSECONDS_PER_SECOND + LIFETIME_SECS,
    chainId: ledger.chainId,
  };
  const unsigned = makeSignedTransaction(draft, {
    type: "feePayer",
    sender: { type: "none" },
    secondaryAddresses: [],
    secondary: [],
    payerAddress: NOBODY,
    payer: { type: "none" },
  });
  const tried = await client.simulate(unsigned.bytes);
  const size = encodeRawTransaction(draft).length + SIGNATURE_BYTES;
  const estimate = await estimateOf(client, draft, tried, size);
  return { raw: { ...draft, maxGas: estimate.maxGas }, estimate };
}

async function estimateOf(
  client: ChainClient,
  { sender, gasUnitPrice }: RawTransaction,
  { receipt, gasTaken, ram }: SimulatedTransaction,
  netBytes: number,
): Promise<ResourceEstimate> {
  const fee = feeOf(receipt.actions, receipt.gasUsed, gasUnitPrice);
  const units = (fee * FEE_LIMIT_FACTOR + gasUnitPrice - 1n) / gasUnitPrice;
  const maxGas = gasUnits(units < MAX_GAS_LEAST ? MAX_GAS_LEAST : units);
  const balance = await balanceOf(client, sender);
  const limit = maxGas * gasUnitPrice;
  return {
    status: receipt.status,
    fee,
    actions: receipt.actions,
    cpuUs: gasTaken * MICROSECONDS_PER_UNIT,
    netBytes,
    ram: await ramNeeds(client, ram),
    maxGas,
    gasUnitPrice,
    balance,
    missingCoins: limit > balance ? limit - balance : 0n,
  };
}

/**
 * Of a try that nobody pays for the trace has the fixed fees, and the gas used those and the gas of
 * all other actions, at a price of 1.
 */
function feeOf(actions: readonly Action[], gasUsed: GasUnits, gasUnitPrice: bigint): bigint {
  const fees = actions.filter(({ kind }) => kind === "fee");
  const fixed = fees.reduce((sum, { args }) => sum + amountOf(args[1]), 0n);
  return fixed + (gasUsed - fixed) * gasUnitPrice;
}

function amountOf(bytes: Uint8Array | undefined): bigint {
  return decodeBcs(present(bytes, "a fee has an amount"), (reader) => reader.u64());
}

async function balanceOf(client: ChainClient, address: Address): Promise<bigint> {
  const args = [addressToBytes(address)];
  const [bytes] = await client.view({ function: BALANCE, typeArgs: [COIN], args });
  return amountOf(bytes);
}

async function ramNeeds(
  client: ChainClient,
  changes: SimulatedTransaction["ram"],
): Promise<readonly RamNeed[]> {
  const growth = new Map<Address, bigint>();
  for (const { account, isGrowth, bytes } of changes) {
    growth.set(account, (growth.get(account) ?? 0n) + (isGrowth ? bytes : -bytes));
  }
  const needs: RamNeed[] = [];
  for (const [account, bytes] of growth) {
    if (bytes > 0n) needs.push(await ramNeed(client, account, bytes));
  }
  return needs;
}

async function ramNeed(client: ChainClient, account: Address, bytes: bigint): Promise<RamNeed> {
  const { ramQuotaBytes, ramUsedBytes } = await accountResources(client, account);
  const after = ramUsedBytes + bytes;
  const isRoom = ramQuotaBytes === undefined || after <= ramQuotaBytes;
  const missingBytes = isRoom ? 0n : after - ramQuotaBytes;
  const missingStake = isRoom ? 0n : await stakeFor(client, missingBytes);
  return { account, bytes, missingBytes, missingStake };
}

const UNITS_PER_COIN = 10_000n;
/** Coins that `res.ramrent` bytes go with. */
const RENT_COINS = 100n;

/** Whole coins of votes that rent so many bytes, in units. */
async function stakeFor(client: ChainClient, bytes: bigint): Promise<bigint> {
  const rent = (await read(client, "0x50::config::ram_rent", [])).u64();
  return ((bytes * RENT_COINS + rent - 1n) / rent) * UNITS_PER_COIN;
}
