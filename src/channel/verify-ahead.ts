/**
 * Has the platform check signatures before the machine asks for them: an engine that answers later
 * is many times as fast as what can be computed at once, and busies another thread. What it finds
 * to hold is remembered under the one acceptance rule (`#core/ed25519.ts` tells why that may be);
 * of everything else the machine makes up its mind by itself. Knows no machine.
 */
import { mayHold } from "#core/ed25519-encoding.ts";
import type { VerifyLater } from "./ports.ts";
import type { RememberedSignatures } from "./remembered-signatures.ts";
import { type ClaimsReader, claimsIn, type SignatureClaim } from "./signature-claims.ts";

/**
 * Claims under way at once; more are left to the machine. A fraction of what is remembered, so that
 * what was found is still known when the machine comes to it.
 */
export const CLAIMS_MAX = 1_024;

export interface VerifyAheadOptions {
  readonly engine: VerifyLater;
  readonly memory: Pick<RememberedSignatures, "knows" | "learn">;
  /** Who reads messages, as of now. */
  readonly reader: () => ClaimsReader;
}

/**
 * Undefined where nothing is to be waited for. The promise resolves when the machine is no worse
 * off with waiting longer, and never rejects.
 */
export type VerifyAhead = (bytes: Uint8Array) => Promise<void> | undefined;

export function createVerifyAhead({ engine, memory, reader }: VerifyAheadOptions): VerifyAhead {
  let underWay = 0;

  async function check(claim: SignatureClaim): Promise<void> {
    const { message, signature, key } = claim;
    underWay++;
    try {
      if (await engine(message, signature, key)) memory.learn(message, signature, key);
    } finally {
      underWay--;
    }
  }

  return (bytes) => {
    const checks: Promise<void>[] = [];
    for (const claim of claimsIn(bytes, reader())) {
      if (underWay >= CLAIMS_MAX) break;
      const { message, signature, key } = claim;
      if (memory.knows(message, signature, key) || !mayHold(signature, key)) continue;
      checks.push(check(claim));
    }
    return checks.length === 0 ? undefined : Promise.allSettled(checks).then(() => undefined);
  };
}
