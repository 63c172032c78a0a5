/**
 * Code units: a locals signature and instructions, each an opcode byte and the operand that the
 * opcode table names.
 */
import { assertNever } from "../../core/assert.ts";
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { CodeUnit, Instruction } from "../file-format.ts";
import { CODE_LENGTH_MAX, CODE_OFFSET_MAX, LOCAL_INDEX_MAX } from "../limits.ts";
import { OPCODE_BY_BYTE, OPCODES, type Opcode } from "../opcodes.ts";
import { type Codec, readIndex, readList } from "./codec.ts";

export const CODE_UNIT: Codec<CodeUnit> = {
  read: (reader) => ({
    locals: readIndex(reader, "signature"),
    code: readList(reader, CODE_LENGTH_MAX, "instruction count", readInstruction),
  }),
  write(writer, unit) {
    writer.uleb128(unit.locals).vector(unit.code, writeInstruction);
  },
};

/** Instructions without operands are all alike, so one object stands for each opcode. */
const BARE = new Map<Opcode, Instruction>(
  (Object.keys(OPCODES) as Opcode[])
    .filter((opcode) => OPCODES[opcode].operand === "none")
    .map((opcode) => [opcode, { opcode, index: 0, value: 0n }]),
);

function readInstruction(reader: ByteReader): Instruction {
  const at = reader.offset;
  const byte = reader.u8("opcode");
  const opcode = OPCODE_BY_BYTE[byte];
  if (opcode === undefined) {
    reader.fail("UNKNOWN_OPCODE", `0x${byte.toString(16)} is no opcode`, at);
  }
  if (reader.version < OPCODES[opcode].since) {
    reader.fail("MALFORMED", `${opcode} is not in version ${reader.version}`, at);
  }
  return BARE.get(opcode) ?? readOperand(reader, opcode);
}

function readOperand(reader: ByteReader, opcode: Opcode): Instruction {
  const { operand } = OPCODES[opcode];
  switch (operand) {
    case "u8":
      return { opcode, index: 0, value: BigInt(reader.u8("u8 literal")) };
    case "u16":
      return { opcode, index: 0, value: BigInt(reader.u16()) };
    case "u32":
      return { opcode, index: 0, value: BigInt(reader.u32()) };
    case "u64":
      return { opcode, index: 0, value: reader.u64() };
    case "u128":
      return { opcode, index: 0, value: reader.u128() };
    case "u256":
      return { opcode, index: 0, value: reader.u256() };
    case "local":
      return { opcode, index: reader.uleb128(LOCAL_INDEX_MAX, "local"), value: 0n };
    case "codeOffset":
      return { opcode, index: reader.uleb128(CODE_OFFSET_MAX, "branch target"), value: 0n };
    case "signatureAndCount":
      return { opcode, index: readIndex(reader, "signature"), value: reader.u64() };
    default:
      return { opcode, index: readIndex(reader, operand), value: 0n };
  }
}

function writeInstruction(writer: BcsWriter, instruction: Instruction): void {
  const { byte, operand } = OPCODES[instruction.opcode];
  writer.u8(byte);
  switch (operand) {
    case "none":
      break;
    case "u8":
      writer.u8(Number(instruction.value));
      break;
    case "u16":
      writer.u16(Number(instruction.value));
      break;
    case "u32":
      writer.u32(Number(instruction.value));
      break;
    case "u64":
      writer.u64(instruction.value);
      break;
    case "u128":
      writer.u128(instruction.value);
      break;
    case "u256":
      writer.u256(instruction.value);
      break;
    case "signatureAndCount":
      writer.uleb128(instruction.index).u64(instruction.value);
      break;
    case "local":
    case "codeOffset":
    case "constant":
    case "functionHandle":
    case "functionInstantiation":
    case "structDefinition":
    case "structInstantiation":
    case "fieldHandle":
    case "fieldInstantiation":
    case "variantFieldHandle":
    case "variantFieldInstantiation":
    case "structVariantHandle":
    case "structVariantInstantiation":
    case "signature":
      writer.uleb128(instruction.index);
      break;
    default:
      assertNever(operand);
  }
}
