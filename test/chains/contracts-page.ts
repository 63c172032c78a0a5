// What the contracts' page says of each package, read out of its tables.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "#core/assert.ts";

const PAGE = join(import.meta.dirname, "../../src/chains/contracts/README.md");

const UNITS_PER_COIN = 10_000;

/** Pairs of a function, `module::name`, and a number: `shard_gas::init 17`. */
export type MethodCode = `${string}::${string} ${number}`;

/**
 * All that the section lists, in order of the page.
 *
 * @param section the title's beginning, as `## Shards: 0x30`.
 */
export function refusalsOnPage(section: string): readonly MethodCode[] {
  const codes = new Map<string, ReadonlySet<number>>();
  for (const row of tableRows(section)) {
    const cells = row.split("|").map((cell) => cell.trim());
    const listed = present(cells.at(-2), "a row has cells");
    for (const name of namesIn(present(cells[1], "a row has cells"))) {
      codes.set(name, codesIn(listed, name, codes));
    }
  }
  return [...codes].flatMap(([name, numbers]) =>
    [...numbers].map((code): MethodCode => `${name as `${string}::${string}`} ${code}`),
  );
}

/** `module::name` of every entry function that the section lists, sorted. */
export function entriesOnPage(section: string): readonly string[] {
  return tableRows(section)
    .flatMap((row) => namesIn(present(row.split("|")[1], "a row has cells")))
    .sort();
}

/** Units of the fee that the section's table gives for each function; a free one has none. */
export function feesOnPage(section: string): ReadonlyMap<string, bigint> {
  const fees = new Map<string, bigint>();
  for (const row of tableRows(section)) {
    const cells = row.split("|").map((cell) => cell.trim());
    const fee = Number(present(cells.at(-3), "a row has a fee"));
    for (const name of namesIn(present(cells[1], "a row has cells"))) {
      fees.set(name, BigInt(Math.round(fee * UNITS_PER_COIN)));
    }
  }
  return fees;
}

/** The section, up to the next one. */
export function sectionOf(title: string): string {
  const whole = readFileSync(PAGE, "utf8");
  const from = whole.indexOf(title);
  return whole.slice(from, whole.indexOf("\n## ", from));
}

/** Rows of the tables of entry functions, which are those whose last column tells of refusals. */
function tableRows(section: string): readonly string[] {
  const rows: string[] = [];
  let isInside = false;
  for (const line of sectionOf(section).split("\n")) {
    if (!line.startsWith("|")) isInside = false;
    else if (line.endsWith("refuses with |")) isInside = true;
    else if (isInside && !line.startsWith("|---")) rows.push(line);
  }
  return rows;
}

/** A name without a module is of the one before it. */
function namesIn(cell: string): readonly string[] {
  let module = "";
  return [...cell.matchAll(/`([\w:]+)`/g)].map(([, name = ""]) => {
    if (!name.includes("::")) return `${module}::${name}`;
    module = name.replace(/::.*$/, "");
    return name;
  });
}

/** `1 2, 4 to 6`, and what another function refuses with: `as `+"`name`"+`, 35`. */
function codesIn(
  cell: string,
  of: string,
  known: ReadonlyMap<string, ReadonlySet<number>>,
): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [, name = ""] of cell.matchAll(/as `(\w+)`/g)) {
    const other = known.get(of.replace(/::.*$/, `::${name}`));
    for (const code of present(other, `the page has ${name} before ${of}`)) found.add(code);
  }
  const rest = cell.replaceAll(/`[^`]*`/g, "");
  for (const [, low, high] of rest.matchAll(/(\d+)(?: to (\d+))?/g)) {
    for (let code = Number(low); code <= Number(high ?? low); code++) found.add(code);
  }
  return found;
}
