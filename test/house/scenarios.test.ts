// The table of what must stay impossible names tests that there are.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const TESTS = new URL("../", import.meta.url);
const ROW = /^\|(?<scenario>[^|]*)\| `(?<file>[^`]+)` \| (?<title>[^|]+) \|$/;

interface Row {
  readonly scenario: string;
  readonly file: string;
  readonly title: string;
}

function rows(): readonly Row[] {
  const text = readFileSync(new URL("SCENARIOS.md", TESTS), "utf8");
  return text.split("\n").flatMap((line): Row[] => {
    const { scenario = "", file = "", title = "" } = ROW.exec(line)?.groups ?? {};
    return file === "" ? [] : [{ scenario: scenario.trim(), file, title }];
  });
}

/** Whether the file has something whose title begins so. */
function isTitled({ file, title }: Row): boolean {
  const text = readFileSync(new URL(file, TESTS), "utf8");
  return text.includes(`"${title}`);
}

describe("the table of scenarios", () => {
  it("names tests that there are, for every scenario of the protocol", () => {
    const all = rows();
    expect(all.filter((row) => !isTitled(row))).toEqual([]);
    expect(all.filter(({ scenario }) => scenario !== "")).toHaveLength(26);
  });
});
