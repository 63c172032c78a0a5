// Every numbered rule of the sandbox's specification is quoted by a test, and no test quotes a rule
// that is not there.
import { describe, expect, it } from "vitest";
import { readSpecRules } from "../house/spec-rules.ts";

const spec = readSpecRules("src/sandbox/SPEC.md", ["test/sandbox", "test/conformance"]);

describe("the sandbox's specification", () => {
  it("numbers every rule once", () => {
    expect(spec.rules.length).toBeGreaterThan(40);
    expect(spec.repeated).toEqual([]);
  });

  it("has a test for every rule", () => {
    expect(spec.untested).toEqual([]);
  });

  it("has a rule for every test that quotes one", () => {
    expect(spec.unknown).toEqual([]);
  });
});
