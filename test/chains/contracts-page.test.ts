// What the contracts' page says of the chains' own packages is what there is: nodes and tools are
// written by it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { entriesOnPage, feesOnPage, sectionOf } from "./contracts-page.ts";
import { arg, startResourceChain } from "./resources/resource-chain.ts";

const CONTRACTS = join(import.meta.dirname, "../../src/chains/contracts");
const RESOURCES = "## The resource model: 0x50";
const PACKAGES = [
  { section: RESOURCES, folder: "resource_model" },
  { section: "## Shards: 0x30", folder: "shard" },
  { section: "## Parallel chains: 0x40", folder: "paracross" },
];
/** What the trace calls a fee: nobody calls it. */
const NOT_CALLED = ["fees::onfee"];

interface Source {
  readonly module: string;
  readonly text: string;
}

function sourcesOf(folder: string): readonly Source[] {
  const sources = join(CONTRACTS, folder, "sources");
  return readdirSync(sources).map((file) => ({
    module: file.replace(/\.move$/, ""),
    text: readFileSync(join(sources, file), "utf8"),
  }));
}

function declared(folder: string, pattern: RegExp): readonly string[] {
  return sourcesOf(folder)
    .flatMap(({ module, text }) =>
      [...text.matchAll(pattern)].map(([, name]) => `${module}::${name}`),
    )
    .filter((name) => !NOT_CALLED.includes(name))
    .sort();
}

describe.each(PACKAGES)("the page of $folder", ({ section, folder }) => {
  it("lists every entry function, and no other", () => {
    const entries = declared(folder, /^ {4}(?:public )?entry fun (\w+)/gm);
    expect(entries.length).toBeGreaterThan(10);
    expect(entriesOnPage(section)).toEqual(entries);
  });

  it("names every view", () => {
    const views = declared(folder, /#\[view\]\n(?: {4}\/\/\/.*\n)* {4}public fun (\w+)/gm);
    const text = sectionOf(section);
    const unnamed = views.filter((name) => !text.includes(name.replace(/^.*::/, "")));
    expect(views.length).toBeGreaterThan(15);
    expect(unnamed).toEqual([]);
  });

  it("has a row for every number with which they refuse", () => {
    const codes = sourcesOf(folder)
      .filter(({ module }) => module === "errors")
      .flatMap(({ text }) => [...text.matchAll(/\{ (\d+) \}/g)].map(([, code]) => Number(code)));
    const rows = [...sectionOf(section).matchAll(/^\| ((?:\d+(?:, )?)+) \|/gm)];
    const listed = rows.flatMap(([, cell = ""]) => cell.split(", ").map(Number));
    expect(listed).toEqual(codes);
  });
});

describe("the page of the resource model", () => {
  it("gives every function the fee that the chain has for it", () => {
    const chain = startResourceChain();
    const here = arg.address(makeAddress("0x50"));
    const fees = [...feesOnPage(RESOURCES)];
    const taken = fees.map(([name]) => {
      const fee = chain.view("0x50::fees::get_native_fee", here, arg.text(name)).u64();
      return [name, fee] as const;
    });
    expect(taken).toEqual(fees);
  });
});
