// The scripts of a checkout answer a wrong call with a sentence and exit code 2, and run nothing.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const TEST = join(import.meta.dirname, "..");

function script(path: string, ...args: string[]) {
  const command = ["--conditions=holdfast-source", join(TEST, path), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe.each(["fuzz/run.ts", "conformance/run.ts"])("%s", (path) => {
  it("says how it is called when an option is none of its own", () => {
    const { status, stdout, stderr } = script(path, "--nothing");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/'--nothing'.*\nusage: npm run \w+ -- /);
  });
});

it("does not fuzz what there is none of", () => {
  const { status, stderr } = script("fuzz/run.ts", "nothing", "--seconds", "1");
  expect(status).toBe(2);
  expect(stderr).toContain("usage: npm run fuzz -- ");
});

it("says where no corpus is", () => {
  const { status, stderr } = script("conformance/run.ts", join(TEST, "house"));
  expect(status).toBe(2);
  expect(stderr).toMatch(/^CORPUS_MISSING: /);
});
