/** Types as the format writes them: a kind byte, then what the kind needs, outermost first. */
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { Signature, SignatureToken } from "../file-format.ts";
import {
  SIGNATURE_LENGTH_MAX,
  SIGNATURE_TOKEN_DEPTH_MAX,
  TYPE_PARAMETER_COUNT_MAX,
  TYPE_PARAMETER_INDEX_MAX,
} from "../limits.ts";
import type { Version } from "../version.ts";
import { type Codec, readIndex, readList } from "./codec.ts";

type Kind = SignatureToken["kind"];

/** Kind bytes and the first version that knows them. */
const KINDS: Readonly<Record<Kind, { readonly byte: number; readonly since: Version }>> = {
  bool: { byte: 0x01, since: 5 },
  u8: { byte: 0x02, since: 5 },
  u64: { byte: 0x03, since: 5 },
  u128: { byte: 0x04, since: 5 },
  address: { byte: 0x05, since: 5 },
  reference: { byte: 0x06, since: 5 },
  mutableReference: { byte: 0x07, since: 5 },
  struct: { byte: 0x08, since: 5 },
  typeParameter: { byte: 0x09, since: 5 },
  vector: { byte: 0x0a, since: 5 },
  structInstantiation: { byte: 0x0b, since: 5 },
  signer: { byte: 0x0c, since: 5 },
  u16: { byte: 0x0d, since: 6 },
  u32: { byte: 0x0e, since: 6 },
  u256: { byte: 0x0f, since: 6 },
};

const KIND_BY_BYTE = new Map<number, Kind>(
  (Object.keys(KINDS) as Kind[]).map((kind) => [KINDS[kind].byte, kind]),
);

export const SIGNATURE_TOKEN: Codec<SignatureToken> = {
  read: (reader) => readToken(reader, 1),
  write: writeToken,
};

export const SIGNATURE: Codec<Signature> = {
  read: (reader) =>
    readList(reader, SIGNATURE_LENGTH_MAX, "signature length", SIGNATURE_TOKEN.read),
  write(writer, signature) {
    writer.vector(signature, writeToken);
  },
};

/** @param depth of this token; the outermost has 1. */
function readToken(reader: ByteReader, depth: number): SignatureToken {
  const at = reader.offset;
  const byte = reader.u8("type");
  const kind = KIND_BY_BYTE.get(byte);
  if (kind === undefined) {
    reader.fail("UNKNOWN_SERIALIZED_TYPE", `0x${byte.toString(16)} is no type`, at);
  }
  if (reader.version < KINDS[kind].since) {
    reader.fail("MALFORMED", `${kind} is not in version ${reader.version}`, at);
  }
  if (depth > SIGNATURE_TOKEN_DEPTH_MAX) {
    reader.fail("MALFORMED", `type nested over ${SIGNATURE_TOKEN_DEPTH_MAX} deep`, at);
  }
  switch (kind) {
    case "vector":
      return { kind, element: readToken(reader, depth + 1) };
    case "reference":
    case "mutableReference":
      return { kind, to: readToken(reader, depth + 1) };
    case "struct":
      return { kind, handle: readIndex(reader, "struct handle") };
    case "structInstantiation":
      return readInstantiation(reader, depth);
    case "typeParameter":
      return { kind, index: reader.uleb128(TYPE_PARAMETER_INDEX_MAX, "type parameter") };
    default:
      return { kind };
  }
}

function readInstantiation(reader: ByteReader, depth: number): SignatureToken {
  const handle = readIndex(reader, "struct handle");
  const at = reader.offset;
  const count = reader.uleb128(TYPE_PARAMETER_COUNT_MAX, "type argument count");
  if (count === 0) reader.fail("MALFORMED", "an instantiation without type arguments", at);
  const typeArgs: SignatureToken[] = [];
  for (let index = 0; index < count; index++) typeArgs.push(readToken(reader, depth + 1));
  return { kind: "structInstantiation", handle, typeArgs };
}

function writeToken(writer: BcsWriter, token: SignatureToken): void {
  writer.u8(KINDS[token.kind].byte);
  switch (token.kind) {
    case "vector":
      writeToken(writer, token.element);
      break;
    case "reference":
    case "mutableReference":
      writeToken(writer, token.to);
      break;
    case "struct":
      writer.uleb128(token.handle);
      break;
    case "structInstantiation":
      writer.uleb128(token.handle).vector(token.typeArgs, writeToken);
      break;
    case "typeParameter":
      writer.uleb128(token.index);
      break;
    default:
  }
}
