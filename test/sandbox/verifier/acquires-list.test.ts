import { describe, expect, it } from "vitest";
import { judgeBody } from "./judge.ts";

const RESOURCES = `
struct R has key
x: u64
struct Q has key
x: u64
struct V has drop
x: u64
fun inner(a: address) acquires Q
move_loc a
imm_borrow_global Q
pop
ret
fun free(a: address)
ret`;

function judgeAcquires(body: string, acquires: string): string {
  return judgeBody(`${body}\nret`, `fun f(a: address) ${acquires}`, RESOURCES);
}

describe("acquires", () => {
  it.each([
    ["OK", "copy_loc a\nimm_borrow_global R\npop", "acquires R"],
    ["OK", "copy_loc a\nmut_borrow_global R\npop\ncopy_loc a\ncall inner", "acquires Q, R"],
    ["OK", "copy_loc a\nexists R\npop", ""],
    ["OK", "copy_loc a\ncall free", ""],
    ["MISSING_ACQUIRES_ANNOTATION", "copy_loc a\nimm_borrow_global R\npop", ""],
    ["MISSING_ACQUIRES_ANNOTATION", "copy_loc a\nmove_from R\nunpack R\npop", "acquires Q"],
    ["MISSING_ACQUIRES_ANNOTATION", "copy_loc a\ncall inner", ""],
    ["EXTRANEOUS_ACQUIRES_ANNOTATION", "copy_loc a\ncall inner", "acquires Q, R"],
    ["EXTRANEOUS_ACQUIRES_ANNOTATION", "copy_loc a\nexists R\npop", "acquires R"],
    ["EXTRANEOUS_ACQUIRES_ANNOTATION", "", "acquires V"],
  ])("%s: %j %s", (status, body, acquires) => {
    expect(judgeAcquires(body, acquires)).toBe(status);
  });

  it("counts code that can not be reached", () => {
    const body = "ret\ncopy_loc a\nimm_borrow_global R\npop";
    expect(judgeAcquires(body, "")).toBe("MISSING_ACQUIRES_ANNOTATION");
  });
});
