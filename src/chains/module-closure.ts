/**
 * The code that a channel pins: a module, everything it depends on, and the hash of what executing
 * it depends on. The bytes come from outside, so the same works for any chain of the lineage.
 */
import { BcsWriter } from "#core/bcs/writer.ts";
import { compareText } from "#core/bytes.ts";
import { domainHash, type Hash, sha2_256 } from "#core/hash.ts";
import { type ModuleId, type ModuleKey, moduleKey } from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import {
  CHANNEL_LIMITS,
  dependenciesOf,
  deserializeModule,
  GAS_SCHEDULE,
  type PinnedModule,
} from "#sandbox";

/** Most modules in a closure; the sandbox links no more either. */
const MODULES_MAX = 256;
/**
 * Of everything the profile names but the code: raised when natives or layouts change their
 * meaning.
 */
const NATIVES_VERSION = 1;
const LAYOUT_VERSION = 1;

export type ClosureErrorCode = "MODULE_MISSING" | "MODULE_MALFORMED" | "TOO_MANY_MODULES";

export interface ClosureError {
  readonly code: ClosureErrorCode;
  readonly message: string;
}

/**
 * @returns the modules in the order of their keys; `fetch` answers undefined for what does not
 * exist.
 */
export async function loadModuleClosure(
  root: ModuleId,
  fetch: (id: ModuleId) => Promise<Uint8Array | undefined>,
): Promise<Result<readonly PinnedModule[], ClosureError>> {
  const found = new Map<ModuleKey, PinnedModule>();
  let wanted: readonly ModuleId[] = [root];
  while (wanted.length > 0) {
    const loaded = await Promise.all(wanted.map(async (id) => ({ id, bytes: await fetch(id) })));
    const next = new Map<ModuleKey, ModuleId>();
    for (const { id, bytes } of loaded) {
      const key = moduleKey(id);
      if (bytes === undefined) return fault("MODULE_MISSING", `There is no module ${key}.`);
      const decoded = deserializeModule(bytes);
      if (!decoded.ok) return fault("MODULE_MALFORMED", `The module ${key} cannot be read.`);
      found.set(key, { id, bytes });
      for (const dependency of dependenciesOf(decoded.value)) {
        next.set(moduleKey(dependency), dependency);
      }
    }
    if (found.size > MODULES_MAX) {
      return fault("TOO_MANY_MODULES", `More than ${MODULES_MAX} modules belong together.`);
    }
    wanted = [...next].filter(([key]) => !found.has(key)).map(([, id]) => id);
  }
  return ok([...found].sort(([a], [b]) => compareText(a, b)).map(([, module]) => module));
}

/** {@link loadModuleClosure} out of a state that is at hand. */
export function moduleClosure(
  root: ModuleId,
  get: (id: ModuleId) => Uint8Array | undefined,
): Result<readonly PinnedModule[], ClosureError> {
  const found = new Map<ModuleKey, PinnedModule>();
  const wanted: ModuleId[] = [root];
  for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
    const key = moduleKey(id);
    if (found.has(key)) continue;
    const bytes = get(id);
    if (bytes === undefined) return fault("MODULE_MISSING", `There is no module ${key}.`);
    const decoded = deserializeModule(bytes);
    if (!decoded.ok) return fault("MODULE_MALFORMED", `The module ${key} cannot be read.`);
    found.set(key, { id, bytes });
    if (found.size > MODULES_MAX) {
      return fault("TOO_MANY_MODULES", `More than ${MODULES_MAX} modules belong together.`);
    }
    wanted.push(...dependenciesOf(decoded.value));
  }
  return ok([...found].sort(([a], [b]) => compareText(a, b)).map(([, module]) => module));
}

/** What two executors must share to agree: code, natives, prices, limits and layout. */
export function executionProfileHash(modules: readonly PinnedModule[]): Hash {
  const writer = new BcsWriter();
  writer.vector(modules, (out, { id, bytes }) =>
    out.address(id.address).string(id.name).fixed(sha2_256(bytes)),
  );
  writer.u32(NATIVES_VERSION).u32(GAS_SCHEDULE.version);
  const limits: Readonly<Record<string, number>> = { ...CHANNEL_LIMITS };
  for (const [name, limit] of Object.entries(limits).sort(byName)) {
    writer.string(name).u64(BigInt(limit));
  }
  writer.u32(LAYOUT_VERSION);
  return domainHash("ExecutionProfile", writer.finish());
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return compareText(a, b);
}

function fault(code: ClosureErrorCode, message: string): Result<never, ClosureError> {
  return err({ code, message });
}
