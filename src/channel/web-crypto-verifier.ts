/**
 * The engine that browsers have for Ed25519, by the port `VerifyLater`. Knows nothing of the
 * acceptance rule; whoever asks does.
 */
import { present } from "#core/assert.ts";
import { fromHex, utf8 } from "#core/bytes.ts";
import { type PublicKey, parsePublicKey, parseSignature } from "#core/ed25519.ts";
import { peerIdOf, type VerifyLater } from "./ports.ts";

const ALGORITHM = "Ed25519";
/** Keys kept imported: more than sign in a channel. */
const IMPORTED_KEYS_MAX = 64;

/** RFC 8032, 7.1, test 2: by this key this signature is of the letter r. */
const PROBE = {
  message: utf8("r"),
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};

/** Undefined where the engine has no Ed25519. */
export async function openWebCryptoVerifier(
  subtle: Pick<SubtleCrypto, "importKey" | "verify">,
): Promise<VerifyLater | undefined> {
  const verify = createVerifier(subtle);
  return (await isSound(verify)) ? verify : undefined;
}

function createVerifier(subtle: Pick<SubtleCrypto, "importKey" | "verify">): VerifyLater {
  const imported = new Map<string, Promise<CryptoKey>>();

  function importKey(key: PublicKey): Promise<CryptoKey> {
    const name = peerIdOf(key);
    const known = imported.get(name);
    if (known !== undefined) return known;
    const [oldest] = imported.size < IMPORTED_KEYS_MAX ? [] : imported.keys();
    if (oldest !== undefined) imported.delete(oldest);
    const importing = subtle.importKey("raw", key.slice(), ALGORITHM, false, ["verify"]);
    imported.set(name, importing);
    return importing;
  }

  return async (message, signature, key) =>
    subtle.verify(ALGORITHM, await importKey(key), signature.slice(), message.slice());
}

/** It says yes to what holds and no to what does not. */
async function isSound(verify: VerifyLater): Promise<boolean> {
  const bytes = (hex: string) => present(fromHex(hex), "a constant is hex");
  const key = present(parsePublicKey(bytes(PROBE.key)), "a key has its size");
  const signature = present(parseSignature(bytes(PROBE.signature)), "a signature has its size");
  try {
    const isHeld = await verify(PROBE.message, signature, key);
    return isHeld && !(await verify(utf8("s"), signature, key));
  } catch {
    return false;
  }
}
