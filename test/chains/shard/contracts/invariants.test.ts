// The checker of I1 to I5: it says nothing where all is well, and names each thing that is not.
import { describe, expect, it } from "vitest";
import {
  checkApplied,
  checkFigures,
  checkPayments,
  type RootFigures,
  type ShardAccount,
  type ShardFigures,
} from "#chains";
import { alice, bob } from "./shard-world.ts";

const SUPPLY = 1_000_000_000_000_000n;

/** 100 lent, of which 10 on their way; 20 asked back, of which 5 paid; 8 of fees left, 3 paid. */
const ROOT: RootFigures = { custody: 92n, balance: 92n, deposited: 100n, released: 5n, fees: 3n };
const ON_SHARD: ShardFigures = {
  supply: SUPPLY,
  pool: SUPPLY - 62n,
  fees: 2n,
  deposited: 90n,
  requested: 20n,
  finished: 5n,
  committed: 8n,
};

function account(
  root: Partial<RootFigures> = {},
  shard: Partial<ShardFigures> = {},
  held = 60n,
): ShardAccount {
  return { shardId: 1n, root: { ...ROOT, ...root }, shard: { ...ON_SHARD, ...shard }, held };
}

function broken(accounts: readonly ShardAccount[]): readonly string[] {
  return [...new Set(checkFigures(accounts).map(({ invariant }) => invariant))].sort();
}

describe("the invariants between root and shards", () => {
  it("hold for figures that fit", () => {
    expect(broken([account()])).toEqual([]);
    const { held: _held, ...uncounted } = account();
    expect(broken([uncounted])).toEqual([]);
    expect(broken([{ shardId: 1n, root: ROOT, shard: undefined }])).toEqual([]);
    expect(broken([])).toEqual([]);
  });

  it("I1: ShardGas holds what all its shards have", () => {
    expect(broken([account({ custody: 91n })])).toEqual(["I1"]);
    const other = { ...ROOT, custody: 184n };
    const two = [account({ custody: 184n }), { shardId: 2n, root: other, shard: undefined }];
    expect(broken(two)).toEqual([]);
    expect(checkFigures(two.map((one) => ({ ...one, root: ROOT })))).toHaveLength(1);
  });

  it("I2: a shard's balance is what went in less what came out, and what it owes", () => {
    expect(broken([account({ custody: 91n, balance: 91n })])).toEqual(["I2"]);
    expect(broken([account({}, { pool: SUPPLY - 63n }, 61n)])).toEqual(["I2"]);
    expect(broken([account({}, { requested: 21n })])).toEqual(["I2"]);
  });

  it("I3: a shard has the whole supply at all times", () => {
    expect(broken([account({}, {}, 59n)])).toEqual(["I3"]);
    expect(broken([account({}, { supply: SUPPLY + 1n, pool: SUPPLY - 61n })])).toContain("I3");
    expect(broken([account({}, { fees: 63n }, -1n)])).toEqual(["I3"]);
  });

  it("I4: nothing is paid twice, nor what was not asked for", () => {
    const more = { custody: 70n, balance: 70n, released: 27n };
    expect(broken([account(more, {})])).toEqual(["I4"]);
    expect(broken([account({}, { finished: 6n })])).toEqual(["I4"]);
    const fees = { custody: 84n, balance: 84n, fees: 11n };
    expect(broken([account(fees)])).toEqual(["I4"]);
    const first = { shardId: 1n, user: alice.address, withdrawId: 1n };
    const others = [
      { ...first, withdrawId: 2n },
      { ...first, user: bob.address },
      { ...first, shardId: 2n },
    ];
    expect(checkPayments([first, ...others])).toEqual([]);
    expect(checkPayments([first, ...others, first])).toMatchObject([{ invariant: "I4" }]);
  });

  it("I5: nothing arrives that was not sent, or twice", () => {
    expect(broken([account({}, { deposited: 101n, pool: SUPPLY - 73n }, 71n)])).toEqual(["I5"]);
    const places = [
      { height: 3n, index: 0n },
      { height: 3n, index: 1n },
      { height: 5n, index: 0n },
    ];
    expect(checkApplied(places)).toEqual([]);
    for (const again of places) {
      expect(checkApplied([...places, again])).toMatchObject([{ invariant: "I5" }]);
    }
  });
});
