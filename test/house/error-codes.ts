// Every error code of the product, read from where it is declared. A new kind of error is a line in
// AREAS and a table under that heading in docs/ERRORS.md; the test beside this asks for both.
import { STATUS_CODES } from "#core/status.ts";
import { REFUSAL_HTTP_STATUS } from "../../src/chains/ledger/refusal.ts";
import { CHANNEL_ERRORS } from "../../src/channel/core/errors.ts";
import { BINARY_STATUSES } from "../../src/sandbox/binary-format/binary-error.ts";
import { VERIFICATION_STATUSES } from "../../src/sandbox/verifier/statuses.ts";
import { SETTLEMENT_ERROR_CODES } from "../../src/settlement/settlement-error.ts";
import { readRepository, type SourceFile } from "../tidy/source.ts";

/** One heading of the page, and the codes its tables must have, no more and no less. */
export interface Area {
  readonly heading: string;
  /** Union types of string literals that belong here. */
  readonly unions?: readonly string[];
  /** Codes that are declared in another way. */
  readonly codes?: () => readonly string[];
}

const SOURCES: readonly SourceFile[] = readRepository().filter(({ path }) =>
  /^(src|bin|scripts)\/.*\.(ts|mjs|move)$/.test(path),
);

/** The first group of every match in the files that `where` matches. */
function found(where: RegExp, pattern: RegExp): readonly string[] {
  return SOURCES.filter(({ path }) => where.test(path)).flatMap(({ codeWithStrings }) =>
    [...codeWithStrings.matchAll(pattern)].map(([, code]) => code ?? ""),
  );
}

const STRING = /"(\w+)"/g;

function literals(text: string): readonly string[] {
  return [...text.matchAll(STRING)].map(([, code]) => code ?? "");
}

/** Every union type whose name ends in `ErrorCode`, with its literals. */
export function errorUnions(): ReadonlyMap<string, readonly string[]> {
  const unions = SOURCES.flatMap(({ codeWithStrings }) =>
    [...codeWithStrings.matchAll(/\btype (\w+ErrorCode)\s*=([^;]*);/g)].map(
      ([, name = "", body = ""]) => [name, literals(body)] as const,
    ),
  );
  return new Map(unions.filter(([, codes]) => codes.length > 0));
}

/** Statuses that code in these folders names. */
function statusesNamed(where: RegExp, isWanted: (code: number) => boolean): readonly string[] {
  const named = new Set(found(where, STRING));
  return Object.entries(STATUS_CODES).flatMap(([name, code]) =>
    named.has(name) && isWanted(code) ? [name] : [],
  );
}

const EXECUTION = /^src\/sandbox\/(runtime|natives|gas|storage)\//;
const VALIDATION_CODE_END = 1000;

/** `coin::EFROZEN` of every abort code that a contract declares. */
function contractAborts(): readonly string[] {
  return SOURCES.filter(({ path }) => path.endsWith(".move")).flatMap(({ path, text }) => {
    const module = path.replace(/^.*\/(\w+)\.move$/, "$1");
    return [...text.matchAll(/\bconst (E[A-Z]\w*): u64/g)].map(([, name]) => `${module}::${name}`);
  });
}

/** The names of what the shard contracts refuse with. */
function shardRefusals(): readonly string[] {
  const declaration = /\binline fun (\w+)\(\): u64/g;
  return SOURCES.filter(({ path }) => path.endsWith("/shard/sources/errors.move")).flatMap(
    ({ text }) => [...text.matchAll(declaration)].map(([, name]) => name ?? ""),
  );
}

export const AREAS: readonly Area[] = [
  {
    heading: "The command line",
    unions: ["CommandErrorCode"],
    codes: () => found(/^bin\//, /`([A-Z]+(?:_[A-Z]+)+): /g),
  },
  {
    heading: "Scripts of the repository",
    codes: () => found(/^scripts\//, /ScriptError\(\s*"([A-Z_]+)"/g),
  },
  {
    heading: "A game's own calls",
    codes: () => found(/^src\/(?!sandbox|channel\/|chains|settlement)/, /\{\s*code: "([A-Z_]+)",/g),
  },
  { heading: "Refusals of the channel", codes: () => Object.keys(CHANNEL_ERRORS) },
  { heading: "A node's store", unions: ["StoreErrorCode"] },
  { heading: "Links and signalling", unions: ["TransportErrorCode", "SignallingErrorCode"] },
  {
    heading: "Bytes from a peer",
    unions: ["ChunkErrorCode", "FrameErrorCode"],
    codes: () =>
      found(/^src\/channel\/codec\//, /\bcode: ((?:"[A-Z_]+"(?: \| )?)+);/g).flatMap(literals),
  },
  { heading: "Settlement", codes: () => SETTLEMENT_ERROR_CODES },
  {
    heading: "Refusals of a chain",
    unions: ["ChainErrorCode"],
    codes: () => Object.keys(REFUSAL_HTTP_STATUS),
  },
  {
    heading: "Transactions that validation refuses",
    codes: () => statusesNamed(/^src\/chains\//, (code) => code < VALIDATION_CODE_END),
  },
  { heading: "A chain's store", unions: ["ChainStoreErrorCode"] },
  { heading: "Between nodes of a chain", unions: ["PeerErrorCode"] },
  { heading: "Code and blocks from a chain", unions: ["ClosureErrorCode", "BlockErrorCode"] },
  {
    heading: "Alarms of a parallel chain's node",
    codes: () => found(/^src\/chains\/para\/commit\/alarm\.ts$/, /\| "([A-Z_]+)"/g),
  },
  { heading: "Calls of the sandbox", unions: ["SandboxErrorCode"] },
  { heading: "Ends of a call", codes: () => statusesNamed(EXECUTION, () => true) },
  { heading: "Modules that cannot be read", codes: () => BINARY_STATUSES },
  { heading: "Modules that the verifier refuses", codes: () => VERIFICATION_STATUSES },
  { heading: "Proofs and snapshots", unions: ["StateErrorCode", "MerkleErrorCode"] },
  { heading: "BCS", unions: ["BcsErrorCode"] },
  { heading: "Abort codes of our contracts", codes: contractAborts },
  { heading: "Refusals of the shard contracts", codes: shardRefusals },
];

/** @returns the area's codes, each once. */
export function codesOf({ unions = [], codes }: Area): ReadonlySet<string> {
  const known = errorUnions();
  return new Set([...unions.flatMap((name) => known.get(name) ?? []), ...(codes?.() ?? [])]);
}
