import { describe, expect, it } from "vitest";
import { fromHex, utf8 } from "#core/bytes.ts";
import { parseSecretKey, publicKeyOf, signEd25519, verifyEd25519 } from "#core/ed25519.ts";

function bytes(hex: string): Uint8Array {
  const value = fromHex(hex);
  if (value === undefined) throw new TypeError(`not hex: ${hex}`);
  return value;
}

function secret(fill: number) {
  const key = parseSecretKey(new Uint8Array(32).fill(fill));
  if (key === undefined) throw new TypeError("a secret key has 32 bytes");
  return key;
}

const IDENTITY = bytes(`01${"00".repeat(31)}`);
const ORDER_8 = bytes("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
/** The order L of the prime subgroup, little-endian. */
const L = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

describe("Ed25519 under the one acceptance rule", () => {
  it("[SG3] signs as RFC 8032 does (7.1, test 2)", () => {
    const key = parseSecretKey(
      bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
    );
    if (key === undefined) throw new TypeError("a secret key has 32 bytes");
    expect(publicKeyOf(key)).toEqual(
      bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    );
    const signature = signEd25519(bytes("72"), key);
    expect(signature).toEqual(
      bytes(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
      ),
    );
    expect(verifyEd25519(bytes("72"), signature, publicKeyOf(key))).toBe(true);
  });

  it("refuses every changed byte of a message, signature or key", () => {
    const key = secret(7);
    const message = utf8("move");
    const signature = signEd25519(message, key);
    const publicKey = publicKeyOf(key);
    for (const target of [message, signature, publicKey]) {
      for (let index = 0; index < target.length; index += 3) {
        target[index] = (target[index] ?? 0) ^ 1;
        expect(verifyEd25519(message, signature, publicKey)).toBe(false);
        target[index] = (target[index] ?? 0) ^ 1;
      }
    }
    expect(verifyEd25519(message, signature, publicKey)).toBe(true);
  });

  it("[SG1] refuses the crafted signature of small-order A and identity R for any message", () => {
    for (const point of [ORDER_8, IDENTITY]) {
      const signature = new Uint8Array(64);
      signature.set(IDENTITY);
      for (let message = 0; message < 64; message++) {
        expect(verifyEd25519(Uint8Array.of(message), signature, point)).toBe(false);
      }
    }
  });

  it("[SG1] refuses a small-order R", () => {
    const key = secret(9);
    const signature = new Uint8Array(signEd25519(utf8("m"), key));
    signature.set(ORDER_8);
    expect(verifyEd25519(utf8("m"), signature, publicKeyOf(key))).toBe(false);
  });

  it("[SG1] refuses S >= L, which other verifiers take for the same signature", () => {
    const key = secret(3);
    const message = utf8("malleable");
    const signature = new Uint8Array(signEd25519(message, key));
    let carry = 0;
    for (let index = 0; index < 32; index++) {
      const sum = (signature[32 + index] ?? 0) + (L[index] ?? 0) + carry;
      signature[32 + index] = sum & 0xff;
      carry = sum >> 8;
    }
    expect(verifyEd25519(message, signature, publicKeyOf(key))).toBe(false);
  });

  it("[SG1] refuses non-canonical encodings of a point", () => {
    const key = secret(5);
    const signature = signEd25519(utf8("m"), key);
    const beyondField = new Uint8Array(32).fill(0xff);
    beyondField[31] = 0x7f;
    expect(verifyEd25519(utf8("m"), signature, beyondField)).toBe(false);
    const negativeZero = new Uint8Array(IDENTITY);
    negativeZero[31] = 0x80;
    expect(verifyEd25519(utf8("m"), signature, negativeZero)).toBe(false);
  });

  it("refuses wrong lengths without throwing", () => {
    const key = secret(1);
    const signature = signEd25519(utf8("m"), key);
    expect(verifyEd25519(utf8("m"), signature.subarray(1), publicKeyOf(key))).toBe(false);
    expect(verifyEd25519(utf8("m"), signature, publicKeyOf(key).subarray(1))).toBe(false);
    expect(verifyEd25519(utf8("m"), new Uint8Array(0), new Uint8Array(0))).toBe(false);
  });
});
