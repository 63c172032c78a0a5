// docs/ERRORS.md is the whole list: every code there is, none that is not, each with what happened,
// who caused it and what to do.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AREAS, codesOf, errorUnions } from "./error-codes.ts";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "docs", "ERRORS.md"), "utf8");
const COLUMNS = ["code", "what happened", "caused by", "what to do"];

interface Row {
  readonly codes: readonly string[];
  readonly cells: readonly string[];
}

interface Section {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** The page's sections that hold a table. */
function sections(): readonly Section[] {
  return PAGE.split(/^## /m)
    .slice(1)
    .flatMap((text) => {
      const [heading = "", ...lines] = text.split("\n");
      const [head, , ...rows] = lines.filter((line) => line.startsWith("|")).map(cellsOf);
      if (head === undefined) return [];
      return [{ heading, columns: head, rows: rows.map((cells) => rowOf(cells)) }];
    });
}

function rowOf(cells: readonly string[]): Row {
  const codes = [...(cells[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? "");
  return { codes, cells };
}

describe("docs/ERRORS.md", () => {
  it("has a section for every area, and no other", () => {
    expect(sections().map(({ heading }) => heading)).toEqual(AREAS.map(({ heading }) => heading));
  });

  it.each(AREAS)("lists exactly the codes of: $heading", (area) => {
    const section = sections().find(({ heading }) => heading === area.heading);
    const listed = section?.rows.flatMap(({ codes }) => codes) ?? [];
    const declared = codesOf(area);
    expect(declared.size).toBeGreaterThan(0);
    expect({
      missing: [...declared].filter((code) => !listed.includes(code)),
      unknown: listed.filter((code) => !declared.has(code)),
      twice: listed.filter((code, index) => listed.indexOf(code) !== index),
    }).toEqual({ missing: [], unknown: [], twice: [] });
  });

  it("says of every code what happened, who caused it and what to do", () => {
    for (const { heading, columns, rows } of sections()) {
      expect([heading, columns.filter((name) => COLUMNS.includes(name))]).toEqual([
        heading,
        COLUMNS,
      ]);
      const incomplete = rows.filter(
        ({ codes, cells }) =>
          codes.length === 0 || cells.length !== columns.length || cells.includes(""),
      );
      expect([heading, incomplete]).toEqual([heading, []]);
    }
  });

  it("leaves no union of error codes out", () => {
    const claimed = AREAS.flatMap(({ unions = [] }) => unions);
    // A union without literals of its own is computed from a table, which `codes` reads.
    expect([...errorUnions().keys()].toSorted()).toEqual(claimed.toSorted());
  });
});
