// What surrounds compiled functions: state that stays in memory, code that changes, limits, and the
// calls that are left to the interpreter. The harness compares every call with the interpreter.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { CHANNEL_LIMITS, createMemoryState, makeAddress, type Outcome, statusName } from "#sandbox";
import { createCompiledHarness, makeCall } from "./harness.ts";

const COUNTER = `
module 0x1::counter

struct Counter has key
  value: u64

public fun create(account: &signer, value: u64)
  move_loc account
  move_loc value
  pack Counter
  move_to Counter
  ret

public fun add(owner: address, by: u64): u64 acquires Counter
  local r: &mut u64
  copy_loc owner
  mut_borrow_global Counter
  mut_borrow_field Counter.value
  st_loc r
  copy_loc r
  read_ref
  move_loc by
  add
  copy_loc r
  write_ref
  move_loc r
  read_ref
  ret

public fun add_and_abort(owner: address, by: u64) acquires Counter
  move_loc owner
  move_loc by
  call add
  abort

public fun touch(owner: address) acquires Counter
  move_loc owner
  mut_borrow_global Counter
  pop
  ret

public fun take(owner: address): u64 acquires Counter
  move_loc owner
  move_from Counter
  unpack Counter
  ret
`;

const OWNER = "0x5";
const OWNER_HEX = `${"0".repeat(63)}5`;
const hexU64 = (value: number) => toHex(Uint8Array.from([value, 0, 0, 0, 0, 0, 0, 0]));

function counters(changed = {}) {
  const harness = createCompiledHarness(changed);
  harness.publish(COUNTER);
  harness.call("0x1::counter::create", { args: [hexU64(10)], signers: [OWNER] });
  const add = (by: number) => harness.call("0x1::counter::add", { args: [OWNER_HEX, hexU64(by)] });
  return { ...harness, add };
}

const returned = ({ returns }: Outcome) => toHex(present(returns[0], "a result"));

describe("state in memory between calls", () => {
  it("carries one call's result into the next", () => {
    const { add } = counters();
    expect(returned(add(1))).toBe(hexU64(11));
    expect(returned(add(2))).toBe(hexU64(13));
  });

  it("[CC5] forgets what an aborted call wrote", () => {
    const { add, call } = counters();
    add(1);
    const outcome = call("0x1::counter::add_and_abort", { args: [OWNER_HEX, hexU64(50)] });
    expect(statusName(outcome.status)).toBe("ABORTED");
    expect(outcome.changes).toEqual([]);
    expect(outcome.touched.map(({ written }) => written)).toEqual([true]);
    expect(returned(add(1))).toBe(hexU64(12));
  });

  it("does not take a mutable borrow for a write", () => {
    const { call } = counters();
    const { touched, changes } = call("0x1::counter::touch", { args: [OWNER_HEX] });
    expect(touched.map(({ written }) => written)).toEqual([false]);
    expect(changes).toEqual([]);
  });

  it("follows a session that is rolled back", () => {
    const { begin } = counters();
    const session = begin();
    const add = (by: number) =>
      session.execute(makeCall("0x1::counter::add", { args: [OWNER_HEX, hexU64(by)] }));
    add(1);
    const mark = session.mark();
    expect(returned(add(5))).toBe(hexU64(16));
    session.rollback(mark);
    expect(returned(add(1))).toBe(hexU64(12));
  });

  it("[CC5] keeps sessions over one state apart, whoever runs in between", () => {
    const { begin } = counters();
    const [left, right] = [begin(), begin()];
    const call = makeCall("0x1::counter::add", { args: [OWNER_HEX, hexU64(1)] });
    expect(returned(left.execute(call))).toBe(hexU64(11));
    expect(returned(right.execute(call))).toBe(hexU64(11));
    expect(returned(left.execute(call))).toBe(hexU64(12));
    expect(returned(left.execute(call))).toBe(hexU64(13));
    expect(returned(right.execute(call))).toBe(hexU64(12));
  });

  it("takes another state for another state", () => {
    const { executor, add, state } = counters();
    const other = createMemoryState();
    const module = { kind: "module", module: makeCall("0x1::counter::add", {}).function.module };
    const code = present(state.get(module as never), "published code");
    other.apply([{ key: module as never, op: { type: "new", value: code } }]);
    add(1);
    const context = { uniqueSeed: new Uint8Array(32), chainId: 4 };
    const session = executor.begin(other, context);
    const call = makeCall("0x1::counter::add", { args: [OWNER_HEX, hexU64(1)] });
    expect(statusName(session.execute(call).status)).toBe("MISSING_DATA");
    expect(returned(add(1))).toBe(hexU64(12));
  });

  it("moves a resource out and back in", () => {
    const { call, add } = counters();
    expect(returned(call("0x1::counter::take", { args: [OWNER_HEX] }))).toBe(hexU64(10));
    expect(statusName(add(1).status)).toBe("MISSING_DATA");
    call("0x1::counter::create", { args: [hexU64(3)], signers: [OWNER] });
    expect(returned(add(1))).toBe(hexU64(4));
  });

  it("[CC6] makes room when it holds more than fits", () => {
    const { call } = counters();
    const owners = Array.from({ length: 9000 }, (_, index) => `0x${(index + 100).toString(16)}`);
    for (const owner of owners) {
      call("0x1::counter::create", { args: [hexU64(1)], signers: [owner] });
    }
    const last = makeAddress(present(owners.at(-1), "an owner")).slice(2);
    expect(returned(call("0x1::counter::add", { args: [last, hexU64(1)] }))).toBe(hexU64(2));
    expect(returned(call("0x1::counter::add", { args: [OWNER_HEX, hexU64(1)] }))).toBe(hexU64(11));
  });
});

describe("code that changes", () => {
  const answer = (value: number) => `
module 0x1::answer

public fun get(): u64
  ld_u64 ${value}
  ret
`;
  const asker = `
module 0x1::asker

import fun 0x1::answer::get(): u64

public fun ask(): u64
  call 0x1::answer::get
  ret
`;

  it("[CC4] is in force with the next call, in callers that were compiled before as well", () => {
    const harness = createCompiledHarness();
    harness.publish(answer(1));
    harness.publish(asker);
    expect(returned(harness.call("0x1::asker::ask"))).toBe(hexU64(1));
    harness.publish(answer(2));
    expect(returned(harness.call("0x1::asker::ask"))).toBe(hexU64(2));
  });

  it("goes back when its session is rolled back", () => {
    const harness = createCompiledHarness();
    harness.publish(answer(1));
    const session = harness.begin();
    const ask = () => returned(session.execute(makeCall("0x1::answer::get", {})));
    expect(ask()).toBe(hexU64(1));
    const mark = session.mark();
    const twin = createCompiledHarness();
    twin.publish(answer(9));
    const id = makeCall("0x1::answer::get", {}).function.module;
    const code = present(twin.state.get({ kind: "module", module: id }), "code");
    session.publish(makeAddress("0x1"), [code], makeCall("0x1::a::b", {}).gasLimit);
    expect(ask()).toBe(hexU64(9));
    session.rollback(mark);
    expect(ask()).toBe(hexU64(1));
  });

  it("[CC2] runs interpreted if the verifier would refuse it", () => {
    const harness = createCompiledHarness();
    harness.publish(`
module 0x1::bad

public fun add_bool(): u64
  ld_u64 1
  ld_true
  add
  ret
`);
    const { status } = harness.call("0x1::bad::add_bool", { mayReplay: true });
    expect(statusName(status)).toBe("UNKNOWN_INVARIANT_VIOLATION_ERROR");
  });
});

describe("limits", () => {
  const recursion = `
module 0x1::deep

public fun down(n: u64): u64
  copy_loc n
  ld_u64 0
  eq
  br_true done
  copy_loc n
  ld_u64 1
  sub
  call down
  ret
done:
  move_loc n
  ret

public fun heap_up(n: u64): u64
  copy_loc n
  ld_u64 0
  eq
  br_true done
  ld_u64 1
  ld_u64 2
  copy_loc n
  ld_u64 1
  sub
  call heap_up
  add
  add
  ret
done:
  move_loc n
  ret
`;
  const u64 = (value: number) => toHex(Uint8Array.of(value & 255, value >> 8, 0, 0, 0, 0, 0, 0));

  it("counts frames: 1024 calls below the first are one too many for none", () => {
    const harness = createCompiledHarness();
    harness.publish(recursion);
    const down = (n: number) => harness.call("0x1::deep::down", { args: [u64(n)] });
    expect(statusName(down(1024).status)).toBe("EXECUTED");
    expect(statusName(down(1025).status)).toBe("CALL_STACK_OVERFLOW");
  });

  it("[CC3] leaves to the interpreter where operands of many frames might overflow", () => {
    const harness = createCompiledHarness();
    harness.publish(recursion);
    const shallow = harness.call("0x1::deep::heap_up", { args: [u64(100)] });
    expect(statusName(shallow.status)).toBe("EXECUTED");
    const deep = harness.call("0x1::deep::heap_up", { args: [u64(900)], mayReplay: true });
    expect(statusName(deep.status)).toBe("EXECUTION_STACK_OVERFLOW");
  });

  const pushing = `
module 0x1::push

public fun fill(n: u64): u64
  local v: vector<u64>
  vec_pack u64 0
  st_loc v
again:
  copy_loc n
  ld_u64 0
  eq
  br_true done
  mut_borrow_loc v
  copy_loc n
  vec_push_back u64
  copy_loc n
  ld_u64 1
  sub
  st_loc n
  branch again
done:
  imm_borrow_loc v
  vec_len u64
  ret
`;

  it("[CC3] counts memory as the interpreter does, which decides where it ends", () => {
    const limits = { ...CHANNEL_LIMITS, memoryWeight: 8 * 100 };
    const harness = createCompiledHarness({ limits });
    harness.publish(pushing);
    const fill = (n: number) =>
      harness.call("0x1::push::fill", { args: [u64(n)], mayReplay: n > 100 });
    expect(returned(fill(100))).toBe(u64(100));
    expect(statusName(fill(101).status)).toBe("MEMORY_LIMIT_EXCEEDED");
  });

  it("[CC1] runs out of gas at the same place with the same gas for every limit", () => {
    const harness = createCompiledHarness();
    harness.publish(pushing);
    const statuses = new Set<string>();
    for (let gasLimit = 50; gasLimit < 200; gasLimit++) {
      const mayReplay = gasLimit < 52;
      const { status } = harness.call("0x1::push::fill", { args: [u64(5)], gasLimit, mayReplay });
      statuses.add(statusName(status));
    }
    expect([...statuses]).toEqual(["OUT_OF_GAS", "EXECUTED"]);
  });

  it("[CC6] gives back what a call leaves, and keeps what it stored", () => {
    const harness = createCompiledHarness();
    harness.publish(`
module 0x1::hoard

struct Hoard has key
  kept: vector<u64>
  calls: u64

public fun open(account: &signer)
  move_loc account
  vec_pack u64 0
  ld_u64 0
  pack Hoard
  move_to Hoard
  ret

public fun waste(owner: address, n: u64): u64 acquires Hoard
  local hoard: &mut Hoard
  local wasted: vector<u64>
  move_loc owner
  mut_borrow_global Hoard
  st_loc hoard
  copy_loc hoard
  mut_borrow_field Hoard.kept
  copy_loc n
  vec_push_back u64
  vec_pack u64 0
  st_loc wasted
again:
  copy_loc n
  ld_u64 0
  eq
  br_true done
  mut_borrow_loc wasted
  copy_loc n
  vec_push_back u64
  copy_loc n
  ld_u64 1
  sub
  st_loc n
  branch again
done:
  copy_loc hoard
  imm_borrow_field Hoard.calls
  read_ref
  ld_u64 1
  add
  copy_loc hoard
  mut_borrow_field Hoard.calls
  write_ref
  move_loc hoard
  imm_borrow_field Hoard.kept
  vec_len u64
  ret
`);
    harness.call("0x1::hoard::open", { signers: [OWNER] });
    for (let round = 1; round <= 6; round++) {
      const size = round % 2 === 0 ? 10 : 40_000;
      const outcome = harness.call("0x1::hoard::waste", { args: [OWNER_HEX, u64(size)] });
      expect(returned(outcome)).toBe(u64(round));
    }
  });

  it("[CC6] reclaims what calls leave on the heap", () => {
    const harness = createCompiledHarness();
    harness.publish(pushing);
    for (let round = 0; round < 12; round++) {
      const { status } = harness.call("0x1::push::fill", { args: [u64(60_000)] });
      expect(statusName(status)).toBe("EXECUTED");
    }
  });
});
