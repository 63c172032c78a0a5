/**
 * Compiles one instance of a Move function: storage for its locals, then block after block along
 * the dominator tree, so that every jump is one that WebAssembly's structured control flow can
 * express.
 */
import {
  type BasicBlock,
  type BlockIndex,
  buildControlFlowGraph,
  type ControlFlowGraph,
} from "../binary-format/control-flow-graph.ts";
import type { Instruction as RawInstruction } from "../binary-format/file-format.ts";
import type { Opcode } from "../binary-format/opcodes.ts";
import { assert, present } from "../core/assert.ts";
import type { ResolvedFunction } from "../runtime/machine-model.ts";
import { HANDLERS } from "../runtime/opcodes/handlers.ts";
import { typeShape } from "../runtime/type-shape.ts";
import {
  type Emission,
  emitStop,
  failIf,
  type Inlining,
  type LocalStorage,
  popMany,
  popToStack,
  siteHere,
  stop,
  storeOperand,
  takeMemory,
} from "./emission.ts";
import { beginFunction, finishFunction } from "./function-frame.ts";
import { layoutOf } from "./layout.ts";
import { ABORT_CODE, MEMORY_LEFT, REPLAY_SITE } from "./memory-map.ts";
import { emitOperand, type Operand } from "./operand.ts";
import type { ProgramContext } from "./program-context.ts";
import { blockAt, type Structure, structureOf } from "./structure.ts";
import { type Terminator, VISITORS } from "./visit/instruction.ts";
import type { Label } from "./wasm/function-builder.ts";

interface Translation {
  readonly emission: Emission;
  readonly code: readonly RawInstruction[];
  readonly graph: ControlFlowGraph;
  readonly structure: Structure;
  readonly blockAtOffset: ReadonlyMap<number, BlockIndex>;
  /** Where a jump to a merge or loop header goes. */
  readonly labels: Map<BlockIndex, Label>;
}

/** Compiles and defines a function that has been declared. Throws `UnsupportedError`. */
export function compileFunction(
  program: ProgramContext,
  callee: ResolvedFunction,
  inline: Inlining,
): void {
  const emission = beginFunction(program, callee, inline);
  emitBody(emission);
  finishFunction(emission, () => emitStop(emission));
}

/** Code for the body of the emission's function. */
export function emitBody(emission: Emission): void {
  const code = present(emission.callee.definition.code, "a function with a body").code;
  const graph = buildControlFlowGraph(code);
  const translation: Translation = {
    emission,
    code,
    graph,
    structure: structureOf(graph),
    blockAtOffset: new Map(graph.blocks.map(({ start }, index) => [start, index])),
    labels: new Map(),
  };
  emitTree(translation, 0);
}

/** Code for a block and all it dominates. */
function emitTree(translation: Translation, block: BlockIndex): void {
  const { emission, structure, labels } = translation;
  const merges = (structure.children.get(block) ?? []).filter((child) =>
    structure.merges.has(child),
  );
  if (!structure.loopHeaders.has(block)) {
    emitWithin(translation, block, merges);
    return;
  }
  const outside = labels.get(block);
  labels.set(block, emission.out.loop());
  emitWithin(translation, block, merges);
  emission.out.end().op("unreachable");
  if (outside !== undefined) labels.set(block, outside);
}

/**
 * Code for a block inside a WebAssembly block for each of `merges`, whose own code follows behind.
 */
function emitWithin(
  translation: Translation,
  block: BlockIndex,
  merges: readonly BlockIndex[],
): void {
  const { emission, labels } = translation;
  const [merge, ...inner] = merges;
  if (merge === undefined) {
    emitBlock(translation, block);
    return;
  }
  labels.set(merge, emission.out.block());
  emitWithin(translation, block, inner);
  emission.out.end();
  emitTree(translation, merge);
}

function emitBlock(translation: Translation, index: BlockIndex): void {
  const { emission, code, graph } = translation;
  const block = blockAt(graph, index);
  beginBlock(emission, code, block);
  for (let offset = block.start; offset <= block.end; offset++) {
    emission.offset = offset;
    const { opcode } = present(code[offset], "a block lies in the code");
    const instruction = present(emission.callee.code[offset], "code is decoded whole");
    if (instruction.run !== HANDLERS[opcode]) {
      // Its operands lead nowhere; the interpreter says how that fails.
      stop(emission, REPLAY_SITE);
      emission.stack.length = 0;
      return;
    }
    if (isTerminator(opcode)) {
      emitTerminator(translation, index, opcode, instruction.index);
      return;
    }
    VISITORS[opcode](emission, instruction);
  }
  assert(emission.stack.length === 0, "a block leaves nothing behind");
  const [next] = block.successors;
  if (next === undefined) stop(emission, REPLAY_SITE);
  else emitJump(translation, index, next);
}

function isTerminator(opcode: Opcode): opcode is Terminator {
  switch (opcode) {
    case "Ret":
    case "Abort":
    case "Branch":
    case "BrTrue":
    case "BrFalse":
      return true;
    default:
      return false;
  }
}

/** Charges a block's gas, and at once the memory that its pushes to vectors will fill. */
function beginBlock(
  emission: Emission,
  code: readonly RawInstruction[],
  { start, end }: BasicBlock,
): void {
  const { out, gas, callee, frameSize } = emission;
  emission.offset = start;
  // No operand outlives its block, and neither does what holds it.
  out.release(emission.scope);
  out.enterScope(emission.scope);
  frameSize.used = frameSize.fixed;
  const charge = callee.code[start]?.gas ?? 0;
  out.get(gas).i64(BigInt(charge)).op("i64.sub").set(gas);
  failIf(emission, "OUT_OF_GAS", () => out.get(gas).i64(0n).op("i64.lt_s"));
  const weight = pushedWeight(emission, code, start, end);
  if (weight > 0) takeMemory(emission, () => out.i64(BigInt(weight)));
}

function pushedWeight(
  { callee }: Emission,
  code: readonly RawInstruction[],
  start: number,
  end: number,
): number {
  let weight = 0;
  for (let offset = start; offset <= end; offset++) {
    const opcode = code[offset]?.opcode;
    const instruction = callee.code[offset];
    if (instruction === undefined) continue;
    if (opcode === "VecPushBack") weight += typeShape(instruction.type).inlineWeight;
    if (opcode === "VecPack")
      weight += instruction.index * typeShape(instruction.type).inlineWeight;
  }
  return weight;
}

function emitTerminator(
  translation: Translation,
  block: BlockIndex,
  opcode: Terminator,
  target: number,
): void {
  const { emission } = translation;
  switch (opcode) {
    case "Ret":
      emitReturn(emission);
      return;
    case "Abort":
      emission.out.i32(0);
      popToStack(emission);
      emission.out.memory("i64.store", ABORT_CODE);
      stop(emission, siteHere(emission, { kind: "abort" }));
      return;
    case "Branch":
      emitJump(translation, block, targetBlock(translation, target));
      return;
    case "BrTrue":
    case "BrFalse":
      emitCondition(translation, block, opcode, target);
  }
}

function targetBlock({ blockAtOffset }: Translation, offset: number): BlockIndex {
  return present(blockAtOffset.get(offset), "a branch target leads its block");
}

function emitReturn(emission: Emission): void {
  const { out, callee, exit, memory } = emission;
  const results = popMany(emission, callee.returns.length);
  if (exit.kind === "jump") {
    results.forEach((result, index) => {
      assignResult(emission, result, present(exit.results[index], "storage for every result"));
    });
    out.br(exit.label);
    return;
  }
  for (const [index, result] of results.entries()) {
    const base = exit.places[index];
    if (base !== undefined) storeOperand(emission, result, { base, offset: 0 });
  }
  if (memory !== undefined) out.i32(0).get(memory).memory("i64.store", MEMORY_LEFT);
  for (const result of results) {
    if (layoutOf(result.type).representation !== "memory") emitOperand(out, result);
  }
  out.get(emission.gas).op("return");
}

function assignResult(emission: Emission, result: Operand, storage: LocalStorage): void {
  if (storage.kind === "place") {
    storeOperand(emission, result, storage.address);
    return;
  }
  emitOperand(emission.out, result);
  for (const local of storage.locals.toReversed()) emission.out.set(local);
}

function emitCondition(
  translation: Translation,
  block: BlockIndex,
  opcode: "BrTrue" | "BrFalse",
  target: number,
): void {
  const { emission } = translation;
  const { out } = emission;
  popToStack(emission);
  const taken = targetBlock(translation, target);
  const next = targetBlock(translation, emission.offset + 1);
  if (taken === next) {
    out.op("drop");
    emitJump(translation, block, next);
    return;
  }
  const takenLabel = labelOf(translation, block, taken);
  const nextLabel = labelOf(translation, block, next);
  if (takenLabel !== undefined) {
    if (opcode === "BrFalse") out.op("i32.eqz");
    out.brIf(takenLabel);
    emitJump(translation, block, next);
  } else if (nextLabel !== undefined) {
    if (opcode === "BrTrue") out.op("i32.eqz");
    out.brIf(nextLabel);
    emitJump(translation, block, taken);
  } else {
    const [first, second] = opcode === "BrTrue" ? [taken, next] : [next, taken];
    out.if();
    emitJump(translation, block, first);
    out.else();
    emitJump(translation, block, second);
    out.end().op("unreachable");
  }
}

/**
 * The label of a block that is reached by a jump; undefined for one whose code follows in place.
 */
function labelOf(
  { structure, labels }: Translation,
  from: BlockIndex,
  to: BlockIndex,
): Label | undefined {
  const isBack = orderOf(structure, to) <= orderOf(structure, from);
  return isBack || structure.merges.has(to) ? labels.get(to) : undefined;
}

function orderOf({ order }: Structure, block: BlockIndex): number {
  return present(order.get(block), "a reachable block");
}

function emitJump(translation: Translation, from: BlockIndex, to: BlockIndex): void {
  const label = labelOf(translation, from, to);
  if (label === undefined) emitTree(translation, to);
  else translation.emission.out.br(label);
}
