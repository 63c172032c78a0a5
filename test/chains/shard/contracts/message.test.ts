// What a shard makes of the root's messages: each once, none of them able to stop the others.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { concatBytes } from "#core/bytes.ts";
import {
  endRootBlockCall,
  processMessageCall,
  SHARD_EVENT,
  type ShardMessage,
  skipMessageCall,
} from "../../../../src/chains/shard/contract.ts";
import { arg, systemCall } from "./call.ts";
import { outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  bob,
  COIN,
  deliver,
  deliverAll,
  deposit,
  must,
  node,
  nodes,
  SHARD,
  type ShardWorld,
  SUPPLY,
  startWorld,
  toShard,
  verify,
} from "./shard-world.ts";

const HEIGHT = 100n;

/** Three numbers at the head of every payload: source, target, height. */
function payload(...rest: readonly Uint8Array[]): Uint8Array {
  return concatBytes(arg.u64(0n), arg.u64(SHARD), arg.u64(HEIGHT), ...rest);
}

function message(eventType: number, bytes: Uint8Array, changes: Partial<ShardMessage> = {}) {
  const sent = { version: 1, eventType, toShard: SHARD, fromHeight: HEIGHT, payload: bytes };
  return { ...sent, ...changes };
}

const DEPOSIT = payload(arg.address(alice.address), arg.u64(COIN));

/** What becomes of a message that nothing has come before. */
function outcome(world: ShardWorld, sent: ShardMessage, index = 0n): bigint {
  const { processed } = must(world.shard.run(processMessageCall(sent, index)));
  return present(processed[0], "what became of it").outcome;
}

function cursor({ shard }: ShardWorld): readonly bigint[] {
  const reader = shard.view("0x30::shard_sys_msg::get_cursor");
  return [reader.u64(), reader.u64()];
}

const KEYS = [0, 1, 2, 3].map((place) => node(place).publicKey);

function epochPayload(epoch: bigint): Uint8Array {
  const [n, k, c] = [arg.u32(5), arg.u32(4), arg.u32(1)];
  return payload(arg.u64(epoch), n, k, c, arg.list(KEYS));
}

describe("a message of the root", () => {
  const bad: readonly [string, ShardMessage, bigint][] = [
    ["of another version", message(SHARD_EVENT.gasDeposit, DEPOSIT, { version: 2 }), 30n],
    ["of no known type", message(127, DEPOSIT), 31n],
    ["that shards send", message(SHARD_EVENT.commitDpos, DEPOSIT), 31n],
    ["for another shard", message(SHARD_EVENT.gasDeposit, DEPOSIT, { toShard: 2n }), 32n],
    [
      "whose payload is for another shard",
      message(SHARD_EVENT.gasDeposit, DEPOSIT.with(8, 2)),
      32n,
    ],
    ["whose payload is not of the root", message(SHARD_EVENT.gasDeposit, DEPOSIT.with(0, 1)), 32n],
    ["that ends early", message(SHARD_EVENT.gasDeposit, DEPOSIT.slice(1)), 32n],
    ["without bytes", message(SHARD_EVENT.gasWithdrawDone, new Uint8Array()), 32n],
    [
      "that deposits for nobody",
      message(SHARD_EVENT.gasDeposit, payload(arg.address(makeAddress("0x0")), arg.u64(1n))),
      32n,
    ],
    [
      "that deposits nothing",
      message(SHARD_EVENT.gasDeposit, payload(arg.address(alice.address), arg.u64(0n))),
      32n,
    ],
    [
      "that deposits more than there is",
      message(SHARD_EVENT.gasDeposit, payload(arg.address(alice.address), arg.u64(SUPPLY + 1n))),
      20n,
    ],
    [
      "that ends what nobody asked for",
      message(SHARD_EVENT.gasWithdrawDone, payload(arg.address(alice.address), arg.u64(1n))),
      27n,
    ],
    ["of the epoch there is", message(SHARD_EVENT.configUpdate, epochPayload(1n)), 29n],
    [
      "of an epoch without its last key",
      message(SHARD_EVENT.configUpdate, epochPayload(2n).slice(0, -33)),
      32n,
    ],
    [
      "of an epoch with a short key",
      message(SHARD_EVENT.configUpdate, epochPayload(2n).with(45, 31)),
      32n,
    ],
    ["of an epoch with no head", message(SHARD_EVENT.configUpdate, payload()), 32n],
  ];

  it.each(bad)("%s is passed over, and the next one is applied", (_, sent, code) => {
    const world = startWorld();
    expect(outcome(world, sent)).toBe(code);
    expect(cursor(world)).toEqual([HEIGHT, 1n]);
    expect(world.shard.coinsInStores()).toBe(0n);
    expect(outcome(world, message(SHARD_EVENT.gasDeposit, DEPOSIT), 1n)).toBe(0n);
    expect(world.shard.balance(alice.address)).toBe(COIN);
  });

  it("that has been dealt with does nothing, nor one before it", () => {
    const world = startWorld();
    const sent = message(SHARD_EVENT.gasDeposit, DEPOSIT);
    expect(outcome(world, sent, 3n)).toBe(0n);
    expect([3n, 2n, 0n].map((index) => outcome(world, sent, index))).toEqual([29n, 29n, 29n]);
    expect(outcome(world, { ...sent, fromHeight: HEIGHT - 1n }, 9n)).toBe(29n);
    expect(cursor(world)).toEqual([HEIGHT, 4n]);
    expect(outcome(world, { ...sent, fromHeight: HEIGHT + 1n }, 0n)).toBe(0n);
    expect(world.shard.balance(alice.address)).toBe(2n * COIN);
  });

  it("can be passed over unread, and a block be called done", () => {
    const world = startWorld();
    const sent = message(SHARD_EVENT.gasDeposit, DEPOSIT);
    const skip = () => present(must(world.shard.run(skipMessageCall(sent, 0n))).processed[0], "");
    expect(skip().outcome).toBe(33n);
    expect(skip().outcome).toBe(29n);
    expect(outcome(world, sent)).toBe(29n);
    must(world.shard.run(endRootBlockCall(HEIGHT)));
    expect(cursor(world)).toEqual([HEIGHT + 1n, 0n]);
    must(world.shard.run(endRootBlockCall(HEIGHT - 1n)));
    expect(cursor(world)).toEqual([HEIGHT + 1n, 0n]);
    expect(outcome(world, sent, 7n)).toBe(29n);
    expect(world.shard.coinsInStores()).toBe(0n);
  });

  it("begins an epoch with the committee that it names", () => {
    const world = startWorld();
    expect(outcome(world, message(SHARD_EVENT.configUpdate, epochPayload(2n)))).toBe(0n);
    const reader = world.shard.view("0x30::committee::get_committee");
    expect([reader.u64(), reader.u32(), reader.u32()]).toEqual([2n, 4, 1]);
    const keys = reader.vector((inner) => Uint8Array.from(inner.bytes()));
    expect(keys).toEqual(KEYS.map((key) => Uint8Array.from(key)));
  });

  it("is what the root's own epochs say", () => {
    const world = startWorld();
    deliverAll(world);
    const reader = world.shard.view("0x30::committee::get_committee");
    expect([reader.u64(), reader.u32(), reader.u32()]).toEqual([1n, 7, 2]);
    const types = toShard(world).map(({ message: sent }) => sent.eventType);
    const joins = nodes.map(() => SHARD_EVENT.peerJoin);
    const { create, configUpdate, activated } = SHARD_EVENT;
    expect(types).toEqual([create, configUpdate, ...joins, activated]);
  });

  it("comes from the chain alone, whoever asks", () => {
    const world = startWorld();
    const places = [arg.u64(SHARD), arg.u64(HEIGHT), arg.u64(0n)];
    const args = [arg.u32(1), arg.u32(128), ...places, arg.bytes(DEPOSIT)];
    const by = (name: string, given: readonly Uint8Array[]) =>
      outcomeOf(world.shard.call(bob.address, name, given));
    const processed = by("0x30::shard_sys_msg::process_shard_msg", args);
    const skipped = by("0x30::shard_sys_msg::skip_shard_msg", [...places.slice(1), arg.u32(1)]);
    const ended = by("0x30::shard_sys_msg::end_root_block", [arg.u64(HEIGHT)]);
    const finished = by("0x30::shard_gas::user_withdraw_success", [
      arg.address(bob.address),
      arg.u64(1n),
    ]);
    const refused = "INVALID_MAIN_FUNCTION_SIGNATURE";
    expect([processed, skipped, ended, finished]).toEqual([refused, refused, refused, refused]);
    expect(cursor(world)).toEqual([0n, 0n]);
  });

  it("is applied however many coins have come and gone before", () => {
    const world = startWorld();
    const most = (1n << 64n) - 1n;
    // The pool's coins, then the sum of all deposits.
    world.shard.alter("0x30::pool::Pool", (bytes) => {
      return concatBytes(bytes.subarray(0, 8), arg.u64(most), arg.u64(0n));
    });
    // A table's handle, then the sums of what was asked for and of what is finished.
    world.shard.alter("0x30::withdrawal::Withdrawals", (bytes) => {
      const sum = concatBytes(arg.u64(most), arg.u64(0n));
      return concatBytes(bytes.subarray(0, 32), sum, sum);
    });
    expect(outcome(world, message(SHARD_EVENT.gasDeposit, DEPOSIT))).toBe(0n);
    const ask = [arg.u64(COIN)];
    must(world.shard.call(alice.address, "0x30::shard_gas::user_withdraw_gas", ask));
    const done = payload(arg.address(alice.address), arg.u64(1n));
    expect(outcome(world, message(SHARD_EVENT.gasWithdrawDone, done), 1n)).toBe(0n);
    expect(world.shard.coinsInStores()).toBe(0n);
  });

  it("is taken in on a shard alone", () => {
    const { root } = startWorld();
    const sent = message(SHARD_EVENT.gasDeposit, DEPOSIT);
    for (const call of [processMessageCall(sent, 0n), skipMessageCall(sent, 0n)]) {
      expect(outcomeOf(root.run(call))).toBe("0x30::home 1");
    }
    expect(outcomeOf(root.run(endRootBlockCall(1n)))).toBe("0x30::home 1");
  });

  it("is one call: a withdrawal's end in the same block as a bad one still counts", () => {
    const world = startWorld();
    deposit(world, alice, COIN);
    deposit(world, bob, COIN);
    const [first, second] = toShard(world).slice(-2);
    const spoilt = present(first, "alice's");
    const damaged = { ...spoilt, message: { ...spoilt.message, payload: Uint8Array.of(1) } };
    expect(deliver(world, damaged).outcome).toBe(32n);
    expect(deliver(world, present(second, "bob's")).outcome).toBe(0n);
    expect(world.shard.balance(bob.address)).toBe(COIN);
    // What is on the root stays alice's claim: it counts as on its way.
    verify(world);
  });
});

describe("genesis of a shard", () => {
  const initialize = (shard: bigint) => [
    arg.u64(shard),
    arg.u64(5n),
    arg.u32(4),
    arg.u32(1),
    arg.list(KEYS),
  ];

  it("happens once, and is never the root's", () => {
    const { shard, root } = startWorld();
    const name = "0x30::genesis::initialize_shard";
    const owner = makeAddress("0x30");
    const ended = (of: typeof shard, id: bigint) =>
      outcomeOf(of.run(systemCall(name, initialize(id), [owner])));
    expect(ended(shard, 1n)).toBe("RESOURCE_ALREADY_EXISTS");
    expect(ended(root, 0n)).toBe("0x30::genesis 3");
  });
});
