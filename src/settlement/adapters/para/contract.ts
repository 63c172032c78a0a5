/**
 * The calls and views of the parallel chains' contract (0x40) that a settlement takes, by name and
 * argument. The only file of the settlement that knows them.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import type { ChainReader, EntryCall } from "../../chain-access.ts";
import { callOf, u64 } from "../../contract/calls.ts";
import { decodeRecord } from "../../contract/records.ts";
import type { SentCoins } from "../../purse.ts";
import type { SettlementError } from "../../settlement-error.ts";

const PARACROSS = makeAddress("0x40");
/** More than any of these calls takes. */
export const CROSSING_GAS = 50_000n;
/** Coins that were sent under a number that was used. */
const CROSSING_REPEATED = 29n;

/** The newest block that a parallel chain's nodes agree on. */
export interface Agreed {
  readonly height: bigint;
  readonly hash: Hash;
}

// On the root.

/** Undefined before the first agreement. */
export async function readAgreed(
  root: Pick<ChainReader, "view">,
  title: string,
): Promise<Agreed | undefined> {
  const [bytes] = await root.view(callOf("0x40::consensus::get_title", [text(title)]));
  return decodeRecord(present(bytes, "a view of one value"), (reader) => {
    const [height] = reader.vector((item) => item.u64());
    const [block] = [reader.bytes().slice(), reader.bytes(), reader.bytes()];
    reader.u64();
    if (height === undefined) return undefined;
    const hash = parseHash(block) ?? reader.fail("BAD_VALUE", "not a hash");
    return { height, hash };
  });
}

/**
 * Locks coins on the root, which the parallel chain then gives to the same address.
 *
 * @param number how often the account has had coins cross for this title before.
 */
export function transferCoins(
  title: string,
  to: Address,
  amount: bigint,
  number: bigint,
): EntryCall {
  return crossing("transfer_once", title, to, amount, number);
}

/**
 * Asks the parallel chain to take coins from the account there; the root pays them to the account
 * once the nodes agree that it did.
 *
 * @param number as for {@link transferCoins}.
 */
export function withdrawCoins(
  title: string,
  to: Address,
  amount: bigint,
  number: bigint,
): EntryCall {
  return crossing("withdraw_once", title, to, amount, number);
}

function crossing(
  name: string,
  title: string,
  to: Address,
  amount: bigint,
  number: bigint,
): EntryCall {
  const args = [text(title), addressToBytes(to), u64(amount), u64(number)];
  return { ...callOf(`0x40::cross_asset::${name}`, args), maxGas: CROSSING_GAS };
}

export function isCrossingRepeated({ code, abortCode }: SettlementError): boolean {
  return code === "PARA_REFUSED" && abortCode === CROSSING_REPEATED;
}

/** What an account has sent to a parallel chain and got back. */
export async function readCrossings(
  root: Pick<ChainReader, "view">,
  title: string,
  of: Address,
): Promise<SentCoins> {
  const args = [text(title), addressToBytes(of)];
  const values = await root.view(callOf("0x40::crossing::get_account", args));
  const [begun, transferred, rolledBack, released] = values;
  const units = (bytes: Uint8Array | undefined) =>
    decodeRecord(present(bytes, "a sum"), (reader) => reader.u128());
  return {
    count: decodeRecord(present(begun, "a count"), (reader) => reader.u64()),
    amount: units(transferred),
    returned: units(rolledBack) + units(released),
  };
}

// On the parallel chain.

export async function readTitle(para: Pick<ChainReader, "view">): Promise<string> {
  const [bytes] = await para.view(callOf("0x40::para_chain::title", []));
  return decodeRecord(present(bytes, "a view of one value"), (reader) => reader.string());
}

/** Units of an account's transfers that the parallel chain has ever dealt with. */
export async function readArrived(para: Pick<ChainReader, "view">, of: Address): Promise<bigint> {
  const [bytes] = await para.view(callOf("0x40::crossing::get_arrived", [addressToBytes(of)]));
  return decodeRecord(present(bytes, "a view of one value"), (reader) => reader.u128());
}

/** Whether the call has coins cross: it is paid from what is there, and fetches no more. */
export function isCrossing({ function: { module } }: EntryCall): boolean {
  return module.address === PARACROSS;
}

function text(value: string): Uint8Array {
  return encodeBcs((writer) => writer.string(value));
}
