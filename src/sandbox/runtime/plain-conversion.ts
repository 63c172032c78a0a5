/** Between the interpreter's values and the plain data that natives compute with. */

import type { Address } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import type { PlainValue } from "../natives/native.ts";
import { membersOf } from "./closed-types.ts";
import { failInvariant } from "./failure.ts";
import { asReference, target } from "./machine.ts";
import { isReference, type RuntimeType } from "./types.ts";
import { bytesOf } from "./values/bcs.ts";
import type { Value } from "./values/value.ts";
import { slotsOf } from "./values/walk.ts";

/** References become what they name. Of vectors only those of bytes have a plain form. */
export function toPlain(type: RuntimeType | undefined, value: Value): PlainValue {
  assert(type !== undefined, "an argument has a type");
  if (isReference(type)) return toPlain(type.target, target(asReference(value)));
  if (type.kind === "vector" && type.element.kind === "u8") return bytesOf(slotsOf(value));
  if (typeof value === "object") return failInvariant("an argument has no plain form");
  return value;
}

/** Builds the value of a struct from the list of its fields. */
export function fromPlain(type: RuntimeType | undefined, plain: PlainValue): Value {
  assert(type !== undefined, "a result has a type");
  if (plain instanceof Uint8Array) {
    return type.kind === "vector" ? Array.from(plain) : failInvariant("a native made bytes");
  }
  if (!isList(plain)) return plain;
  const members = type.kind === "struct" ? membersOf(type) : undefined;
  if (members?.kind !== "fields" || members.fields.length !== plain.length) {
    return failInvariant("a native made another struct");
  }
  return plain.map((field, index) => fromPlain(members.fields[index], field));
}

function isList(
  plain: boolean | number | bigint | Address | readonly PlainValue[],
): plain is readonly PlainValue[] {
  return typeof plain === "object";
}
