/**
 * What holds between the root and its shards at every moment (I1 to I5), as a check over plain
 * figures: those that `0x30::shard_gas::get_root_figures` and `get_shard_figures` tell. Knows no
 * chain and reads nothing. All amounts are units of the coin, and sums count from a shard's
 * beginning.
 *
 * The figures of two chains fit together where each has done only what the other, as it was read,
 * has said: a shard that was read, the root read behind it, and the shard the same still.
 */
import type { Address } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";

/** All that will ever be on one chain. */
export const TOTAL_SUPPLY = 1_000_000_000_000_000n;

/** What the root holds, and has held, for one shard. */
export interface RootFigures {
  /** Coins in ShardGas, of all shards together. */
  readonly custody: bigint;
  readonly balance: bigint;
  readonly deposited: bigint;
  /** Paid for withdrawals. */
  readonly released: bigint;
  /** Paid to ShardStake. */
  readonly fees: bigint;
}

export interface ShardFigures {
  readonly supply: bigint;
  /** In nobody's hands. */
  readonly pool: bigint;
  /** Paid for transactions and not committed. */
  readonly fees: bigint;
  readonly deposited: bigint;
  /** Asked back. */
  readonly requested: bigint;
  /** Of what was asked back, what the shard knows to be paid. */
  readonly finished: bigint;
  /** Fees that left the shard. */
  readonly committed: bigint;
}

export interface ShardAccount {
  readonly shardId: bigint;
  readonly root: RootFigures;
  /** Undefined where the shard was not read. */
  readonly shard: ShardFigures | undefined;
  /** All that accounts and other contracts of the shard hold, where somebody has counted it. */
  readonly held?: bigint;
}

/** A withdrawal that the root has paid. */
export interface Payment {
  readonly shardId: bigint;
  readonly user: Address;
  readonly withdrawId: bigint;
}

/** Where a message that a shard has applied stands on the root. */
export interface AppliedPlace {
  readonly height: bigint;
  readonly index: bigint;
}

export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5";
  readonly message: string;
}

/** I1 to I3, and the bounds by which the figures keep to I4 and I5. */
export function checkFigures(accounts: readonly ShardAccount[]): readonly Violation[] {
  return [...checkCustody(accounts), ...accounts.flatMap(checkShard)];
}

/** I1: what ShardGas holds is what it holds for its shards. */
function checkCustody(accounts: readonly ShardAccount[]): readonly Violation[] {
  const sum = accounts.reduce((total, { root }) => total + root.balance, 0n);
  return accounts
    .filter(({ root }) => root.custody !== sum)
    .slice(0, 1)
    .map(({ root }) => violation("I1", `ShardGas holds ${root.custody}, its shards have ${sum}`));
}

function checkShard(account: ShardAccount): readonly Violation[] {
  const { root, shard, held, shardId } = account;
  const found: Violation[] = [];
  const expect = (isTrue: boolean, invariant: Violation["invariant"], what: string) => {
    if (!isTrue) found.push(violation(invariant, `shard ${shardId}: ${what}`));
  };
  const kept = root.deposited - root.released - root.fees;
  expect(root.balance === kept, "I2", `the root has ${root.balance} and should have ${kept}`);
  if (shard === undefined) return found;
  const outside = shard.supply - shard.pool;
  const inFlight = root.deposited - shard.deposited;
  const unreleased = shard.requested - root.released;
  const uncollected = shard.committed - root.fees;
  const owed = outside + inFlight + unreleased + uncollected;
  expect(root.balance === owed, "I2", `the root has ${root.balance} and owes ${owed}`);
  expect(shard.supply === TOTAL_SUPPLY, "I3", `the supply is ${shard.supply}`);
  expect(outside >= shard.fees, "I3", `fees of ${shard.fees} are more than what is outside`);
  if (held !== undefined) {
    const all = shard.pool + shard.fees + held;
    expect(all === TOTAL_SUPPLY, "I3", `${all} coins are there`);
  }
  expect(unreleased >= 0n, "I4", `${-unreleased} was paid and not asked for`);
  expect(shard.finished <= root.released, "I4", "something is finished and was not paid");
  expect(uncollected >= 0n, "I4", `${-uncollected} of fees was paid and not committed`);
  expect(inFlight >= 0n, "I5", `${-inFlight} arrived and was not deposited`);
  return found;
}

/** I4: every withdrawal is paid once at most. */
export function checkPayments(payments: readonly Payment[]): readonly Violation[] {
  const seen = new Set<string>();
  return payments.flatMap(({ shardId, user, withdrawId }) => {
    const name = `withdrawal ${withdrawId} of ${user} on shard ${shardId}`;
    if (seen.has(name)) return [violation("I4", `${name} was paid twice`)];
    seen.add(name);
    return [];
  });
}

/** I5: a shard applies each message once, in the order of the root. */
export function checkApplied(places: readonly AppliedPlace[]): readonly Violation[] {
  return places.flatMap(({ height, index }, at) => {
    const last = places[at - 1];
    const isNext =
      last === undefined || height > last.height || (height === last.height && index > last.index);
    return isNext ? [] : [violation("I5", `message ${index} of root block ${height} came again`)];
  });
}

/** The BCS that `get_root_figures` returns; throws `BcsError`. */
export function readRootFigures(bytes: Uint8Array): RootFigures {
  return decodeBcs(bytes, (reader: BcsReader) => ({
    custody: reader.u64(),
    balance: reader.u64(),
    deposited: reader.u128(),
    released: reader.u128(),
    fees: reader.u128(),
  }));
}

/** The BCS that `get_shard_figures` returns; throws `BcsError`. */
export function readShardFigures(bytes: Uint8Array): ShardFigures {
  return decodeBcs(bytes, (reader: BcsReader) => ({
    supply: reader.u128(),
    pool: reader.u64(),
    fees: reader.u64(),
    deposited: reader.u128(),
    requested: reader.u128(),
    finished: reader.u128(),
    committed: reader.u128(),
  }));
}

function violation(invariant: Violation["invariant"], message: string): Violation {
  return { invariant, message };
}
