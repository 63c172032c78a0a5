/**
 * Single instructions as text, operands by name: `call 0x1::vector::length`, `copy_loc 2`. Works
 * over any module whose bytes could be read, bounds accepted or not, because a refused module is
 * what one wants to look into: an index that leads nowhere is shown as `#7`.
 */
import { toHex } from "../core/bytes.ts";
import { formatModuleId } from "../core/identifier.ts";
import type { CompiledModule, Instruction, SignatureToken } from "./file-format.ts";
import { OPCODES, type Opcode, type OperandKind } from "./opcodes.ts";
import { tokenText } from "./qualified-types.ts";

/** Bytes of a constant that are shown. */
const CONSTANT_BYTES_SHOWN = 32;

/** `MutBorrowLoc` is `mut_borrow_loc`. */
export function mnemonicOf(opcode: Opcode): string {
  return opcode.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

/** One instruction in one line. Locals are shown by number, branch targets by code offset. */
export function disassembleInstruction(module: CompiledModule, instruction: Instruction): string {
  const operand = OPERANDS[OPCODES[instruction.opcode].operand](module, instruction);
  const mnemonic = mnemonicOf(instruction.opcode);
  return operand === "" ? mnemonic : `${mnemonic} ${operand}`;
}

/** The text of an operand, or undefined where an index leads nowhere. */
type Printer = (module: CompiledModule, index: number) => string | undefined;

type OperandPrinter = (module: CompiledModule, instruction: Instruction) => string;

const literal: OperandPrinter = (_module, { value }) => `${value}`;
const number: OperandPrinter = (_module, { index }) => `${index}`;

function named(print: Printer): OperandPrinter {
  return (module, { index }) => print(module, index) ?? `#${index}`;
}

const elementType: Printer = (module, index) => {
  const [token] = module.signatures[index] ?? [];
  return token === undefined ? undefined : typeText(module, token);
};

const OPERANDS: Readonly<Record<OperandKind, OperandPrinter>> = {
  none: () => "",
  u8: literal,
  u16: literal,
  u32: literal,
  u64: literal,
  u128: literal,
  u256: literal,
  local: number,
  codeOffset: number,
  constant: named(constantText),
  functionHandle: named(functionText),
  functionInstantiation: named((module, index) => {
    const { handle, typeArgs } = module.functionInstantiations[index] ?? {};
    return instantiated(module, typeArgs, handle, functionText);
  }),
  structDefinition: named(definitionText),
  structInstantiation: named((module, index) => {
    const { definition, typeArgs } = module.structInstantiations[index] ?? {};
    return instantiated(module, typeArgs, definition, definitionText);
  }),
  fieldHandle: named(fieldText),
  fieldInstantiation: named((module, index) => {
    const { handle, typeArgs } = module.fieldInstantiations[index] ?? {};
    return instantiated(module, typeArgs, handle, fieldText);
  }),
  variantFieldHandle: named(variantFieldText),
  variantFieldInstantiation: named((module, index) => {
    const { handle, typeArgs } = module.variantFieldInstantiations[index] ?? {};
    return instantiated(module, typeArgs, handle, variantFieldText);
  }),
  structVariantHandle: named(variantText),
  structVariantInstantiation: named((module, index) => {
    const { handle, typeArgs } = module.structVariantInstantiations[index] ?? {};
    return instantiated(module, typeArgs, handle, variantText);
  }),
  signature: named(elementType),
  signatureAndCount: (module, { index, value }) =>
    `${elementType(module, index) ?? `#${index}`} ${value}`,
};

function instantiated(
  module: CompiledModule,
  typeArgs: number | undefined,
  index: number | undefined,
  print: Printer,
): string | undefined {
  const tokens = typeArgs === undefined ? undefined : module.signatures[typeArgs];
  const text = index === undefined ? undefined : print(module, index);
  if (tokens === undefined || text === undefined) return undefined;
  return `${text}<${tokens.map((token) => typeText(module, token)).join(", ")}>`;
}

function constantText(module: CompiledModule, index: number): string | undefined {
  const constant = module.constants[index];
  if (constant === undefined) return undefined;
  const { type, data } = constant;
  const rest = data.length > CONSTANT_BYTES_SHOWN ? `… (${data.length} bytes)` : "";
  return `${typeText(module, type)} ${toHex(data.subarray(0, CONSTANT_BYTES_SHOWN))}${rest}`;
}

/** A name behind its module, unless that is the module itself. */
function qualified(
  module: CompiledModule,
  handleIndex: number,
  nameIndex: number,
): string | undefined {
  const name = module.identifiers[nameIndex];
  if (name === undefined) return undefined;
  if (handleIndex === module.selfHandle) return name;
  const handle = module.moduleHandles[handleIndex];
  const address = handle === undefined ? undefined : module.addresses[handle.address];
  const owner = handle === undefined ? undefined : module.identifiers[handle.name];
  if (address === undefined || owner === undefined) return undefined;
  return `${formatModuleId({ address, name: owner })}::${name}`;
}

function functionText(module: CompiledModule, index: number): string | undefined {
  const handle = module.functionHandles[index];
  return handle === undefined ? undefined : qualified(module, handle.module, handle.name);
}

function structText(module: CompiledModule, index: number): string {
  const handle = module.structHandles[index];
  const text = handle === undefined ? undefined : qualified(module, handle.module, handle.name);
  return text ?? `#${index}`;
}

function definitionText(module: CompiledModule, index: number): string | undefined {
  const definition = module.structDefinitions[index];
  return definition === undefined ? undefined : structText(module, definition.handle);
}

function fieldText(module: CompiledModule, index: number): string | undefined {
  const handle = module.fieldHandles[index];
  const layout = handle === undefined ? undefined : module.structDefinitions[handle.owner]?.layout;
  const field = layout?.kind === "fields" ? layout.fields[handle?.field ?? 0] : undefined;
  if (handle === undefined || field === undefined) return undefined;
  const name = module.identifiers[field.name] ?? `#${handle.field}`;
  return `${definitionText(module, handle.owner)}.${name}`;
}

function variantsOf(module: CompiledModule, definition: number) {
  const layout = module.structDefinitions[definition]?.layout;
  return layout?.kind === "variants" ? layout.variants : [];
}

function variantName(module: CompiledModule, owner: number, variant: number): string {
  const definition = variantsOf(module, owner)[variant];
  const name = definition === undefined ? undefined : module.identifiers[definition.name];
  return name ?? `#${variant}`;
}

function variantFieldText(module: CompiledModule, index: number): string | undefined {
  const handle = module.variantFieldHandles[index];
  if (handle === undefined) return undefined;
  const { owner, field, variants } = handle;
  const [first = 0] = variants;
  const definition = variantsOf(module, owner)[first]?.fields[field];
  const name = definition === undefined ? undefined : module.identifiers[definition.name];
  const names = variants.map((variant) => variantName(module, owner, variant)).join("|");
  return `${definitionText(module, owner) ?? `#${owner}`}::${names}.${name ?? `#${field}`}`;
}

function variantText(module: CompiledModule, index: number): string | undefined {
  const handle = module.structVariantHandles[index];
  if (handle === undefined) return undefined;
  const owner = definitionText(module, handle.owner) ?? `#${handle.owner}`;
  return `${owner}::${variantName(module, handle.owner, handle.variant)}`;
}

function typeText(module: CompiledModule, token: SignatureToken): string {
  return tokenText(token, (handle) => structText(module, handle));
}
