/**
 * What a compiler writes into a module for people: names of error codes, and which functions are
 * views and which structs events (REST profile section 5). Never decides how anything executes.
 */
import { BcsError, type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { fromUtf8 } from "#core/bytes.ts";
import type { ModuleAbi } from "#sandbox";

export interface ErrorName {
  readonly name: string;
  readonly description: string;
}

export interface ModuleMetadata {
  readonly errors: ReadonlyMap<bigint, ErrorName>;
  readonly views: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
}

/** The same layout under the names that compilers of the lineage give it. */
const KEYS = ["aptos::metadata_v1", "initia::metadata_v0"];
const VIEW_KINDS = new Set([0, 1]);
const EVENT_KINDS = new Set([4]);
/** The part of an abort code that says why; the rest is its category. */
const REASON_MASK = 0xfffn;

const NONE: ModuleMetadata = { errors: new Map(), views: new Set(), events: new Set() };

/** Metadata that cannot be read counts as none: it was never verified. */
export function metadataOf(abi: ModuleAbi): ModuleMetadata {
  const entry = abi.metadata.find(({ key }) => KEYS.includes(fromUtf8(key) ?? ""));
  if (entry === undefined) return NONE;
  try {
    return decodeBcs(entry.value, readMetadata);
  } catch (error) {
    if (error instanceof BcsError) return NONE;
    throw error;
  }
}

/** What the module calls this abort code. */
export function errorNameOf({ errors }: ModuleMetadata, code: bigint): ErrorName | undefined {
  return errors.get(code & REASON_MASK) ?? errors.get(code);
}

type Attributes = ReadonlyMap<string, readonly number[]>;

function readMetadata(reader: BcsReader): ModuleMetadata {
  const errors = new Map(
    reader.vector((item): [bigint, ErrorName] => [
      item.u64(),
      { name: item.string(), description: item.string() },
    ]),
  );
  const structs = readAttributes(reader);
  const functions = readAttributes(reader);
  return { errors, views: having(functions, VIEW_KINDS), events: having(structs, EVENT_KINDS) };
}

function readAttributes(reader: BcsReader): Attributes {
  return new Map(
    reader.vector((item): [string, readonly number[]] => [
      item.string(),
      item.vector((attribute) => {
        const kind = attribute.u8();
        attribute.vector((argument) => argument.string());
        return kind;
      }),
    ]),
  );
}

function having(attributes: Attributes, kinds: ReadonlySet<number>): ReadonlySet<string> {
  return new Set(
    [...attributes]
      .filter(([, found]) => found.some((kind) => kinds.has(kind)))
      .map(([name]) => name),
  );
}
