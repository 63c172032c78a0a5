import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { InvariantError } from "#core/assert.ts";
import { tableHandle } from "../../../src/sandbox/storage/table-handle.ts";

const SEED = new Uint8Array(32).fill(7);

describe("a table handle", () => {
  it("[TA1] hashes domain, seed and counter", () => {
    const prefix = createHash("sha256").update("HOLDFAST::TableHandle").digest();
    const counter = Buffer.from("0201000000000000", "hex");
    const hash = createHash("sha256").update(prefix).update(SEED).update(counter);
    expect(tableHandle(SEED, 258)).toBe(`0x${hash.digest("hex")}`);
  });

  it("[TA1] is another for every counter and seed", () => {
    const other = new Uint8Array(32).fill(8);
    const handles = [tableHandle(SEED, 0), tableHandle(SEED, 1), tableHandle(other, 0)];
    expect(new Set(handles).size).toBe(3);
  });

  it("asserts a seed of 32 bytes", () => {
    expect(() => tableHandle(new Uint8Array(31), 0)).toThrow(InvariantError);
  });
});
