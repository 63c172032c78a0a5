// Whichever engine the platform has, a hash is the same bytes: FIPS 180-4 and FIPS 202.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "#core/bytes.ts";
import { ENGINE } from "#hash-engine";
import { ENGINE as PORTABLE } from "../../../src/sandbox/core/hash-engine.ts";
import { ENGINE as NODE } from "../../../src/sandbox/core/hash-engine-node.ts";

const SHA2_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SHA3_OF_ABC = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532";

it("is Node's own in Node", () => {
  expect(ENGINE).toBe(NODE);
});

describe.each([
  ["noble", PORTABLE],
  ["Node", NODE],
])("the hashes of %s", (_name, { sha2_256, sha3_256 }) => {
  it("are those of the standards", () => {
    expect(toHex(sha2_256(utf8("abc")))).toBe(SHA2_OF_ABC);
    expect(toHex(sha3_256(utf8("abc")))).toBe(SHA3_OF_ABC);
  });

  it("are 32 bytes of their own", () => {
    for (const hash of [sha2_256(utf8("abc")), sha3_256(utf8("abc"))]) {
      expect(Object.getPrototypeOf(hash)).toBe(Uint8Array.prototype);
      expect([hash.length, hash.buffer.byteLength]).toEqual([32, 32]);
    }
  });
});

it("is the same by both engines, of bytes and of a part of them", () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(bytes, fc.nat(400), (whole, from) => {
      const part = whole.subarray(from);
      expect(NODE.sha2_256(part)).toEqual(PORTABLE.sha2_256(part));
      expect(NODE.sha3_256(part)).toEqual(PORTABLE.sha3_256(part));
    }),
  );
});
