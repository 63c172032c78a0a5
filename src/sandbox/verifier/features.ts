/**
 * Refuses what the format can carry and this machine does not offer: declared access to global
 * storage.
 */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

export function verifyFeatures(module: CompiledModule, meter: Meter): void {
  charge(meter, module.functionHandles.length);
  const index = module.functionHandles.findIndex((handle) => handle.accessSpecifiers !== undefined);
  if (index < 0) return;
  refuseEntry("functionHandles", index, "FEATURE_NOT_ENABLED", "access specifiers are not offered");
}
