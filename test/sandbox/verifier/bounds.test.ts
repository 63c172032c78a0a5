import { describe, expect, it } from "vitest";
import type {
  CompiledModule,
  FunctionDefinition,
} from "../../../src/sandbox/binary-format/file-format.ts";
import { checkBounds } from "../../../src/sandbox/verifier/bounds.ts";
import { assemble } from "../../assembler/assembler.ts";
import { judge, judgeBody, moduleWith, repeat } from "./judge.ts";

const SOUND = assemble(`
module 0x1::m version 7
friend 0x1::n
struct S<T> has copy, drop
  x: T
enum E<T> has drop
  A
  B { y: T }
fun f<T: copy + drop>(a: &S<T>): u64
  local l: u64
  ld_u64 1
  ret
fun g(a: &E<u64>)
  copy_loc a
  imm_borrow_variant_field_generic E<u64>::B.y
  pop
  copy_loc a
  test_variant_generic E<u64>::B
  pop
  ld_u64 1
  pack_generic S<u64>
  st_loc s
  imm_borrow_loc s
  imm_borrow_field_generic S<u64>.x
  pop
  imm_borrow_loc s
  call_generic f<u64>
  pop
  ld_const u8 07
  pop
  ret
  local s: S<u64>
`);

function statusOf(module: CompiledModule): string {
  const result = checkBounds(module);
  return result.ok ? "OK" : result.error.status;
}

function withEntry<Name extends keyof CompiledModule>(
  table: Name,
  index: number,
  change: object,
): CompiledModule {
  const entries = SOUND[table] as readonly object[];
  return {
    ...SOUND,
    [table]: entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry)),
  };
}

describe("bounds", () => {
  it("accepts indices that lie in their tables", () => {
    expect(statusOf(SOUND)).toBe("OK");
  });

  it("needs a module handle", () => {
    expect(statusOf({ ...SOUND, moduleHandles: [] })).toBe("NO_MODULE_HANDLES");
  });

  it.each<[keyof CompiledModule, object]>([
    ["moduleHandles", { address: 9 }],
    ["moduleHandles", { name: 99 }],
    ["friends", { name: 99 }],
    ["structHandles", { module: 9 }],
    ["structHandles", { name: 99 }],
    ["functionHandles", { module: 9 }],
    ["functionHandles", { name: 99 }],
    ["functionHandles", { parameters: 99 }],
    ["functionHandles", { returns: 99 }],
    ["fieldHandles", { owner: 9 }],
    ["fieldHandles", { field: 1 }],
    ["fieldHandles", { owner: 1, field: 0 }],
    ["fieldInstantiations", { handle: 9 }],
    ["fieldInstantiations", { typeArgs: 99 }],
    ["structInstantiations", { definition: 9 }],
    ["structInstantiations", { typeArgs: 99 }],
    ["functionInstantiations", { handle: 9 }],
    ["functionInstantiations", { typeArgs: 99 }],
    ["variantFieldHandles", { owner: 9 }],
    ["variantFieldHandles", { variants: [0] }],
    ["variantFieldHandles", { variants: [2] }],
    ["variantFieldHandles", { field: 1 }],
    ["variantFieldInstantiations", { handle: 9 }],
    ["structVariantHandles", { owner: 9 }],
    ["structVariantHandles", { variant: 2 }],
    ["structVariantHandles", { owner: 0, variant: 0 }],
    ["structVariantInstantiations", { handle: 9 }],
    ["structDefinitions", { handle: 9 }],
    ["functionDefinitions", { handle: 9 }],
    ["functionDefinitions", { acquires: [9] }],
    ["constants", { type: { kind: "struct", handle: 9 } }],
  ])("refuses an entry of %s with %j", (table, change) => {
    expect(statusOf(withEntry(table, 0, change))).toBe("INDEX_OUT_OF_BOUNDS");
  });

  it("refuses an own handle, or a locals signature, that is not there", () => {
    expect(statusOf({ ...SOUND, selfHandle: 9 })).toBe("INDEX_OUT_OF_BOUNDS");
    const definition: FunctionDefinition = { ...SOUND.functionDefinitions[0] } as never;
    const code = { locals: 99, code: definition.code?.code ?? [] };
    expect(statusOf(withEntry("functionDefinitions", 0, { code }))).toBe("INDEX_OUT_OF_BOUNDS");
  });

  it.each([
    "call #9",
    "call_generic #9",
    "pack #9",
    "pack_generic #9",
    "imm_borrow_field #9",
    "imm_borrow_field_generic #9",
    "ld_const #9",
    "vec_len #9",
    "vec_pack #9 1",
    "copy_loc 1",
    "branch 2",
    "branch 65535",
  ])("refuses the operand of `%s`", (instruction) => {
    const source = moduleWith(`${instruction}\nret`, "fun f(a: u64)");
    expect(judge(source)).toBe("INDEX_OUT_OF_BOUNDS");
  });

  it.each(["pack_variant #9", "imm_borrow_variant_field #9", "test_variant_generic #9"])(
    "refuses the operand of `%s`",
    (instruction) => {
      expect(judge(`module 0x1::m version 7\nfun f()\n${instruction}\nret`)).toBe(
        "INDEX_OUT_OF_BOUNDS",
      );
    },
  );

  it("refuses type parameters out of scope: signatures, locals, fields, operands", () => {
    expect(judgeBody("ret", "fun f<T>(a: T1)")).toBe("INDEX_OUT_OF_BOUNDS");
    expect(judgeBody("ret", "fun f<T>(): vector<T1>")).toBe("INDEX_OUT_OF_BOUNDS");
    expect(judgeBody("local l: T0\nret")).toBe("INDEX_OUT_OF_BOUNDS");
    expect(judgeBody("vec_pack T0 0\npop\nret")).toBe("INDEX_OUT_OF_BOUNDS");
    expect(judge("module 0x1::m\nstruct S<T>\n  x: vector<T1>")).toBe("INDEX_OUT_OF_BOUNDS");
  });

  it("refuses structs with too few, too many or missing type arguments", () => {
    const declarations = "struct S<T> has drop\n  x: T\nstruct P has drop\n  x: u64";
    const status = "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH";
    expect(judgeBody("local l: S\nret", "fun f()", declarations)).toBe(status);
    expect(judgeBody("local l: S<u8, u8>\nret", "fun f()", declarations)).toBe(status);
    expect(judgeBody("local l: P<u8>\nret", "fun f()", declarations)).toBe(status);
  });

  it("refuses an enum without variants", () => {
    expect(judge("module 0x1::m version 7\nenum E has drop")).toBe("ZERO_VARIANTS_ERROR");
  });

  it.each([
    [255, 0, "OK"],
    [256, 0, "TOO_MANY_LOCALS"],
    [127, 128, "OK"],
    [128, 128, "TOO_MANY_LOCALS"],
  ])("counts %i locals and %i parameters", (locals, parameters, verdict) => {
    const head = `fun f(${repeat(parameters, (index) => `p${index}: u64`).replace(/\n/g, ",")})`;
    const body = `${repeat(locals, (index) => `local l${index}: u64`)}\nret`;
    // The format holds at most 255 types in a signature; 256 locals can only be written in memory.
    expect(judgeBody(body, head)).toBe(verdict);
  });
});
