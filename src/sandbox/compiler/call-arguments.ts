/**
 * Puts a call's arguments where a program looks for them, decoded straight into memory. Anything
 * that is not as it should be is left to the interpreter, which says what is wrong with it.
 */
import { type Address, addressToBytes } from "../core/address.ts";
import type { Call } from "../execution.ts";
import { signerCount } from "../runtime/arguments.ts";
import { isReference, type RuntimeType } from "../runtime/types.ts";
import { type Decoder, type Plan, planOf } from "./codec.ts";
import { alignUp, layoutOf } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { ARGUMENTS_END, NO_ROOT, ROOT_OFFSET, SIGNER } from "./memory-map.ts";
import type { CompiledProgram } from "./program-compiler.ts";

/** Makes a `String` of a `vector<u8>` and returns where on the heap it lies. */
export type MakeText = (vector: number) => number;

/** How the arguments of one program are passed. */
export interface ArgumentPlan {
  readonly signerCount: number;
  readonly parameters: readonly PlannedArgument[];
}

interface PlannedArgument {
  /** Of what is passed, or of what a reference to be passed names. */
  readonly plan: Plan;
  readonly size: number;
  /** Where the program finds the parameter, and where the value goes: elsewhere for a reference. */
  readonly address: number;
  readonly place: number;
  readonly isReference: boolean;
  readonly isRooted: boolean;
  readonly isStruct: boolean;
}

const VALUE_ALIGN = 8;

/** Undefined for parameters that bytes can never fill, or that take more room than there is. */
export function planArguments(program: CompiledProgram): ArgumentPlan | undefined {
  const signers = signerCount(program.entry.parameters);
  let end = program.slotsEnd;
  const parameters: PlannedArgument[] = [];
  for (const [index, { type, address }] of program.parameters.entries()) {
    const target = isReference(type) ? type.target : type;
    if (index >= signers && holdsSigner(target)) return undefined;
    const { size } = layoutOf(target);
    let place = address;
    if (isReference(type)) {
      place = alignUp(end, VALUE_ALIGN);
      end = place + size;
    }
    parameters.push({
      plan: planOf(target),
      size,
      address,
      place,
      isReference: isReference(type),
      isRooted: type.kind === "mutableReference",
      isStruct: target.kind === "struct",
    });
  }
  return end > ARGUMENTS_END ? undefined : { signerCount: signers, parameters };
}

function holdsSigner(type: RuntimeType): boolean {
  if (type.kind === "signer") return true;
  return type.kind === "vector" && holdsSigner(type.element);
}

/**
 * @param makeText for entry functions that take text.
 * @returns false if the interpreter has to look at the arguments.
 */
export function placeArguments(
  memory: LinearMemory,
  decoder: Decoder,
  { signerCount: signers, parameters }: ArgumentPlan,
  call: Call,
  makeText: MakeText | undefined,
): boolean {
  if (signers > 0 && call.signers.length !== signers) return false;
  if (call.args.length !== parameters.length - signers) return false;
  const texts =
    makeText === undefined
      ? undefined
      : makeTexts(memory, decoder, { parameters, signers, call, makeText });
  if (makeText !== undefined && texts === undefined) return false;
  for (let index = 0; index < parameters.length; index++) {
    const parameter = parameters[index];
    if (parameter === undefined) return false;
    const { plan, address, place } = parameter;
    if (index < signers) {
      const signer = call.signers[index];
      if (signer === undefined) return false;
      if (parameter.isReference && !parameter.isRooted && signers === 1) {
        memory.writeU32(address, placeOfSigner(memory, signer));
        continue;
      }
      memory.bytes.set(bytesOfSigner(signer), place);
    } else {
      const bytes = call.args[index - signers];
      if (bytes === undefined || !decoder.decode(plan, bytes, place)) return false;
      const text = texts?.[index - signers];
      if (text !== undefined) memory.bytes.copyWithin(place, text, text + parameter.size);
    }
    if (parameter.isReference) memory.writeU32(address, place);
    if (parameter.isRooted) memory.writeU32(address + ROOT_OFFSET, NO_ROOT);
  }
  return true;
}

interface Texts {
  readonly parameters: readonly PlannedArgument[];
  readonly signers: number;
  readonly call: Call;
  readonly makeText: MakeText;
}

/**
 * Checks text in the order of the arguments. The check is a program of its own, which uses the same
 * places, and what is wrong with an earlier argument is found before it: so all are decoded to the
 * heap first.
 *
 * @returns by argument where its `String` lies, or undefined for the whole if one cannot be
 * decoded.
 */
function makeTexts(
  memory: LinearMemory,
  decoder: Decoder,
  { parameters, signers, call, makeText }: Texts,
): readonly (number | undefined)[] | undefined {
  const placed: number[] = [];
  for (const [index, bytes] of call.args.entries()) {
    const parameter = parameters[signers + index];
    if (parameter === undefined) return undefined;
    const at = memory.allocate(parameter.size);
    if (!decoder.decode(parameter.plan, bytes, at)) return undefined;
    placed.push(at);
  }
  return placed.map((at, index) =>
    parameters[signers + index]?.isStruct === true ? makeText(memory.readU32(at)) : undefined,
  );
}

/** Where a call's only signer lies; the same one most often signs the next call as well. */
function placeOfSigner(memory: LinearMemory, signer: Address): number {
  if (memory.signer !== signer) {
    memory.bytes.set(bytesOfSigner(signer), SIGNER);
    memory.signer = signer;
  }
  return SIGNER;
}

const signerBytes = new Map<Address, Uint8Array>();
const SIGNER_COUNT_MAX = 4096;

/** The bytes of an address that signs again and again. */
function bytesOfSigner(signer: Address): Uint8Array {
  const known = signerBytes.get(signer);
  if (known !== undefined) return known;
  if (signerBytes.size >= SIGNER_COUNT_MAX) signerBytes.clear();
  const bytes = addressToBytes(signer);
  signerBytes.set(signer, bytes);
  return bytes;
}
