/**
 * The state of a node in its channel. `machine.ts` makes it and applies inputs; each file beside it
 * owns one concern.
 */
import type { Signature } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import type { Accumulator } from "#core/merkle/accumulator.ts";
import type { ChainChannel } from "../chain-view.ts";
import type { Equivocation, FraudEvidence } from "../evidence.ts";
import type { Heartbeat, SyncBase } from "../messages/wire.ts";
import type {
  Batch,
  Call,
  Configuration,
  Epoch,
  Header,
  HeaderRef,
  Height,
  Millis,
  Receipt,
  SeatId,
  SignedHeader,
  SignedRemoval,
  SignedViewChange,
} from "../messages.ts";
import type { PeerId, Signer } from "../ports.ts";
import type { Effect } from "./effect.ts";
import type { Log } from "./log.ts";
import type { Parameters } from "./parameters.ts";
import type { Pending } from "./pending.ts";
import type { Phase } from "./phase.ts";
import type { ChannelFacts, ExecutionTools } from "./run.ts";
import type { Submission } from "./submission.ts";

export interface Tools extends ExecutionTools {
  readonly signer: Signer;
  readonly parameters: Parameters;
}

/** How the leader does, as this node sees it; see `suspicion.ts`. */
export interface Watch {
  epoch: Epoch;
  /** When this node entered the epoch, or was last held up itself. */
  since: Millis;
  /** When a header last got its certificate, or none waited for one. */
  progressAt: Millis;
  /** Number of the last certified header then. */
  certified: bigint;
  /** A header of the epoch is known to be certified. */
  isProven: boolean;
  /** The others go on in an earlier epoch than this node has promised: it follows without acks. */
  isPassed: boolean;
  /** Views in a row that certified nothing. */
  failures: number;
  /** The epoch that this node would rather be in; undefined while it stands by its leader. */
  wish: Epoch | undefined;
}

/** What this node's keys have signed and must stand by; on disk before anyone sees it. */
export interface Promises {
  /** It acks nothing below this epoch. */
  epoch: Epoch;
  /** The last header it acked. */
  acked: HeaderRef;
  /** The highest header that one it acked carries the certificate of. */
  locked: HeaderRef;
  /** Its wishes to remove silent seats: while one is in force it acks nothing. */
  removals: readonly SignedRemoval[];
}

/** A submission of this node's own client, until it is settled or refused. */
export interface Own {
  readonly nonce: bigint;
  readonly subject: Hash;
  readonly submission: Submission;
  /** The client's name for it; unknown after a restart. */
  readonly request: number | undefined;
  /** Where it was ordered; undefined while it waits. */
  height: Height | undefined;
  stage: "sent" | "verified" | "confirmed";
  /** When it was first and last given to this leader; undefined before that. */
  firstSentAt: Millis | undefined;
  sentAt: Millis | undefined;
  sentTerm: bigint;
  /** When the chain was last asked to have it ordered. */
  forcedAt: Millis | undefined;
  /** The code with which a leader refused it last, once the client has been told. */
  refusedAs: number | undefined;
}

/** A call that a client asked for and that is not signed yet. */
export interface Gathered {
  readonly request: number;
  /** As it is signed where no other comes before it. */
  readonly call: Call;
  readonly at: Millis;
}

/** How this node gives the leader what is to be ordered. */
export interface Handover {
  /** Before it gives the same again. */
  readonly waitMs: bigint;
  /** When the leader was last seen to order something of this node's, or came to lead. */
  readonly takenAt: Millis;
  readonly term: bigint;
}

export interface Waiting {
  readonly submission: Submission;
  readonly subject: Hash;
  readonly from: PeerId;
}

export interface Ordered {
  readonly subject: Hash;
  readonly height: Height;
  readonly receipt: Receipt;
}

/** Submissions that wait to be ordered, by seat and nonce. */
export type Pool = Map<SeatId, Map<bigint, Waiting>>;

export interface Peer {
  isUp: boolean;
  /** When something that its key signed last came in. */
  heardAt: Millis | undefined;
  heartbeat: Heartbeat | undefined;
  heartbeatAt: Millis;
  /** Smoothed round trip over the direct link. */
  rttMs: number | undefined;
  /** The relay that its last message came through; undefined for a direct link. */
  returnVia: PeerId | undefined;
  /** When batches were last sent to it. */
  batchSentAt: Millis;
  /** When it last acked one, and how long it may take; undefined before it has. */
  answeredAt: Millis;
  answerMs: bigint | undefined;
  /** What it was last given to catch up with; see `serving.ts`. */
  served: Served | undefined;
}

/** When a request was answered, and the one that goes on from there, which may come at once. */
export interface Served {
  readonly at: Millis;
  readonly next: string | undefined;
}

/** What a leader keeps of its epoch. */
export interface Leadership {
  readonly epoch: Epoch;
  /** Gathered until a quorum lets the first header be made. */
  readonly viewChanges: Map<SeatId, SignedViewChange>;
  /** Acks of headers that have no certificate yet, by number. */
  readonly acks: Map<bigint, Map<SeatId, Signature>>;
  /** When the members of a quorum were last all heard. */
  quorumAt: Millis;
  /** When the last header was certified, or nothing waited to be. */
  progressAt: Millis;
  /** Number of the last certified header then. */
  certified: bigint;
  /** When the first of the waiting submissions came in. */
  waitingSince: Millis | undefined;
  /** Entries wait for a settlement that makes room for their changes. */
  held: Held | undefined;
  /** This node has nothing left to reveal, and so can order no entries. */
  isSpent: boolean;
  /** The last certificate that was sent, by number. */
  certificateSent: bigint;
}

/** What a leader may not order before the chain has settled. */
export interface Held {
  readonly since: Millis;
  /** When it was last tried, on which base. */
  readonly triedAt: Millis;
  readonly base: HeaderRef;
}

/** A wish of the client that takes several steps. */
export interface Job {
  readonly request: number | undefined;
  readonly kind: "settle" | "leave" | "exit" | "close";
  /** The settled height when it was made. */
  readonly settled: Height;
  /** The last proposal that there was then. */
  readonly proposed: bigint;
}

/** A command given to the chain. */
export interface Command {
  readonly id: number;
  readonly submittedAt: Millis;
  /** Set when it ended: it may be given again from then on. */
  retryAt: Millis | undefined;
}

/** Catching up with others. */
export interface Sync {
  /** Something showed that others hold more. */
  isBehind: boolean;
  askedAt: Millis | undefined;
  /** The peer asked last. */
  asked: PeerId | undefined;
  /** A peer that is known to hold what is missing: it is asked first. */
  holder: PeerId | undefined;
  /** Peers whose answer is still out, and when each was asked: nobody else's counts. */
  readonly awaited: Map<PeerId, Millis>;
  snapshot: SnapshotFetch | undefined;
}

export interface SnapshotFetch {
  readonly from: PeerId;
  readonly base: SyncBase;
  readonly header: HeaderRef;
  readonly chunks: Uint8Array[];
  /** Chunks of the whole, as the first one said. */
  count: number | undefined;
  /** Bytes of the chunks so far. */
  size: number;
  readonly startedAt: Millis;
  askedAt: Millis;
  /** How often the next chunk may still be asked for. */
  triesLeft: number;
}

/** Routes to the leader. */
export interface Routing {
  /** Of this node's own heartbeats. */
  sequence: bigint;
  beatAt: Millis | undefined;
  /** What the last heartbeat to all said of this node's epoch. */
  saidEpoch: Epoch;
  /** The relay in use; undefined for the direct link. */
  via: PeerId | undefined;
  delayMs: number | undefined;
  hops: number;
  /** The newest of the leader's heartbeats that reached this node. */
  epoch: Epoch;
  leaderSequence: bigint;
  /** The newest of the leader's news that was passed on, and how far away it was then. */
  feasible: { readonly sequence: bigint; readonly delayMs: number } | undefined;
  /** When the relay in use was taken. */
  relaySince: Millis;
  /** Relays that failed, and until when they are left out. */
  readonly shunned: Map<PeerId, Millis>;
}

/** A leader caught: nothing of its term is acknowledged any more. */
export interface Distrust {
  readonly term: bigint;
  readonly accused: SeatId;
  readonly since: Millis;
  /** This node's accusation has been seen on chain: it is made once, whatever becomes of it. */
  isPosted: boolean;
  /** What of it is on disk; undefined while nothing is. */
  recorded?: { readonly isPosted: boolean } | undefined;
  readonly evidence:
    | {
        readonly type: "execution";
        readonly batch: Batch;
        /** The header before it; absent for the channel's first. */
        readonly previous?: SignedHeader;
      }
    | { readonly type: "equivocation"; readonly evidence: Equivocation };
}

/** A header that re-execution contradicted, and what became known of it since. */
export interface Disproof {
  readonly ref: HeaderRef;
  /** The configuration that the header is under. */
  readonly configuration: Configuration;
  /** Hashes of all headers before it. */
  readonly history: Accumulator;
  /** Without acks and without what builds on it. */
  readonly evidence: FraudEvidence;
  readonly acks: Map<SeatId, Signature>;
  /** Headers that build on it, by the hex of their hash. */
  readonly later: Map<string, Header>;
  /** Ways up to the history roots of such headers as the chain has checked them, named likewise. */
  readonly paths: Map<string, readonly Hash[]>;
  /** What the chain was told, by what was to come of it. */
  readonly reports: Map<string, Report>;
  /** How many of `acks` and `later` are on disk; undefined while nothing of it is. */
  recorded: { readonly ackCount: number; readonly laterCount: number } | undefined;
}

/** One thing to come of a disproof. */
export interface Report {
  /** When it was first called for. */
  readonly since: Millis;
  tries: number;
  triedAt: Millis | undefined;
}

/** What the answers about one settlement have come to. */
export interface Inquiry {
  /** How many answers there were, and where the log stood. */
  readonly answers: number;
  readonly tip: HeaderRef;
  /** When either last changed. */
  readonly since: Millis;
  /** `sound`: all up to the settlement's header is. `open`: more is needed to tell. */
  readonly outcome: "open" | "sound" | "fraud";
  /** The first header that is needed next. */
  readonly next: bigint;
  /** What this node has demanded, by the first header. */
  readonly demanded: Set<bigint>;
}

/** A batch that is evidence, and when it was last shown to those who have to judge it. */
export interface Exhibit {
  readonly batch: Batch;
  shownAt: Millis | undefined;
}

/** What the last notices said, so that each is given once. */
export interface Told {
  term: bigint;
  leader: SeatId | undefined;
  configuration: bigint | undefined;
  confirmed: Height;
  settled: Height;
  /** This node was seen in a seat of the channel: to be without one is to have left. */
  hadSeat: boolean;
  /** That entries of ours wait for want of a leader, or for too long. */
  isLeaderless: boolean;
  isLate: boolean;
}

export interface Machine {
  readonly tools: Tools;
  readonly facts: ChannelFacts;
  readonly self: PeerId;
  now: Millis;
  /** What this step has asked for so far. */
  effects: Effect[];
  chain: ChainChannel;
  /** When `chain` came in, by this node's clock. */
  chainAt: Millis;
  phase: Phase;
  log: Log;
  /** What is to be settled, as far as it was counted. */
  pending: Pending | undefined;
  /** Chunks of the state after the base, once somebody asked for them. */
  snapshot: { readonly ref: HeaderRef; readonly chunks: readonly Uint8Array[] } | undefined;
  /** The journal has been begun. */
  isStarted: boolean;
  /** False while the settled state below the log has yet to be fetched. */
  isLoaded: boolean;
  /** Sequence of the last journal record. */
  sequence: number;
  readonly promises: Promises;
  readonly peers: Map<PeerId, Peer>;
  /** While this node's seat leads. */
  leadership: Leadership | undefined;
  readonly watch: Watch;
  /** View changes to epochs that this node will lead and has not entered yet, by signer. */
  readonly early: Map<SeatId, SignedViewChange>;
  readonly pool: Pool;
  /** What the log above its base holds, by seat and nonce. */
  readonly ordered: Map<string, Ordered>;
  /** Not signed yet, in the order in which they were asked for. */
  gathered: Gathered[];
  /** Until they are confirmed. */
  own: Own[];
  handover: Handover;
  /** Confirmed, until they are settled. */
  settling: Own[];
  jobs: Job[];
  readonly commands: Map<string, Command>;
  nextCommand: number;
  readonly sync: Sync;
  readonly routing: Routing;
  /**
   * Wishes of members, this node's own included, to remove a silent seat: by accused, then signer.
   */
  readonly wishes: Map<SeatId, Map<SeatId, SignedRemoval>>;
  /** When each seat's lease was last seen to have lapsed. */
  readonly lapses: Map<SeatId, Millis>;
  distrust: Distrust | undefined;
  /** Headers that re-execution contradicted, above what the chain has settled. */
  disproofs: Disproof[];
  /** What was answered about open settlements that this node was not shown, by proposal. */
  readonly inquiries: Map<bigint, Inquiry>;
  /** The last header, by the hex of its hash, that was looked for in answers. */
  salvaged: string | undefined;
  /** Batches that open accusations name by their header alone, by proposal. */
  readonly exhibits: Map<bigint, Exhibit>;
  /** Since when there has been no leader to wait for. */
  vacantSince: Millis | undefined;
  /** Since when each proposal that has passed waits to be carried out. */
  readonly passedSince: Map<bigint, Millis>;
  /** Since when each open proposal has been seen. */
  readonly openSince: Map<bigint, Millis>;
  /** Since when a close has been ordered that nobody here sees to. */
  closingSince: Millis | undefined;
  /** Since when there have been wishes enough for the chain. */
  wishesSince: Millis | undefined;
  viewChangeSentAt: Millis | undefined;
  wishSentAt: Millis | undefined;
  keepAliveAt: Millis | undefined;
  /** The tick asked for last. */
  armedAt: Millis | undefined;
  readonly told: Told;
}
