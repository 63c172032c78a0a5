import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { compareBytes, concatBytes, fromHex, fromUtf8, toHex, utf8 } from "#core/bytes.ts";
import { gasUnits, internalGas, toGasUnits, toInternalGas } from "#core/gas-units.ts";
import { domainHash, domainPrefix, parseHash, sha2_256, sha3 } from "#core/hash.ts";
import { parseIdentifier } from "#core/identifier.ts";
import {
  formatVmStatus,
  STATUS_CODES,
  type StatusName,
  statusName,
  statusType,
} from "#core/status.ts";

describe("bytes", () => {
  it("read hex strictly", () => {
    expect(fromHex("0x00fF")).toEqual(Uint8Array.of(0, 255));
    for (const bad of ["0", "0x0", "zz", "0x 0"]) expect(fromHex(bad)).toBeUndefined();
  });

  it("compare as unsigned, a prefix first", () => {
    const sorted = ["", "00", "0000", "7f", "80", "80ff", "81"].map(
      (hex) => fromHex(hex) ?? utf8("?"),
    );
    const shuffled = [3, 6, 0, 5, 2, 4, 1].map((index) => sorted[index] ?? utf8("?"));
    shuffled.sort(compareBytes);
    expect(shuffled.map(toHex)).toEqual(sorted.map(toHex));
  });

  it("decode UTF-8 only when it is well formed", () => {
    expect(fromUtf8(utf8("héé"))).toBe("héé");
    expect(fromUtf8(Uint8Array.of(0xc0, 0x80))).toBeUndefined();
    expect(fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
  });
});

describe("hashes", () => {
  it("are SHA-256 and SHA3-256 (FIPS 180-4 and 202 examples)", () => {
    expect(toHex(sha2_256(utf8("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(toHex(sha3(utf8("abc")))).toBe(
      "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    );
  });

  it("separate domains by a hashed tag", () => {
    expect(domainPrefix("Call")).toEqual(sha2_256(utf8("HOLDFAST::Call")));
    expect(domainHash("Call", utf8("a"), utf8("b"))).toEqual(
      sha2_256(concatBytes(domainPrefix("Call"), utf8("ab"))),
    );
    expect(domainHash("Call", utf8("x"))).not.toEqual(domainHash("Ack", utf8("x")));
  });

  it("have 32 bytes", () => {
    expect(parseHash(new Uint8Array(31))).toBeUndefined();
    expect(parseHash(new Uint8Array(32))).toBeDefined();
  });
});

describe("gas", () => {
  it("rounds a started unit up", () => {
    expect(toGasUnits(internalGas(0))).toBe(0n);
    expect(toGasUnits(internalGas(1))).toBe(1n);
    expect(toGasUnits(internalGas(100))).toBe(1n);
    expect(toGasUnits(internalGas(101))).toBe(2n);
    expect(toInternalGas(gasUnits(7n))).toBe(700);
    expect(toInternalGas(gasUnits(2n ** 64n - 1n))).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("status codes", () => {
  it("are unique and lie in their ranges", () => {
    const names = Object.keys(STATUS_CODES) as StatusName[];
    expect(new Set(Object.values(STATUS_CODES)).size).toBe(names.length);
    expect(statusType("INVALID_SIGNATURE")).toBe("validation");
    expect(statusType("TYPE_MISMATCH")).toBe("verification");
    expect(statusType("UNREACHABLE")).toBe("invariant");
    expect(statusType("MALFORMED")).toBe("deserialisation");
    expect(statusType("ABORTED")).toBe("execution");
  });

  it("print an outcome in one line", () => {
    const name = parseIdentifier("m");
    if (name === undefined) throw new TypeError("an identifier");
    const location = { module: { address: makeAddress("0x1"), name }, functionIndex: 2, offset: 7 };
    expect(formatVmStatus({ type: "executed" })).toBe("EXECUTED");
    expect(formatVmStatus({ type: "aborted", code: 5n, location })).toBe("ABORTED 5 in 0x1::m");
    expect(formatVmStatus({ type: "failed", status: "ARITHMETIC_ERROR", location })).toBe(
      "ARITHMETIC_ERROR in 0x1::m function 2 offset 7",
    );
    expect(statusName({ type: "failed", status: "OUT_OF_GAS" })).toBe("OUT_OF_GAS");
  });
});
