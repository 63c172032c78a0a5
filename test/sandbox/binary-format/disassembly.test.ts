// Instructions come out as the assembler takes them in, and an index that leads nowhere as #n.
import { describe, expect, it } from "vitest";
import { disassembleInstruction } from "#sandbox";
import { OPCODES, type Opcode } from "../../../src/sandbox/binary-format/opcodes.ts";
import { assemble } from "../../assembler/assembler.ts";

const HEAD = `
module 0x1::m version 7
import struct 0x2::lib::Box<T: store> has copy, drop, store
import fun 0x2::lib::open<T: store>(&0x2::lib::Box<T>): &T
struct Pair<A: copy + drop, phantom B> has copy, drop, store
  left: A
  right: vector<u64>
struct Plain has copy, drop, store, key
  n: u64
enum Shape has drop
  Dot
  Rect { w: u64, h: u64 }
  Square { w: u64 }
public fun near(u64): u64
  ret
fun f<T: store>(a: u64)
`;

const LINES = [
  "copy_loc 0",
  "st_loc 0",
  "ld_u8 255",
  "ld_u256 1000000000000000000000000000000",
  "ld_const vector<u8> 020102",
  "call near",
  "call_generic 0x2::lib::open<u64>",
  "pack Plain",
  "pack_generic Pair<u64, vector<0x2::lib::Box<u8>>>",
  "imm_borrow_field Plain.n",
  "mut_borrow_field_generic Pair<u64, bool>.left",
  "exists Plain",
  "pack_variant Shape::Rect",
  "imm_borrow_variant_field Shape::Rect|Square.w",
  "vec_pack u64 3",
  "vec_len Plain",
  "branch 0",
  "ret",
];

function code(lines: readonly string[]) {
  const labelled = ["start:", ...lines.map((line) => line.replace("branch 0", "branch start"))];
  const module = assemble(HEAD + labelled.map((line) => `  ${line}`).join("\n"));
  const instructions = module.functionDefinitions.at(-1)?.code?.code ?? [];
  return { module, instructions };
}

describe("disassembleInstruction", () => {
  it("writes what the assembler reads", () => {
    const { module, instructions } = code(LINES);
    const written = instructions.map((instruction) => disassembleInstruction(module, instruction));
    // Type arguments follow the member here and the struct there.
    expect(written.map((line) => line.replace(/\.left<(.*)>$/, "<$1>.left"))).toEqual(LINES);
  });

  it("shows an index that leads nowhere as a number, whatever the opcode", () => {
    const { module } = code(["ret"]);
    for (const opcode of Object.keys(OPCODES) as Opcode[]) {
      const text = disassembleInstruction(module, { opcode, index: 60_000, value: 7n });
      const expected: Partial<Record<string, RegExp>> = {
        none: /^[a-z0-9_]+$/,
        local: / 60000$/,
        codeOffset: / 60000$/,
        signatureAndCount: / #60000 7$/,
      };
      const { operand } = OPCODES[opcode];
      const isLiteral = /^u\d+$/.test(operand);
      expect(text).toMatch(isLiteral ? / 7$/ : (expected[operand] ?? / #60000$/));
    }
  });

  it("cuts long constants", () => {
    const { module, instructions } = code([`ld_const vector<u8> 64${"00".repeat(100)}`, "ret"]);
    const [load] = instructions;
    const text = load === undefined ? "" : disassembleInstruction(module, load);
    expect(text).toBe(`ld_const vector<u8> 64${"00".repeat(31)}… (101 bytes)`);
  });
});
