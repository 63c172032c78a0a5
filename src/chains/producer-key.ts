/** Producers' keys as text, as people pass them on and programs keep them: hex digits. */
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import {
  type PublicKey,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  SECRET_KEY_SIZE,
  type SecretKey,
} from "#core/ed25519.ts";
import { PRODUCERS_MAX } from "./ledger/genesis-config.ts";
import type { Entropy } from "./ports.ts";

export type ProducerSecret = SecretKey;
export type ProducerKey = PublicKey;

export function newProducerSecret(entropy: Entropy): ProducerSecret {
  return present(parseSecretKey(entropy(SECRET_KEY_SIZE)), "entropy gives bytes");
}

/** 64 hex digits; undefined where they are none. */
export function readProducerSecret(text: string): ProducerSecret | undefined {
  const bytes = fromHex(text.trim());
  return bytes && parseSecretKey(bytes);
}

export function producerSecretText(secret: ProducerSecret): string {
  return toHex(secret);
}

export function producerKeyOf(secret: ProducerSecret): ProducerKey {
  return publicKeyOf(secret);
}

export function producerKeyText(key: ProducerKey): string {
  return toHex(key);
}

/** 1 to 100 different keys of 64 hex digits, with commas between; undefined for anything else. */
export function readProducerKeys(text: string): readonly ProducerKey[] | undefined {
  const keys = text.split(",").flatMap((item) => {
    const bytes = fromHex(item.trim());
    const key = bytes && parsePublicKey(bytes);
    return key === undefined ? [] : [key];
  });
  const isWhole = keys.length === text.split(",").length && keys.length <= PRODUCERS_MAX;
  const isDistinct = new Set(keys.map(toHex)).size === keys.length;
  return isWhole && isDistinct ? keys : undefined;
}
