// The list of bugs that other VMs had, against the tests that it names.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const LIST = readFileSync(join(import.meta.dirname, "known-bugs.md"), "utf8");
const ROWS = [
  ...LIST.matchAll(/^\| (?<bug>[^|]+) \| [^|]+ \| `(?<file>[^`]+)`: (?<title>.+) \|$/gm),
];

describe("the list of known bugs", () => {
  it("has a row for each", () => {
    expect(ROWS.length).toBeGreaterThan(18);
  });

  it.each(ROWS.map(({ groups = {} }) => [groups["bug"], groups["file"], groups["title"]]))(
    "names a test for: %s",
    (_bug, file = "", title = "") => {
      const tests = readFileSync(join(import.meta.dirname, file), "utf8");
      expect(tests).toContain(`"${title}"`);
    },
  );
});
