// The codec over linear memory against the one over the interpreter's values.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decoder, Encoder, planOf, weightAt } from "../../../src/sandbox/compiler/codec.ts";
import { layoutOf } from "../../../src/sandbox/compiler/layout.ts";
import { LinearMemory } from "../../../src/sandbox/compiler/linear-memory.ts";
import { loadValue, storeValue } from "../../../src/sandbox/compiler/value-bridge.ts";
import { type RuntimeType, vectorType } from "../../../src/sandbox/runtime/types.ts";
import { decodeValue, encodeValue } from "../../../src/sandbox/runtime/values/bcs.ts";
import { weightOf } from "../../../src/sandbox/runtime/values/walk.ts";
import { resolve } from "./compile.ts";

const MODULE = `
module 0x1::m version 7

struct Inner has copy, drop
  flag: bool
  number: u64

struct Outer has copy, drop
  small: u8
  inner: Inner
  list: vector<Inner>
  owner: address

struct Dense has copy, drop
  a: u64
  b: u64

enum Shape has copy, drop
  Dot
  Box { inner: Inner, sides: vector<u16> }
  Big { value: u256, dense: Dense }

public fun f(a: Inner, b: Outer, c: Dense, d: Shape, e: vector<Shape>)
  ret

public fun g(a: vector<vector<u8>>, b: u128, c: vector<Dense>, d: vector<bool>, e: u256)
  ret
`;
const TYPES = ["f", "g"].flatMap((name) => resolve(MODULE, name).parameters);

const memory = new LinearMemory();
const encoder = new Encoder(memory);
const decoder = new Decoder(memory);

/**
 * Values of a type as the interpreter holds them, by decoding whatever bytes happen to encode one.
 */
function values(type: RuntimeType): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: 1, maxLength: 120 }).map((bytes) => bytes.map(shape(type)));
}

/** Small numbers make lengths, variants and booleans likely. */
function shape(type: RuntimeType): (byte: number, index: number) => number {
  const range = type.kind === "vector" || type.kind === "struct" ? 4 : 256;
  return (byte) => (byte % 3 === 0 ? byte % range : byte % 2);
}

describe.each(TYPES.map((type, index) => [index, type] as const))(
  "parameter type %i",
  (_i, type) => {
    const address = memory.allocate(layoutOf(type).size);

    it("accepts what the interpreter accepts, and nothing else", () => {
      fc.assert(
        fc.property(values(type), (bytes) => {
          for (let size = 0; size <= bytes.length; size++) {
            const input = bytes.subarray(0, size);
            const expected = decodeValue(type, input);
            expect(decoder.decode(planOf(type), input, address)).toBe(expected !== undefined);
            if (expected === undefined) continue;
            expect(loadValue(memory, type, address)).toEqual(expected);
            expect(encoder.encode(planOf(type), address)).toEqual(encodeValue(type, expected));
            const weight = weightOf(type, expected, Number.MAX_SAFE_INTEGER);
            expect(decoder.weight).toBe(weight);
            expect(weightAt(memory, planOf(type), address)).toBe(weight);
          }
          memory.resetHeap();
          memory.allocate(1024);
        }),
        { numRuns: 60 },
      );
    });
  },
);

describe("values between memory and the interpreter", () => {
  it("survive the way there and back", () => {
    const type = vectorType(vectorType(TYPES[0] ?? fail()));
    const value = [[[true, 7n]], [], [[false, (1n << 64n) - 1n]]];
    const address = memory.allocate(8);
    storeValue(memory, type, value, address);
    expect(loadValue(memory, type, address)).toEqual(value);
    expect(encoder.encode(planOf(type), address)).toEqual(encodeValue(type, value));
  });

  it("need no room on the heap when they are empty", () => {
    const type = vectorType(TYPES[1] ?? fail());
    const address = memory.allocate(8);
    const before = memory.heapUsed;
    storeValue(memory, type, [], address);
    expect(memory.heapUsed).toBe(before);
    expect(loadValue(memory, type, address)).toEqual([]);
  });
});

function fail(): never {
  throw new Error("the function has parameters");
}
