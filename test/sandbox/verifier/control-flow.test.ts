import { describe, expect, it } from "vitest";
import { judge, judgeBody, moduleWith, refusal, repeat } from "./judge.ts";

const V5 = (body: string) =>
  judge(moduleWith(body, "fun f(c: bool)").replace("0x1::m", "0x1::m version 5"));
const V6 = (body: string) => judgeBody(body, "fun f(c: bool)");

/** `depth` loops inside one another, each left by a condition. */
function nestedLoops(depth: number): string {
  const open = repeat(depth, (index) => `loop${index}:\nnop`);
  const close = repeat(depth, (index) => `copy_loc c\nbr_true loop${depth - 1 - index}`);
  return `${open}\n${close}\nret`;
}

describe.each([
  ["5", V5],
  ["6", V6],
])("the shape of a body, version %s", (_version, judgeShape) => {
  it("does not run off its end", () => {
    expect(judgeShape("")).toBe("EMPTY_CODE_UNIT");
    expect(judgeShape("nop")).toBe("INVALID_FALL_THROUGH");
    expect(judgeShape("copy_loc c\nbr_true 0")).toBe("INVALID_FALL_THROUGH");
    expect(judgeShape("ld_u64 1\nabort")).toBe("OK");
    expect(judgeShape("here:\nbranch here")).toBe("OK");
  });

  it("nests loops five deep", () => {
    expect(judgeShape(nestedLoops(5))).toBe("OK");
    expect(judgeShape(nestedLoops(6))).toBe("LOOP_MAX_DEPTH_REACHED");
  });

  it("has at most 1024 basic blocks", () => {
    const blocks = (count: number) =>
      `${repeat(count - 1, (index) => `branch l${index}\nl${index}:`)}\nret`;
    expect(judgeShape(blocks(1024))).toBe("OK");
    expect(judgeShape(blocks(1025))).toBe("TOO_MANY_BASIC_BLOCKS");
  });

  it("enters loops at their heads only", () => {
    const body = "copy_loc c\nbr_true middle\nhead:\nnop\nmiddle:\ncopy_loc c\nbr_true head\nret";
    expect(judgeShape(body)).toBe("INVALID_LOOP_SPLIT");
  });
});

describe("loops by the order of the code, version 5", () => {
  it("jump back to the innermost head only", () => {
    const body = "outer:\nnop\ninner:\ncopy_loc c\nbr_true outer\ncopy_loc c\nbr_true inner\n";
    expect(V5(`${body}copy_loc c\nbr_true outer\nret`)).toBe("INVALID_LOOP_CONTINUE");
    expect(V6(`${body}copy_loc c\nbr_true outer\nret`)).toBe("OK");
  });

  it("are left right behind their end only", () => {
    const body = "head:\ncopy_loc c\nbr_true out\ncopy_loc c\nbr_true head\nnop\nout:\nret";
    expect(V5(body)).toBe("INVALID_LOOP_BREAK");
    expect(V6(body)).toBe("OK");
  });
});

describe("loops of the graph, version 6", () => {
  it("may share a head and count once", () => {
    const body = repeat(6, () => "copy_loc c\nbr_true head");
    expect(V6(`head:\nnop\n${body}\nret`)).toBe("OK");
  });

  it("do not count where they can not be reached", () => {
    expect(V6(`ret\n${nestedLoops(6)}`)).toBe("OK");
  });

  it("are found behind branches in any order", () => {
    const body = "branch b\na:\ncopy_loc c\nbr_true b\nret\nb:\nbranch a";
    expect(V6(body)).toBe("OK");
  });

  it("point at the block at fault", () => {
    const body = "copy_loc c\nbr_true middle\nhead:\nnop\nmiddle:\ncopy_loc c\nbr_true head\nret";
    const location = refusal(moduleWith(body, "fun f(c: bool)"))?.location;
    expect(location).toMatchObject({ functionIndex: 0 });
  });
});
