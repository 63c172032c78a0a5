// A producer's secret key in a file of its own: 64 hex digits, for its owner's eyes only.
import { readFileSync, writeFileSync } from "node:fs";
import {
  newProducerSecret,
  type ProducerSecret,
  producerKeyOf,
  producerKeyText,
  producerSecretText,
  readProducerSecret,
  systemEntropy,
} from "#chains";

/** A file that should hold a secret key and does not. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
  readonly code = "KEY_INVALID";

  constructor(path: string) {
    super(`${path} holds no secret key; remove it, and a new one is made.`);
  }
}

/** Undefined where the file is not there or holds no key. */
export function readKeyFile(path: string): ProducerSecret | undefined {
  try {
    return readProducerSecret(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Writes a new key to a file that must not be there yet, and returns its public half as text.
 * Throws the system's error where the file is there already or cannot be.
 */
export function writeKeyFile(path: string): string {
  const secret = newProducerSecret(systemEntropy);
  writeFileSync(path, `${producerSecretText(secret)}\n`, { mode: 0o600, flag: "wx", flush: true });
  return producerKeyText(producerKeyOf(secret));
}
