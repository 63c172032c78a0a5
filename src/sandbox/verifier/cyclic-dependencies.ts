/**
 * Modules depend on one another, and befriend one another, without cycles, and no module is both
 * below another and its friend. The passes that look at one module alone rely on this: recursion
 * between modules does not exist.
 */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { dependenciesOf, friendsOf, selfId } from "../binary-format/module-view.ts";
import { type ModuleId, type ModuleKey, moduleKey } from "../core/identifier.ts";
import type { VerifierConfig } from "./config.ts";
import type { ModuleResolver } from "./dependencies.ts";
import { refuse } from "./error.ts";
import { charge, type Meter } from "./meter.ts";
import type { VerificationStatus } from "./statuses.ts";

export function verifyAcyclic(
  module: CompiledModule,
  resolve: ModuleResolver,
  config: VerifierConfig,
  meter: Meter,
): void {
  const search = { module, resolve, config, meter };
  const below = closure(search, dependenciesOf, "CYCLIC_MODULE_DEPENDENCY");
  const friends = closure(search, friendsOf, "CYCLIC_MODULE_FRIENDSHIP");
  for (const key of friends) {
    if (!below.has(key)) continue;
    const detail = `${key} is both a dependency and a friend`;
    refuse("INVALID_FRIEND_DECL_WITH_MODULES_IN_DEPENDENCIES", detail);
  }
}

interface Search {
  readonly module: CompiledModule;
  readonly resolve: ModuleResolver;
  readonly config: VerifierConfig;
  readonly meter: Meter;
}

/**
 * Every module that `next` leads to, near and far; refuses when one of them is the module itself.
 */
function closure(
  { module, resolve, config, meter }: Search,
  next: (module: CompiledModule) => readonly ModuleId[],
  onCycle: VerificationStatus,
): Set<ModuleKey> {
  const self = moduleKey(selfId(module));
  const met = new Set<ModuleKey>();
  const pending = [...next(module)];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    charge(meter, 1);
    const key = moduleKey(id);
    if (key === self) refuse(onCycle, `${key} leads back to itself`);
    if (met.has(key)) continue;
    met.add(key);
    if (met.size > config.dependenciesMax) {
      refuse("DEPENDENCY_LIMIT_REACHED", `${self} leads to over ${config.dependenciesMax} modules`);
    }
    // A dependency that is not there has been refused already. A friend may come later; should it
    // close a cycle, it is refused then.
    const found = resolve(id);
    if (found !== undefined) pending.push(...next(found));
  }
  return met;
}
