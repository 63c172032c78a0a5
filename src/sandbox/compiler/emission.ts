/**
 * The function being compiled: its code so far, the operands in flight, where its locals live, and
 * the ways out of it. Gas is kept in a WebAssembly local and handed from function to function; the
 * host finds it in memory.
 */
import { assert, present } from "../core/assert.ts";
import type { StatusName } from "../core/status.ts";
import type { GasSchedule } from "../gas/schedule.ts";
import type { ResolvedFunction } from "../runtime/machine-model.ts";
import { isReference, type RuntimeType } from "../runtime/types.ts";
import { alignUp, layoutOf, valueTypesOf } from "./layout.ts";
import { emitCopy, emitLoad, emitStore } from "./memory-access.ts";
import { GAS_LEFT, MEMORY_LEFT, REPLAY_SITE, SLOT_WRITTEN, STOP_SITE } from "./memory-map.ts";
import { type Address, emitOperand, type Operand, usesLocal } from "./operand.ts";
import type { CallEdge, ProgramContext } from "./program-context.ts";
import { type StopReason, siteNumber } from "./site.ts";
import type { FunctionBuilder, Label, Local, Scope } from "./wasm/function-builder.ts";

/** Where a Move local lives. */
export type LocalStorage =
  /** In WebAssembly locals: one, or two for a u128. */
  | { readonly kind: "registers"; readonly locals: readonly Local[] }
  /** In memory. */
  | { readonly kind: "place"; readonly address: Address };

/** What `Ret` does with the results. */
export type Exit =
  /** Returns them; those that stay in memory go to these addresses. */
  | { readonly kind: "return"; readonly places: readonly (Local | undefined)[] }
  /** Inlined code: puts them into storage and jumps behind itself. */
  | { readonly kind: "jump"; readonly results: readonly LocalStorage[]; readonly label: Label };

/**
 * Compiles a call in place of itself, if it is one to be inlined. Takes the arguments off the
 * operands.
 */
export type Inlining = (emission: Emission, callee: ResolvedFunction) => boolean;

export interface Emission {
  readonly program: ProgramContext;
  readonly inline: Inlining;
  readonly schedule: GasSchedule;
  readonly callee: ResolvedFunction;
  readonly out: FunctionBuilder;
  readonly storage: readonly LocalStorage[];
  /** By local: whether the function ever borrows it. */
  readonly isBorrowed: readonly boolean[];
  readonly stack: Operand[];
  /** The frame's address. */
  readonly frame: Local;
  /** The address behind the frame, where callees put theirs. */
  readonly next: Local;
  /** Callers so far; present in programs that recurse. */
  readonly depth: Local | undefined;
  /** How to return. */
  readonly exit: Exit;
  readonly gas: Local;
  /** Memory weight left; without a local it stays in memory. */
  readonly memory: Local | undefined;
  readonly site: Local;
  /** Jump here to stop with the site in {@link site}. */
  readonly stop: Label;
  /** Bytes of the frame that last for the whole function, then those of the block at hand. */
  readonly frameSize: { fixed: number; used: number; most: number };
  /** Locals that hold operands of the block at hand. */
  readonly scope: Scope;
  /** What the prologue does with parameters. */
  readonly loads: ((prologue: FunctionBuilder) => void)[];
  /** Calls of Move functions, with the height of the operand stack below the arguments. */
  readonly calls: CallEdge[];
  /** Most operands in flight so far. */
  heightMax: number;
  /** Code offset of the instruction at hand. */
  offset: number;
}

export function push(emission: Emission, operand: Operand): void {
  const height = emission.stack.push(operand);
  if (height > emission.heightMax) emission.heightMax = height;
}

export function pop(emission: Emission): Operand {
  return present(emission.stack.pop(), "verified code takes what is there");
}

/** Takes the `count` topmost operands, lowest first. */
export function popMany(emission: Emission, count: number): Operand[] {
  assert(emission.stack.length >= count, "verified code takes what is there");
  return emission.stack.splice(emission.stack.length - count, count);
}

/** Pops an operand and puts it on WebAssembly's stack. */
export function popToStack(emission: Emission): void {
  emitOperand(emission.out, pop(emission));
}

/**
 * Takes a result of `type` off WebAssembly's stack and pushes it as operand. Not for memory values.
 */
export function pushFromStack(emission: Emission, type: RuntimeType): void {
  push(emission, operandFromStack(emission, type));
}

export function operandFromStack(emission: Emission, type: RuntimeType): Operand {
  const { out } = emission;
  const locals = valueTypesOf(type).map((valueType) => out.local(valueType));
  for (const local of locals.toReversed()) out.set(local);
  return operandIn(type, locals);
}

/** The value of `type` that these WebAssembly locals hold. */
export function operandIn(type: RuntimeType, locals: readonly Local[]): Operand {
  const [first, second] = locals;
  assert(first !== undefined, "a value travels as something");
  switch (layoutOf(type).representation) {
    case "wide":
      assert(second !== undefined, "a u128 has two words");
      return { kind: "pair", type, low: first, high: second };
    case "rooted":
      assert(second !== undefined, "a mutable reference has a root");
      return { kind: "reference", type, base: first, offset: 0, root: second };
    case "memory":
      return { kind: "memory", type, base: first, offset: 0 };
    default:
      return isReference(type)
        ? { kind: "reference", type, base: first, offset: 0 }
        : { kind: "local", type, local: first };
  }
}

/** Room in the frame until the end of the block. */
export function framePlace(emission: Emission, size: number, align = 8): Address {
  const { frameSize } = emission;
  const offset = alignUp(frameSize.used, align);
  frameSize.used = offset + size;
  frameSize.most = Math.max(frameSize.most, frameSize.used);
  return { base: emission.frame, offset };
}

/** A place for a value of `type` as an operand. */
export function memoryOperand(type: RuntimeType, { base, offset }: Address): Operand {
  return { kind: "memory", type, base, offset };
}

/** Stores an operand's bytes at a place. What vectors hold moves along. */
export function storeOperand(emission: Emission, operand: Operand, to: Address): void {
  const { out } = emission;
  const { type } = operand;
  const { representation, size } = layoutOf(type);
  switch (representation) {
    case "memory":
      assert(operand.kind === "memory", "a memory value has a place");
      if (operand.base === to.base && operand.offset === to.offset) return;
      emitCopy(out, to, operand, size);
      return;
    case "wide": {
      const [low, high] = halves(emission, operand);
      out.get(to.base);
      low();
      out.memory("i64.store", to.offset).get(to.base);
      high();
      out.memory("i64.store", to.offset + 8);
      return;
    }
    case "rooted": {
      const [address, root] = [out.local("i32"), out.local("i32")];
      emitOperand(out, operand);
      out.set(root).set(address);
      out.get(to.base).get(address).memory("i32.store", to.offset);
      out
        .get(to.base)
        .get(root)
        .memory("i32.store", to.offset + 4);
      return;
    }
    default:
      out.get(to.base);
      emitOperand(out, operand);
      emitStore(out, type, to.offset);
  }
}

/** Emitters for the two words of a u128. */
export function halves(emission: Emission, operand: Operand): readonly [() => void, () => void] {
  const { out } = emission;
  if (operand.kind === "pair") return [() => out.get(operand.low), () => out.get(operand.high)];
  assert(operand.kind === "literal", "a u128 is a pair or a literal");
  return [() => out.i64(operand.value), () => out.i64(operand.value >> 64n)];
}

/**
 * Pushes the value at a place without copying what vectors hold: it moves. Scalars are loaded at
 * once.
 */
export function pushFromPlace(emission: Emission, type: RuntimeType, from: Address): void {
  const { out } = emission;
  switch (layoutOf(type).representation) {
    case "memory":
      push(emission, memoryOperand(type, from));
      return;
    case "wide":
      out.get(from.base).memory("i64.load", from.offset);
      out.get(from.base).memory("i64.load", from.offset + 8);
      pushFromStack(emission, type);
      return;
    case "rooted":
      out.get(from.base).memory("i32.load", from.offset);
      out.get(from.base).memory("i32.load", from.offset + 4);
      pushFromStack(emission, type);
      return;
    default:
      out.get(from.base);
      emitLoad(out, type, from.offset);
      pushFromStack(emission, type);
  }
}

/** Copies an operand away from storage that is about to change, into storage of its own. */
export function settle(emission: Emission, operand: Operand): Operand {
  const { out } = emission;
  if (operand.kind === "memory") {
    const place = framePlace(emission, layoutOf(operand.type).size);
    storeOperand(emission, operand, place);
    return memoryOperand(operand.type, place);
  }
  emitOperand(out, operand);
  return operandFromStack(emission, operand.type);
}

/** Settles every operand in flight that still reads a local's storage. */
export function settleUsers(emission: Emission, storage: LocalStorage, size: number): void {
  const { stack } = emission;
  for (const [index, operand] of stack.entries()) {
    const isUser =
      storage.kind === "registers"
        ? usesLocal(operand, storage.locals)
        : operand.kind === "memory" && overlaps(operand, storage.address, size);
    if (isUser) stack[index] = settle(emission, operand);
  }
}

export function overlaps(operand: Operand & Address, place: Address, size: number): boolean {
  if (operand.base !== place.base) return false;
  const end = operand.offset + layoutOf(operand.type).size;
  return operand.offset < place.offset + size && place.offset < end;
}

/** Notes that the stored value a reference leads into, if it does, was written. */
export function markWritten({ out }: Emission, reference: Operand): void {
  if (reference.kind !== "reference" || reference.root === undefined) return;
  out.get(reference.root).i32(1).memory("i32.store8", SLOT_WRITTEN);
}

/** Number of the site at the instruction at hand. */
export function siteHere(emission: Emission, reason: StopReason, offset = emission.offset): number {
  const { module, index } = emission.callee;
  const location = { module: module.id, functionIndex: index, offset };
  const place = `${module.codeHash}/${index}/${offset}`;
  return siteNumber(emission.program.sites, place, { reason, location });
}

/** Stops with `site` if the i32 that `condition` leaves is not 0. */
export function stopIf(emission: Emission, site: number, condition: () => void): void {
  const { out } = emission;
  out.i32(site).set(emission.site);
  condition();
  out.brIf(emission.stop);
}

export function failIf(
  emission: Emission,
  status: StatusName,
  condition: () => void,
  subStatus?: number,
): void {
  const reason: StopReason =
    subStatus === undefined ? { kind: "status", status } : { kind: "status", status, subStatus };
  stopIf(emission, siteHere(emission, reason), condition);
}

/** Leaves the rest to the interpreter. */
export function replayIf(emission: Emission, condition: () => void): void {
  stopIf(emission, REPLAY_SITE, condition);
}

/** Stops here and now. What follows in the block is never reached. */
export function stop(emission: Emission, site: number): void {
  emission.out.i32(site).set(emission.site).br(emission.stop);
}

/** Takes a fixed amount of gas. */
export function takeGas(emission: Emission, amount: number): void {
  if (amount === 0) return;
  const { out, gas } = emission;
  out.get(gas).i64(BigInt(amount)).op("i64.sub").set(gas);
  failIf(emission, "OUT_OF_GAS", () => out.get(gas).i64(0n).op("i64.lt_s"));
}

/** Takes the gas that the i64 on the stack says. */
export function takeGasOnStack(emission: Emission): void {
  const { out, gas } = emission;
  const amount = out.local("i64");
  out.set(amount).get(gas).get(amount).op("i64.sub").set(gas);
  failIf(emission, "OUT_OF_GAS", () => out.get(gas).i64(0n).op("i64.lt_s"));
}

/**
 * Takes memory weight. Where there is too little the interpreter says what happens, for a block
 * charges the weight of its pushes when it begins, perhaps before something else goes wrong.
 */
export function takeMemory(emission: Emission, weight: () => void): void {
  const { out } = emission;
  const left = emission.memory ?? out.local("i64");
  if (emission.memory === undefined) {
    out.i32(0).i32(0).memory("i64.load", MEMORY_LEFT);
    weight();
    out.op("i64.sub").tee(left).memory("i64.store", MEMORY_LEFT);
  } else {
    out.get(left);
    weight();
    out.op("i64.sub").set(left);
  }
  replayIf(emission, () => out.get(left).i64(0n).op("i64.lt_s"));
}

/** Stores the counters, for the host. */
export function storeCounters({ out, gas, memory }: Emission): void {
  out.i32(0).get(gas).memory("i64.store", GAS_LEFT);
  if (memory !== undefined) out.i32(0).get(memory).memory("i64.store", MEMORY_LEFT);
}

export function loadCounters({ out, gas, memory }: Emission): void {
  out.i32(0).memory("i64.load", GAS_LEFT).set(gas);
  if (memory !== undefined) out.i32(0).memory("i64.load", MEMORY_LEFT).set(memory);
}

/** The end of every function: where {@link stop} leads. */
export function emitStop(emission: Emission): void {
  storeCounters(emission);
  emission.out.i32(0).get(emission.site).memory("i32.store", STOP_SITE).op("unreachable");
}
