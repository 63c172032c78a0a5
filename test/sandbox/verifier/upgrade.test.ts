// What the verifier lets link, the executor runs: also after a dependency has been upgraded.
import { beforeEach, describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import {
  chainProfile,
  createInterpreter,
  createMemoryState,
  internalGas,
  type MemoryState,
  makeAddress,
  parseFunctionId,
  statusName,
} from "#sandbox";
import { assembleBytes } from "../../assembler/assembler.ts";

const LIBRARY = `
module 0x1::lib version 7
struct S<T> has drop
  x: u64
  y: vector<T>
enum E has drop
  A
  B { x: u64 }
public fun make<T: copy>(x: u64): S<T>
  move_loc x
  vec_pack T 0
  pack_generic S<T>
  ret
public fun read<T: drop>(s: &S<T>): u64
  move_loc s
  imm_borrow_field_generic S<T>.x
  read_ref
  ret
public fun variant(): E
  ld_u64 4
  pack_variant E::B
  ret
public fun tell(e: &E): u64
  move_loc e
  imm_borrow_variant_field E::B.x
  read_ref
  ret
`;

const USER = `
module 0x1::user version 7
import struct 0x1::lib::S<T> has drop
import struct 0x1::lib::E has drop
import fun 0x1::lib::make<T: copy>(u64): 0x1::lib::S<T>
import fun 0x1::lib::read<T: drop>(&0x1::lib::S<T>): u64
import fun 0x1::lib::variant(): 0x1::lib::E
import fun 0x1::lib::tell(&0x1::lib::E): u64
public fun run(x: u64): u64
  local s: 0x1::lib::S<u8>
  local e: 0x1::lib::E
  move_loc x
  call_generic 0x1::lib::make<u8>
  st_loc s
  call 0x1::lib::variant
  st_loc e
  imm_borrow_loc s
  call_generic 0x1::lib::read<u8>
  imm_borrow_loc e
  call 0x1::lib::tell
  add
  ret
`;

const GAS = internalGas(10_000_000);
const PUBLISHER = makeAddress("0x1");

describe("an upgraded dependency", () => {
  const executor = createInterpreter(chainProfile());
  let state: MemoryState;

  function publish(source: string): string {
    const session = executor.begin(state, { uniqueSeed: new Uint8Array(32), chainId: 4 });
    const outcome = session.publish(PUBLISHER, [assembleBytes(source)], GAS);
    state.apply(session.changes());
    return statusName(outcome.status);
  }

  function run(): string {
    const session = executor.begin(state, { uniqueSeed: new Uint8Array(32), chainId: 4 });
    const outcome = session.execute({
      mode: "function",
      function: present(parseFunctionId("0x1::user::run"), "a function's name"),
      typeArgs: [],
      args: [new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0])],
      signers: [],
      gasLimit: GAS,
    });
    return `${statusName(outcome.status)} ${outcome.returns.map(toHex).join()}`;
  }

  beforeEach(() => {
    state = createMemoryState();
    for (const source of [LIBRARY, USER]) assert(publish(source) === "EXECUTED", "it is sound");
  });

  it("serves its dependents before", () => {
    expect(run()).toBe("EXECUTED 0700000000000000");
  });

  it.each([
    ["adds abilities", "struct S<T> has drop", "struct S<T> has copy, drop, store"],
    ["drops a constraint", "read<T: drop>", "read<T>"],
    ["adds a variant", "  B { x: u64 }", "  B { x: u64 }\n  C"],
    ["adds a function", "public fun tell", "public fun more()\n  ret\npublic fun tell"],
  ])("that %s goes on serving its dependents", (_name, text, other) => {
    expect(LIBRARY).toContain(text);
    expect(publish(LIBRARY.replace(text, other))).toBe("EXECUTED");
    expect(run()).toBe("EXECUTED 0700000000000000");
  });

  it.each([
    ["drops an ability", "enum E has drop", "enum E"],
    ["changes a field", "  x: u64\n", "  x: u8\n"],
    ["hides a function", "public fun variant", "fun variant"],
  ])("that %s is refused, and nothing changes", (_name, text, other) => {
    expect(LIBRARY).toContain(text);
    expect(publish(LIBRARY.replace(text, other))).not.toBe("EXECUTED");
    expect(run()).toBe("EXECUTED 0700000000000000");
  });
});
