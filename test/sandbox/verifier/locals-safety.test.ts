import { describe, expect, it } from "vitest";
import { judgeBody } from "./judge.ts";

const POTATO = "struct Potato\nx: u64";

function judgeLocals(body: string, head = "fun f(c: bool, p: Potato)"): string {
  return judgeBody(body, head, POTATO);
}

const CONSUME = "move_loc p\nunpack Potato\npop";

describe("locals safety", () => {
  it.each([
    ["COPYLOC_UNAVAILABLE_ERROR", "copy_loc x\npop"],
    ["MOVELOC_UNAVAILABLE_ERROR", "move_loc x\npop"],
    ["BORROWLOC_UNAVAILABLE_ERROR", "imm_borrow_loc x\npop"],
    ["BORROWLOC_UNAVAILABLE_ERROR", "mut_borrow_loc x\npop"],
    ["MOVELOC_UNAVAILABLE_ERROR", "ld_u64 1\nst_loc x\nmove_loc x\npop\nmove_loc x\npop"],
    ["OK", "ld_u64 1\nst_loc x\nmove_loc x\npop\nld_u64 1\nst_loc x\nmove_loc x\npop"],
  ])("%s: %j", (status, body) => {
    expect(judgeBody(`local x: u64\n${body}\nret`)).toBe(status);
  });

  it("counts what is there on one way only as not there", () => {
    const body = (use: string) =>
      `local x: u64\ncopy_loc c\nbr_true l\nld_u64 1\nst_loc x\nl:\n${use}\nret`;
    expect(judgeBody(body("copy_loc x\npop"), "fun f(c: bool)")).toBe("COPYLOC_UNAVAILABLE_ERROR");
    expect(judgeBody(body("imm_borrow_loc x\npop"), "fun f(c: bool)")).toBe(
      "BORROWLOC_UNAVAILABLE_ERROR",
    );
    expect(judgeBody(body("ld_u64 2\nst_loc x\ncopy_loc x\npop"), "fun f(c: bool)")).toBe("OK");
  });

  it("does not let a return lose what can not be dropped", () => {
    expect(judgeLocals("ret")).toBe("UNSAFE_RET_UNUSED_VALUES_WITHOUT_DROP");
    expect(judgeLocals(`${CONSUME}\nret`)).toBe("OK");
    expect(judgeLocals("ld_u64 0\nabort")).toBe("OK");
  });

  it("does not let a return lose what may be there", () => {
    const body = `copy_loc c\nbr_true l\n${CONSUME}\nl:\nret`;
    expect(judgeLocals(body)).toBe("UNSAFE_RET_UNUSED_VALUES_WITHOUT_DROP");
  });

  it("does not let a store lose what can not be dropped", () => {
    const store = "ld_u64 1\npack Potato\nst_loc p";
    expect(judgeLocals(`${store}\n${CONSUME}\nret`)).toBe("STLOC_UNSAFE_TO_DESTROY_ERROR");
    expect(judgeLocals(`${CONSUME}\n${store}\n${CONSUME}\nret`)).toBe("OK");
    const maybe = `copy_loc c\nbr_true l\n${CONSUME}\nl:\n${store}\n${CONSUME}\nret`;
    expect(judgeLocals(maybe)).toBe("STLOC_UNSAFE_TO_DESTROY_ERROR");
  });

  it("follows a loop until nothing changes", () => {
    const body = `head:\n${CONSUME}\ncopy_loc c\nbr_true head\nret`;
    expect(judgeLocals(body)).toBe("MOVELOC_UNAVAILABLE_ERROR");
    const refilled = `head:\n${CONSUME}\nld_u64 1\npack Potato\nst_loc p\ncopy_loc c\nbr_true head`;
    expect(judgeLocals(`${refilled}\n${CONSUME}\nret`)).toBe("OK");
  });

  it("asks type parameters for drop", () => {
    expect(judgeBody("ret", "fun f<T>(a: T)")).toBe("UNSAFE_RET_UNUSED_VALUES_WITHOUT_DROP");
    expect(judgeBody("ret", "fun f<T: drop>(a: T)")).toBe("OK");
    expect(judgeBody("ret", "fun f<T>(a: vector<T>)")).toBe(
      "UNSAFE_RET_UNUSED_VALUES_WITHOUT_DROP",
    );
  });
});
