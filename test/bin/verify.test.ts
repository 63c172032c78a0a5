// `holdfast verify` as a process, judged by the committed corpus.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { holdfast, lastObject, VECTORS } from "./holdfast.ts";

interface Row {
  readonly file: string;
  readonly expect: string;
  readonly accept?: readonly string[];
  readonly kind: string;
}

interface Answer {
  readonly ok: boolean;
  readonly count: number;
  readonly accepted: number;
  readonly modules: readonly {
    readonly file: string;
    readonly ok: boolean;
    readonly status: string;
    readonly size: number;
  }[];
}

function verify(...files: readonly string[]) {
  const ended = holdfast("verify", ...files, "--json");
  return { ...ended, answer: lastObject(ended) as unknown as Answer };
}

function agrees(row: Row, verdict: Answer["modules"][number] | undefined): boolean {
  const expected = [row.expect, ...(row.accept ?? [])];
  // The corpus publishes all as 0x1; here each owner publishes its own.
  if (row.expect === "MODULE_ADDRESS_DOES_NOT_MATCH_SENDER") return verdict?.file === row.file;
  // The corpus leaves it open which natives a host has; ours has not the one declared here.
  if (row.file === "neg/vi_native_ok_1.mv") return verdict?.status === "MISSING_DEPENDENCY";
  if (row.kind === "assembled") return expected.includes(verdict?.status ?? "");
  return expected.some((status) => (status === "OK") === verdict?.ok);
}

const STANDARD = ["signer", "event", "hash", "bcs", "vector", "option", "string"].map(
  (name) => `modules/${name}.mv`,
);

describe("holdfast verify", () => {
  it("accepts what the corpus publishes, and says what it is", () => {
    const { status, answer } = verify("modules/enums.mv", "modules/bcs_hash.mv", ...STANDARD);
    expect(status).toBe(0);
    expect(answer).toMatchObject({ ok: true, count: 9, accepted: 9 });
    expect(answer.modules.slice(0, 2)).toEqual([
      {
        file: "modules/enums.mv",
        module: "0x1::enums",
        ok: true,
        status: "OK",
        size: 1386,
        version: 7,
        dependencies: [],
      },
      {
        file: "modules/bcs_hash.mv",
        module: "0x1::bcs_hash",
        ok: true,
        status: "OK",
        size: 623,
        version: 6,
        dependencies: ["0x1::bcs", "0x1::hash"],
      },
    ]);
  });

  it("judges the modules of the corpus as expected, mutated ones by yes or no", () => {
    const rows = JSON.parse(readFileSync(join(VECTORS, "verify.json"), "utf8")) as Row[];
    const { status, answer } = verify(...rows.map(({ file }) => file), ...STANDARD);
    expect(status).toBe(1);
    const wrong = rows.filter((row, index) => !agrees(row, answer.modules[index]));
    expect(wrong).toEqual([]);
    expect(answer.count).toBe(599 + STANDARD.length);
  });

  it("names function, offset and instruction of a refusal", () => {
    const { status, answer } = verify("neg/ab_copy_T_2.mv");
    expect(status).toBe(1);
    expect(answer.modules).toMatchObject([
      {
        ok: false,
        status: "COPYLOC_WITHOUT_COPY_ABILITY",
        function: 0,
        functionName: "fcd",
        offset: 2,
        instruction: "copy_loc 0",
      },
    ]);
    const { stdout } = holdfast("verify", "neg/ab_copy_T_2.mv");
    expect(stdout).toContain("COPYLOC_WITHOUT_COPY_ABILITY\n");
    expect(stdout).toContain("  function 0 (fcd), offset 2: copy_loc 0\n");
  });

  it("names the byte of what is no module, and goes on with the next file", () => {
    const { status, answer } = verify("README.md", "modules/bools.mv");
    expect(status).toBe(1);
    expect(answer.modules).toMatchObject([
      { module: null, ok: false, status: "BAD_MAGIC", byteOffset: 0, version: null },
      { module: "0x1::bools", ok: true },
    ]);
  });

  it("refuses a module whose dependency is nowhere", () => {
    const { answer } = verify("modules/xmod_user.mv");
    expect(answer.modules).toMatchObject([{ ok: false, status: "LINKER_ERROR" }]);
  });

  it("answers a wrong call", () => {
    expect(holdfast("verify")).toMatchObject({ status: 2, stdout: "" });
    expect(holdfast("verify").stderr).toMatch(/^MODULES_MISSING: /);
    const missing = holdfast("verify", "no.mv", "--json");
    expect(missing.status).toBe(1);
    expect(lastObject(missing)).toEqual({
      error: { code: "FILE_UNREADABLE", message: "no.mv: there is no such file." },
    });
  });
});
