/** Instructions: a mnemonic and the operand that its opcode takes. */
import { fromHex } from "#core/bytes.ts";
import type { Instruction, StructDefinition } from "../../src/sandbox/binary-format/file-format.ts";
import { OPCODES, type Opcode } from "../../src/sandbox/binary-format/opcodes.ts";
import { type Builder, enter, enterIdentifier, enterSignature } from "./tables.ts";
import { accept, expectToken, fail, integer, isAtEnd, type Line, next, peek } from "./tokens.ts";
import { readPath, readType, readTypeArguments, type TypeNames } from "./types.ts";

/** What names mean inside one function. */
export interface Scope {
  readonly builder: Builder;
  readonly typeNames: TypeNames;
  readonly locals: readonly string[];
  readonly labels: ReadonlyMap<string, number>;
}

const OPCODE_BY_MNEMONIC = new Map<string, Opcode>(
  (Object.keys(OPCODES) as Opcode[]).map((opcode) => [mnemonic(opcode), opcode]),
);

/** `MutBorrowLoc` is `mut_borrow_loc`. */
export function mnemonic(opcode: Opcode): string {
  return opcode.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

export function readInstruction(scope: Scope, line: Line): Instruction {
  const word = next(line, "an instruction");
  const opcode = OPCODE_BY_MNEMONIC.get(word) ?? fail(line, `no instruction ${word}`);
  const operand = readOperand(scope, line, opcode);
  if (!isAtEnd(line)) fail(line, `"${peek(line) ?? ""}" is too much`);
  return { opcode, index: 0, value: 0n, ...operand };
}

type Operand = Partial<Pick<Instruction, "index" | "value">>;

function readOperand(scope: Scope, line: Line, opcode: Opcode): Operand {
  const { operand } = OPCODES[opcode];
  if (accept(line, "#")) {
    const index = Number(integer(line));
    return operand === "signatureAndCount" ? { index, value: integer(line) } : { index };
  }
  switch (operand) {
    case "none":
      return {};
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
      return { value: integer(line) };
    case "local":
      return { index: readLocal(scope, line) };
    case "codeOffset":
      return { index: readTarget(scope, line) };
    case "constant":
      return { index: readConstant(scope, line) };
    case "signature":
      return { index: readElement(scope, line) };
    case "signatureAndCount":
      return { index: readElement(scope, line), value: integer(line) };
    case "functionHandle":
      return { index: readFunction(scope, line) };
    case "functionInstantiation": {
      const handle = readFunction(scope, line);
      const typeArgs = readInstance(scope, line);
      return { index: enter(scope.builder.tables.functionInstantiations, { handle, typeArgs }) };
    }
    default:
      return { index: readMember(scope, line, operand) };
  }
}

function readLocal({ locals }: Scope, line: Line): number {
  const word = next(line, "a local");
  if (/^[0-9]+$/.test(word)) return Number(word);
  const index = locals.indexOf(word);
  return index >= 0 ? index : fail(line, `no local ${word}`);
}

function readTarget({ labels }: Scope, line: Line): number {
  const word = next(line, "a label");
  if (/^[0-9]+$/.test(word)) return Number(word);
  return labels.get(word) ?? fail(line, `no label ${word}`);
}

/** A type and the BCS of the value in hex. */
function readConstant({ builder, typeNames }: Scope, line: Line): number {
  const type = readType(builder, line, typeNames);
  const text = isAtEnd(line) ? "" : next(line, "BCS in hex");
  const data = fromHex(text) ?? fail(line, `"${text}" is no hex`);
  return enter(builder.tables.constants, { type, data });
}

function readElement({ builder, typeNames }: Scope, line: Line): number {
  return enterSignature(builder, [readType(builder, line, typeNames)]);
}

function readFunction({ builder }: Scope, line: Line): number {
  const name = readPath(line);
  return builder.functions.get(name) ?? fail(line, `no function ${name}`);
}

function readInstance({ builder, typeNames }: Scope, line: Line): number {
  return enterSignature(builder, readTypeArguments(builder, line, typeNames) ?? []);
}

type MemberOperand =
  | "structDefinition"
  | "structInstantiation"
  | "fieldHandle"
  | "fieldInstantiation"
  | "variantFieldHandle"
  | "variantFieldInstantiation"
  | "structVariantHandle"
  | "structVariantInstantiation";

/** `S`, `S<u64>.x`, `E::A`, `E<u64>::A|B.x`: as much of it as the operand takes. */
function readMember(scope: Scope, line: Line, operand: MemberOperand): number {
  const { builder } = scope;
  const { tables } = builder;
  const name = next(line, "a struct");
  const owner = builder.structDefinitions.get(name) ?? fail(line, `no struct ${name}`);
  const typeArgs = operand.endsWith("Instantiation") ? readInstance(scope, line) : 0;
  const definition = tables.structDefinitions[owner];
  if (definition === undefined) return fail(line, `no struct ${name}`);
  switch (operand) {
    case "structDefinition":
      return owner;
    case "structInstantiation":
      return enter(tables.structInstantiations, { definition: owner, typeArgs });
    case "fieldHandle":
    case "fieldInstantiation": {
      const field = readField(scope, line, definition, undefined);
      const handle = enter(tables.fieldHandles, { owner, field });
      return operand === "fieldHandle"
        ? handle
        : enter(tables.fieldInstantiations, { handle, typeArgs });
    }
    case "structVariantHandle":
    case "structVariantInstantiation": {
      expectToken(line, "::");
      const variant = readVariant(scope, line, definition);
      const handle = enter(tables.structVariantHandles, { owner, variant });
      return operand === "structVariantHandle"
        ? handle
        : enter(tables.structVariantInstantiations, { handle, typeArgs });
    }
    case "variantFieldHandle":
    case "variantFieldInstantiation": {
      expectToken(line, "::");
      const variants = [readVariant(scope, line, definition)];
      while (accept(line, "|")) variants.push(readVariant(scope, line, definition));
      const field = readField(scope, line, definition, variants[0]);
      const handle = enter(tables.variantFieldHandles, { owner, field, variants });
      return operand === "variantFieldHandle"
        ? handle
        : enter(tables.variantFieldInstantiations, { handle, typeArgs });
    }
  }
}

function readVariant({ builder }: Scope, line: Line, { layout }: StructDefinition): number {
  const name = enterIdentifier(builder, next(line, "a variant"));
  const variants = layout.kind === "variants" ? layout.variants : [];
  const index = variants.findIndex((variant) => variant.name === name);
  return index >= 0 ? index : fail(line, "no such variant");
}

/** `.x` by name, `.0` by position. */
function readField(
  { builder }: Scope,
  line: Line,
  { layout }: StructDefinition,
  variant: number | undefined,
): number {
  expectToken(line, ".");
  const word = next(line, "a field");
  if (/^[0-9]+$/.test(word)) return Number(word);
  const name = enterIdentifier(builder, word);
  const fields = layout.kind === "fields" ? layout.fields : [];
  const ofVariant = layout.kind === "variants" ? layout.variants[variant ?? -1]?.fields : undefined;
  const index = (ofVariant ?? fields).findIndex((field) => field.name === name);
  return index >= 0 ? index : fail(line, `no field ${word}`);
}
