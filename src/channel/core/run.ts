/**
 * A batch while it runs: what it may depend on, and the only way in which the core itself changes
 * the state.
 */
import type { Address } from "#core/address.ts";
import type { Change, ChangeSet } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { StructTag } from "#core/type-tag.ts";
import type { ChannelSettings } from "../chain-view.ts";
import type { Configuration, Epoch, Height, Millis, SeatId } from "../messages.ts";
import type { ChannelExecutor, Verify } from "../ports.ts";
import type { Control } from "./control.ts";

/** What never changes while a channel lives. */
export interface ChannelFacts {
  readonly channel: Hash;
  readonly creator: Address;
  readonly assetType: StructTag;
  readonly settings: ChannelSettings;
}

export interface ExecutionTools {
  readonly executor: ChannelExecutor;
  readonly verify: Verify;
}

/** What a header fixes before its entries run. */
export interface BatchFrame {
  readonly configuration: Configuration;
  /** The configuration that an earlier change leads to; the same one where none is pending. */
  readonly pending: Configuration;
  readonly epoch: Epoch;
  /** In the first header of its epoch: hash of the header that it stands on. */
  readonly opens: Hash | undefined;
  readonly leader: SeatId;
  readonly firstHeight: Height;
  readonly time: Millis;
  readonly reveal: Hash;
}

export interface Run {
  readonly facts: ChannelFacts;
  readonly tools: ExecutionTools;
  readonly frame: BatchFrame;
  control: Control;
  /** The configuration after the entries so far. */
  next: Configuration;
}

/** Applies changes, dropping those that change nothing, and returns what was applied. */
export function perform(run: Run, ...changes: readonly (Change | undefined)[]): ChangeSet {
  const real = changes.filter((change) => change !== undefined);
  if (real.length > 0) run.tools.executor.apply(real);
  return real;
}
