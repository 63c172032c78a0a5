// Every refusal of the contract has a name, and every name a line in the list of errors.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contractRefusal, SETTLEMENT_ERROR_CODES } from "../../src/settlement/settlement-error.ts";

const SOURCE = join(import.meta.dirname, "..", "..", "src");

function read(...path: readonly string[]): string {
  return readFileSync(join(SOURCE, ...path), "utf8");
}

/** The numbers that `rooch::errors` declares. */
function contractNumbers(): bigint[] {
  const source = read("chains", "contracts", "rooch", "sources", "errors.move");
  return [...source.matchAll(/\(\): u64 \{ (\d+) \}/g)].map(([, number]) => BigInt(number ?? "0"));
}

describe("settlement errors", () => {
  it("name every number the contract refuses with", () => {
    const numbers = contractNumbers();
    expect(numbers.length).toBeGreaterThan(30);
    const unnamed = numbers.filter((number) => contractRefusal(number).code === "CONTRACT_FAILED");
    expect(unnamed).toEqual([]);
  });

  it("name no number that the contract does not use", () => {
    const numbers = new Set(contractNumbers());
    const named = Array.from({ length: 100 }, (_, index) => BigInt(index)).filter(
      (number) => contractRefusal(number).code !== "CONTRACT_FAILED",
    );
    expect(named.filter((number) => !numbers.has(number))).toEqual([]);
  });

  it("carry the contract's number and say what to do", () => {
    const refusal = contractRefusal(19n);
    expect(refusal).toMatchObject({ code: "CHANNEL_FULL", abortCode: 19n });
    expect(refusal.message).toMatch(/^CHANNEL_FULL: .+; .+\.$/);
    expect(contractRefusal(999n).message).toContain("999");
  });

  it("are all in the list of errors", () => {
    const list = read("settlement", "ERRORS.md");
    const missing = SETTLEMENT_ERROR_CODES.filter((code) => !list.includes(`\`${code}\``));
    expect(missing).toEqual([]);
  });
});
