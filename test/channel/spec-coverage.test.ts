// Every numbered rule of the channel's specification is quoted by a test, and no test quotes a rule
// that is not there.
import { describe, expect, it } from "vitest";
import { readSpecRules, readStaleRules } from "../house/spec-rules.ts";

// What the chain does with the channel's evidence is tested with the chain.
const FOLDERS = [
  "test/channel",
  "test/simulation",
  "test/chains/judge",
  "test/chains/contracts/fraud",
];
const spec = readSpecRules("src/channel/SPEC.md", FOLDERS);

describe("the channel's specification", () => {
  it("numbers every rule once", () => {
    expect(spec.rules.length).toBeGreaterThan(100);
    expect(spec.repeated).toEqual([]);
  });

  it("has a test for every rule", () => {
    expect(spec.untested).toEqual([]);
  });

  it("has a rule for every test that quotes one", () => {
    expect(spec.unknown).toEqual([]);
  });

  it("has every rule that a comment names", () => {
    expect(readStaleRules("src/channel/SPEC.md", "src/channel")).toEqual([]);
  });
});
