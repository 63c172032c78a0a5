// Arithmetic of compiled code for every width, against bigint.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { sha2_256, sha3 } from "#core/hash.ts";
import { statusName } from "#sandbox";
import { createCompiledHarness } from "./harness.ts";

const WIDTHS = [8, 16, 32, 64, 128, 256] as const;
const BINARY = [
  "add",
  "sub",
  "mul",
  "div",
  "mod",
  "bit_and",
  "bit_or",
  "xor",
  "lt",
  "gt",
  "le",
  "ge",
];

function moduleText(): string {
  const functions = WIDTHS.flatMap((bits) => {
    const type = `u${bits}`;
    const binary = BINARY.map((name) => {
      const result = ["lt", "gt", "le", "ge"].includes(name) ? "bool" : type;
      const body = `  move_loc a\n  move_loc b\n  ${name}\n  ret\n`;
      return `public fun ${name}_${type}(a: ${type}, b: ${type}): ${result}\n${body}`;
    });
    const shifts = ["shl", "shr"].map((name) => {
      const body = `  move_loc a\n  move_loc b\n  ${name}\n  ret\n`;
      return `public fun ${name}_${type}(a: ${type}, b: u8): ${type}\n${body}`;
    });
    const casts = WIDTHS.map((to) => {
      const body = `  move_loc a\n  cast_u${to}\n  ret\n`;
      return `public fun cast_${type}_u${to}(a: ${type}): u${to}\n${body}`;
    });
    return [...binary, ...shifts, ...casts];
  });
  return `module 0x1::m\n\n${functions.join("\n")}`;
}

const harness = createCompiledHarness();
harness.publish(moduleText());

function hexOf(value: bigint, bits: number): string {
  const text = value.toString(16).padStart(bits / 4, "0");
  return toHex(present(fromHex(text), "hex").toReversed());
}

/** The result, or undefined for `ARITHMETIC_ERROR`. */
function compute(name: string, args: readonly string[]): bigint | undefined {
  const { status, returns } = harness.call(`0x1::m::${name}`, { args });
  if (status.type === "executed") {
    const [bytes] = returns;
    return BigInt(`0x${toHex(present(bytes, "a result").toReversed())}`);
  }
  expect(statusName(status)).toBe("ARITHMETIC_ERROR");
  return undefined;
}

function expected(name: string, a: bigint, b: bigint, bits: number): bigint | undefined {
  const within = (value: bigint) => (value < 0n || value >> BigInt(bits) > 0n ? undefined : value);
  switch (name) {
    case "add":
      return within(a + b);
    case "sub":
      return within(a - b);
    case "mul":
      return within(a * b);
    case "div":
      return b === 0n ? undefined : a / b;
    case "mod":
      return b === 0n ? undefined : a % b;
    case "bit_and":
      return a & b;
    case "bit_or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shl":
      return b >= BigInt(bits) ? undefined : BigInt.asUintN(bits, a << b);
    case "shr":
      return b >= BigInt(bits) ? undefined : a >> b;
    default:
      return BigInt({ lt: a < b, gt: a > b, le: a <= b, ge: a >= b }[name] ?? false);
  }
}

/** Numbers with few and with many digits, and those next to a power of two. */
function integers(bits: number): fc.Arbitrary<bigint> {
  const top = (1n << BigInt(bits)) - 1n;
  const near = fc
    .tuple(fc.integer({ min: 0, max: bits }), fc.integer({ min: -2, max: 2 }))
    .map(([power, by]) => BigInt.asUintN(bits, (1n << BigInt(power)) + BigInt(by)));
  const wide = fc
    .integer({ min: 1, max: bits })
    .chain((size) => fc.bigInt({ min: 0n, max: (1n << BigInt(size)) - 1n }));
  return fc.oneof(near, wide, fc.constant(top), fc.constant(0n));
}

describe.each(WIDTHS.map((bits) => [bits] as const))("compiled u%i", (bits) => {
  it.each(BINARY)("%s is what bigint says", (name) => {
    fc.assert(
      fc.property(integers(bits), integers(bits), (a, b) => {
        const found = compute(`${name}_u${bits}`, [hexOf(a, bits), hexOf(b, bits)]);
        expect(found).toBe(expected(name, a, b, bits));
      }),
      { numRuns: 150 },
    );
  });

  it.each(["shl", "shr"])("%s is what bigint says", (name) => {
    fc.assert(
      fc.property(integers(bits), fc.integer({ min: 0, max: 255 }), (a, by) => {
        const found = compute(`${name}_u${bits}`, [hexOf(a, bits), hexOf(BigInt(by), 8)]);
        expect(found).toBe(expected(name, a, BigInt(by), bits));
      }),
    );
  });

  it.each(WIDTHS.map((to) => [to] as const))("casts to u%i or refuses", (to) => {
    fc.assert(
      fc.property(integers(bits), (a) => {
        const found = compute(`cast_u${bits}_u${to}`, [hexOf(a, bits)]);
        expect(found).toBe(a >> BigInt(to) > 0n ? undefined : a);
      }),
      { numRuns: 50 },
    );
  });
});

describe("compiled hashes", () => {
  const HASHES = { sha2_256, sha3_256: sha3 };
  harness.publish(`
module 0x1::hash

native public fun sha2_256(vector<u8>): vector<u8>
native public fun sha3_256(vector<u8>): vector<u8>
`);
  harness.publish(`
module 0x1::hashes

import fun 0x1::hash::sha2_256(vector<u8>): vector<u8>
import fun 0x1::hash::sha3_256(vector<u8>): vector<u8>

public fun sha2_256(bytes: vector<u8>): vector<u8>
  move_loc bytes
  call 0x1::hash::sha2_256
  ret

public fun sha3_256(bytes: vector<u8>): vector<u8>
  move_loc bytes
  call 0x1::hash::sha3_256
  ret
`);

  it.each(Object.entries(HASHES))("%s is the library's at every length", (name, hash) => {
    const sizes = [0, 1, 31, 32, 55, 56, 63, 64, 65, 119, 120, 127, 135, 136, 137, 200, 272, 1000];
    for (const size of sizes) {
      const message = Uint8Array.from({ length: size }, (_, index) => (index * 7 + size) & 0xff);
      const length =
        size < 128 ? Uint8Array.of(size) : Uint8Array.of((size & 127) | 128, size >> 7);
      const arg = toHex(length) + toHex(message);
      const { returns } = harness.call(`0x1::hashes::${name}`, { args: [arg] });
      expect(toHex(present(returns[0], "a hash")), `${size} bytes`).toBe(
        `20${toHex(hash(message))}`,
      );
    }
  });
});
