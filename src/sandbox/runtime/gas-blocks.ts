/**
 * Gas blocks: which instructions begin one, and what entering it costs. A block runs from a leader
 * up to the next leader. Leaders are the first instruction, every branch target, and the
 * instruction behind a branch, return or abort. A call does not end a block (SPEC.md says why).
 * Both executors charge by this file.
 */
import { endsBlock, hasBranchTarget } from "../binary-format/control-flow-graph.ts";
import type { CompiledModule, Instruction } from "../binary-format/file-format.ts";
import { assert } from "../core/assert.ts";
import type { GasSchedule } from "../gas/schedule.ts";

/** No block may cost more than this, whatever counts its operands claim. */
const BLOCK_GAS_MAX = Number.MAX_SAFE_INTEGER;

/** For every code offset the gas to charge on reaching it; 0 unless a block begins there. */
export function blockCharges(
  module: CompiledModule,
  code: readonly Instruction[],
  schedule: GasSchedule,
): readonly number[] {
  const charges = code.map(() => 0);
  const isLeader = leaders(code);
  let leader = 0;
  code.forEach((instruction, offset) => {
    if (isLeader[offset] === true) leader = offset;
    const total = (charges[leader] ?? 0) + instructionGas(module, instruction, schedule);
    charges[leader] = Math.min(total, BLOCK_GAS_MAX);
  });
  assert(charges.every(Number.isSafeInteger), "block charges are integers");
  return charges;
}

/** Marks the offsets at which blocks begin. Targets outside the code mark nothing. */
export function leaders(code: readonly Instruction[]): readonly boolean[] {
  const marks = code.map((_, offset) => offset === 0);
  code.forEach(({ opcode, index }, offset) => {
    if (hasBranchTarget(opcode) && index < code.length) marks[index] = true;
    if (endsBlock(opcode) && offset + 1 < code.length) marks[offset + 1] = true;
  });
  return marks;
}

/**
 * The static price of one instruction. Counts come from the instruction and the tables it names.
 */
export function instructionGas(
  module: CompiledModule,
  { opcode, index, value }: Instruction,
  schedule: GasSchedule,
): number {
  switch (opcode) {
    case "Call":
    case "CallGeneric":
      return schedule.call;
    case "LdConst": {
      const size = module.constants[index]?.data.length ?? 0;
      return schedule.instruction + Math.ceil(size / schedule.constantBytesPerGas);
    }
    case "Pack":
    case "Unpack":
    case "PackGeneric":
    case "UnpackGeneric":
    case "PackVariant":
    case "UnpackVariant":
    case "PackVariantGeneric":
    case "UnpackVariantGeneric":
      return schedule.instruction + schedule.member * memberCount(module, opcode, index);
    case "VecPack":
    case "VecUnpack":
      return schedule.instruction + Number(value) * schedule.member;
    case "Exists":
    case "ExistsGeneric":
    case "MutBorrowGlobal":
    case "MutBorrowGlobalGeneric":
    case "ImmBorrowGlobal":
    case "ImmBorrowGlobalGeneric":
    case "MoveFrom":
    case "MoveFromGeneric":
    case "MoveTo":
    case "MoveToGeneric":
      return schedule.instruction + schedule.global;
    default:
      return schedule.instruction;
  }
}

type MemberOpcode =
  | "Pack"
  | "Unpack"
  | "PackGeneric"
  | "UnpackGeneric"
  | "PackVariant"
  | "UnpackVariant"
  | "PackVariantGeneric"
  | "UnpackVariantGeneric";

/** Fields of the struct or variant that an instruction names; 0 where an index leads nowhere. */
function memberCount(module: CompiledModule, opcode: MemberOpcode, index: number): number {
  switch (opcode) {
    case "Pack":
    case "Unpack":
      return fieldCount(module, index);
    case "PackGeneric":
    case "UnpackGeneric":
      return fieldCount(module, module.structInstantiations[index]?.definition);
    case "PackVariant":
    case "UnpackVariant":
      return variantFieldCount(module, index);
    case "PackVariantGeneric":
    case "UnpackVariantGeneric":
      return variantFieldCount(module, module.structVariantInstantiations[index]?.handle);
  }
}

function fieldCount(module: CompiledModule, definition: number | undefined): number {
  const layout =
    definition === undefined ? undefined : module.structDefinitions[definition]?.layout;
  return layout?.kind === "fields" ? layout.fields.length : 0;
}

function variantFieldCount(module: CompiledModule, index: number | undefined): number {
  const handle = index === undefined ? undefined : module.structVariantHandles[index];
  const layout = handle === undefined ? undefined : module.structDefinitions[handle.owner]?.layout;
  if (handle === undefined || layout?.kind !== "variants") return 0;
  return layout.variants[handle.variant]?.fields.length ?? 0;
}
