/**
 * A module's tables while they are filled: equal entries are entered once, and found again by what
 * they say.
 */
import { parseAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { parseIdentifier } from "#core/identifier.ts";
import { emptyTables, type ModuleTables } from "../../src/sandbox/binary-format/codec/tables.ts";
import type { Signature } from "../../src/sandbox/binary-format/file-format.ts";
import type { Version } from "../../src/sandbox/binary-format/version.ts";

export interface Builder {
  readonly version: Version;
  readonly tables: ModuleTables;
  /** Struct handles by `0x1::m::S`, own ones by `S` too. */
  readonly structs: Map<string, number>;
  readonly functions: Map<string, number>;
  readonly structDefinitions: Map<string, number>;
}

export function createBuilder(version: Version): Builder {
  return {
    version,
    tables: emptyTables(),
    structs: new Map(),
    functions: new Map(),
    structDefinitions: new Map(),
  };
}

/** Position of an entry, which is added if no equal one is there. */
export function enter<T>(table: T[], entry: T): number {
  const key = keyOf(entry);
  const known = table.findIndex((other) => keyOf(other) === key);
  return known >= 0 ? known : table.push(entry) - 1;
}

export function enterIdentifier({ tables }: Builder, text: string): number {
  const identifier = present(parseIdentifier(text), `${text} is an identifier`);
  return enter(tables.identifiers, identifier);
}

/** @param id `0x1::m`. */
export function enterModule(builder: Builder, id: string): number {
  return enter(builder.tables.moduleHandles, moduleHandle(builder, id));
}

export function moduleHandle(
  builder: Builder,
  id: string,
): { readonly address: number; readonly name: number } {
  const [address = "", name = ""] = id.split("::");
  const parsed = present(parseAddress(address), `${address} is an address`);
  return {
    address: enter(builder.tables.addresses, parsed),
    name: enterIdentifier(builder, name),
  };
}

export function enterSignature({ tables }: Builder, signature: Signature): number {
  return enter(tables.signatures, signature);
}

function keyOf(entry: unknown): string {
  return JSON.stringify(entry, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}
