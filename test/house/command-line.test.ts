// The `holdfast` command answers a wrong call with a code, a sentence and exit code 2.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

const ENTRY = join(import.meta.dirname, "..", "..", "bin", "holdfast.mjs");

function holdfast(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("holdfast", () => {
  it("prints its version", () => {
    expect(holdfast("--version")).toEqual({
      status: 0,
      stdout: `${packageJson.version}\n`,
      stderr: "",
    });
  });

  it("explains itself on --help", () => {
    const { status, stdout } = holdfast("--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: holdfast COMMAND/);
  });

  it("says that a command is missing", () => {
    const { status, stdout, stderr } = holdfast();
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^COMMAND_MISSING: /);
  });

  it.each(["nothing", "constructor", "../commands/run"])("does not know %s", (name) => {
    const { status, stdout, stderr } = holdfast(name);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`COMMAND_UNKNOWN: there is no command "${name}"`);
  });
});
