import { describe, expect, it } from "vitest";
import { judgeBody, moduleWith, refusal, repeat } from "./judge.ts";

describe("stack usage", () => {
  it.each([
    "pop",
    "ld_u64 1\nadd\npop",
    "ld_u64 1\nvec_swap u8",
    "call g\npop",
    "vec_pack u64 1\npop",
    "br_true 0",
  ])("refuses a block that reaches below its start: %s", (body) => {
    expect(judgeBody(`${body}\nret`, "fun f()", "fun g(a: u64): u64\nmove_loc a\nret")).toBe(
      "NEGATIVE_STACK_SIZE_WITHIN_BLOCK",
    );
  });

  it("refuses what a block leaves over, also when the next would take it", () => {
    const status = "POSITIVE_STACK_SIZE_AT_BLOCK_END";
    expect(judgeBody("ld_u64 1\nret")).toBe(status);
    expect(judgeBody("ld_u64 1\nbranch l\nl:\npop\nret")).toBe(status);
  });

  it("takes exactly the returned values", () => {
    const head = "fun f(): u64, bool";
    expect(judgeBody("ld_u64 1\nld_true\nret", head)).toBe("OK");
    expect(judgeBody("ld_u64 1\nret", head)).toBe("NEGATIVE_STACK_SIZE_WITHIN_BLOCK");
  });

  it("checks blocks that can not be reached", () => {
    expect(judgeBody("ret\npop\nret")).toBe("NEGATIVE_STACK_SIZE_WITHIN_BLOCK");
  });

  it("holds 1024 values", () => {
    const body = (count: number) =>
      `${repeat(count, () => "ld_u8 1")}\nvec_pack u8 ${count}\npop\nret`;
    expect(judgeBody(body(1024))).toBe("OK");
    expect(judgeBody(body(1025))).toBe("VALUE_STACK_OVERFLOW");
    expect(judgeBody("vec_pack u8 0\nvec_unpack u8 1025\nret")).toBe("VALUE_STACK_OVERFLOW");
  });

  it("pushes 10,000 values in a block", () => {
    const body = (count: number) => `${repeat(count, () => "ld_u8 1\npop")}\nret`;
    expect(judgeBody(body(10_000))).toBe("OK");
    expect(judgeBody(body(10_001))).toBe("VALUE_STACK_PUSH_OVERFLOW");
  });

  it("counts the fields of variants", () => {
    const source = moduleWith(
      "ld_u64 1\nld_u8 2\npack_variant E::B\nunpack_variant E::B\npop\npop\n" +
        "pack_variant E::A\npop\nret",
      "fun f()",
      "enum E has drop\nA\nB { x: u64, y: u8 }",
    ).replace("0x1::m", "0x1::m version 7");
    expect(refusal(source)).toBeUndefined();
  });

  it("names the instruction", () => {
    expect(refusal(moduleWith("nop\npop\nret"))?.location).toEqual({ functionIndex: 0, offset: 1 });
  });
});
