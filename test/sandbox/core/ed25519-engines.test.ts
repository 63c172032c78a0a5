/** Node's own Ed25519 takes part in the answers and changes none of them. */

import { getPublicKey, sign } from "@noble/ed25519";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { concatBytes, utf8 } from "#core/bytes.ts";
import { keyPairOf, parseSecretKey, signEd25519, verifyEd25519 } from "#core/ed25519.ts";
import { ENGINE } from "#ed25519-engine";
import {
  craft,
  craftForSmallKey,
  holdsByPoints,
  type Signed,
  SMALL_ENCODINGS,
  signedThings,
} from "./ed25519-crafting.ts";

const engine = present(ENGINE, "Node has an engine");
const engineSays = ({ message, signature, publicKey }: Signed) =>
  engine.verify(message, signature, publicKey);
const isAccepted = ({ message, signature, publicKey }: Signed) =>
  verifyEd25519(message, signature, publicKey);
/** Enough messages that a challenge is even for some and odd for others. */
const MESSAGES = Array.from({ length: 16 }, (_, number) => Uint8Array.of(number));
const SECRET = 0x1234_5678_9abc_def0n;

describe("the engine of the platform", () => {
  it("computes what it is asked for", () => {
    const [signed] = MESSAGES.map((message) =>
      craft({ secret: SECRET, keyTwist: 0, nonce: 77n, nonceTwist: 0, message }),
    );
    expect(signed && engineSays(signed)).toBe(true);
    expect(signed && engineSays({ ...signed, message: utf8("another") })).toBe(false);
  });

  it("[SG3] signs with the bytes of RFC 8032, and derives its keys", () => {
    const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const check = (bytes: Uint8Array, message: Uint8Array) => {
      const secret = present(parseSecretKey(bytes), "32 bytes");
      const pair = keyPairOf(secret);
      expect(pair.publicKey).toEqual(getPublicKey(bytes));
      expect(pair.sign(message)).toEqual(sign(message, bytes));
      expect(signEd25519(message, secret)).toEqual(pair.sign(message));
    };
    fc.assert(fc.property(secrets, fc.uint8Array({ maxLength: 300 }), check), { numRuns: 40 });
  });

  it("reads a secret once, whatever becomes of its bytes", () => {
    const bytes = new Uint8Array(32).fill(5);
    const pair = keyPairOf(present(parseSecretKey(bytes), "32 bytes"));
    const before = pair.sign(utf8("m"));
    bytes.fill(0);
    expect(pair.sign(utf8("m"))).toEqual(before);
  });

  it("[SG2] never makes the answer another than the rule's", () => {
    const check = (signed: Signed) => {
      expect(isAccepted(signed)).toBe(holdsByPoints(signed));
    };
    fc.assert(fc.property(signedThings, check), { numRuns: 300 });
  });

  it("is not believed where it takes a key of small order", () => {
    const crafted = SMALL_ENCODINGS.flatMap((key) =>
      MESSAGES.map((message) => craftForSmallKey(key, 3n, message)),
    );
    expect(crafted.filter(engineSays).length).toBeGreaterThan(MESSAGES.length);
    expect(crafted.filter(isAccepted)).toEqual([]);
  });

  it("is not believed where it takes a commitment of small order", () => {
    const crafted = MESSAGES.map((message) =>
      craft({ secret: SECRET, keyTwist: 0, nonce: 0n, nonceTwist: 0, message }),
    );
    expect(crafted.filter(engineSays)).toEqual(crafted);
    expect(crafted.filter(isAccepted)).toEqual([]);
  });

  it("does not have the last word where it refuses a small point mixed into the key", () => {
    for (let keyTwist = 1; keyTwist < 8; keyTwist++) {
      const crafted = MESSAGES.map((message) =>
        craft({ secret: SECRET, keyTwist, nonce: 77n, nonceTwist: 0, message }),
      );
      expect(crafted.filter(engineSays).length).toBeLessThan(crafted.length);
      expect(crafted.filter(isAccepted)).toEqual(crafted);
    }
  });

  it("does not have the last word where it refuses a small point mixed into the commitment", () => {
    const crafted = MESSAGES.map((message) =>
      craft({ secret: SECRET, keyTwist: 0, nonce: 77n, nonceTwist: 3, message }),
    );
    expect(crafted.filter(engineSays)).toEqual([]);
    expect(crafted.filter(isAccepted)).toEqual(crafted);
  });

  it("answers for bytes that are no point, of which it may meet any number", () => {
    const signature = concatBytes(new Uint8Array(32).fill(2), new Uint8Array(32));
    for (let number = 0; number < 600; number++) {
      const publicKey = new Uint8Array(32).fill(7);
      new DataView(publicKey.buffer).setUint16(0, number);
      expect(engine.verify(utf8("m"), signature, publicKey)).toBe(false);
    }
  });
});
