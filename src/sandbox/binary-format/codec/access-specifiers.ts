/**
 * What a function declares about global storage, an optional list behind a function handle since
 * version 7. Flags are written 1 for no and 2 for yes.
 */
import { assertNever } from "../../core/assert.ts";
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { AccessSpecifier, AddressSpecifier, ResourceSpecifier } from "../file-format.ts";
import { ACCESS_SPECIFIER_COUNT_MAX, LOCAL_INDEX_MAX } from "../limits.ts";
import { readIndex, readList } from "./codec.ts";

const ACCESS_KINDS = ["reads", "writes", "acquires"] as const;

export function readAccessSpecifiers(reader: ByteReader): AccessSpecifier[] | undefined {
  if (!readFlag(reader, "access specifier option")) return undefined;
  return readList(reader, ACCESS_SPECIFIER_COUNT_MAX, "access specifier count", readSpecifier);
}

export function writeAccessSpecifiers(
  writer: BcsWriter,
  specifiers: readonly AccessSpecifier[] | undefined,
): void {
  writeFlag(writer, specifiers !== undefined);
  if (specifiers !== undefined) writer.vector(specifiers, writeSpecifier);
}

function readSpecifier(reader: ByteReader): AccessSpecifier {
  const at = reader.offset;
  const access = ACCESS_KINDS[reader.u8("access kind") - 1];
  if (access === undefined) reader.fail("MALFORMED", "no such access kind", at);
  const negated = readFlag(reader, "negation");
  return { access, negated, resource: readResource(reader), address: readAddress(reader) };
}

function writeSpecifier(writer: BcsWriter, specifier: AccessSpecifier): void {
  writer.u8(ACCESS_KINDS.indexOf(specifier.access) + 1);
  writeFlag(writer, specifier.negated);
  writeResource(writer, specifier.resource);
  writeAddress(writer, specifier.address);
}

function readResource(reader: ByteReader): ResourceSpecifier {
  const at = reader.offset;
  switch (reader.u8("resource specifier")) {
    case 1:
      return { kind: "any" };
    case 2:
      return { kind: "declaredAtAddress", address: readIndex(reader, "address") };
    case 3:
      return { kind: "declaredInModule", module: readIndex(reader, "module handle") };
    case 4:
      return { kind: "resource", struct: readIndex(reader, "struct handle") };
    case 5:
      return {
        kind: "resourceInstantiation",
        struct: readIndex(reader, "struct handle"),
        typeArgs: readIndex(reader, "signature"),
      };
    default:
      return reader.fail("MALFORMED", "no such resource specifier", at);
  }
}

function writeResource(writer: BcsWriter, resource: ResourceSpecifier): void {
  switch (resource.kind) {
    case "any":
      writer.u8(1);
      break;
    case "declaredAtAddress":
      writer.u8(2).uleb128(resource.address);
      break;
    case "declaredInModule":
      writer.u8(3).uleb128(resource.module);
      break;
    case "resource":
      writer.u8(4).uleb128(resource.struct);
      break;
    case "resourceInstantiation":
      writer.u8(5).uleb128(resource.struct).uleb128(resource.typeArgs);
      break;
    default:
      assertNever(resource);
  }
}

function readAddress(reader: ByteReader): AddressSpecifier {
  const at = reader.offset;
  switch (reader.u8("address specifier")) {
    case 1:
      return { kind: "any" };
    case 2:
      return { kind: "literal", address: readIndex(reader, "address") };
    case 3: {
      const parameter = reader.uleb128(LOCAL_INDEX_MAX, "parameter");
      if (!readFlag(reader, "address function option")) return { kind: "parameter", parameter };
      return { kind: "parameter", parameter, through: readIndex(reader, "function instantiation") };
    }
    default:
      return reader.fail("MALFORMED", "no such address specifier", at);
  }
}

function writeAddress(writer: BcsWriter, address: AddressSpecifier): void {
  switch (address.kind) {
    case "any":
      writer.u8(1);
      break;
    case "literal":
      writer.u8(2).uleb128(address.address);
      break;
    case "parameter":
      writer.u8(3).uleb128(address.parameter);
      writeFlag(writer, address.through !== undefined);
      if (address.through !== undefined) writer.uleb128(address.through);
      break;
    default:
      assertNever(address);
  }
}

function readFlag(reader: ByteReader, what: string): boolean {
  const at = reader.offset;
  const byte = reader.u8(what);
  if (byte !== 1 && byte !== 2) reader.fail("MALFORMED", `${what} is neither 1 nor 2`, at);
  return byte === 2;
}

function writeFlag(writer: BcsWriter, flag: boolean): void {
  writer.u8(flag ? 2 : 1);
}
