/**
 * Identifiers, addresses, constants and metadata: the tables that hold values rather than
 * references.
 */
import { ADDRESS_SIZE, type Address, addressFromBytes } from "../../core/address.ts";
import { fromUtf8 } from "../../core/bytes.ts";
import { type Identifier, parseIdentifier } from "../../core/identifier.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { Constant, Metadata } from "../file-format.ts";
import {
  CONSTANT_SIZE_MAX,
  METADATA_KEY_SIZE_MAX,
  METADATA_VALUE_SIZE_MAX,
  NAME_SIZE_MAX,
} from "../limits.ts";
import type { Codec } from "./codec.ts";
import { SIGNATURE_TOKEN } from "./signature-token.ts";

export const IDENTIFIER: Codec<Identifier> = {
  read(reader: ByteReader) {
    const at = reader.offset;
    const size = reader.uleb128(NAME_SIZE_MAX, "identifier size");
    const text = fromUtf8(reader.bytes(size, "identifier"));
    const identifier = text === undefined ? undefined : parseIdentifier(text);
    if (identifier === undefined) reader.fail("MALFORMED", "not a Move identifier", at);
    return identifier;
  },
  write(writer, identifier) {
    writer.string(identifier);
  },
};

export const ADDRESS: Codec<Address> = {
  read: (reader) => addressFromBytes(reader.bytes(ADDRESS_SIZE, "address")),
  write(writer, address) {
    writer.address(address);
  },
};

export const CONSTANT: Codec<Constant> = {
  read(reader) {
    const type = SIGNATURE_TOKEN.read(reader);
    const size = reader.uleb128(CONSTANT_SIZE_MAX, "constant size");
    return { type, data: reader.bytes(size, "constant") };
  },
  write(writer, constant, version) {
    SIGNATURE_TOKEN.write(writer, constant.type, version);
    writer.bytes(constant.data);
  },
};

export const METADATA: Codec<Metadata> = {
  read(reader) {
    const keySize = reader.uleb128(METADATA_KEY_SIZE_MAX, "metadata key size");
    const key = reader.bytes(keySize, "metadata key");
    const valueSize = reader.uleb128(METADATA_VALUE_SIZE_MAX, "metadata value size");
    return { key, value: reader.bytes(valueSize, "metadata value") };
  },
  write(writer, metadata) {
    writer.bytes(metadata.key).bytes(metadata.value);
  },
};
