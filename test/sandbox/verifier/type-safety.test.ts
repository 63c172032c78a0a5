import { describe, expect, it } from "vitest";
import { OPCODES, type Opcode } from "../../../src/sandbox/binary-format/opcodes.ts";
import { verifyModule } from "../../../src/sandbox/verifier/verifier.ts";
import { assemble } from "../../assembler/assembler.ts";
import { mnemonic } from "../../assembler/operands.ts";
import { judge, moduleWith } from "./judge.ts";

const DECLARATIONS = `
struct S has copy, drop
  x: u64
  y: bool
struct P
  x: u64
struct R has key
  x: u64
struct G<T> has copy, drop
  x: T
struct K<T: store> has key
  x: T
enum E has copy, drop
  A
  B { x: u64 }
  C { x: u64, y: bool }
  D { x: bool }
enum F<T> has drop
  A { x: T }
fun callee(a: u64, b: &S): bool
  ld_true
  ret
fun generic<T>(a: T): T
  move_loc a
  ret
`;

/** A function with a parameter of many types; each is addressed by its type. */
const HEAD =
  `fun f<T>(n: u64, b: bool, s: S, p: P, a: address, g: &signer, v: vector<u64>, t: T, i: &S,
  m: &mut S, e: E, mp: &mut P, vi: &vector<u64>, vm: &mut vector<u64>, ei: &E, em: &mut E, r: R,
  k: K<u64>, gi: &G<u64>, gm: &mut G<u64>, by: u8, fi: &F<u64>, fm: &mut F<u64>, mv: &mut u64)
  acquires R, K`.replace(/\n\s*/g, " ");

/** The rest of the body never returns, so that only what is tested is checked. */
function judgeTypes(body: string): string {
  const source = moduleWith(`${body}\nld_u64 0\nabort`, HEAD, DECLARATIONS);
  const status = judge(source.replace("0x1::m", "0x1::m version 7"));
  return status === "EXTRANEOUS_ACQUIRES_ANNOTATION" ? "OK" : status;
}

describe("type safety", () => {
  const SOUND = [
    "copy_loc n\ncopy_loc n\nadd\npop",
    "copy_loc n\ncopy_loc by\nshl\npop",
    "copy_loc b\ncopy_loc b\nand\nnot\npop",
    "copy_loc n\ncast_u256\npop",
    "copy_loc n\ncopy_loc n\nle\npop",
    "copy_loc s\ncopy_loc s\neq\npop",
    "copy_loc i\ncopy_loc i\nneq\npop",
    "copy_loc n\nld_true\npack S\nunpack S\npop\npop",
    "move_loc p\nunpack P\npop",
    "ld_u64 1\npack_generic G<u64>\nunpack_generic G<u64>\npop",
    "pack_variant E::A\npop",
    "ld_u64 1\npack_variant E::B\nunpack_variant E::B\npop",
    "ld_u64 1\npack_variant_generic F<u64>::A\nunpack_variant_generic F<u64>::A\npop",
    "copy_loc ei\ntest_variant E::B\npop\ncopy_loc em\ntest_variant E::B\npop",
    "copy_loc fi\ntest_variant_generic F<u64>::A\npop",
    "copy_loc ei\nimm_borrow_variant_field E::B|C.x\nread_ref\npop",
    "copy_loc em\nmut_borrow_variant_field E::B.x\npop",
    "copy_loc fi\nimm_borrow_variant_field_generic F<u64>::A.x\nread_ref\npop",
    "copy_loc i\nimm_borrow_field S.x\nread_ref\npop",
    "copy_loc m\nimm_borrow_field S.x\npop\ncopy_loc m\nmut_borrow_field S.y\npop",
    "copy_loc gi\nimm_borrow_field_generic G<u64>.x\npop",
    "copy_loc gm\nmut_borrow_field_generic G<u64>.x\npop",
    "copy_loc m\nfreeze_ref\npop",
    "copy_loc s\ncopy_loc m\nwrite_ref",
    "imm_borrow_loc t\npop\nmut_borrow_loc n\npop",
    "move_loc t\nst_loc t",
    "copy_loc a\nexists R\npop\ncopy_loc a\nexists_generic K<u64>\npop",
    "copy_loc a\nimm_borrow_global R\npop\ncopy_loc a\nmut_borrow_global R\npop",
    "copy_loc a\nmove_from R\nst_loc r2\nld_u64 0\nabort\nlocal r2: R",
    "copy_loc g\nmove_loc r\nmove_to R",
    "copy_loc g\nmove_loc k\nmove_to_generic K<u64>",
    "copy_loc n\ncopy_loc n\nvec_pack u64 2\nvec_unpack u64 2\npop\npop",
    "copy_loc vi\nvec_len u64\npop\ncopy_loc vm\nvec_len u64\npop",
    "copy_loc vi\ncopy_loc n\nvec_imm_borrow u64\npop\ncopy_loc vm\ncopy_loc n\n" +
      "vec_mut_borrow u64\npop",
    "copy_loc vm\ncopy_loc n\nvec_push_back u64\ncopy_loc vm\nvec_pop_back u64\npop",
    "copy_loc vm\ncopy_loc n\ncopy_loc n\nvec_swap u64",
    "copy_loc n\ncopy_loc i\ncall callee\npop",
    "move_loc t\ncall_generic generic<T>\nst_loc t",
    "copy_loc n\ncall_generic generic<u64>\npop",
    "ld_const u64 0100000000000000\npop\nld_u8 1\npop\nld_u16 1\npop\nld_u32 1\npop\n" +
      "ld_u128 1\npop\nld_u256 1\npop",
    "copy_loc b\nbr_true x\nx:\nld_false\nbr_false y\ny:\nbranch z\nz:\nnop\nld_true\npop",
    "copy_loc n\ncopy_loc n\nsub\ncopy_loc n\nmul\ncopy_loc n\nmod\ncopy_loc n\ndiv\npop",
    "copy_loc n\ncopy_loc n\nbit_or\ncopy_loc n\nbit_and\ncopy_loc n\nxor\ncopy_loc by\nshr\npop",
    "copy_loc n\ncast_u8\ncast_u16\ncast_u32\ncast_u64\ncast_u128\npop",
    "copy_loc n\ncopy_loc n\nlt\ncopy_loc n\ncopy_loc n\ngt\nor\ncopy_loc n\ncopy_loc n\n" +
      "ge\nor\npop",
    "copy_loc a\nimm_borrow_global_generic K<u64>\npop\ncopy_loc a\n" +
      "mut_borrow_global_generic K<u64>\npop",
    "copy_loc a\nmove_from_generic K<u64>\nst_loc k2\nlocal k2: K<u64>",
    "copy_loc fm\nmut_borrow_variant_field_generic F<u64>::A.x\npop",
  ];

  it.each(SOUND)("accepts %j", (body) => {
    expect(judgeTypes(body)).toBe("OK");
  });

  it.each<[string, string]>([
    ["POP_WITHOUT_DROP_ABILITY", "move_loc p\npop"],
    ["POP_WITHOUT_DROP_ABILITY", "move_loc t\npop"],
    ["BR_TYPE_MISMATCH_ERROR", "copy_loc n\nbr_true 0"],
    ["BR_TYPE_MISMATCH_ERROR", "copy_loc n\nbr_false 0"],
    ["ABORT_TYPE_MISMATCH_ERROR", "copy_loc b\nabort"],
    ["STLOC_TYPE_MISMATCH_ERROR", "copy_loc n\nst_loc b"],
    ["STLOC_TYPE_MISMATCH_ERROR", "copy_loc m\nst_loc i"],
    ["COPYLOC_WITHOUT_COPY_ABILITY", "copy_loc p\nunpack P\npop"],
    ["COPYLOC_WITHOUT_COPY_ABILITY", "copy_loc t\nst_loc t"],
    ["BORROWLOC_REFERENCE_ERROR", "imm_borrow_loc i\npop"],
    ["BORROWLOC_REFERENCE_ERROR", "mut_borrow_loc m\npop"],
    ["FREEZEREF_TYPE_MISMATCH_ERROR", "copy_loc i\nfreeze_ref\npop"],
    ["FREEZEREF_TYPE_MISMATCH_ERROR", "copy_loc n\nfreeze_ref\npop"],
    ["READREF_TYPE_MISMATCH_ERROR", "copy_loc n\nread_ref\npop"],
    ["READREF_WITHOUT_COPY_ABILITY", "copy_loc mp\nread_ref\nunpack P\npop"],
    ["WRITEREF_NO_MUTABLE_REFERENCE_ERROR", "copy_loc s\ncopy_loc i\nwrite_ref"],
    ["WRITEREF_NO_MUTABLE_REFERENCE_ERROR", "copy_loc s\ncopy_loc n\nwrite_ref"],
    ["WRITEREF_WITHOUT_DROP_ABILITY", "move_loc p\ncopy_loc mp\nwrite_ref"],
    ["WRITEREF_TYPE_MISMATCH_ERROR", "copy_loc n\ncopy_loc m\nwrite_ref"],
    ["BORROWFIELD_TYPE_MISMATCH_ERROR", "copy_loc i\nmut_borrow_field S.x\npop"],
    ["BORROWFIELD_TYPE_MISMATCH_ERROR", "copy_loc s\nimm_borrow_field S.x\npop"],
    ["BORROWFIELD_TYPE_MISMATCH_ERROR", "copy_loc i\nimm_borrow_field P.x\npop"],
    ["BORROWFIELD_TYPE_MISMATCH_ERROR", "copy_loc gi\nimm_borrow_field_generic G<u8>.x\npop"],
    ["BORROWFIELD_TYPE_MISMATCH_ERROR", "copy_loc ei\nmut_borrow_variant_field E::B.x\npop"],
    ["BORROWFIELD_TYPE_MISMATCH_ERROR", "copy_loc ei\nimm_borrow_variant_field E::B|D.x\npop"],
    ["INTEGER_OP_TYPE_MISMATCH_ERROR", "copy_loc n\ncopy_loc by\nadd\npop"],
    ["INTEGER_OP_TYPE_MISMATCH_ERROR", "copy_loc b\ncopy_loc b\nbit_or\npop"],
    ["INTEGER_OP_TYPE_MISMATCH_ERROR", "copy_loc n\ncopy_loc n\nshl\npop"],
    ["INTEGER_OP_TYPE_MISMATCH_ERROR", "copy_loc b\ncopy_loc by\nshr\npop"],
    ["INTEGER_OP_TYPE_MISMATCH_ERROR", "copy_loc b\ncast_u8\npop"],
    ["INTEGER_OP_TYPE_MISMATCH_ERROR", "copy_loc a\ncopy_loc a\nlt\npop"],
    ["BOOLEAN_OP_TYPE_MISMATCH_ERROR", "copy_loc b\ncopy_loc n\nor\npop"],
    ["BOOLEAN_OP_TYPE_MISMATCH_ERROR", "copy_loc n\nnot\npop"],
    ["EQUALITY_OP_TYPE_MISMATCH_ERROR", "copy_loc n\ncopy_loc b\neq\npop"],
    ["EQUALITY_OP_TYPE_MISMATCH_ERROR", "copy_loc i\ncopy_loc m\neq\npop"],
    ["EQUALITY_OP_TYPE_MISMATCH_ERROR", "move_loc p\nld_u64 1\npack P\neq\npop"],
    ["CALL_TYPE_MISMATCH_ERROR", "copy_loc b\ncopy_loc i\ncall callee\npop"],
    ["CALL_TYPE_MISMATCH_ERROR", "copy_loc n\ncopy_loc m\ncall callee\npop"],
    ["CALL_TYPE_MISMATCH_ERROR", "copy_loc n\ncall_generic generic<T>\nst_loc t"],
    ["PACK_TYPE_MISMATCH_ERROR", "ld_true\nld_true\npack S\npop"],
    ["PACK_TYPE_MISMATCH_ERROR", "ld_u8 1\npack_generic G<u64>\npop"],
    ["PACK_TYPE_MISMATCH_ERROR", "pack E\npop"],
    ["PACK_TYPE_MISMATCH_ERROR", "ld_true\npack_variant E::B\npop"],
    ["UNPACK_TYPE_MISMATCH_ERROR", "copy_loc n\nunpack S\npop\npop"],
    ["UNPACK_TYPE_MISMATCH_ERROR", "copy_loc s\nunpack_variant E::B\npop"],
    ["TEST_VARIANT_TYPE_MISMATCH_ERROR", "copy_loc e\ntest_variant E::A\npop"],
    ["TEST_VARIANT_TYPE_MISMATCH_ERROR", "copy_loc i\ntest_variant E::A\npop"],
    ["EXISTS_WITHOUT_KEY_ABILITY_OR_BAD_ARGUMENT", "copy_loc n\nexists R\npop"],
    ["EXISTS_WITHOUT_KEY_ABILITY_OR_BAD_ARGUMENT", "copy_loc a\nexists S\npop"],
    ["BORROWGLOBAL_TYPE_MISMATCH_ERROR", "copy_loc n\nimm_borrow_global R\npop"],
    ["BORROWGLOBAL_WITHOUT_KEY_ABILITY", "copy_loc a\nmut_borrow_global S\npop"],
    ["MOVEFROM_TYPE_MISMATCH_ERROR", "copy_loc g\nmove_from R\npop"],
    ["MOVEFROM_WITHOUT_KEY_ABILITY", "copy_loc a\nmove_from S\npop"],
    ["MOVETO_WITHOUT_KEY_ABILITY", "copy_loc g\ncopy_loc s\nmove_to S"],
    ["MOVETO_TYPE_MISMATCH_ERROR", "copy_loc a\nmove_loc r\nmove_to R"],
    ["MOVETO_TYPE_MISMATCH_ERROR", "copy_loc g\ncopy_loc s\nmove_to R"],
    ["TYPE_MISMATCH", "copy_loc n\ncopy_loc b\nvec_pack u64 2\npop"],
    ["TYPE_MISMATCH", "copy_loc v\nvec_len u64\npop"],
    ["TYPE_MISMATCH", "copy_loc vi\nvec_len u8\npop"],
    ["TYPE_MISMATCH", "copy_loc vi\ncopy_loc by\nvec_imm_borrow u64\npop"],
    ["TYPE_MISMATCH", "copy_loc vi\ncopy_loc n\nvec_mut_borrow u64\npop"],
    ["TYPE_MISMATCH", "copy_loc vm\ncopy_loc b\nvec_push_back u64"],
    ["TYPE_MISMATCH", "copy_loc vi\ncopy_loc n\nvec_push_back u64"],
    ["TYPE_MISMATCH", "copy_loc vi\nvec_pop_back u64\npop"],
    ["TYPE_MISMATCH", "copy_loc vi\nvec_unpack u64 1\npop"],
    ["TYPE_MISMATCH", "copy_loc vm\ncopy_loc n\ncopy_loc by\nvec_swap u64"],
    ["TYPE_MISMATCH", "copy_loc mv\ncopy_loc n\ncopy_loc n\nvec_swap u64"],
  ])("refuses with %s: %j", (status, body) => {
    expect(judgeTypes(body)).toBe(status);
  });

  it("refuses returned values of other types", () => {
    expect(judge(moduleWith("ld_true\nret", "fun f(): u64"))).toBe("RET_TYPE_MISMATCH_ERROR");
    expect(judge(moduleWith("ld_u64 1\nld_true\nret", "fun f(): bool, u64"))).toBe(
      "RET_TYPE_MISMATCH_ERROR",
    );
  });

  it("refuses a field of no variant, which has no type", () => {
    const module = assemble(
      "module 0x1::m version 7\nenum E has drop\nA { x: u8 }\nfun f(e: &E)\nmove_loc e\n" +
        "imm_borrow_variant_field E::A.x\npop\nret",
    );
    const variantFieldHandles = [{ owner: 0, field: 0, variants: [] }];
    const result = verifyModule({ ...module, variantFieldHandles });
    expect(result.ok || result.error.status).toBe("ZERO_VARIANTS_ERROR");
  });

  it("is tested with a sound use of every instruction", () => {
    const words = new Set(
      SOUND.flatMap((body) => body.split("\n").map((line) => line.split(" ")[0])),
    );
    const missing = (Object.keys(OPCODES) as Opcode[])
      .map(mnemonic)
      .filter((word) => !words.has(word));
    expect(missing).toEqual(["ret"]);
  });
});
