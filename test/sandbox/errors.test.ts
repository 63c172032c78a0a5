// Every code that the sandbox's execution gives out has its line in ERRORS.md.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { STATUS_CODES } from "#sandbox";

const SANDBOX = new URL("../../src/sandbox/", import.meta.url).pathname;
const documented = readFileSync(join(SANDBOX, "ERRORS.md"), "utf8");
/** Verification and deserialisation have their own lists. */
const FOLDERS = ["runtime", "natives", "gas", "storage"];

function sources(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(SANDBOX, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(SANDBOX, folder, name), "utf8")),
  );
}

function undocumented(codes: readonly string[]): readonly string[] {
  return codes.filter((code) => !documented.includes(`\`${code}\``));
}

describe("ERRORS.md", () => {
  it("has every status that execution ends with", () => {
    const text = sources().join("\n");
    const raised = Object.keys(STATUS_CODES).filter((name) => text.includes(`"${name}"`));
    expect(raised.length).toBeGreaterThan(30);
    expect(undocumented(raised)).toEqual([]);
  });

  it("has every code of a SandboxError", () => {
    const text = readFileSync(join(SANDBOX, "sandbox-error.ts"), "utf8");
    const codes = [...text.matchAll(/"(SANDBOX_[A-Z_]+)"/g)].map(([, code]) => code ?? "");
    expect(codes.length).toBe(8);
    expect(undocumented(codes)).toEqual([]);
  });
});
