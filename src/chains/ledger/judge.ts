/**
 * What the ledger asks of whoever judges evidence of fraud in a channel: a pure function, the same
 * on every node. Knows neither channels nor how they are run again.
 */
import type { Address } from "#core/address.ts";
import type { Hash } from "#core/hash.ts";
import type { StructTag } from "#core/type-tag.ts";
import type { PinnedModule } from "#sandbox";

/** What the chain knows of the channel that the evidence is about. */
export interface JudgedChannel {
  readonly channel: Hash;
  readonly creator: Address;
  readonly stateType: StructTag;
  readonly assetType: StructTag;
  /** In milliseconds; zero where the channel has no ticks. */
  readonly tickInterval: bigint;
  /** BCS of the configuration that the header names, as the channel encodes it. */
  readonly configuration: Uint8Array;
  /** The code that the channel pins. */
  readonly modules: readonly PinnedModule[];
  readonly chainId: number;
}

export interface HeaderName {
  readonly term: bigint;
  readonly view: bigint;
  readonly number: bigint;
  readonly hash: Hash;
}

/** With what it cost: `gas`, in gas units, at most {@link JUDGING_GAS_MAX}. */
export type Verdict = { readonly gas: bigint } & Finding;

/** What running the largest step may take; the judge runs nothing that takes more. */
export const JUDGING_GAS_MAX = 1_100_000n;

export type Finding =
  /** The accused signed what re-execution contradicts. */
  | {
      readonly type: "fraud";
      readonly detail: string;
      /** Hashes of the header and of those that were shown to build on it. */
      readonly voided: readonly Hash[];
      /** The header that it stands on; undefined for the channel's first. */
      readonly parent: HeaderName | undefined;
    }
  /** Re-execution agrees with the accused. */
  | { readonly type: "sound" }
  /** The two executors disagree: nobody is judged. */
  | { readonly type: "declined"; readonly detail: string }
  /** The evidence does not hang together, or does not open what it takes to tell. */
  | { readonly type: "unfit"; readonly detail: string };

export type Judge = (channel: JudgedChannel, evidence: Uint8Array) => Verdict;
