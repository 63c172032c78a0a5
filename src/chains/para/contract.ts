/**
 * What nodes of parallel chains call and read in the package at 0x40, by name and layout, on the
 * root chain and on their own. The only file that knows those names; the Move sources are in
 * `../contracts/paracross`.
 */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { Event } from "#core/effects.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import { formatStructTag, formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import type { Call } from "#sandbox";
import type { Receipt } from "../ledger/receipt.ts";
import { functionId, systemCall } from "../ledger/system-call.ts";
import type { EntryFunctionCall } from "../ledger/transaction.ts";
import type { RootPlace } from "./root-block.ts";
import type { Title } from "./title.ts";

export const PARACROSS_ADDRESS = makeAddress("0x40");

const COMMIT = functionId("0x40::consensus::commit");
const SEND = functionId("0x40::para_transaction::send");
const CONSENSUS = functionId("0x40::consensus::get_title");
const INITIALIZE = functionId("0x40::para_chain::initialize");
const MINE = functionId("0x40::para_chain::mine");
const DEPOSIT = functionId("0x40::para_chain::deposit");
const WITHDRAW = functionId("0x40::para_chain::withdraw");

const SENT = eventType("0x40::para_transaction::Sent");
const TRANSFER = eventType("0x40::cross_asset::AssetTransfer");
const WITHDRAWAL = eventType("0x40::cross_asset::AssetWithdraw");
const COMMIT_DONE = eventType("0x40::consensus::CommitDone");
const MINER = eventType("0x40::para_chain::Miner");
const DEPOSITED = eventType("0x40::para_chain::AssetDeposit");
const WITHDRAWN = eventType("0x40::para_chain::AssetWithdrawn");

/** Votes for these statuses, 1 to 20 of them, by a node of the title's group. */
export function commitCall(statuses: readonly Uint8Array[], nonce: bigint): EntryFunctionCall {
  const list = encodeBcs((writer) => writer.vector(statuses, (out, item) => out.bytes(item)));
  return { function: COMMIT, typeArgs: [], args: [list, u64(nonce)] };
}

/** Sends 1 to 20 signed transactions of a parallel chain, as one group. */
export function sendCall(title: Title, payloads: readonly Uint8Array[]): EntryFunctionCall {
  const list = encodeBcs((writer) => writer.vector(payloads, (out, item) => out.bytes(item)));
  return { function: SEND, typeArgs: [], args: [text(title), list] };
}

export function consensusView(title: Title): EntryFunctionCall {
  return { function: CONSENSUS, typeArgs: [], args: [text(title)] };
}

/** What the nodes of a title agree on. */
export interface Agreed {
  readonly height: bigint;
  readonly blockHash: Uint8Array;
}

/** Undefined before there is any. Throws `BcsError`. */
export function readConsensus(value: Uint8Array): Agreed | undefined {
  // TitleStatus goes on behind these fields, which is all that is needed here.
  return decodePrefix(value, (reader) => {
    const height = reader.option((inner) => inner.u64());
    const blockHash = reader.bytes().slice();
    return height === undefined ? undefined : { height, blockHash };
  });
}

/** Behind a parallel chain's genesis: what its faucet has becomes what transfers are paid from. */
export function initializeCall(title: Title, faucet: Address): Call {
  return systemCall(INITIALIZE, [text(title)], [PARACROSS_ADDRESS, faucet]);
}

/** What a block's first transaction says of where it stands. */
export interface MinerRecord {
  readonly title: string;
  readonly height: bigint;
  readonly mainBlockHash: Hash;
  readonly mainBlockHeight: bigint;
  readonly preBlockHash: Hash;
  readonly preStateHash: Hash;
}

export function mineCall(
  title: Title,
  height: bigint,
  root: RootPlace,
  preBlockHash: Hash,
  preStateHash: Hash,
): Call {
  const args = [
    text(title),
    u64(height),
    bytes(root.hash),
    u64(root.height),
    bytes(preBlockHash),
    bytes(preStateHash),
  ];
  return systemCall(MINE, args, [PARACROSS_ADDRESS]);
}

/** Coins that somebody moves between the root chain and a parallel one. */
export interface CrossAction {
  readonly kind: "transfer" | "withdraw";
  readonly hash: Hash;
  /** Per title, from 0. */
  readonly id: bigint;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

export function crossCall({ kind, id, from, to, amount }: CrossAction): Call {
  if (kind === "transfer") {
    const args = [u64(id), addressToBytes(from), addressToBytes(to), u64(amount)];
    return systemCall(DEPOSIT, args, [PARACROSS_ADDRESS]);
  }
  const args = [u64(id), addressToBytes(to), u64(amount)];
  return systemCall(WITHDRAW, args, [PARACROSS_ADDRESS, from]);
}

/** What a root event is to a title: transactions for it, coins that cross, or what is agreed on. */
export type TitleEvent =
  | { readonly type: "sent"; readonly payloads: readonly Uint8Array[] }
  | { readonly type: "cross"; readonly action: CrossAction }
  | { readonly type: "done"; readonly agreed: Agreed };

/** Undefined for events of others and for other titles. */
export function readTitleEvent(title: Title, event: Event): TitleEvent | undefined {
  switch (formatTypeTag(event.type)) {
    case SENT:
      return decodePrefix(event.data, (reader) => {
        if (reader.string() !== title) return undefined;
        reader.address();
        return { type: "sent", payloads: reader.vector((item) => item.bytes().slice()) };
      });
    case TRANSFER:
      return decodePrefix(event.data, (reader) => readCross(reader, "transfer", title));
    case WITHDRAWAL:
      return decodePrefix(event.data, (reader) => readCross(reader, "withdraw", title));
    case COMMIT_DONE:
      return decodePrefix(event.data, (reader) => readDone(reader, title));
    default:
      return undefined;
  }
}

function readCross(
  reader: BcsReader,
  kind: CrossAction["kind"],
  title: Title,
): TitleEvent | undefined {
  const hash = readHash(reader);
  if (reader.string() !== title) return undefined;
  const [id, from, to, amount] = [reader.u64(), reader.address(), reader.address(), reader.u64()];
  return { type: "cross", action: { kind, hash, id, from, to, amount } };
}

function readDone(reader: BcsReader, title: Title): TitleEvent | undefined {
  if (reader.string() !== title) return undefined;
  const height = reader.u64();
  for (const _ of ["totalNodes", "totalCommit", "mostSame"]) reader.u64();
  reader.bytes();
  return { type: "done", agreed: { height, blockHash: reader.bytes().slice() } };
}

/** What became of a cross-chain action on the parallel chain. */
export interface CrossResult {
  readonly hash: Uint8Array;
  readonly isOk: boolean;
}

/** Of the cross-chain actions of a block, in their order; `opening` is its first receipt. */
export function crossResultsOf({ events }: Receipt): readonly CrossResult[] {
  return events
    .filter(({ type }) => [DEPOSITED, WITHDRAWN].includes(formatTypeTag(type)))
    .map(({ data }) =>
      decodeBcs(data, (reader) => {
        const hash = reader.bytes().slice();
        reader.u64();
        reader.address();
        reader.u64();
        return { hash, isOk: reader.bool() };
      }),
    );
}

/** What the opening of a block that is not genesis says of where it stands. */
export function minerRecordOf({ events }: Receipt): MinerRecord {
  const event = events.find(({ type }) => formatTypeTag(type) === MINER);
  return decodeBcs(present(event, "a parallel block is mined").data, (reader) => ({
    title: reader.string(),
    height: reader.u64(),
    mainBlockHash: readHash(reader),
    mainBlockHeight: reader.u64(),
    preBlockHash: readHash(reader),
    preStateHash: readHash(reader),
  }));
}

function readHash(reader: BcsReader): Hash {
  return parseHash(reader.bytes().slice()) ?? reader.fail("BAD_VALUE", "not a hash");
}

/** Reads the beginning of a value whose rest is of no use here. */
function decodePrefix<T>(value: Uint8Array, read: (reader: BcsReader) => T): T {
  return decodeBcs(value, (reader) => {
    const found = read(reader);
    reader.fixed(reader.remaining);
    return found;
  });
}

function eventType(name: string): string {
  return formatStructTag(makeStructTag(name));
}

function text(value: string): Uint8Array {
  return encodeBcs((writer) => writer.string(value));
}

function bytes(value: Uint8Array): Uint8Array {
  return encodeBcs((writer) => writer.bytes(value));
}

function u64(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}
