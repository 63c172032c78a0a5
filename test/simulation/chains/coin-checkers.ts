// What must hold of coins on the root, to the last unit: every coin is somewhere, ShardStake has
// what positions and fees say, and each withdrawal from the shard is paid once, as events tell.
import { checkPayments, type Payment, type RootFigures, readRootFigures } from "#chains";
import type { Address } from "#core/address.ts";
import { BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { Event } from "#core/effects.ts";
import { formatStructTag, formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import type { QuerySource } from "../../../src/chains/query-source.ts";
import { readShardMessage, SHARD_EVENT } from "../../../src/chains/shard/contract.ts";
import { accountNamed } from "../../chains/fixture.ts";
import { TITLE } from "../../chains/para/para-chain.ts";
import { memberNamed, SHARD } from "../../chains/shard/shard-network.ts";
import { Violation } from "../checkers.ts";
import { MEMBERS } from "./beginning.ts";
import { readU64, u64, viewOn } from "./views.ts";

const SUPPLY = 1_000_000_000_000_000n;
const COIN_STORE = "CoinStore";
const DEPOSITED = formatStructTag(makeStructTag("0x1::coin::CoinDeposit"));
/** Of a table from addresses to coins. */
const [ADDRESS_SIZE, COIN_SIZE] = [32, 8];

/** Withdrawals that the root has paid. */
export interface Paid {
  readonly payments: Payment[];
  /** Units of all of them. */
  total: bigint;
}

export function createPaid(): Paid {
  return { payments: [], total: 0n };
}

/**
 * Notes what a transaction of the root has paid: it has told the shard that a withdrawal is done,
 * and the user has got coins. Who confirms later tells the same and pays nothing.
 */
export function notePayments(paid: Paid, events: readonly Event[]): void {
  for (const { user, withdrawId } of events.flatMap(doneIn)) {
    const amount = events.map((event) => depositIn(event, user)).find((units) => units > 0n);
    if (amount === undefined) continue;
    paid.payments.push({ shardId: SHARD, user, withdrawId });
    paid.total += amount;
  }
  const [first] = checkPayments(paid.payments);
  if (first !== undefined) throw new Violation(first.invariant, first.message);
}

function doneIn(event: Event): readonly { readonly user: Address; readonly withdrawId: bigint }[] {
  const message = readShardMessage(event);
  if (message?.eventType !== SHARD_EVENT.gasWithdrawDone) return [];
  return [
    decodeBcs(message.payload, (reader) => {
      for (const _ of ["source", "target", "height"]) reader.u64();
      return { user: reader.address(), withdrawId: reader.u64() };
    }),
  ];
}

function depositIn({ type, data }: Event, user: Address): bigint {
  if (formatTypeTag(type) !== DEPOSITED) return 0n;
  const reader = new BcsReader(data);
  reader.string();
  return reader.address() === user ? reader.u64() : 0n;
}

/** Every coin of the root is in a store, a pile or a contract's hands, and stakes are whole. */
export function checkRootCoins(root: QuerySource): void {
  const holdings = new BcsReader(viewOn(root, "0x30::shard_stake::holdings"));
  const [coins, staked] = [holdings.u64(), holdings.u64()];
  const { custody, fees } = figuresOf(root);
  const governance = readU64(viewOn(root, "0x30::governance::balance"));
  const title = encodeBcs((writer) => writer.string(TITLE));
  const vault = ["frozen", "waiting", "locked"]
    .map((pile) => readU64(viewOn(root, `0x40::vault::${pile}`, title)))
    .reduce((sum, pile) => sum + pile, 0n);
  const all = coinsIn(root) + coins + custody + governance + vault;
  if (all !== SUPPLY) throw new Violation("coins add up", `${all} on the root`);
  const positions = Array.from({ length: MEMBERS }, (_, place) => positionOf(root, place));
  const sum = positions.reduce((total, position) => total + position, 0n);
  if (staked !== sum) throw new Violation("stakes add up", `${staked} staked, positions ${sum}`);
  // Nobody claims fees in these lives.
  if (coins - staked !== fees) {
    throw new Violation("fees add up", `${coins - staked} in ShardStake, ${fees} committed`);
  }
}

/** Once nothing moves any more: all that was released is what was paid. */
export function checkPaid(root: QuerySource, { total }: Paid): void {
  const { released } = figuresOf(root);
  if (released !== total) throw new Violation("I4", `${released} released, ${total} paid`);
}

/** What a member has put up itself, as far as it was not taken from it. */
function positionOf(root: QuerySource, place: number): bigint {
  const key = encodeBcs((writer) => writer.bytes(accountNamed(memberNamed(place)).publicKey));
  const reader = new BcsReader(viewOn(root, "0x30::shard_stake::get_peer", u64(SHARD), key));
  reader.address();
  for (const _ of ["view", "now"]) reader.u64();
  return reader.u64() + reader.u64() + reader.u64();
}

/** Everything in coin stores, and in tables from addresses to coins: fees and rewards. */
function coinsIn({ tree }: QuerySource): bigint {
  let total = 0n;
  for (const { key, value } of tree.head.state.entries()) {
    const isStore = key.kind === "resource" && key.type.name === COIN_STORE;
    const isPile = key.kind === "tableItem" && key.key.length === ADDRESS_SIZE;
    if (isStore || (isPile && value.length === COIN_SIZE)) total += new BcsReader(value).u64();
  }
  return total;
}

function figuresOf(root: QuerySource): RootFigures {
  return readRootFigures(viewOn(root, "0x30::shard_gas::get_root_figures", u64(SHARD)));
}
