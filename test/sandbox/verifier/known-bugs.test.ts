// Defects that verifiers of the lineage have had, each as a module that must be judged right here.
// The README beside this file lists them, with those that can not occur.
import { describe, expect, it } from "vitest";
import { serializeModule } from "../../../src/sandbox/binary-format/serializer.ts";
import { assemble } from "../../assembler/assembler.ts";
import { judge, judgeBody, moduleWith, repeat } from "./judge.ts";

const POTATO = "struct Potato\nx: u64";
describe("a successor lost at the end of a full-length body", () => {
  // Only the last instruction leads to `target`. Where offsets wrap, the jump is not followed and
  // the block never looked at.
  const body = (length: number) => `
    branch last
    target:
    ld_u64 1
    pack Potato
    st_loc p
    ld_u64 0
    abort
    ${repeat(length - 7, () => "nop")}
    last:
    branch target`;

  it.each([65_535, 65_534, 65_533])("is followed in a body of %i instructions", (length) => {
    const source = moduleWith(body(length), "fun f(p: Potato)", POTATO);
    expect(assemble(source).functionDefinitions[0]?.code?.code).toHaveLength(length);
    expect(judge(source)).toBe("STLOC_UNSAFE_TO_DESTROY_ERROR");
  });

  it("is followed for references too", () => {
    const alias = `
      branch last
      target:
      copy_loc m
      copy_loc m
      call both
      ld_u64 0
      abort
      ${repeat(65_535 - 7, () => "nop")}
      last:
      branch target`;
    const both = "fun both(a: &mut u64, b: &mut u64)\nret";
    expect(judgeBody(alias, "fun f(m: &mut u64)", both)).toBe(
      "CALL_BORROWED_MUTABLE_REFERENCE_ERROR",
    );
  });
});

describe("a loop whose back edge comes from a block that stands before its head", () => {
  // In code order `again` comes before `head`, so a single sweep sees `head` once only.
  const loop = (again: string, head: string) => `
    branch head
    again:
    ${again}
    head:
    ${head}
    copy_loc c
    br_true again
    ld_u64 0
    abort`;

  it("does not lose a value that can not be dropped", () => {
    const body = `local p: Potato\n${loop("nop", "ld_u64 1\npack Potato\nst_loc p")}`;
    expect(judgeBody(body, "fun f(c: bool)", POTATO)).toBe("STLOC_UNSAFE_TO_DESTROY_ERROR");
  });

  it("does not share a mutable reference", () => {
    const body = `local r: &mut u64\nlocal q: &mut u64\n${loop(
      "copy_loc m\nst_loc r",
      "copy_loc m\nst_loc q\ncopy_loc q\ncopy_loc m\ncall both",
    )}`;
    const both = "fun both(a: &mut u64, b: &mut u64)\nret";
    expect(judgeBody(body, "fun f(c: bool, m: &mut u64)", both)).toBe(
      "CALL_BORROWED_MUTABLE_REFERENCE_ERROR",
    );
  });

  it("sees in the second round what the first left borrowed", () => {
    const body = `
      local r: &mut u64
      local q: &mut u64
      mut_borrow_loc x
      st_loc r
      mut_borrow_loc y
      st_loc q
      ${loop("nop", "ld_u64 1\ncopy_loc q\nwrite_ref\nmut_borrow_loc x\nst_loc q")}`;
    expect(judgeBody(body, "fun f(c: bool, x: u64, y: u64)")).toBe("WRITEREF_EXISTS_BORROW_ERROR");
  });
});

describe("counts that overflow", () => {
  it.each([2n ** 63n, 2n ** 64n - 1n, 2n ** 32n, 65_536n])(
    "of a vector packed or unpacked: %i",
    (count) => {
      expect(judgeBody(`ret\nvec_unpack u64 ${count}\nret`)).toBe("CONSTRAINT_NOT_SATISFIED");
      expect(judgeBody(`ret\nvec_pack u64 ${count}\npop\nret`)).toBe("CONSTRAINT_NOT_SATISFIED");
    },
  );

  it("of vectors whose counts wrap around to what the stack holds", () => {
    const body = `
      vec_pack u8 0
      vec_unpack u8 ${2n ** 64n - 1n}
      vec_pack u8 0
      vec_unpack u8 1
      ret`;
    expect(judgeBody(body)).toBe("CONSTRAINT_NOT_SATISFIED");
  });

  it.each([
    [128, 128],
    [255, 1],
    [1, 255],
  ])("of %i parameters and %i locals, beyond what a local index can say", (parameters, locals) => {
    const list = repeat(parameters, (index) => `a${index}: u8`).replace(/\n/g, ", ");
    const body = `${repeat(locals, (index) => `local l${index}: u8`)}\nret`;
    expect(judgeBody(body, `fun f(${list})`)).toBe("TOO_MANY_LOCALS");
  });
});

describe("joins that never come to rest", () => {
  const numbered = (count: number, entry: (index: number) => string) =>
    repeat(count, entry).replace(/\n/g, ", ");

  /** A short loop that passes references around, so that each round finds other borrows. */
  function judgeCarousel(count: number, step: string): string {
    const body = `
      ${repeat(count, (index) => `local r${index}: &mut S\nlocal i${index}: &S`)}
      ${repeat(count, (index) => `mut_borrow_loc s${index}\nst_loc r${index}`)}
      head:
      ${step}
      copy_loc c
      br_true head
      ld_u64 0
      abort`;
    const head = `fun f(c: bool, t: S, ${numbered(count, (index) => `s${index}: S`)})`;
    const declarations = `struct S has copy, drop
      f: u64
      fun turn(a: &mut S): &mut S
      move_loc a
      ret`;
    return judge(moduleWith(body, head, declarations));
  }

  // Beyond ten ways to borrow a reference may point anywhere, so its local can not be written.
  it.each([
    [8, "OK"],
    [12, "STLOC_UNSAFE_TO_DESTROY_ERROR"],
  ])("when %i references change places", (count, status) => {
    const shift = repeat(count - 1, (index) => `move_loc r${index + 1}\nst_loc r${index}`);
    expect(judgeCarousel(count, `move_loc r0\n${shift}\nst_loc r${count - 1}`)).toBe(status);
  });

  it("when references come back from calls", () => {
    const step = repeat(12, (index) => `move_loc r${index}\ncall turn\nst_loc r${index}`);
    expect(judgeCarousel(12, step)).toBe("OK");
  });

  it("when every round borrows again", () => {
    const step = repeat(12, (index) => `imm_borrow_loc t\nst_loc i${index}`);
    expect(judgeCarousel(12, step)).toBe("OK");
  });
});

describe("work that explodes", () => {
  it("over many back edges", () => {
    const body = `
      ${repeat(60, (index) => `local r${index}: &u64`)}
      head:
      ${repeat(60, (index) => `imm_borrow_loc x\nst_loc r${index}`)}
      ${repeat(400, () => "copy_loc c\nbr_true head")}
      ret`;
    const status = judge(moduleWith(body, "fun f(c: bool, x: u64)"));
    expect(["OK", "PROGRAM_TOO_COMPLEX"]).toContain(status);
  });

  it("over many references in and many out", () => {
    const count = 64;
    const parameters = repeat(count, (index) => `a${index}: &u64`).replace(/\n/g, ", ");
    const returns = repeat(count, () => "&u64").replace(/\n/g, ", ");
    const dense = `fun dense(${parameters}): ${returns}\nld_u64 0\nabort`;
    const body =
      `${repeat(count, () => "imm_borrow_loc x")}\n${repeat(20, () => "call dense")}\n` +
      `${repeat(count, () => "pop")}\nret`;
    expect(judge(moduleWith(body, "fun f(x: u64)", dense))).toBe("PROGRAM_TOO_COMPLEX");
  });

  it("over types that multiply when they are instantiated", () => {
    const tree = (depth: number, leaf: string): string =>
      depth === 0 ? leaf : `Pair<${tree(depth - 1, leaf)}, ${tree(depth - 1, leaf)}>`;
    const wide = repeat(30, (index) => `x${index}: ${tree(5, "T")}`);
    const declarations = `struct Pair<A, B> has drop\na: A\nb: B\nstruct Wide<T> has drop\n${wide}`;
    const instance = `Wide<${tree(5, "u8")}>`;
    const body = `
      ld_u64 0
      abort
      ${repeat(8, () => `move_loc w\nunpack_generic ${instance}\n${repeat(30, () => "pop")}`)}
      ld_u64 0
      abort`;
    const source = moduleWith(body, `fun f(w: ${instance})`, declarations);
    expect(judge(source)).toBe("PROGRAM_TOO_COMPLEX");
  });

  it("over a type as large as the limits allow, named again and again", () => {
    const large = `vector<${"vector<".repeat(240)}u8${">".repeat(240)}>`;
    const body = `${repeat(5000, () => `vec_pack ${large} 0\npop`)}\nret`;
    expect(judge(moduleWith(body))).toBe("PROGRAM_TOO_COMPLEX");
  });

  it("over many locals at many joins", () => {
    const body = `
      ${repeat(200, (index) => `local l${index}: u64`)}
      ${repeat(500, (index) => `copy_loc c\nbr_true b${index}\nb${index}:`)}
      ret`;
    const status = judge(moduleWith(body, "fun f(c: bool)"));
    expect(["OK", "PROGRAM_TOO_COMPLEX"]).toContain(status);
  });

  it("over large vectors packed and unpacked", () => {
    const body = `${repeat(9, () => "vec_unpack u64 1024\nvec_pack u64 1024")}\npop\nret`;
    const status = judge(moduleWith(`vec_pack u64 0\n${body}`));
    expect(status).toBe("OK");
  });

  it("over tables of large signatures", () => {
    const type = `vector<${"vector<".repeat(200)}u8${">".repeat(200)}>`;
    const parameters = repeat(128, (index) => `a${index}: ${type}`).replace(/\n/g, ", ");
    expect(judge(`module 0x1::m\nfun g(${parameters})\nret`)).toBe("OK");
  });
});

describe("more ways to borrow than are kept", () => {
  // The reference may point to any of twelve locals: too many edges, so it may point anywhere in
  // the frame.
  const LOCALS = 12;
  const names = repeat(LOCALS, (index) => `x${index}: u64`).replace(/\n/g, ", ");
  const scatter = `
    local r: &mut u64
    ${repeat(LOCALS, (index) => `copy_loc c\nbr_true b${index}`)}
    mut_borrow_loc x0
    st_loc r
    branch end
    ${repeat(LOCALS, (index) => `b${index}:\nmut_borrow_loc x${index}\nst_loc r\nbranch end`)}
    end:`;

  it("keep every local of the frame from being borrowed mutably beside it", () => {
    const body = `${scatter}\nmut_borrow_loc other\nmove_loc r\ncall both\nret`;
    const both = "fun both(a: &mut u64, b: &mut u64)\nret";
    expect(judgeBody(body, `fun f(c: bool, other: u64, ${names})`, both)).toBe(
      "BORROWLOC_EXISTS_BORROW_ERROR",
    );
  });

  it("keep it from being moved, copied or overwritten", () => {
    const head = `fun f(c: bool, other: u64, ${names})`;
    const use = (line: string) => judgeBody(`${scatter}\n${line}\nmove_loc r\npop\nret`, head);
    expect(use("move_loc other\npop")).toBe("MOVELOC_EXISTS_BORROW_ERROR");
    expect(use("copy_loc other\npop")).toBe("COPYLOC_EXISTS_BORROW_ERROR");
    expect(use("ld_u64 1\nst_loc other")).toBe("STLOC_UNSAFE_TO_DESTROY_ERROR");
    expect(use("imm_borrow_loc other\npop")).toBe("BORROWLOC_EXISTS_BORROW_ERROR");
  });

  it("are no obstacle once the reference is gone", () => {
    const body = `${scatter}\nmove_loc r\npop\nmut_borrow_loc other\npop\nret`;
    expect(judgeBody(body, `fun f(c: bool, other: u64, ${names})`)).toBe("OK");
  });
});

describe("instantiation loops beside natives", () => {
  it("are found however many natives stand before the functions", () => {
    const natives = repeat(5, (index) => `native fun n${index}<A, B>(u64)`);
    const source =
      `module 0x1::m\n${natives}\nfun f<T>()\ncall_generic g<T>\nret\nnative fun n9<A>()\n` +
      `fun g<T>()\ncall_generic f<vector<T>>\nret`;
    expect(judge(source)).toBe("LOOP_IN_INSTANTIATION_GRAPH");
    expect(judge(source.replace("f<vector<T>>", "f<T>"))).toBe("OK");
  });
});

describe("references that are still there at the end", () => {
  it("go with their frame, on a return and on an abort", () => {
    const body = (end: string) => `local r: &u64\nimm_borrow_loc x\nst_loc r\n${end}`;
    expect(judgeBody(body("ret"), "fun f(x: u64)")).toBe("OK");
    expect(judgeBody(body("ld_u64 1\nabort"), "fun f(x: u64)")).toBe("OK");
  });
});

describe("unpacking with a wrong height of the stack", () => {
  it("is refused where the kinds differ", () => {
    const source = `module 0x1::m version 7
      enum E has drop
      A { x: u64, y: u64 }
      fun f(e: E)
      move_loc e
      unpack E
      ret`;
    expect(judge(source)).toBe("PACK_TYPE_MISMATCH_ERROR");
  });
});

it("the full-length bodies fit the format", () => {
  const source = moduleWith(`${repeat(65_534, () => "nop")}\nret`);
  expect(serializeModule(assemble(source)).length).toBeGreaterThan(65_535);
  expect(judge(source)).toBe("OK");
});
