/** Code that differs by an enum's variant. */
import { membersOf } from "../../runtime/closed-types.ts";
import type { StructType } from "../../runtime/types.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

/** Whether a struct type is an enum. */
export function isEnum(type: StructType): boolean {
  return membersOf(type).kind === "variants";
}

/**
 * Emits `body` for every variant (0 for a struct), run only if the value at `address` is of that
 * variant. No body may change the value's variant.
 */
export function emitCases(
  out: FunctionBuilder,
  type: StructType,
  address: Local,
  body: (variant: number) => void,
): void {
  const members = membersOf(type);
  if (members.kind === "fields") {
    body(0);
    return;
  }
  for (const variant of members.variants.keys()) {
    out.get(address).memory("i32.load", 0).i32(variant).op("i32.eq").if();
    body(variant);
    out.end();
  }
}
