/** The same rule where the platform has no engine that answers at once, as in browsers. */

import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { keyPairOf, parseSecretKey, verifyEd25519 } from "#core/ed25519.ts";
import { ENGINE } from "#ed25519-engine";
import { holdsByPoints, type Signed, signedThings } from "./ed25519-crafting.ts";

vi.mock(import("#ed25519-engine"), () => import("../../../src/sandbox/core/ed25519-engine.ts"));

describe("Ed25519 without an engine", () => {
  it("[SG1] is accepted by the same rule", () => {
    expect(ENGINE).toBeUndefined();
    const check = ({ message, signature, publicKey }: Signed) => {
      const signed = { message, signature, publicKey };
      expect(verifyEd25519(message, signature, publicKey)).toBe(holdsByPoints(signed));
    };
    fc.assert(fc.property(signedThings, check), { numRuns: 100 });
  });

  it("[SG3] is signed with a secret that is read once", () => {
    const bytes = new Uint8Array(32).fill(5);
    const pair = keyPairOf(present(parseSecretKey(bytes), "32 bytes"));
    const before = pair.sign(utf8("m"));
    bytes.fill(0);
    expect(pair.sign(utf8("m"))).toEqual(before);
    expect(verifyEd25519(utf8("m"), before, pair.publicKey)).toBe(true);
  });
});
