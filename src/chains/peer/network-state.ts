/** What a node keeps about its peers, and how much it lets them cost. */
import type { ChainNode } from "../node.ts";
import type { Clock } from "../ports.ts";
import type { Peer } from "./peer.ts";

export interface PeerLimits {
  readonly peersMax: number;
  /** How long a peer that broke a rule is not spoken to. */
  readonly banMs: bigint;
  /** A peer that says nothing for so long is gone. */
  readonly silenceMs: bigint;
  /** An answer that has not come by then is not waited for. */
  readonly answerMs: bigint;
  /** How often every peer is told where we stand. */
  readonly heartbeatMs: number;
}

export const PEER_LIMITS: PeerLimits = {
  peersMax: 64,
  banMs: 60_000n,
  silenceMs: 15_000n,
  answerMs: 10_000n,
  heartbeatMs: 1_000,
};

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly giver: Peer | undefined;
}

export interface NetworkState {
  readonly node: ChainNode;
  readonly clock: Clock;
  readonly limits: PeerLimits;
  readonly peers: Set<Peer>;
  /** By remote: until when it is not spoken to. */
  readonly bans: Map<string, bigint>;
  /** Why the last connection was ended, for people. */
  readonly onFarewell: (remote: string, reason: string) => void;
  readonly onConsensus: (message: Uint8Array) => void;
  /** Whose transactions are being handed in: they need not hear of them. */
  giver: Peer | undefined;
  /** What the pool has taken up and peers have not been told of. */
  readonly outgoing: Outgoing[];
  closed: boolean;
}
