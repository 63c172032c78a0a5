import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { parsePublicKey, parseSignature, verifyEd25519 } from "#core/ed25519.ts";
import { mayHold } from "#core/ed25519-encoding.ts";
import { openWebCryptoVerifier } from "../../../src/channel/web-crypto-verifier.ts";
import { holdsByPoints, type Signed, signedThings } from "../../sandbox/core/ed25519-crafting.ts";

const { subtle } = crypto;

describe("WebCrypto's Ed25519", () => {
  it("[SG2] says yes to nothing that the rule refuses, once the bytes may hold", async () => {
    const engine = present(await openWebCryptoVerifier(subtle), "Node's WebCrypto has Ed25519");
    let agreed = 0;
    const check = async (signed: Signed) => {
      const { message } = signed;
      const key = present(parsePublicKey(signed.publicKey), "32 bytes");
      const signature = present(parseSignature(signed.signature), "64 bytes");
      if (!mayHold(signature, key)) return;
      if (!(await engine(message, signature, key))) return;
      agreed++;
      expect(holdsByPoints(signed)).toBe(true);
      expect(verifyEd25519(message, signature, key)).toBe(true);
    };
    await fc.assert(fc.asyncProperty(signedThings, check), { numRuns: 200 });
    expect(agreed).toBeGreaterThan(20);
  });

  it("is not used where it is missing or answers wrongly", async () => {
    const unknown = () =>
      Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
    const importKey = subtle.importKey.bind(subtle);
    expect(await openWebCryptoVerifier({ importKey: unknown, verify: unknown })).toBeUndefined();
    for (const answer of [true, false]) {
      const verify = async () => answer;
      expect(await openWebCryptoVerifier({ importKey, verify })).toBeUndefined();
    }
  });
});
