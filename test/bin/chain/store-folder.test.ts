// Keys in folders: the same to all who ask, and never half a key, whenever whoever makes one is
// killed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keyIn } from "../../../bin/chain/store-folder.ts";

const FILE = "node.key";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a key in a folder", () => {
  it("is made once, and is the same from then on", () => {
    const made = keyIn(folder, FILE);
    expect(keyIn(folder, FILE)).toEqual(made);
    expect(readdirSync(folder)).toEqual([FILE]);
    expect(keyIn(folder, "another.key")).not.toEqual(made);
  });

  it("is made anew over what a process left that was killed while it wrote", () => {
    // Of a process that is gone, and of one with this one's number.
    writeFileSync(join(folder, `${FILE}.${spawnSync("true").pid}`), "12ab");
    writeFileSync(join(folder, `${FILE}.${process.pid}`), "12ab");
    const made = keyIn(folder, FILE);
    expect(readFileSync(join(folder, FILE), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(keyIn(folder, FILE)).toEqual(made);
  });

  it("is not guessed where the file holds none", () => {
    writeFileSync(join(folder, FILE), "");
    expect(() => keyIn(folder, FILE)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
    expect(readFileSync(join(folder, FILE), "utf8")).toBe("");
  });
});
