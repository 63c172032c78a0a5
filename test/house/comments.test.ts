// `npm run format` breaks wide comments, and changes nothing else.
import { describe, expect, it } from "vitest";
import { wrapComments } from "../../scripts/comments.mjs";

const WORDS = "word ".repeat(25).trim();
const FULL_LINE = "word ".repeat(19).trim();

describe("wrapComments", () => {
  it("breaks a wide paragraph and leaves the one beside it", () => {
    const text = `// short\n// lines\n//\n// ${WORDS}\n// more\ncode();\n`;
    const [first, second, empty, ...rest] = wrapComments(text).split("\n");
    expect([first, second, empty]).toEqual(["// short", "// lines", "//"]);
    expect(rest).toEqual([
      `// ${FULL_LINE}`,
      "// word word word word word word more",
      "code();",
      "",
    ]);
  });

  it("makes a block of a documentation comment on one line", () => {
    expect(wrapComments(`  /** ${WORDS} */`).split("\n")).toEqual([
      "  /**",
      `   * ${FULL_LINE}`,
      "   * word word word word word word",
      "   */",
    ]);
  });

  it("indents the rest of a list item and does not join the next", () => {
    expect(wrapComments(`// - ${WORDS}\n// - next`).split("\n")).toEqual([
      `// - ${FULL_LINE}`,
      "//   word word word word word word",
      "// - next",
    ]);
  });

  it("shortens a drawn line", () => {
    const [line] = wrapComments(`// part ${"-".repeat(120)}`).split("\n");
    expect(line).toBe(`// part ${"-".repeat(92)}`);
  });

  it.each([
    `const text = "${WORDS}";`,
    `run(); // ${WORDS}`,
    "/**\n * Short.\n */",
    "// a\n// b",
    "const a = b *\n  c;",
  ])("leaves %j alone", (text) => {
    expect(wrapComments(text)).toBe(text);
  });
});
