/**
 * State keys that are asked for again and again, made once: a key object remembers its bytes and
 * its hash. Knows no state.
 */
import type { StateKey } from "#core/effects.ts";

/** Beyond this all are forgotten: whoever asks next makes its key anew. */
const REMEMBERED_MAX = 4_096;

/** `make`, which gives the same key object for a name as long as it is remembered. */
export function rememberedKeys<Name extends string>(
  make: (name: Name) => StateKey,
): (name: Name) => StateKey {
  const known = new Map<Name, StateKey>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size === REMEMBERED_MAX) known.clear();
    const key = make(name);
    known.set(name, key);
    return key;
  };
}
