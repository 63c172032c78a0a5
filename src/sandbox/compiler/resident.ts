/** A value of the state that stays in linear memory between calls, as the host knows it. */
import { compareBytes } from "../core/bytes.ts";
import type { StateKey } from "../core/effects.ts";
import type { RuntimeType } from "../runtime/types.ts";
import type { Plan } from "./codec.ts";

export interface Resident {
  readonly key: StateKey;
  /** The encoded key: what changes and touches are sorted by. */
  readonly order: Uint8Array;
  readonly type: RuntimeType;
  readonly plan: Plan;
  /** Moves when the heap is compacted, if this is a table item. */
  slot: number;
  /** What the state holds, unless the value is dirty; undefined for no value. */
  bytes: Uint8Array | undefined;
  /** Whether the value in memory is what {@link bytes} encode. */
  isValid: boolean;
  /** What the call that is being finished found. */
  before: Uint8Array | undefined;
  /** The stretch of a session that last wrote it through the host. */
  writtenIn: number;
}

export function compareResidents(a: Resident, b: Resident): number {
  return compareBytes(a.order, b.order);
}
