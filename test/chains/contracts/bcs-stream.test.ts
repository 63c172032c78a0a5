import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressFromBytes } from "#core/address.ts";
import { BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { refusalOf } from "./abort.ts";
import { arg } from "./contract-chain.ts";
import { startTrialChain } from "./trial-modules.ts";

const MALFORMED = "0x1::bcs_stream 65537";
const OUT_OF_BYTES = "0x1::bcs_stream 131074";
const TRAILING = "0x1::bcs_stream 65539";
const RUNS = { numRuns: 40 };

const chain = startTrialChain();

function read(kind: string, bytes: Uint8Array) {
  return chain.ask(`0x7e57::reading::read_${kind}`, { args: [arg.bytes(bytes)] });
}

/** What reading gives, as BCS; for every kind but lengths that is what was read. */
function value(kind: string, bytes: Uint8Array): Uint8Array | string {
  const { status, returns } = read(kind, bytes);
  return status.type === "executed" ? (returns[0] ?? "nothing") : refusalOf({ status });
}

const SIZES = { bool: 1, u8: 1, u16: 2, u32: 4, u64: 8, u128: 16, u256: 32, address: 32 };

describe("bcs_stream", () => {
  it.each(Object.entries(SIZES))("reads every %s and nothing shorter or longer", (kind, size) => {
    const any =
      kind === "bool"
        ? fc.boolean().map((bit) => Uint8Array.of(bit ? 1 : 0))
        : fc.uint8Array({ minLength: size, maxLength: size });
    fc.assert(
      fc.property(any, (bytes) => {
        expect(value(kind, bytes)).toEqual(bytes);
        expect(value(kind, bytes.subarray(1))).toBe(OUT_OF_BYTES);
        expect(value(kind, Uint8Array.of(...bytes, 0))).toBe(TRAILING);
      }),
      RUNS,
    );
  });

  it("refuses booleans that are neither 0 nor 1", () => {
    for (const byte of [2, 0x80, 0xff]) {
      expect(value("bool", Uint8Array.of(byte))).toBe(MALFORMED);
    }
  });

  it("reads a length exactly where the core reader does", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 6 });
    const canonical = fc
      .integer({ min: 0, max: 2 ** 31 - 1 })
      .map((length) => encodeBcs((writer) => writer.uleb128(length)));
    fc.assert(
      fc.property(fc.oneof(bytes, canonical), (candidate) => {
        expect(lengthByContract(candidate)).toBe(lengthByCore(candidate));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["a needless last byte", [0x80, 0x00]],
    ["five bytes that hold 2^31", [0x80, 0x80, 0x80, 0x80, 0x08]],
    ["a sixth byte", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ])("refuses a length with %s", (_, bytes) => {
    expect(value("uleb128", Uint8Array.from(bytes))).toBe(MALFORMED);
  });

  it("reads byte strings short and long, one after the other", () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 });
    fc.assert(
      fc.property(parts, (values) => {
        const bytes = encodeBcs((writer) => {
          for (const part of values) writer.bytes(part);
        });
        const [returned] = read("many", bytes).returns;
        const seen = decodeBcs(returned ?? new Uint8Array(), (reader) =>
          reader.vector((item) => item.bytes().slice()),
        );
        expect(seen).toEqual(values);
      }),
      RUNS,
    );
  });

  it("refuses a byte string that ends early, at any length", () => {
    for (const length of [1, 63, 64, 65, 300]) {
      const bytes = encodeBcs((writer) => writer.bytes(new Uint8Array(length)));
      expect(value("bytes", bytes)).toEqual(bytes);
      expect(value("bytes", bytes.subarray(0, -1))).toBe(OUT_OF_BYTES);
    }
  });

  it("reads text, and refuses bytes that are none", () => {
    const text = encodeBcs((writer) => writer.string("Grüße ⚓"));
    expect(value("string", text)).toEqual(text);
    expect(value("string", Uint8Array.of(1, 0xff))).toBe("0x1::string 1");
  });

  it("reads an address as its 32 bytes", () => {
    const bytes = new Uint8Array(32).fill(0xab);
    const [returned] = read("address", bytes).returns;
    const seen = decodeBcs(returned ?? new Uint8Array(), (reader) => reader.address());
    expect(seen).toBe(addressFromBytes(bytes));
  });
});

function lengthByContract(bytes: Uint8Array): bigint | undefined {
  const { status, returns } = read("uleb128", bytes);
  if (status.type !== "executed") return undefined;
  return decodeBcs(returns[0] ?? new Uint8Array(), (reader) => reader.u64());
}

function lengthByCore(bytes: Uint8Array): bigint | undefined {
  const reader = new BcsReader(bytes);
  try {
    const length = reader.uleb128();
    return reader.remaining === 0 && length < 2 ** 31 ? BigInt(length) : undefined;
  } catch {
    return undefined;
  }
}
