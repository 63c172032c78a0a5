/**
 * Writes one function body, instruction by instruction. Labels are the nesting depth at which a
 * block was opened, so a branch never counts levels by hand. Knows nothing of Move.
 */
import { assert } from "../../core/assert.ts";
import { concatBytes } from "../../core/bytes.ts";
import { ByteSink } from "./byte-sink.ts";
import {
  BLOCK,
  BR,
  BR_IF,
  BULK,
  CALL,
  ELSE,
  END,
  I32_CONST,
  I64_CONST,
  IF,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  LOOP,
  MEMORY_COPY,
  MEMORY_FILL,
  MEMORY_GROW,
  MEMORY_INIT,
  MEMORY_OPCODES,
  MEMORY_SIZE,
  type MemoryOpcode,
  NO_VALUES,
  PLAIN_OPCODES,
  type PlainOpcode,
} from "./opcodes.ts";
import type { FunctionType, ValueType } from "./value-type.ts";

/** A local of the function being built; parameters come first. */
export type Local = number;
/** An open block. Branching to a loop goes to its start, to any other block behind its end. */
export type Label = number;

/** Locals that are free again together. */
export interface Scope {
  readonly locals: { readonly type: ValueType; readonly local: Local }[];
}

export class FunctionBuilder {
  readonly type: FunctionType;
  readonly #code = new ByteSink();
  readonly #locals: ValueType[];
  readonly #free: Record<ValueType, Local[]> = { i32: [], i64: [] };
  #scope: Scope | undefined;
  #depth = 0;

  constructor(type: FunctionType, locals: ValueType[] = []) {
    this.type = type;
    this.#locals = locals;
  }

  /** Another stretch of the same function: it shares the locals and has its own code. */
  fragment(): FunctionBuilder {
    return new FunctionBuilder(this.type, this.#locals);
  }

  get locals(): readonly ValueType[] {
    return this.#locals;
  }

  /** Size of the code so far, in bytes. */
  get size(): number {
    return this.#code.size;
  }

  /** Ends the function; all blocks are closed. `prologue` goes in front. */
  finish(prologue?: FunctionBuilder): Uint8Array {
    assert(this.#depth === 0, "every block is closed");
    this.#code.byte(END);
    if (prologue === undefined) return this.#code.finish();
    return concatBytes(prologue.#code.view(), this.#code.view());
  }

  /** A local of the current scope, or of the whole function. It holds anything until it is set. */
  local(type: ValueType): Local {
    const local = this.#free[type].pop() ?? this.#newLocal(type);
    this.#scope?.locals.push({ type, local });
    return local;
  }

  /**
   * Makes locals belong to `scope` from here on; undefined for the whole function. Returns the
   * scope so far.
   */
  enterScope(scope: Scope | undefined): Scope | undefined {
    const outer = this.#scope;
    this.#scope = scope;
    return outer;
  }

  /** Frees the locals of a scope that nobody reads any more. */
  release({ locals }: Scope): void {
    for (const { type, local } of locals) this.#free[type].push(local);
    locals.length = 0;
  }

  #newLocal(type: ValueType): Local {
    this.#locals.push(type);
    return this.type.parameters.length + this.#locals.length - 1;
  }

  op(opcode: PlainOpcode): this {
    this.#code.byte(PLAIN_OPCODES[opcode]);
    return this;
  }

  /** Several instructions without immediates. */
  ops(...opcodes: readonly PlainOpcode[]): this {
    for (const opcode of opcodes) this.op(opcode);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(I32_CONST).signed(value);
    return this;
  }

  i64(value: bigint): this {
    this.#code.byte(I64_CONST).signedLong(value);
    return this;
  }

  get(local: Local): this {
    this.#code.byte(LOCAL_GET).unsigned(local);
    return this;
  }

  set(local: Local): this {
    this.#code.byte(LOCAL_SET).unsigned(local);
    return this;
  }

  tee(local: Local): this {
    this.#code.byte(LOCAL_TEE).unsigned(local);
    return this;
  }

  /** A load or store at the address on the stack plus `offset`; alignment is not promised. */
  memory(opcode: MemoryOpcode, offset: number): this {
    this.#code.byte(MEMORY_OPCODES[opcode]).byte(0).unsigned(offset);
    return this;
  }

  /** Takes destination, source and size. */
  memoryCopy(): this {
    this.#code.byte(BULK).unsigned(MEMORY_COPY).byte(0).byte(0);
    return this;
  }

  /** Takes destination, byte and size. */
  memoryFill(): this {
    this.#code.byte(BULK).unsigned(MEMORY_FILL).byte(0);
    return this;
  }

  /** Takes destination, offset in the segment and size. */
  memoryInit(segment: number): this {
    this.#code.byte(BULK).unsigned(MEMORY_INIT).unsigned(segment).byte(0);
    return this;
  }

  memorySize(): this {
    this.#code.byte(MEMORY_SIZE).byte(0);
    return this;
  }

  memoryGrow(): this {
    this.#code.byte(MEMORY_GROW).byte(0);
    return this;
  }

  call(functionIndex: number): this {
    this.#code.byte(CALL).unsigned(functionIndex);
    return this;
  }

  block(): Label {
    return this.#open(BLOCK);
  }

  loop(): Label {
    return this.#open(LOOP);
  }

  /** Takes an i32; the code up to `else` or `end` runs unless it is 0. */
  if(): Label {
    return this.#open(IF);
  }

  else(): this {
    this.#code.byte(ELSE);
    return this;
  }

  end(): this {
    assert(this.#depth > 0, "a block is open");
    this.#depth -= 1;
    this.#code.byte(END);
    return this;
  }

  br(label: Label): this {
    this.#code.byte(BR).unsigned(this.#depth - label);
    return this;
  }

  brIf(label: Label): this {
    this.#code.byte(BR_IF).unsigned(this.#depth - label);
    return this;
  }

  #open(opcode: number): Label {
    this.#code.byte(opcode).byte(NO_VALUES);
    this.#depth += 1;
    return this.#depth;
  }
}
