// The house style as a test. The rules are in test/tidy, each with tests of its own beside it.
import { describe, expect, it } from "vitest";
import { RULES } from "./tidy/rules.ts";
import { readRepository } from "./tidy/source.ts";

const files = readRepository();

describe("the tree is tidy", () => {
  it("reads the tree it is about", () => {
    const paths = files.map((file) => file.path);
    expect(paths).toContain("package.json");
    expect(paths).toContain("test/tidy.test.ts");
  });

  it.each(Object.entries(RULES))("%s", (_name, rule) => {
    const violations = rule(files).map(({ path, line, message }) => `${path}:${line} ${message}`);
    expect(violations).toEqual([]);
  });
});
