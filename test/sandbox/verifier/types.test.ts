// The passes over types: signatures, instruction consistency, struct recursion, instantiation
// loops.
import { describe, expect, it } from "vitest";
import { judge, judgeBody } from "./judge.ts";

const STRUCTS = `
struct Copyable<T: copy> has copy, drop
  x: T
struct Marker<phantom T> has copy, drop, store
  x: u64
struct Resource<T: store> has key
  x: T
struct Potato
  x: u64
`;

describe("signatures", () => {
  it.each([
    ["fun f(a: &&u64)", "ret"],
    ["fun f(a: &mut &u64)", "ret"],
    ["fun f(a: vector<&u64>)", "ret"],
    ["fun f(): vector<&mut u64>", "ret"],
    ["fun f()", "local l: vector<&u64>\nret"],
    ["fun f(a: Marker<&u64>)", "ret"],
    ["fun f()", "vec_pack &u64 0\nret"],
    ["fun f()", "call_generic g<&u64>\nret"],
    ["fun f()", "ld_u64 1\npack_generic Marker<&u64>\npop\nret"],
  ])("refuses a reference inside a type: %s { %s }", (head, body) => {
    const callee = "fun g<T>()\nret";
    expect(judgeBody(body, head, `${STRUCTS}${callee}`)).toBe("INVALID_SIGNATURE_TOKEN");
  });

  it.each([
    ["fun f(a: Copyable<Potato>)", "ret"],
    ["fun f(): Copyable<vector<Potato>>", "ret"],
    ["fun f(a: Copyable<signer>)", "ret"],
    ["fun f<T>(a: Copyable<T>)", "ret"],
    ["fun f<T: drop>()", "local l: vector<Copyable<T>>\nret"],
    ["fun f<T>()", "call_generic g<T>\nret"],
    ["fun f<T: copy>(a: address): bool", "move_loc a\nexists_generic Resource<T>\nret"],
  ])("refuses type arguments that lack an ability: %s { %s }", (head, body) => {
    const callee = "fun g<T: copy + drop>()\nret";
    expect(judgeBody(body, head, `${STRUCTS}${callee}`)).toBe("CONSTRAINT_NOT_SATISFIED");
  });

  it("asks a phantom argument for its constraints only", () => {
    const source = "struct P<phantom T> has key\nx: u64";
    const body = "move_loc a\nexists_generic P<Potato>\nret";
    expect(judgeBody(body, "fun f(a: address): bool", `${STRUCTS}${source}`)).toBe("OK");
  });

  it("asks for key where storage is touched", () => {
    const source = "struct G<T> has drop\nx: T";
    const body = "move_loc a\nexists_generic G<u64>\nret";
    expect(judgeBody(body, "fun f(a: address): bool", source)).toBe("CONSTRAINT_NOT_SATISFIED");
  });

  it("refuses a wrong number of type arguments in instantiations", () => {
    const status = "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH";
    expect(judgeBody("call_generic g<u64>\nret", "fun f()", "fun g<A, B>()\nret")).toBe(status);
    expect(judgeBody("ret\nvec_pack #0 0\npop\nret", "fun f()")).toBe(status);
    const body = "ld_u64 1\npack_generic Marker<u64, u64>\npop\nret";
    expect(judgeBody(body, "fun f()", STRUCTS)).toBe(status);
  });

  it.each([
    ["copy, drop", "x: Potato"],
    ["store", "x: vector<Potato>"],
    ["key", "x: Copyable<u64>"],
    ["copy", "x: signer"],
  ])("refuses a struct with %s and a field `%s`", (abilities, field) => {
    expect(judge(`module 0x1::m\n${STRUCTS}\nstruct S has ${abilities}\n${field}`)).toBe(
      "FIELD_MISSING_TYPE_ABILITY",
    );
  });

  it("lets abilities depend on type arguments", () => {
    const source = "struct S<T> has copy, drop, store, key\nx: vector<T>";
    expect(judge(`module 0x1::m\n${source}`)).toBe("OK");
  });

  it("checks the fields of every variant", () => {
    const head = `module 0x1::m version 7\n${STRUCTS}\nenum E<phantom T> has copy, drop\nA`;
    expect(judge(`${head}\nB { x: Potato }`)).toBe("FIELD_MISSING_TYPE_ABILITY");
    expect(judge(`${head}\nB { x: vector<T> }`)).toBe("INVALID_PHANTOM_TYPE_PARAM_POSITION");
    expect(judge(`${head}\nB { x: Marker<T> }`)).toBe("OK");
  });

  it.each(["x: T", "x: vector<T>", "x: Real<T>", "x: vector<Real<T>>"])(
    "refuses a phantom parameter used in `%s`",
    (field) => {
      const source = `struct Real<T> has drop\nx: T\nstruct S<phantom T> has drop\n${field}`;
      expect(judge(`module 0x1::m\n${source}`)).toBe("INVALID_PHANTOM_TYPE_PARAM_POSITION");
    },
  );
});

describe("instruction consistency", () => {
  const declarations =
    "struct S has drop\nx: u8\nstruct G<T> has drop\nx: T\nfun g<T>()\nret\nfun h()\nret";

  it.each(["call g", "call_generic h", "ld_u8 1\npack G\npop", "ld_u8 1\npack_generic S\npop"])(
    "refuses the other form: %s",
    (body) => {
      const status = judgeBody(`${body}\nret`, "fun f()", declarations);
      // A plain instantiation without arguments may fall at the number of arguments before.
      expect(["GENERIC_MEMBER_OPCODE_MISMATCH", "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH"]).toContain(
        status,
      );
    },
  );

  it("refuses plain forms on generic members", () => {
    const status = "GENERIC_MEMBER_OPCODE_MISMATCH";
    expect(judgeBody("call g\nret", "fun f()", declarations)).toBe(status);
    expect(judgeBody("imm_borrow_field G.x\npop\nret", "fun f()", declarations)).toBe(status);
  });

  it.each(["vec_pack u64 65536", "vec_unpack u64 18446744073709551615"])("refuses `%s`", (line) => {
    expect(judgeBody(`ret\n${line}\nret`)).toBe("CONSTRAINT_NOT_SATISFIED");
  });
});

describe("struct recursion", () => {
  it.each([
    ["itself", "struct A\nx: A"],
    ["a vector of itself", "struct A\nx: vector<A>"],
    ["each other", "struct A\nx: B\nstruct B\nx: A"],
    ["a ring of three", "struct A\nx: B\nstruct B\nx: C\nstruct C\nx: vector<A>"],
    ["a type argument", "struct G<T>\nx: T\nstruct A\nx: G<A>"],
    ["a phantom argument", "struct G<phantom T>\nx: u8\nstruct A\nx: G<A>"],
    ["itself, generic", "struct A<T>\nx: A<vector<T>>\ny: T"],
  ])("refuses a struct that contains %s", (_name, source) => {
    expect(judge(`module 0x1::m\n${source}`)).toBe("RECURSIVE_STRUCT_DEFINITION");
  });

  it("refuses a recursive enum", () => {
    expect(judge("module 0x1::m version 7\nenum E\nNil\nCons { head: u64, tail: E }")).toBe(
      "RECURSIVE_STRUCT_DEFINITION",
    );
  });

  it("accepts a lattice", () => {
    const source = "struct A\nx: B\ny: C\nstruct B\nx: D\nstruct C\nx: D\nstruct D\nx: u8";
    expect(judge(`module 0x1::m\n${source}`)).toBe("OK");
  });
});

describe("instantiation loops", () => {
  it.each([
    ["itself", "fun f<T>()\ncall_generic f<vector<T>>\nret"],
    [
      "each other",
      "fun f<T>()\ncall_generic g<vector<T>>\nret\nfun g<T>()\ncall_generic f<T>\nret",
    ],
    [
      "a ring behind a start",
      "fun s()\ncall_generic f<u8, u8>\nret\nfun f<A, B>()\ncall_generic g<B, vector<A>>\n" +
        "ret\nfun g<A, B>()\ncall_generic f<A, B>\nret",
    ],
  ])("refuses functions that call %s with ever larger types", (_name, source) => {
    expect(judge(`module 0x1::m\n${source}`)).toBe("LOOP_IN_INSTANTIATION_GRAPH");
  });

  it.each([
    ["the same type", "fun f<T>()\ncall_generic f<T>\nret"],
    ["swapped types", "fun f<A, B>()\ncall_generic f<B, A>\nret"],
    ["a fixed type", "fun f<T>()\ncall_generic f<vector<u8>>\nret"],
    ["larger types, but not back", "fun f<T>()\ncall_generic g<vector<T>>\nret\nfun g<T>()\nret"],
  ])("accepts a call with %s", (_name, source) => {
    expect(judge(`module 0x1::m\n${source}`)).toBe("OK");
  });
});
