/**
 * How a channel is doing, in words for players: who is in it, who leads, what is certain, and what
 * is waited for.
 */

import type { Status } from "#channel";

export interface MemberStatus {
  readonly seat: bigint;
  readonly address: string;
  readonly isSelf: boolean;
  readonly isLeader: boolean;
  /** False from its join on chain until the leader has admitted it. */
  readonly isAdmitted: boolean;
  /** Whether a link to it stands; of this node always true. */
  readonly isConnected: boolean;
  /** Milliseconds since it was last heard; undefined if never. */
  readonly silentMs: number | undefined;
  /** Measured round trip to it. */
  readonly delayMs: number | undefined;
  /** Units at stake. */
  readonly stake: bigint;
}

/** Something that the channel cannot go on without: what, from whom, since when. */
export interface Awaited {
  readonly what: Status["awaited"][number]["what"];
  /** Seats. */
  readonly from: readonly bigint[];
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

export interface ChannelStatus {
  /** What this node does: see `Phase` in the channel. */
  readonly phase: Status["phase"];
  /** This node's seat; undefined when it holds none. */
  readonly seat: bigint | undefined;
  readonly leader: bigint | undefined;
  readonly term: bigint;
  /** Its lower 40 bits are zero where the chain's leader leads; see the channel's rule EL4. */
  readonly view: bigint;
  /** Number of the configuration in force. */
  readonly configuration: bigint;
  readonly members: readonly MemberStatus[];
  /** The relay to the leader; undefined for the direct way. */
  readonly via: bigint | undefined;
  readonly hops: number;
  /** Measured delay to the leader. */
  readonly delayMs: number | undefined;
  readonly verified: bigint;
  readonly certified: bigint;
  readonly confirmed: bigint;
  readonly settled: bigint;
  /** Own calls that nobody has ordered yet. */
  readonly pendingCount: number;
  readonly awaited: readonly Awaited[];
}
