// What the contracts' page says of the shard contracts is what there is: nodes and tools are
// written by it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const CONTRACTS = join(import.meta.dirname, "../../../../src/chains/contracts");
const SOURCES = join(CONTRACTS, "shard/sources");

function sourcesOf(): readonly { readonly module: string; readonly text: string }[] {
  return readdirSync(SOURCES).map((file) => ({
    module: file.replace(/\.move$/, ""),
    text: readFileSync(join(SOURCES, file), "utf8"),
  }));
}

function declared(pattern: RegExp): readonly string[] {
  return sourcesOf()
    .flatMap(({ module, text }) =>
      [...text.matchAll(pattern)].map(([, name]) => `${module}::${name}`),
    )
    .sort();
}

/** The page's section. */
function page(): string {
  const whole = readFileSync(join(CONTRACTS, "README.md"), "utf8");
  const from = whole.indexOf("## Shards: 0x30");
  return whole.slice(from, whole.indexOf("\n## ", from));
}

/** The first cell of every row, with the module that an abbreviation stands for. */
function entriesOnPage(): readonly string[] {
  const cells = [...page().matchAll(/^\| (`\w+::\w+`(?:, `\w+(?:::\w+)?`)*) \|/gm)];
  return cells
    .flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w:]+)`/g)].map(([, name]) => name ?? ""))
    .sort();
}

describe("the page of the shard contracts", () => {
  it("lists every entry function, and no other", () => {
    const entries = declared(/^ {4}(?:public )?entry fun (\w+)/gm);
    expect(entries.length).toBeGreaterThan(20);
    expect(entriesOnPage()).toEqual(entries);
  });

  it("names every view", () => {
    const views = declared(/#\[view\]\n(?: {4}\/\/\/.*\n)* {4}public fun (\w+)/gm);
    const text = page();
    const unnamed = views.filter((name) => !text.includes(name.replace(/^.*::/, "")));
    expect(views.length).toBeGreaterThan(20);
    expect(unnamed).toEqual([]);
  });

  it("has a row for every number with which they refuse", () => {
    const codes = sourcesOf()
      .filter(({ module }) => module === "errors")
      .flatMap(({ text }) => [...text.matchAll(/\{ (\d+) \}/g)].map(([, code]) => Number(code)));
    const rows = [...page().matchAll(/^\| ((?:\d+(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) =>
      cell.split(", ").map(Number),
    );
    expect(rows).toEqual(codes);
  });
});
