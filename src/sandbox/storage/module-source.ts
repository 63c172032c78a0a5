/**
 * Where bytecode comes from: the state itself, or a set of modules pinned when a channel was
 * created. The same bytes object means the same code, so sources must not reuse a buffer.
 */
import type { StateKey } from "../core/effects.ts";
import { type ModuleId, type ModuleKey, moduleKey } from "../core/identifier.ts";
import type { StateReader } from "../execution.ts";

export interface ModuleSource {
  /** Bytecode of a module, or undefined where there is none. */
  get(id: ModuleId): Uint8Array | undefined;
}

export interface PinnedModule {
  readonly id: ModuleId;
  readonly bytes: Uint8Array;
}

/** The modules as the state has them when it is asked: what was published last. */
export function modulesOfState(state: StateReader): ModuleSource {
  return { get: (module) => state.get(moduleStateKey(module)) };
}

/** Exactly these modules, whatever any state holds. */
export function pinnedModules(modules: readonly PinnedModule[]): ModuleSource {
  const byKey = new Map<ModuleKey, Uint8Array>(
    modules.map(({ id, bytes }) => [moduleKey(id), bytes]),
  );
  return { get: (id) => byKey.get(moduleKey(id)) };
}

const stateKeys = new WeakMap<ModuleId, StateKey>();

/** One key object for each id object, so that what is remembered of a key is found again. */
export function moduleStateKey(module: ModuleId): StateKey {
  const known = stateKeys.get(module);
  if (known !== undefined) return known;
  const key: StateKey = { kind: "module", module };
  stateKeys.set(module, key);
  return key;
}
