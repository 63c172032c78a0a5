/**
 * Codecs as data: an object's bytes are declared as a table of fields and read and written by the
 * same table. Every reader bounds what it takes and refuses bytes that are not canonical (it throws
 * `BcsError`). Knows no object.
 */
import type { Address } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import type { BcsWriter } from "#core/bcs/writer.ts";
import {
  PUBLIC_KEY_SIZE,
  type PublicKey,
  parsePublicKey,
  parseSignature,
  SIGNATURE_SIZE,
  type Signature,
} from "#core/ed25519.ts";
import { HASH_SIZE, type Hash, parseHash } from "#core/hash.ts";
import type { Identifier } from "#core/identifier.ts";
import { readIdentifier, readTypeTag, type TypeTag, writeTypeTag } from "#core/type-tag.ts";

export interface Codec<T> {
  readonly write: (writer: BcsWriter, value: T) => void;
  readonly read: (reader: BcsReader) => T;
}

/** One row of a table: the field's name and how its value is written. */
type Row<T> = { [Key in keyof T]-?: readonly [Key, Codec<T[Key]>] }[keyof T];

/** `unknown` when the rows name every field of T, so that a table cannot forget one. */
type Complete<T, Rows extends readonly Row<T>[]> =
  Exclude<keyof T, Rows[number][0]> extends never ? unknown : never;

/** The codec of an object by its fields in the order of the table. */
export function struct<T extends object>() {
  return <const Rows extends readonly Row<T>[]>(rows: Rows & Complete<T, Rows>): Codec<T> => ({
    write(writer, value) {
      for (const [key, codec] of rows) codec.write(writer, value[key]);
    },
    read(reader) {
      const value: Partial<T> = {};
      for (const [key, codec] of rows) {
        const field = codec.read(reader);
        // An absent optional field stays absent.
        if (field !== undefined) value[key] = field;
      }
      return value as T;
    },
  });
}

type Variant<T extends { readonly type: string }> = {
  [Type in T["type"]]: readonly [Type, Codec<Omit<Extract<T, { readonly type: Type }>, "type">>];
}[T["type"]];

type CompleteVariants<T extends { readonly type: string }, Variants extends readonly Variant<T>[]> =
  Exclude<T["type"], Variants[number][0]> extends never ? unknown : never;

/**
 * The codec of a union told apart by `type`: the variant's position as ULEB128, then its fields.
 */
export function union<T extends { readonly type: string }>(name: string) {
  return <const Variants extends readonly Variant<T>[]>(
    variants: Variants & CompleteVariants<T, Variants>,
  ): Codec<T> => ({
    write(writer, value) {
      const index = variants.findIndex(([type]) => type === value.type);
      const [, codec] = present(variants[index], `${name} has a variant ${value.type}`);
      writer.uleb128(index);
      (codec as unknown as Codec<T>).write(writer, value);
    },
    read(reader) {
      const index = reader.uleb128();
      const variant = variants[index];
      if (variant === undefined) return reader.fail("BAD_VARIANT", `${name} ${index}`);
      const [type, codec] = variant;
      return { type, ...(codec as unknown as Codec<object>).read(reader) } as unknown as T;
    },
  });
}

/** A word out of a list, as its position. */
export function enumeration<T extends string>(name: string, words: readonly T[]): Codec<T> {
  return {
    write(writer, value) {
      const index = words.indexOf(value);
      assert(index >= 0, `${name} has a word ${value}`);
      writer.uleb128(index);
    },
    read: (reader) => {
      const index = reader.uleb128();
      return words[index] ?? reader.fail("BAD_VARIANT", `${name} ${index}`);
    },
  };
}

/** A sequence of at most `countMax` elements. */
export function list<T>(element: Codec<T>, countMax: number): Codec<readonly T[]> {
  return {
    write(writer, values) {
      assert(values.length <= countMax, "a sequence that we write keeps its limit");
      writer.vector(values, element.write);
    },
    read(reader) {
      const count = reader.length(1);
      if (count > countMax) reader.fail("SEQUENCE_TOO_LONG", `${count}, at most ${countMax}`);
      return Array.from({ length: count }, () => element.read(reader));
    },
  };
}

/** What takes at most `sizeMax` bytes in all. Whoever writes it has seen to that. */
export function within<T>(sizeMax: number, value: Codec<T>): Codec<T> {
  return {
    write: value.write,
    read(reader) {
      const from = reader.offset;
      const read = value.read(reader);
      const size = reader.offset - from;
      return size <= sizeMax
        ? read
        : reader.fail("SEQUENCE_TOO_LONG", `${size} bytes, at most ${sizeMax}`);
    },
  };
}

export function optional<T>(value: Codec<T>): Codec<T | undefined> {
  return {
    write: (writer, some) => writer.option(some, value.write),
    read: (reader) => reader.option(value.read),
  };
}

/** Length-prefixed bytes, copied out of the message. */
export function byteString(sizeMax: number): Codec<Uint8Array> {
  return {
    write(writer, bytes) {
      assert(bytes.length <= sizeMax, "bytes that we write keep their limit");
      writer.bytes(bytes);
    },
    read(reader) {
      const bytes = reader.bytes();
      if (bytes.length > sizeMax) {
        reader.fail("SEQUENCE_TOO_LONG", `${bytes.length} bytes, at most ${sizeMax}`);
      }
      return bytes.slice();
    },
  };
}

export const u8: Codec<number> = {
  write: (writer, value) => writer.u8(value),
  read: (reader) => reader.u8(),
};

export const u16: Codec<number> = {
  write: (writer, value) => writer.u16(value),
  read: (reader) => reader.u16(),
};

export const u32: Codec<number> = {
  write: (writer, value) => writer.u32(value),
  read: (reader) => reader.u32(),
};

export const u64: Codec<bigint> = {
  write: (writer, value) => writer.u64(value),
  read: (reader) => reader.u64(),
};

export const flag: Codec<boolean> = {
  write: (writer, value) => writer.bool(value),
  read: (reader) => reader.bool(),
};

export const address: Codec<Address> = {
  write: (writer, value) => writer.address(value),
  read: (reader) => reader.address(),
};

export const hash: Codec<Hash> = {
  write: (writer, value) => writer.fixed(value),
  read: (reader) => present(parseHash(reader.fixed(HASH_SIZE).slice()), "a hash has its size"),
};

export const publicKey: Codec<PublicKey> = {
  write: (writer, value) => writer.fixed(value),
  read: (reader) =>
    present(parsePublicKey(reader.fixed(PUBLIC_KEY_SIZE).slice()), "a key has its size"),
};

export const signature: Codec<Signature> = {
  write: (writer, value) => writer.fixed(value),
  read: (reader) =>
    present(parseSignature(reader.fixed(SIGNATURE_SIZE).slice()), "a signature has its size"),
};

export const identifier: Codec<Identifier> = {
  write: (writer, value) => writer.string(value),
  read: readIdentifier,
};

export const typeTag: Codec<TypeTag> = {
  write: writeTypeTag,
  read: (reader) => readTypeTag(reader),
};
