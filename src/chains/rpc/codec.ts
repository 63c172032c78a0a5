/** Field tables over BCS: a message's layout is written down once and gives both directions. */
import type { Address } from "#core/address.ts";
import { BcsError, type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import type { Hash } from "#core/hash.ts";
import { type ModuleId, parseIdentifier } from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import {
  readStructTag,
  readTypeTag,
  type StructTag,
  type TypeTag,
  writeStructTag,
  writeTypeTag,
} from "#core/type-tag.ts";
import { readHash } from "../ledger/receipt.ts";

export interface Codec<T> {
  write(writer: BcsWriter, value: T): void;
  read(reader: BcsReader): T;
}

/** The type a codec carries. */
export type Carried<C> = C extends Codec<infer T> ? T : never;

export const u8: Codec<number> = {
  write: (writer, value) => void writer.u8(value),
  read: (reader) => reader.u8(),
};
export const u32: Codec<number> = {
  write: (writer, value) => void writer.u32(value),
  read: (reader) => reader.u32(),
};
export const u64: Codec<bigint> = {
  write: (writer, value) => void writer.u64(value),
  read: (reader) => reader.u64(),
};
export const bool: Codec<boolean> = {
  write: (writer, value) => void writer.bool(value),
  read: (reader) => reader.bool(),
};
export const text: Codec<string> = {
  write: (writer, value) => void writer.string(value),
  read: (reader) => reader.string(),
};
/** Length-prefixed; what is read is a copy. */
export const bytes: Codec<Uint8Array> = {
  write: (writer, value) => void writer.bytes(value),
  read: (reader) => reader.bytes().slice(),
};
export const address: Codec<Address> = {
  write: (writer, value) => void writer.address(value),
  read: (reader) => reader.address(),
};
export const hash: Codec<Hash> = {
  write: (writer, value) => void writer.fixed(value),
  read: readHash,
};
export const structTag: Codec<StructTag> = {
  write: writeStructTag,
  read: (reader) => readStructTag(reader),
};
export const typeTag: Codec<TypeTag> = {
  write: writeTypeTag,
  read: (reader) => readTypeTag(reader),
};
export const moduleId: Codec<ModuleId> = {
  write: (writer, { address: at, name }) => void writer.address(at).string(name),
  read: (reader) => {
    const at = reader.address();
    const name = parseIdentifier(reader.string());
    return { address: at, name: name ?? reader.fail("BAD_VALUE", "not an identifier") };
  },
};

export function option<T>(some: Codec<T>): Codec<T | undefined> {
  return {
    write: (writer, value) => void writer.option(value, (out, inner) => some.write(out, inner)),
    read: (reader) => reader.option((inner) => some.read(inner)),
  };
}

export function vector<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    write: (writer, values) => void writer.vector(values, (out, item) => element.write(out, item)),
    read: (reader) => reader.vector((item) => element.read(item)),
  };
}

type Fields = Readonly<Record<string, Codec<unknown>>>;
type Struct<F> = { readonly [K in keyof F]: Carried<F[K]> };

/** Fields in the order in which they are written down. */
export function struct<F extends Fields>(fields: F): Codec<Struct<F>> {
  const table = Object.entries(fields);
  return {
    write: (writer, value) => {
      const record: Readonly<Record<string, unknown>> = value;
      for (const [name, field] of table) field.write(writer, record[name]);
    },
    read: (reader) => {
      const record: Record<string, unknown> = {};
      for (const [name, field] of table) record[name] = field.read(reader);
      return record as Struct<F>;
    },
  };
}

type Variant<V> = { [K in keyof V]: { readonly type: K } & Carried<V[K]> }[keyof V];

/** A union told apart by `type`; the variant's number is its place in the table. */
export function union<V extends Readonly<Record<string, Codec<object>>>>(
  variants: V,
): Codec<Variant<V>> {
  const table = Object.entries(variants);
  return {
    write: (writer, value) => {
      const index = table.findIndex(([name]) => name === value.type);
      writer.uleb128(index);
      table[index]?.[1].write(writer, value);
    },
    read: (reader) => {
      const index = reader.uleb128();
      const [name, variant] = table[index] ?? reader.fail("BAD_VARIANT", `${index}`);
      return { type: name, ...variant.read(reader) } as Variant<V>;
    },
  };
}

export function encodeWith<T>(codec: Codec<T>, value: T): Uint8Array {
  return encodeBcs((writer) => codec.write(writer, value));
}

/** Everything or nothing; hostile bytes come back as an error, never as a throw. */
export function decodeWith<T>(codec: Codec<T>, input: Uint8Array): Result<T, BcsError> {
  try {
    return ok(decodeBcs(input, (reader) => codec.read(reader)));
  } catch (error) {
    if (error instanceof BcsError) return err(error);
    throw error;
  }
}
