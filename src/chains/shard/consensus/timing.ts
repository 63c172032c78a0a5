/** How long a consensus node waits for what. Later rounds wait longer, up to a bound. */

export interface Timing {
  /** Least time between two blocks. */
  readonly blockIntervalMs: bigint;
  /** Time after which an empty block is made, so that the chain's time moves on. */
  readonly idleIntervalMs: bigint;
  /** For the proposal, from when it is due. */
  readonly proposeMs: bigint;
  /** For more votes, from when a quorum of them disagrees. */
  readonly voteMs: bigint;
  /** By so much each round waits longer than the one before. */
  readonly growthMs: bigint;
  /** No wait is longer. */
  readonly waitMsMax: bigint;
  /** Everything said in a round is said again so often, for those who did not hear it. */
  readonly repeatMs: bigint;
}

export const TIMING: Timing = {
  blockIntervalMs: 200n,
  idleIntervalMs: 1_000n,
  proposeMs: 1_000n,
  voteMs: 500n,
  growthMs: 500n,
  waitMsMax: 10_000n,
  repeatMs: 1_000n,
};

export function waitMs(timing: Timing, firstMs: bigint, round: number): bigint {
  const grown = firstMs + timing.growthMs * BigInt(round);
  return grown < timing.waitMsMax ? grown : timing.waitMsMax;
}
