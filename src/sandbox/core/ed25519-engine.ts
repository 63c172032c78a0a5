/**
 * The platform's own synchronous Ed25519, by the port that `ed25519.ts` asks: here none, as in
 * browsers, whose engine answers only later. package.json's `#ed25519-engine` leads Node to
 * `ed25519-engine-node.ts` instead.
 */

/** A secret key as an engine holds it, its bytes read once. */
export interface EngineKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 64 bytes that RFC 8032 prescribes. */
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export interface Ed25519Engine {
  /** Of a secret of 32 bytes. */
  readonly openSecret: (secret: Uint8Array) => EngineKey;
  /**
   * The engine finds that the equation holds, by whatever rule of its own. Asked only about what
   * `mayHold`. Never throws.
   */
  readonly verify: (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;
}

export const ENGINE: Ed25519Engine | undefined = undefined;
