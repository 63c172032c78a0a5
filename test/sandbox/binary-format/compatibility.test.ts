import { describe, expect, it } from "vitest";
import { incompatibilities } from "../../../src/sandbox/binary-format/compatibility.ts";
import { assemble } from "../../assembler/assembler.ts";

const OLD = `
module 0x1::m version 7
friend 0x1::a
struct S<T: copy> has copy, drop
  x: T
  y: u64
struct P<phantom T> has drop
  x: u64
enum E has drop
  A
  B { x: u64 }
public fun open<T: copy>(a: u64, b: S<T>): u64
  ld_u64 1
  ret
public(friend) fun inner()
  ret
entry fun start(a: u64)
  ret
fun hidden(a: u64)
  ret
`;

/** What breaks when `text` becomes `other` in the new version. */
function change(text: string, other: string): string[] {
  expect(OLD).toContain(text);
  return incompatibilities(assemble(OLD), assemble(OLD.replace(text, other)));
}

describe("a module may replace another", () => {
  it.each([
    ["that is the same", "", ""],
    ["and add a function", "fun hidden", "public fun added()\nret\nfun hidden"],
    ["and add a struct", "struct S", "struct Added\nx: u8\nstruct S"],
    ["and add a friend", "friend 0x1::a", "friend 0x1::a\nfriend 0x1::b"],
    ["and add a variant behind the others", "  B { x: u64 }", "  B { x: u64 }\n  C"],
    ["and add an ability", "struct P<phantom T> has drop", "struct P<phantom T> has copy, drop"],
    ["and open a friend function", "public(friend) fun inner", "public fun inner"],
    ["and make a function an entry", "public fun open", "public entry fun open"],
    ["and drop a constraint", "open<T: copy>", "open<T>"],
    ["and change a private function", "fun hidden(a: u64)", "fun hidden()"],
    ["and change a body", "ld_u64 1", "ld_u64 2"],
  ])("%s", (_name, text, other) => {
    expect(change(text, other)).toEqual([]);
  });

  it.each([
    ["of another name", "module 0x1::m", "module 0x1::n"],
    ["of another address", "module 0x1::m", "module 0x2::m"],
    ["without one of its structs", "struct P<", "struct Q<"],
    ["with fewer abilities", "has copy, drop", "has drop"],
    ["with another field type", "y: u64", "y: u8"],
    ["with another field name", "y: u64", "z: u64"],
    ["with another field", "  y: u64", "  y: u64\n  z: u64"],
    ["with fields in another order", "  x: T\n  y: u64", "  y: u64\n  x: T"],
    [
      "with a struct made an enum",
      "enum E has drop\n  A\n  B { x: u64 }",
      "struct E has drop\n  x: u64",
    ],
    ["with a variant in front", "  A\n", "  Z\n  A\n"],
    ["with a variant renamed", "  A\n", "  Z\n"],
    ["with a variant changed", "B { x: u64 }", "B { x: u8 }"],
    ["without the last variant", "\n  B { x: u64 }", ""],
    ["with more type parameters", "struct P<phantom T>", "struct P<phantom T, phantom U>"],
    ["with a phantom made real", "struct P<phantom T>", "struct P<T>"],
    ["with a new constraint on a struct", "struct P<phantom T>", "struct P<phantom T: copy>"],
    ["without a public function", "fun open", "fun other"],
    ["with a public function hidden", "public fun open", "fun open"],
    ["with a public function for friends", "public fun open", "public(friend) fun open"],
    ["with other parameters", "(a: u64, b: S<T>)", "(a: u8, b: S<T>)"],
    ["with other returns", "b: S<T>): u64", "b: S<T>): u8"],
    ["with a new constraint on a function", "open<T: copy>", "open<T: copy + drop>"],
    ["with another number of type parameters", "open<T: copy>", "open<T: copy, U>"],
    ["without a friend function", "fun inner", "fun other"],
    ["without an entry function", "entry fun start", "fun start"],
    ["with an entry function that takes something else", "start(a: u64)", "start(a: u8)"],
    ["without one of its friends", "friend 0x1::a", "friend 0x1::b"],
  ])("not one %s", (_name, text, other) => {
    expect(change(text, other)).not.toEqual([]);
  });
});
