import { describe, expect, it } from "vitest";
import { deserializeModule } from "../../src/sandbox/binary-format/deserializer.ts";
import { assemble, assembleBytes } from "./assembler.ts";

/** One module with everything the language has. */
const EVERYTHING = `
module 0x1::m version 7
friend 0x1::other
import struct 0x2::lib::Box<T: store> has copy, drop, store
import fun 0x2::lib::open<T: store>(&0x2::lib::Box<T>): &T
struct Pair<A: copy + drop, phantom B> has copy, drop, store
  left: A
  right: vector<u64>            // a comment
native struct Opaque has drop
enum Shape has drop
  Dot
  Rect { w: u64, h: u64 }
native public fun host(u64): u64
public(friend) fun near()
  ret
public entry fun f<T: store>(a: &signer, b: u64): u64, bool acquires R
  local c: u64
again:
  copy_loc b
  st_loc c
  ld_u256 0xff
  pop
  ld_const vector<u8> 020102
  pop
  vec_pack u64 0
  pop
  ld_true
  br_true again
  copy_loc 2
  ld_true
  ret
struct R has key
  x: u64
`;

describe("the assembler", () => {
  it("writes modules that read back the same", () => {
    const module = assemble(EVERYTHING);
    const read = deserializeModule(assembleBytes(EVERYTHING));
    expect(read).toEqual({ ok: true, value: module });
  });

  it("fills the tables", () => {
    const module = assemble(EVERYTHING);
    expect(module.version).toBe(7);
    expect(module.friends).toHaveLength(1);
    expect(module.moduleHandles).toHaveLength(2);
    expect(module.structHandles.map(({ abilities }) => abilities)).toEqual([7, 7, 2, 2, 8]);
    expect(module.functionDefinitions.map(({ visibility }) => visibility)).toEqual([
      "public",
      "friend",
      "public",
    ]);
    expect(module.functionDefinitions[2]).toMatchObject({ isEntry: true, acquires: [3] });
    expect(module.functionDefinitions[0]).not.toHaveProperty("code");
  });

  it("resolves labels, locals and type parameters by name", () => {
    const code = assemble(EVERYTHING).functionDefinitions[2]?.code?.code ?? [];
    expect(code[0]).toMatchObject({ opcode: "CopyLoc", index: 1 });
    expect(code[1]).toMatchObject({ opcode: "StLoc", index: 2 });
    expect(code[2]).toMatchObject({ opcode: "LdU256", value: 255n });
    expect(code.find(({ opcode }) => opcode === "BrTrue")).toMatchObject({ index: 0 });
  });

  it("enters equal entries once", () => {
    const module = assemble("module 0x1::m\nfun f(a: u64)\nret\nfun g(a: u64)\nret");
    expect(module.signatures).toHaveLength(2);
    expect(module.addresses).toHaveLength(1);
  });

  it.each([
    ["module 0x1::m\nfun f()\nfly", "no instruction fly"],
    ["module 0x1::m\nfun f()\ncopy_loc x", "no local x"],
    ["module 0x1::m\nfun f()\nbranch x", "no label x"],
    ["module 0x1::m\nfun f()\ncall x", "no function x"],
    ["module 0x1::m\nfun f()\npack X", "no struct X"],
    ["module 0x1::m\nfun f(a: X)\nret", "no type X"],
    ["module 0x1::m\nfun f()\nret 1", "too much"],
    ["module 0x1::m\nfun f()\nld_u64", "a number is missing"],
    ["module 0x1::m\nstruct S has flight\nx: u8", "no ability flight"],
    ["module 0x1::m\nret", "nothing to belong to"],
    ["module 0x1::m version 9", "no such version"],
  ])("says what it can not read: %j", (source, detail) => {
    expect(() => assemble(source)).toThrow(detail);
  });
});
