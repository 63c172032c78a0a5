/**
 * `0x1::event`: the same operation under the names and calling forms that standard libraries use.
 */
import type { NativeFunction } from "./native.ts";

const HEAD = { kind: "host", module: "0x1::event", typeParameters: 1, returns: [] } as const;

export const EVENT_NATIVES: readonly NativeFunction[] = [
  { ...HEAD, operation: "eventEmitByReference", name: "emit_event", parameters: ["&#0"] },
  { ...HEAD, operation: "eventEmit", name: "emit", parameters: ["#0"] },
  { ...HEAD, operation: "eventEmit", name: "write_module_event_to_store", parameters: ["#0"] },
];
