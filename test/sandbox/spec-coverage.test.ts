// Every numbered rule of the sandbox's specification is quoted by a test, and no test quotes a rule
// that is not there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = new URL("../..", import.meta.url).pathname;
const FOLDERS = ["test/sandbox", "test/conformance"];

function files(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(ROOT, folder, name));
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, id]) => id ?? "");
}

const rules = matches(
  readFileSync(join(ROOT, "src/sandbox/SPEC.md"), "utf8"),
  /^- \*\*([A-Z]{2}\d+)\*\*/gm,
);
const quoted = FOLDERS.flatMap(files)
  .map((file) => readFileSync(file, "utf8"))
  .flatMap((text) => matches(text, /\[([A-Z]{2}\d+)\]/g));

describe("the sandbox's specification", () => {
  it("numbers every rule once", () => {
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter((id, index) => rules.indexOf(id) !== index)).toEqual([]);
  });

  it("has a test for every rule", () => {
    expect(rules.filter((id) => !quoted.includes(id))).toEqual([]);
  });

  it("has a rule for every test that quotes one", () => {
    const prefixes = new Set(rules.map((id) => id.slice(0, 2)));
    const own = quoted.filter((id) => prefixes.has(id.slice(0, 2)));
    expect(own.filter((id) => !rules.includes(id))).toEqual([]);
  });
});
