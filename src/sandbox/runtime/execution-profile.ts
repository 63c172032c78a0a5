/**
 * What besides code and state decides how a call ends: natives, prices, limits, and which code may
 * be there at all. Two executors agree only under the same profile.
 */
import type { GasSchedule } from "../gas/schedule.ts";
import { GAS_SCHEDULE } from "../gas/schedule.ts";
import { type NativeRegistry, STANDARD_NATIVES } from "../natives/registry.ts";
import type { ModuleSource } from "../storage/module-source.ts";
import { CHAIN_LIMITS, CHANNEL_LIMITS, type ExecutionLimits } from "./limits.ts";
import { listedModules, type PublishPolicy, VERIFIED_PUBLISHING } from "./publish.ts";

export interface ExecutionProfile {
  readonly natives: NativeRegistry;
  readonly schedule: GasSchedule;
  readonly limits: ExecutionLimits;
  /** Natives that make sense only on a chain run; elsewhere they abort. */
  readonly allowsChainOnly: boolean;
  readonly publishPolicy: PublishPolicy;
  /** Code pinned once and for all; undefined where it lives in the state. */
  readonly modules: ModuleSource | undefined;
}

/** A chain: code in the state, published under `publishPolicy`, by default whatever verifies. */
export function chainProfile(publishPolicy: PublishPolicy = VERIFIED_PUBLISHING): ExecutionProfile {
  return {
    natives: STANDARD_NATIVES,
    schedule: GAS_SCHEDULE,
    limits: CHAIN_LIMITS,
    allowsChainOnly: true,
    publishPolicy,
    modules: undefined,
  };
}

/**
 * A channel: exactly the code that was pinned when it was created, and limits that evidence fits
 * into.
 */
export function channelProfile(modules: ModuleSource): ExecutionProfile {
  return {
    natives: STANDARD_NATIVES,
    schedule: GAS_SCHEDULE,
    limits: CHANNEL_LIMITS,
    allowsChainOnly: false,
    publishPolicy: listedModules([]),
    modules,
  };
}
