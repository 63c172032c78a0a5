// The checkers of what the root says twice: no contract of ours does, so the test says it.
import { describe, expect, it } from "vitest";
import { encodeBcs } from "#core/bcs/writer.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { accountNamed } from "../../chains/fixture.ts";
import { createRecords, noteEvent } from "./chain-checkers.ts";
import { createPaid, notePayments } from "./coin-checkers.ts";

const ALICE = accountNamed("alice").address;
const HASH = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);

function done(height: bigint, hash: Uint8Array) {
  const data = encodeBcs((writer) => {
    writer.string("user.p.land.").u64(height).u64(4n).u64(4n).u64(3n).bytes(hash);
  });
  const struct = makeStructTag("0x40::consensus::CommitDone");
  return { type: { kind: "struct", struct }, data } as const;
}

function settled(hash: Uint8Array, outcome: number) {
  const data = encodeBcs((writer) => {
    writer.bytes(hash).string("user.p.land.").u64(0n).u8(1).u8(outcome);
  });
  const struct = makeStructTag("0x40::cross_asset::AssetSettled");
  return { type: { kind: "struct", struct }, data } as const;
}

/** The root says to the shard that a withdrawal of alice's is done. */
function told(withdrawId: bigint) {
  const payload = encodeBcs((writer) => {
    writer.u64(0n).u64(1n).u64(9n).address(ALICE).u64(withdrawId);
  });
  const data = encodeBcs((writer) => writer.u32(1).u32(130).u64(1n).u64(9n).bytes(payload));
  const struct = makeStructTag("0x30::shard_event::ShardEventState");
  return { type: { kind: "struct", struct }, data } as const;
}

/** Alice has got coins. */
function deposited(amount: bigint) {
  const data = encodeBcs((writer) => writer.string("the coin").address(ALICE).u64(amount));
  const struct = makeStructTag("0x1::coin::CoinDeposit");
  return { type: { kind: "struct", struct }, data } as const;
}

describe("the checkers of chains", () => {
  it("catch a height that is done a second time, with another hash or the same", () => {
    for (const second of [HASH, OTHER]) {
      const records = createRecords();
      noteEvent(records, done(1n, HASH));
      noteEvent(records, done(2n, HASH));
      expect(() => noteEvent(records, done(1n, second))).toThrow(/^one done hash: height 1/);
    }
  });

  it("catch an action that is paid a second time, and not one that was owed before", () => {
    const records = createRecords();
    const [released, owed] = [1, 4];
    noteEvent(records, settled(HASH, owed));
    noteEvent(records, settled(HASH, released));
    noteEvent(records, settled(OTHER, released));
    expect(() => noteEvent(records, settled(HASH, released))).toThrow(/^paid once: action/);
  });

  it("catch a withdrawal that is paid a second time, and not one that is told again", () => {
    const paid = createPaid();
    notePayments(paid, [told(1n), deposited(5n)]);
    notePayments(paid, [told(2n), deposited(7n)]);
    // A later confirmation: the root tells the shard again, and pays nothing.
    notePayments(paid, [told(1n)]);
    expect(paid.total).toBe(12n);
    expect(() => notePayments(paid, [deposited(5n), told(1n)])).toThrow(/^I4: withdrawal 1/);
  });
});
