/**
 * Sound modules with single instructions changed into others of the same kind, so that much of what
 * comes out is still sound, and means something else.
 */
import fc from "fast-check";
import { present } from "#core/assert.ts";
import { deserializeModule } from "../../src/sandbox/binary-format/deserializer.ts";
import type {
  CompiledModule,
  FunctionDefinition,
  Instruction,
} from "../../src/sandbox/binary-format/file-format.ts";
import { OPCODES, type Opcode } from "../../src/sandbox/binary-format/opcodes.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";

/** Opcodes that may stand for one another as far as types go. */
const KINDS: readonly (readonly Opcode[])[] = [
  ["Add", "Sub", "Mul", "Mod", "Div", "BitOr", "BitAnd", "Xor"],
  ["Shl", "Shr"],
  ["Or", "And"],
  ["Lt", "Gt", "Le", "Ge"],
  ["Eq", "Neq"],
  ["BrTrue", "BrFalse"],
  ["LdTrue", "LdFalse"],
  ["CastU8", "CastU16", "CastU32", "CastU64", "CastU128", "CastU256"],
  ["CopyLoc", "MoveLoc"],
  ["ImmBorrowLoc", "MutBorrowLoc"],
  ["ImmBorrowField", "MutBorrowField"],
  ["ImmBorrowGlobal", "MutBorrowGlobal"],
  ["VecImmBorrow", "VecMutBorrow"],
  ["Nop", "Pop", "FreezeRef", "ReadRef", "Not"],
];

const EDIT = fc.record({
  function: fc.nat(),
  offset: fc.nat(),
  value: fc.oneof(fc.nat(4), fc.nat(300), fc.constantFrom(0xff, 0xffff, 0xffff_ffff)),
});
type Edit = typeof EDIT extends fc.Arbitrary<infer E> ? E : never;

const EDITS_MAX = 3;

/** @param modules bytes of sound modules to start from. */
export function mutatedCode(modules: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const decoded = modules.map((bytes) => {
    const read = deserializeModule(bytes);
    return present(read.ok ? read.value : undefined, "a sound module");
  });
  return fc
    .tuple(fc.constantFrom(...decoded), fc.array(EDIT, { minLength: 1, maxLength: EDITS_MAX }))
    .map(([module, edits]) => serializeModule(edits.reduce(changed, module)));
}

function changed(module: CompiledModule, { function: place, offset, value }: Edit): CompiledModule {
  const bodies = module.functionDefinitions.filter(({ code }) => code !== undefined);
  const chosen = bodies[place % Math.max(1, bodies.length)];
  if (chosen?.code === undefined) return module;
  const { code } = chosen.code;
  const at = offset % code.length;
  const edited = code.map((instruction, index) =>
    index === at ? changedInstruction(instruction, value, code.length) : instruction,
  );
  const functionDefinitions = module.functionDefinitions.map(
    (definition): FunctionDefinition =>
      definition === chosen && definition.code !== undefined
        ? { ...definition, code: { ...definition.code, code: edited } }
        : definition,
  );
  return { ...module, functionDefinitions };
}

function changedInstruction(
  { opcode, index, value: old }: Instruction,
  value: number,
  codeLength: number,
): Instruction {
  const { operand } = OPCODES[opcode];
  const kind = KINDS.find((opcodes) => opcodes.includes(opcode));
  switch (operand) {
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256": {
      const bits = BigInt(operand.slice(1));
      return { opcode, index, value: BigInt.asUintN(Number(bits), old ^ BigInt(value)) };
    }
    case "codeOffset":
      if (value % 3 > 0) return { opcode, index: (index + value) % codeLength, value: old };
      break;
    case "local":
      if (value % 2 > 0) return { opcode, index: (index + value) % (index + 3), value: old };
      break;
    case "signatureAndCount":
      return { opcode, index, value: BigInt(value % 5) };
    default:
  }
  if (kind !== undefined) {
    return { opcode: present(kind[value % kind.length], "a kind"), index, value: old };
  }
  return operand === "none" ? { opcode: "Nop", index, value: old } : { opcode, index, value: old };
}
