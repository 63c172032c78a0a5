import { describe, expect, it } from "vitest";
import { judge, moduleWith } from "./judge.ts";

const DECLARATIONS = `
struct S has copy, drop
  f: u64
  g: u64
struct W has drop
  s: S
  t: S
struct R has key
  x: u64
enum E has copy, drop
  A { x: u64, y: u64 }
  B { x: u64 }
fun take(a: &mut u64)
  ret
fun both(a: &mut u64, b: &mut u64)
  ret
fun mixed(a: &mut u64, b: &u64)
  ret
fun same(a: &mut S): &mut u64
  move_loc a
  mut_borrow_field S.f
  ret
fun look(a: &S, b: &u64): &u64
  move_loc b
  ret
fun touch(a: address) acquires R
  move_loc a
  mut_borrow_global R
  pop
  ret
`;

function judgeReferences(body: string, head = "fun f(s: S, m: &mut S, n: &mut u64)"): string {
  const status = judge(moduleWith(body, head, DECLARATIONS).replace("0x1::m", "0x1::m version 7"));
  return status;
}

describe("locals and their borrows", () => {
  it.each([
    [
      "MOVELOC_EXISTS_BORROW_ERROR",
      "imm_borrow_loc s\nst_loc r\nmove_loc s\npop\nmove_loc r\npop\nret",
    ],
    ["OK", "imm_borrow_loc s\npop\nmove_loc s\npop\nret"],
    [
      "COPYLOC_EXISTS_BORROW_ERROR",
      "mut_borrow_loc s\nst_loc q\ncopy_loc s\npop\nmove_loc q\npop\nret",
    ],
    ["OK", "imm_borrow_loc s\nst_loc r\ncopy_loc s\npop\nmove_loc r\npop\nret"],
    [
      "STLOC_UNSAFE_TO_DESTROY_ERROR",
      "imm_borrow_loc s\nst_loc r\nld_u64 1\nld_u64 2\npack S\nst_loc s\nmove_loc r\npop\nret",
    ],
    [
      "BORROWLOC_EXISTS_BORROW_ERROR",
      "mut_borrow_loc s\nst_loc q\nimm_borrow_loc s\npop\nmove_loc q\npop\nret",
    ],
    ["OK", "imm_borrow_loc s\nst_loc r\nimm_borrow_loc s\npop\nmove_loc r\npop\nret"],
    ["OK", "mut_borrow_loc s\nst_loc q\nmove_loc q\npop\nmut_borrow_loc s\npop\nret"],
  ])("%s: %j", (status, body) => {
    expect(judgeReferences(`local r: &S\nlocal q: &mut S\n${body}`)).toBe(status);
  });

  it("lets a second mutable borrow exist, not be used beside the first", () => {
    const body = "local q: &mut S\nmut_borrow_loc s\nst_loc q\nmut_borrow_loc s\nst_loc m\n";
    expect(judgeReferences(`${body}ret`)).toBe("OK");
    // The later borrow counts as the parent of the earlier one.
    expect(judgeReferences(`${body}copy_loc s\nmove_loc m\nwrite_ref\nmove_loc q\npop\nret`)).toBe(
      "COPYLOC_EXISTS_BORROW_ERROR",
    );
    const write = "ld_u64 1\nld_u64 2\npack S\nmove_loc m\nwrite_ref\nmove_loc q\npop\nret";
    expect(judgeReferences(`${body}${write}`)).toBe("WRITEREF_EXISTS_BORROW_ERROR");
  });
});

describe("references and their fields", () => {
  it.each([
    ["OK", "copy_loc m\nmut_borrow_field S.f\ncopy_loc m\nmut_borrow_field S.g\ncall both\nret"],
    [
      "CALL_BORROWED_MUTABLE_REFERENCE_ERROR",
      "copy_loc m\nmut_borrow_field S.f\ncopy_loc m\nmut_borrow_field S.f\ncall both\nret",
    ],
    ["OK", "copy_loc m\nmut_borrow_field S.f\ncopy_loc m\nimm_borrow_field S.g\ncall mixed\nret"],
    [
      "BORROWFIELD_EXISTS_MUTABLE_BORROW_ERROR",
      "copy_loc m\nmut_borrow_field S.f\ncopy_loc m\nimm_borrow_field S.f\ncall mixed\nret",
    ],
    [
      "WRITEREF_EXISTS_BORROW_ERROR",
      "copy_loc m\nimm_borrow_field S.f\nst_loc r\nld_u64 1\nld_u64 1\npack S\ncopy_loc m\n" +
        "write_ref\nmove_loc r\npop\nret",
    ],
    [
      "READREF_EXISTS_MUTABLE_BORROW_ERROR",
      "copy_loc m\nmut_borrow_field S.f\nst_loc n\ncopy_loc m\nread_ref\npop\nmove_loc n\npop\nret",
    ],
    [
      "FREEZEREF_EXISTS_MUTABLE_BORROW_ERROR",
      "copy_loc m\nmut_borrow_field S.f\nst_loc n\ncopy_loc m\nfreeze_ref\npop\n" +
        "move_loc n\npop\nret",
    ],
    [
      "READREF_EXISTS_MUTABLE_BORROW_ERROR",
      "copy_loc m\nmut_borrow_field S.f\nst_loc n\ncopy_loc m\ncopy_loc m\neq\npop\n" +
        "move_loc n\npop\nret",
    ],
    [
      "OK",
      "copy_loc m\nimm_borrow_field S.f\nst_loc r\ncopy_loc m\nread_ref\npop\nmove_loc r\npop\nret",
    ],
    ["CALL_BORROWED_MUTABLE_REFERENCE_ERROR", "copy_loc n\ncopy_loc n\ncall both\nret"],
    [
      "BORROWFIELD_EXISTS_MUTABLE_BORROW_ERROR",
      "copy_loc m\ncall same\nst_loc n\ncopy_loc m\nmut_borrow_field S.g\npop\nmove_loc n\n" +
        "pop\nret",
    ],
    ["OK", "copy_loc m\ncall same\npop\ncopy_loc m\nmut_borrow_field S.g\npop\nret"],
  ])("%s: %j", (status, body) => {
    expect(judgeReferences(`local r: &u64\n${body}`)).toBe(status);
  });

  it("follows fields of fields", () => {
    const head = "fun f(w: &mut W)";
    const path = (first: string, second: string) =>
      `copy_loc w\nmut_borrow_field W.${first}\nmut_borrow_field S.${second}`;
    expect(judgeReferences(`${path("s", "f")}\n${path("s", "g")}\ncall both\nret`, head)).toBe(
      "OK",
    );
    expect(judgeReferences(`${path("s", "f")}\n${path("t", "f")}\ncall both\nret`, head)).toBe(
      "OK",
    );
    expect(judgeReferences(`${path("s", "f")}\n${path("s", "f")}\ncall both\nret`, head)).toBe(
      "CALL_BORROWED_MUTABLE_REFERENCE_ERROR",
    );
  });

  it("takes a field of an enum for one place, through whatever variants it is named", () => {
    const head = "fun f(e: &mut E)";
    const first = "copy_loc e\nmut_borrow_variant_field E::A.x";
    const other = "copy_loc e\nmut_borrow_variant_field E::A|B.x";
    const beside = "copy_loc e\nmut_borrow_variant_field E::A.y";
    const status = "CALL_BORROWED_MUTABLE_REFERENCE_ERROR";
    expect(judgeReferences(`${first}\n${other}\ncall both\nret`, head)).toBe(status);
    expect(judgeReferences(`${first}\n${beside}\ncall both\nret`, head)).toBe("OK");
  });

  it("reads an enum to test its variant", () => {
    const head = "fun f(e: &mut E, n: &mut u64)";
    const body = "copy_loc e\nmut_borrow_variant_field E::A.x\nst_loc n\n";
    const test = "copy_loc e\ntest_variant E::B\npop\nmove_loc n\npop\nret";
    expect(judgeReferences(`${body}${test}`, head)).toBe("READREF_EXISTS_MUTABLE_BORROW_ERROR");
  });
});

describe("vectors", () => {
  const head = "fun f(v: &mut vector<u64>, i: &vector<u64>, r: &u64, n: &mut u64)";
  const element = (kind: string) => `copy_loc v\nld_u64 0\nvec_${kind}_borrow u64`;

  it.each([
    ["VEC_UPDATE_EXISTS_MUTABLE_BORROW_ERROR", "copy_loc v\nld_u64 1\nvec_push_back u64"],
    ["VEC_UPDATE_EXISTS_MUTABLE_BORROW_ERROR", "copy_loc v\nvec_pop_back u64\npop"],
    ["VEC_UPDATE_EXISTS_MUTABLE_BORROW_ERROR", "copy_loc v\nld_u64 1\nld_u64 1\nvec_swap u64"],
    ["VEC_BORROW_ELEMENT_EXISTS_MUTABLE_BORROW_ERROR", `${element("mut")}\npop`],
    ["OK", `${element("imm")}\npop`],
    ["OK", "copy_loc v\nvec_len u64\npop"],
  ])("%s while an element is borrowed: %j", (status, body) => {
    expect(
      judgeReferences(`${element("imm")}\nst_loc r\n${body}\nmove_loc r\npop\nret`, head),
    ).toBe(status);
  });

  it("do not lend an element while another may be written", () => {
    const body = `${element("mut")}\nst_loc n\n${element("imm")}\npop\nmove_loc n\npop\nret`;
    expect(judgeReferences(body, head)).toBe("VEC_BORROW_ELEMENT_EXISTS_MUTABLE_BORROW_ERROR");
  });

  it("lend again once the element is given back", () => {
    expect(judgeReferences(`${element("mut")}\npop\n${element("mut")}\npop\nret`, head)).toBe("OK");
  });
});

describe("global storage", () => {
  const head = "fun f(a: address, r: &R) acquires R";
  const borrow = (kind: string) => `copy_loc a\n${kind}_borrow_global R`;

  it.each([
    ["OK", `${borrow("imm")}\nst_loc r\n${borrow("imm")}\npop`],
    ["GLOBAL_REFERENCE_ERROR", `${borrow("imm")}\nst_loc r\n${borrow("mut")}\npop`],
    ["GLOBAL_REFERENCE_ERROR", `${borrow("mut")}\nfreeze_ref\nst_loc r\n${borrow("mut")}\npop`],
    [
      "GLOBAL_REFERENCE_ERROR",
      `${borrow("imm")}\nst_loc r\ncopy_loc a\nmove_from R\nunpack R\npop`,
    ],
    ["GLOBAL_REFERENCE_ERROR", `${borrow("imm")}\nst_loc r\ncopy_loc a\ncall touch`],
    ["OK", `${borrow("imm")}\npop\ncopy_loc a\ncall touch`],
  ])("%s: %j", (status, body) => {
    expect(judgeReferences(`${body}\nret`, head)).toBe(status);
  });

  it("does not lend mutably beside a mutable borrow", () => {
    const body = `local q: &mut R\n${borrow("mut")}\nst_loc q\n${borrow("imm")}\npop\nret`;
    expect(judgeReferences(body, head)).toBe("GLOBAL_REFERENCE_ERROR");
  });
});

describe("returns", () => {
  it.each([
    ["OK", "move_loc m\nmut_borrow_field S.f\nret", "fun f(m: &mut S): &mut u64"],
    [
      "UNSAFE_RET_LOCAL_OR_RESOURCE_STILL_BORROWED",
      "mut_borrow_loc s\nmut_borrow_field S.f\nret",
      "fun f(s: S): &mut u64",
    ],
    [
      "UNSAFE_RET_LOCAL_OR_RESOURCE_STILL_BORROWED",
      "move_loc a\nimm_borrow_global R\nret",
      "fun f(a: address): &R acquires R",
    ],
    [
      "UNSAFE_RET_LOCAL_OR_RESOURCE_STILL_BORROWED",
      "move_loc a\nimm_borrow_loc n\ncall look\nret",
      "fun f(a: &S, n: u64): &u64",
    ],
    [
      "RET_BORROWED_MUTABLE_REFERENCE_ERROR",
      "copy_loc m\ncopy_loc m\nret",
      "fun f(m: &mut S): &mut S, &mut S",
    ],
    [
      "OK",
      "copy_loc m\nmut_borrow_field S.f\nmove_loc m\nmut_borrow_field S.g\nret",
      "fun f(m: &mut S): &mut u64, &mut u64",
    ],
    ["OK", "ld_u64 0\nabort", "fun f(m: &mut S): &mut S"],
  ])("%s: %j in %s", (status, body, head) => {
    expect(judgeReferences(body, head)).toBe(status);
  });
});

describe("joins", () => {
  it("keep what either way knows", () => {
    const body = `local r: &u64
      copy_loc c
      br_true other
      imm_borrow_loc x
      st_loc r
      branch end
      other:
      imm_borrow_loc y
      st_loc r
      end:
      move_loc VICTIM
      pop
      move_loc r
      pop
      ret`;
    const head = "fun f(c: bool, x: u64, y: u64, z: u64)";
    const status = "MOVELOC_EXISTS_BORROW_ERROR";
    expect(judgeReferences(body.replace("VICTIM", "x"), head)).toBe(status);
    expect(judgeReferences(body.replace("VICTIM", "y"), head)).toBe(status);
    expect(judgeReferences(body.replace("VICTIM", "z"), head)).toBe("OK");
  });

  it("give up a reference that one way has lost", () => {
    const body = "copy_loc c\nbr_true l\nmove_loc n\npop\nl:\nret";
    expect(judgeReferences(body, "fun f(c: bool, n: &mut u64)")).toBe("OK");
  });
});
