// Programs pinned with everything that comes of them, on every executor. UPDATE=1 writes anew what
// they are expected to do.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCompiler, createInterpreter } from "#sandbox";
import { compareExecutors } from "../differential/compare-executors.ts";
import { LIBRARY_STATE, type Party } from "../differential/executors.ts";
import { describeOutcome } from "../differential/outcome-text.ts";
import { type GoldenFile, readGoldenFile } from "./golden-file.ts";
import { readArgument } from "./argument.ts";

const DIRECTORY = import.meta.dirname;
const NAMES = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".masm"))
  .map((name) => name.slice(0, -".masm".length));
const updates = process.env["UPDATE"] === "1";

/** What came of a file's steps, and where executors part. */
function run({ profile, steps }: GoldenFile) {
  const parties: readonly Party[] = [
    { name: "interpreter", executor: createInterpreter(profile), restores: false },
    { name: "compiled", executor: createCompiler(profile), restores: false },
    { name: "fresh", executor: createInterpreter(profile), restores: true },
  ];
  const comparison = compareExecutors(
    { steps: steps.map(({ step }) => step), state: LIBRARY_STATE },
    parties,
  );
  const sections = comparison.outcomes.map((outcome, index) =>
    [`# ${steps[index]?.title ?? ""}`, ...describeOutcome(outcome)].join("\n"),
  );
  const text = `${[...sections, `# state\nroot ${comparison.root}`].join("\n\n")}\n`;
  return { text, differences: comparison.differences };
}

describe("the golden file", () => {
  it.each(NAMES)("%s comes out as pinned, on every executor", (name) => {
    const source = readFileSync(join(DIRECTORY, `${name}.masm`), "utf8");
    const { text, differences } = run(readGoldenFile(source));
    expect(differences).toEqual([]);
    const expected = join(DIRECTORY, `${name}.exp`);
    if (updates) writeFileSync(expected, text);
    expect(text).toBe(readFileSync(expected, "utf8"));
  });

  it.each([
    ["//! fly", "no directive fly"],
    ["//! call 0x1::m", "no call"],
    ["//! call 0x1::m::f(7)", "no argument: 7"],
    ["//! call 0x1::m::f() mode loud", "mode loud"],
    ["//! profile loose", "no profile loose"],
    ["//! limit height 3", "a limit height"],
  ])("cannot be read as %j", (text, detail) => {
    expect(() => readGoldenFile(text)).toThrow(detail);
  });

  it.each([
    ["258u16", "0201"],
    ["true", "01"],
    ["xff00", "ff00"],
    ["@0xa", `${"00".repeat(31)}0a`],
  ])("writes an argument as %s", (text, hex) => {
    expect(readArgument(text)).toBe(hex);
  });
});
