// The passes over a module's tables: features, limits, duplication, constants, friends.
import { describe, expect, it } from "vitest";
import type { CompiledModule } from "../../../src/sandbox/binary-format/file-format.ts";
import { PRODUCTION_CONFIG } from "../../../src/sandbox/verifier/config.ts";
import { verifyModule } from "../../../src/sandbox/verifier/verifier.ts";
import { assemble } from "../../assembler/assembler.ts";
import { judge, judgeBody, repeat } from "./judge.ts";

function statusOf(module: CompiledModule): string {
  const result = verifyModule(module);
  return result.ok ? "OK" : result.error.status;
}

describe("features", () => {
  it("refuses declared access to storage, which the format can carry", () => {
    const module = assemble("module 0x1::m version 7\nfun f()\nret");
    const [handle] = module.functionHandles;
    const functionHandles = [{ ...handle, accessSpecifiers: [] }] as never;
    expect(statusOf({ ...module, functionHandles })).toBe("FEATURE_NOT_ENABLED");
  });
});

describe("limits", () => {
  const parameters = (count: number, kind: string) =>
    repeat(count, (index) => `${kind}${index}`).replace(/\n/g, ", ");

  it("counts type parameters of functions and structs", () => {
    expect(judgeBody("ret", `fun f<${parameters(32, "A")}>()`)).toBe("OK");
    expect(judgeBody("ret", `fun f<${parameters(33, "A")}>()`)).toBe("TOO_MANY_TYPE_PARAMETERS");
    const struct = (count: number) =>
      `module 0x1::m\nstruct S<${parameters(count, "phantom A")}>\n  x: u64`;
    expect(judge(struct(32))).toBe("OK");
    expect(judge(struct(33))).toBe("TOO_MANY_TYPE_PARAMETERS");
  });

  it("counts parameters", () => {
    const head = (count: number) => `fun f(${parameters(count, "a").replace(/a\d+/g, "$&: u8")})`;
    expect(judgeBody("ret", head(128))).toBe("OK");
    expect(judgeBody("ret", head(129))).toBe("TOO_MANY_PARAMETERS");
  });

  it("weighs types: a struct or a type parameter counts four", () => {
    const nested = (depth: number, core: string) =>
      `local l: ${"vector<".repeat(depth)}${core}${">".repeat(depth)}\nret`;
    expect(judgeBody(nested(255, "u8"))).toBe("OK");
    expect(judgeBody(nested(252, "T"), "fun f<T: drop>()")).toBe("OK");
    expect(judgeBody(nested(253, "T"), "fun f<T: drop>()")).toBe("TOO_MANY_TYPE_NODES");
    const struct = "struct S has drop\n  x: u8";
    expect(judgeBody(nested(252, "S"), "fun f()", struct)).toBe("OK");
    expect(judgeBody(nested(253, "S"), "fun f()", struct)).toBe("TOO_MANY_TYPE_NODES");
    expect(
      judge(`module 0x1::m\nstruct S<T>\n  x: ${"vector<".repeat(253)}T${">".repeat(253)}`),
    ).toBe("TOO_MANY_TYPE_NODES");
    expect(judgeBody(`ld_const ${"vector<".repeat(256)}u8${">".repeat(256)} 00\npop\nret`)).toBe(
      "TOO_MANY_TYPE_NODES",
    );
  });

  it("counts fields and variants", () => {
    const struct = (count: number) =>
      `module 0x1::m\nstruct S\n${repeat(count, (index) => `x${index}: u8`)}`;
    expect(judge(struct(30))).toBe("OK");
    expect(judge(struct(31))).toBe("MAX_FIELD_DEFINITIONS_REACHED");
    const list = repeat(31, (index) => `x${index}: u8`).replace(/\n/g, ", ");
    expect(judge(`module 0x1::m version 7\nenum E\nA { ${list} }`)).toBe(
      "MAX_FIELD_DEFINITIONS_REACHED",
    );
    const variants = (count: number) =>
      `module 0x1::m version 7\nenum E\n${repeat(count, (index) => `V${index}`)}`;
    expect(judge(variants(90))).toBe("OK");
    expect(judge(variants(91))).toBe("MAX_STRUCT_VARIANTS_REACHED");
  });

  it("counts definitions", () => {
    const functions = `module 0x1::m\n${repeat(4, (index) => `fun f${index}()\nret`)}`;
    expect(judge(functions, { functionDefinitionsMax: 4 })).toBe("OK");
    expect(judge(functions, { functionDefinitionsMax: 3 })).toBe(
      "MAX_FUNCTION_DEFINITIONS_REACHED",
    );
    const structs = `module 0x1::m\n${repeat(4, (index) => `struct S${index}\nx: u8`)}`;
    expect(judge(structs, { structDefinitionsMax: 4 })).toBe("OK");
    expect(judge(structs, { structDefinitionsMax: 3 })).toBe("MAX_STRUCT_DEFINITIONS_REACHED");
    expect(PRODUCTION_CONFIG.functionDefinitionsMax).toBe(1000);
    expect(PRODUCTION_CONFIG.structDefinitionsMax).toBe(200);
  });
});

const FULL = assemble(`
module 0x1::m version 7
friend 0x1::n
import fun 0x2::o::g()
struct S<T> has copy, drop, key
  x: T
enum E<T> has drop
  A
  B { y: T }
fun f<T: drop>(s: S<u64>, e: E<u64>) acquires S
  imm_borrow_loc s
  imm_borrow_field_generic S<u64>.x
  pop
  imm_borrow_loc e
  imm_borrow_variant_field_generic E<u64>::B.y
  pop
  imm_borrow_loc e
  test_variant_generic E<u64>::B
  pop
  ld_const address ${"00".repeat(32)}
  imm_borrow_global_generic S<u64>
  pop
  ld_const vector<u8> 00
  pop
  move_loc s
  move_loc e
  call_generic f<u64>
  ret
`);

describe("duplication", () => {
  it("accepts a module whose entries all differ", () => {
    expect(statusOf(FULL)).toBe("OK");
  });

  it.each<keyof CompiledModule>([
    "identifiers",
    "addresses",
    "constants",
    "signatures",
    "moduleHandles",
    "friends",
    "structHandles",
    "functionHandles",
    "functionInstantiations",
    "fieldHandles",
    "fieldInstantiations",
    "variantFieldHandles",
    "variantFieldInstantiations",
    "structVariantHandles",
    "structVariantInstantiations",
    "structInstantiations",
    "structDefinitions",
    "functionDefinitions",
  ])("refuses a repeated entry of %s", (table) => {
    const entries = (FULL as unknown as Record<string, readonly unknown[]>)[table] ?? [];
    expect(entries.length).toBeGreaterThan(0);
    expect(statusOf({ ...FULL, [table]: [...entries, entries[0]] })).toBe("DUPLICATE_ELEMENT");
  });

  it("refuses members of one name", () => {
    expect(judge("module 0x1::m\nstruct S\nx: u8\nx: u16")).toBe("DUPLICATE_ELEMENT");
    expect(judge("module 0x1::m version 7\nenum E\nA\nA")).toBe("DUPLICATE_ELEMENT");
    expect(judge("module 0x1::m version 7\nenum E\nA { x: u8, x: u8 }")).toBe("DUPLICATE_ELEMENT");
    expect(judge("module 0x1::m version 7\nenum E\nA { x: u8 }\nB { x: u8 }")).toBe("OK");
  });

  it("refuses a struct without fields, not a variant without", () => {
    expect(judge("module 0x1::m\nstruct S")).toBe("ZERO_SIZED_STRUCT");
  });

  it("refuses a resource acquired twice", () => {
    const source = "struct R has key\nx: u8";
    expect(judgeBody("ret", "fun f() acquires R, R", source)).toBe("DUPLICATE_ACQUIRES_ANNOTATION");
  });

  it("refuses to define what is another module's", () => {
    const foreign = FULL.moduleHandles.findIndex((_, index) => index !== FULL.selfHandle);
    const functionHandles = FULL.functionHandles.map((handle) => ({ ...handle, module: foreign }));
    expect(statusOf({ ...FULL, functionHandles })).toBe("INVALID_MODULE_HANDLE");
    const structHandles = FULL.structHandles.map((handle) => ({ ...handle, module: foreign }));
    expect(statusOf({ ...FULL, structHandles })).toBe("INVALID_MODULE_HANDLE");
  });

  it("refuses an own handle that nothing defines", () => {
    expect(judge("module 0x1::m\nimport fun 0x1::m::g()")).toBe("UNIMPLEMENTED_HANDLE");
    expect(judge("module 0x1::m\nimport struct 0x1::m::S")).toBe("UNIMPLEMENTED_HANDLE");
  });
});

describe("constants", () => {
  const constant = (text: string) => judgeBody(`ld_const ${text}\npop\nret`);

  it.each([
    "bool 01",
    "u8 ff",
    "u16 0102",
    "u32 01020304",
    `u128 ${"01".repeat(16)}`,
    `u256 ${"ff".repeat(32)}`,
    `address ${"00".repeat(32)}`,
    "vector<u8> 00",
    "vector<vector<bool>> 02000101",
  ])("accepts `%s`", (text) => {
    expect(constant(text)).toBe("OK");
  });

  it.each([
    "bool 02",
    "u8",
    "u16 01",
    "u16 010203",
    `address ${"00".repeat(16)}`,
    "vector<u8> 0201",
    "vector<u8> 8000",
    "vector<bool> 0102",
    "vector<u64> ffffffff0f",
  ])("refuses the data of `%s`", (text) => {
    expect(constant(text)).toBe("MALFORMED_CONSTANT_DATA");
  });

  it.each(["signer", "vector<signer>", "&u8", "vector<&u8>"])("has no constants of %s", (type) => {
    expect(constant(`${type} 00`)).toBe("INVALID_CONSTANT_TYPE");
  });

  it("has no constants of structs or type parameters", () => {
    const source = "ld_const S 00\npop\nret";
    expect(judgeBody(source, "fun f()", "struct S has drop\nx: u8")).toBe("INVALID_CONSTANT_TYPE");
    expect(judgeBody("ret\nld_const T 00\npop\nret", "fun f<T: drop>()")).toBe(
      "INVALID_CONSTANT_TYPE",
    );
  });
});

describe("friends", () => {
  it("are other modules of the account", () => {
    expect(judge("module 0x1::m\nfriend 0x1::n")).toBe("OK");
    expect(judge("module 0x1::m\nfriend 0x1::m")).toBe("INVALID_FRIEND_DECL_WITH_SELF");
    expect(judge("module 0x1::m\nfriend 0x2::n")).toBe(
      "INVALID_FRIEND_DECL_WITH_MODULES_OUTSIDE_ACCOUNT_ADDRESS",
    );
  });
});
