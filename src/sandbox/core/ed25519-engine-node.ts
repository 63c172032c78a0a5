/**
 * Node's own Ed25519, which is OpenSSL's, behind the port of `ed25519-engine.ts`. Knows nothing of
 * the acceptance rule: `ed25519.ts` holds it and decides which of these answers count.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { concatBytes } from "./bytes.ts";
import type { Ed25519Engine } from "./ed25519-engine.ts";

/** What stands before the 32 bytes of a secret in PKCS #8 (RFC 8410, section 7), in DER. */
const PKCS8_HEAD = Uint8Array.from(Buffer.from("302e020100300506032b657004220420", "hex"));
/** Keys kept opened: more than sign in a channel, and enough for a chain's busiest accounts. */
const OPEN_KEYS_MAX = 256;

/** Public keys by their bytes, the one that was opened first before the others. */
const openKeys = new Map<string, KeyObject>();

function openSecret(secret: Uint8Array) {
  const pkcs8 = Buffer.from(concatBytes(PKCS8_HEAD, secret));
  const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  pkcs8.fill(0);
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return {
    publicKey: Uint8Array.from(Buffer.from(String(x), "base64url")),
    // Not a view of Node's pool of buffers.
    sign: (message: Uint8Array) => Uint8Array.from(sign(null, message, key)),
  };
}

function openPublicKey(bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes).toString("base64url");
  const known = openKeys.get(x);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const [oldest] = openKeys.size < OPEN_KEYS_MAX ? [] : openKeys.keys();
  if (oldest !== undefined) openKeys.delete(oldest);
  openKeys.set(x, key);
  return key;
}

export const ENGINE: Ed25519Engine = {
  openSecret,
  verify(message, signature, publicKey) {
    try {
      return verify(null, message, openPublicKey(publicKey), signature);
    } catch {
      // Some versions refuse to open bytes that are no point.
      return false;
    }
  },
};
