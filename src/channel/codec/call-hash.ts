/** The hash that names a call, wherever one is looked for. */
import { domainHash, type Hash } from "#core/hash.ts";
import type { Call } from "../messages.ts";
import { call, encode } from "./objects.ts";

/** A call is met by its hash again and again, while it waits, is ordered and is run. */
const known = new WeakMap<Call, Hash>();

export function hashCall(value: Call): Hash {
  const found = known.get(value);
  if (found !== undefined) return found;
  const hash = domainHash("Call", encode(call, value));
  known.set(value, hash);
  return hash;
}
