/**
 * Descriptions of what Move's operand stack holds while a block is compiled. Pushing costs nothing:
 * a literal, a local or an address with an offset stays a description until an instruction needs it
 * on WebAssembly's stack.
 */
import { assertNever } from "../core/assert.ts";
import type { RuntimeType } from "../runtime/types.ts";
import { layoutOf } from "./layout.ts";
import { NO_ROOT } from "./memory-map.ts";
import type { FunctionBuilder, Local } from "./wasm/function-builder.ts";

export type Operand =
  /** A literal of any integer type up to u128, or a bool. */
  | { readonly kind: "literal"; readonly type: RuntimeType; readonly value: bigint }
  /** One i32 or i64. */
  | { readonly kind: "local"; readonly type: RuntimeType; readonly local: Local }
  /** A u128. */
  | {
      readonly kind: "pair";
      readonly type: RuntimeType;
      readonly low: Local;
      readonly high: Local;
    }
  /** A reference: the address `base + offset`. */
  | (Place<"reference"> & { readonly root?: Local })
  /** A value that stays in memory at `base + offset`. */
  | Place<"memory">;

interface Place<Kind> {
  readonly kind: Kind;
  readonly type: RuntimeType;
  readonly base: Local;
  readonly offset: number;
}

/** Where something lies in memory. */
export interface Address {
  readonly base: Local;
  readonly offset: number;
}

const WORD_BITS = 64n;

/** Puts an operand on WebAssembly's stack: one value, or low and high of a u128. */
export function emitOperand(out: FunctionBuilder, operand: Operand): void {
  switch (operand.kind) {
    case "literal":
      emitLiteral(out, operand.type, operand.value);
      return;
    case "local":
      out.get(operand.local);
      return;
    case "pair":
      out.get(operand.low).get(operand.high);
      return;
    case "reference":
      emitAddress(out, operand);
      if (operand.type.kind === "mutableReference") emitRoot(out, operand.root);
      return;
    case "memory":
      emitAddress(out, operand);
      return;
    default:
      assertNever(operand);
  }
}

function emitRoot(out: FunctionBuilder, root: Local | undefined): void {
  if (root === undefined) out.i32(NO_ROOT);
  else out.get(root);
}

function emitLiteral(out: FunctionBuilder, type: RuntimeType, value: bigint): void {
  switch (layoutOf(type).representation) {
    case "i32":
      out.i32(Number(value));
      return;
    case "i64":
      out.i64(value);
      return;
    default:
      out.i64(value).i64(value >> WORD_BITS);
  }
}

/** Puts an address on the stack. */
export function emitAddress(out: FunctionBuilder, { base, offset }: Address): void {
  out.get(base);
  if (offset !== 0) out.i32(offset).op("i32.add");
}

/** Whether an operand reads one of these locals when it is used. */
export function usesLocal(operand: Operand, locals: readonly Local[]): boolean {
  switch (operand.kind) {
    case "literal":
      return false;
    case "local":
      return locals.includes(operand.local);
    case "pair":
      return locals.includes(operand.low) || locals.includes(operand.high);
    case "reference": {
      const { base, root } = operand;
      return locals.includes(base) || (root !== undefined && locals.includes(root));
    }
    case "memory":
      return locals.includes(operand.base);
    default:
      return assertNever(operand);
  }
}
