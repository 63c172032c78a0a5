// Ed25519 in a real browser: no engine that answers at once, WebCrypto that answers later, and the
// one rule whoever computes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openWebCryptoVerifier, platformCrypto } from "#channel";
import { present } from "#core/assert.ts";
import { parsePublicKey, parseSignature, verifyEd25519 } from "#core/ed25519.ts";
import { mayHold } from "#core/ed25519-encoding.ts";
import { ENGINE } from "#ed25519-engine";
import { holdsByPoints, type Signed, signedThings } from "../sandbox/core/ed25519-crafting.ts";

describe("signatures in a browser", () => {
  it("hold by the one rule, computed at once or by WebCrypto later", async () => {
    expect(ENGINE).toBeUndefined();
    const subtle = present(platformCrypto(), "a page of this machine has WebCrypto");
    const engine = present(await openWebCryptoVerifier(subtle), "Chromium has Ed25519");
    let agreed = 0;
    const check = async (signed: Signed) => {
      const { message } = signed;
      const key = present(parsePublicKey(signed.publicKey), "32 bytes");
      const signature = present(parseSignature(signed.signature), "64 bytes");
      const holds = holdsByPoints(signed);
      expect(verifyEd25519(message, signature, key)).toBe(holds);
      if (!mayHold(signature, key) || !(await engine(message, signature, key))) return;
      agreed++;
      expect(holds).toBe(true);
    };
    await fc.assert(fc.asyncProperty(signedThings, check), { numRuns: 200 });
    expect(agreed).toBeGreaterThan(20);
  });
});
