/**
 * Has the platform check signatures before the machine asks for them: an engine that answers later
 * is many times as fast as what can be computed at once, and busies another thread. What it finds
 * to hold is remembered under the one acceptance rule (`#core/ed25519.ts` tells why that may be);
 * of everything else the machine makes up its mind by itself. Knows no machine.
 */
import { equalBytes } from "#core/bytes.ts";
import { mayHold } from "#core/ed25519-encoding.ts";
import type { VerifyLater } from "./ports.ts";
import { nameOfSignature, type RememberedSignatures } from "./remembered-signatures.ts";
import { type ClaimsReader, claimsIn, type SignatureClaim } from "./signature-claims.ts";

/**
 * Claims under way at once; more are left to the machine. A fraction of what is remembered, so that
 * what was found is still known when the machine comes to it.
 */
export const CLAIMS_MAX = 1_024;

/**
 * A claim that the engine looks at. The same one may stand in many places: a bundle's beside each
 * run of its calls, a certificate's in every view change.
 */
interface Check {
  readonly claim: SignatureClaim;
  readonly done: Promise<void>;
}

export interface VerifyAheadOptions {
  readonly engine: VerifyLater;
  readonly memory: Pick<RememberedSignatures, "knows" | "learn">;
  /** Who reads messages, as of now. */
  readonly reader: () => ClaimsReader;
}

/**
 * Undefined where nothing is to be waited for. The promise resolves when the machine gains nothing
 * by waiting longer, and never rejects.
 */
export type VerifyAhead = (bytes: Uint8Array) => Promise<void> | undefined;

export function createVerifyAhead({ engine, memory, reader }: VerifyAheadOptions): VerifyAhead {
  const underWay = new Map<string, Check>();

  async function run({ message, signature, key }: SignatureClaim): Promise<void> {
    if (await engine(message, signature, key)) memory.learn(message, signature, key);
  }

  /** Undefined where there is no room for another. */
  function begin(claim: SignatureClaim): Promise<void> | undefined {
    const name = nameOfSignature(claim.signature);
    const known = underWay.get(name);
    // Of two that share a signature the machine tells whether either is true.
    if (known !== undefined) return isSame(known.claim, claim) ? known.done : undefined;
    if (underWay.size >= CLAIMS_MAX) return undefined;
    const done = run(claim).finally(() => underWay.delete(name));
    underWay.set(name, { claim, done });
    return done;
  }

  return (bytes) => {
    const checks = new Set<Promise<void>>();
    for (const claim of claimsIn(bytes, reader())) {
      const { message, signature, key } = claim;
      if (memory.knows(message, signature, key) || !mayHold(signature, key)) continue;
      const done = begin(claim);
      if (done !== undefined) checks.add(done);
      else if (underWay.size >= CLAIMS_MAX) break;
    }
    return checks.size === 0 ? undefined : Promise.allSettled(checks).then(() => undefined);
  };
}

function isSame(a: SignatureClaim, b: SignatureClaim): boolean {
  return equalBytes(a.message, b.message) && equalBytes(a.key, b.key);
}
