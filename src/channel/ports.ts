/**
 * What the channel needs from the world, as interfaces that drivers implement. The pure core sees
 * none of the asynchronous ones; `driver.ts` runs its effects against them and feeds results back
 * as inputs.
 */
import type { Address } from "#core/address.ts";
import type { Brand } from "#core/brand.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { ChangeSet, StateKey } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { ChainChannel, ChainEvent, ChainProposal } from "./chain-view.ts";
import type {
  AnsweredHeader,
  Candidacy,
  ClaimEvidence,
  Equivocation,
  ExitEvidence,
  ForcedCallAnswer,
  FraudEvidence,
  PunishmentEvidence,
  SettlementEvidence,
  SilenceEvidence,
  StateProof,
} from "./evidence.ts";
import type { Call, Height, Millis, Receipt, SeatId, SignedCall } from "./messages.ts";

/** A node as transports address it: the hex of its node public key. */
export type PeerId = Brand<string, "PeerId">;

const peerIds = new WeakMap<PublicKey, PeerId>();

export function peerIdOf(nodeKey: PublicKey): PeerId {
  const known = peerIds.get(nodeKey);
  if (known !== undefined) return known;
  let text = "";
  for (const byte of nodeKey) text += byte.toString(16).padStart(2, "0");
  const peer = text as PeerId;
  peerIds.set(nodeKey, peer);
  return peer;
}

export interface TransportListener {
  peerUp(peer: PeerId): void;
  peerDown(peer: PeerId): void;
  message(from: PeerId, bytes: Uint8Array): void;
}

/**
 * Moves messages between the nodes of one room. Messages between two connected peers arrive whole,
 * at most once and in order, or the peer goes down; nothing else is promised: not delivery, not
 * secrecy, not who the peer is. `send` never blocks and never throws for an absent peer. Size is
 * bounded by {@link MESSAGE_SIZE_MAX}.
 */
export interface Transport {
  readonly self: PeerId;
  /** Joins the room and starts delivering. Rejects with a coded `TransportError`. */
  open(listener: TransportListener): Promise<void>;
  send(to: PeerId, bytes: Uint8Array): void;
  peers(): readonly PeerId[];
  close(): Promise<void>;
}

export const MESSAGE_SIZE_MAX = 4 * 1024 * 1024;

/**
 * Signs with the node's two keys; secret keys never pass this port. Synchronous and deterministic.
 */
export interface Signer {
  readonly memberKey: PublicKey;
  readonly nodeKey: PublicKey;
  signAsMember(message: Uint8Array): Signature;
  signAsNode(message: Uint8Array): Signature;
  /**
   * The value before `last` in this node's chain of reveals: SHA-256 of the result is `last`.
   * Undefined when `last` is not on the chain or is its start; the node then orders nothing any
   * more.
   */
  reveal(last: Hash): Hash | undefined;
}

/**
 * The one acceptance rule for Ed25519 (`#core/ed25519.ts`); an implementation may remember what it
 * verified.
 */
export type Verify = (message: Uint8Array, signature: Signature, key: PublicKey) => boolean;

/**
 * Asks an engine that answers later, and in its own thread. Its yes counts where `mayHold` let the
 * bytes pass (`#core/ed25519-encoding.ts`), its no never. May reject, which says nothing.
 */
export type VerifyLater = (
  message: Uint8Array,
  signature: Signature,
  key: PublicKey,
) => Promise<boolean>;

/** What an ordered entry may know about the world; the same for every member. */
export interface EntryContext {
  readonly channel: Hash;
  readonly height: Height;
  /** The header's time. */
  readonly time: Millis;
  /** Chance, as the leader's reveal fixes it for this height. */
  readonly seed: Hash;
}

/**
 * Runs the game's contract over the channel's state, synchronously and deterministically. State
 * holds the pinned StateT and assets, and what the core itself writes under the reserved address.
 */
export interface ChannelExecutor {
  /**
   * Executes one call as the seat's `signer` address and keeps its effect; a failing call keeps
   * nothing.
   */
  execute(call: Call, sender: Address, context: EntryContext): Receipt;
  /** Runs the contract's `on_tick`; called only in channels whose settings have a tick. */
  tick(tick: bigint, maxGas: bigint, context: EntryContext): Receipt;
  /** Applies changes that the core makes itself (configuration, nonces) or received. */
  apply(changes: ChangeSet): void;
  read(key: StateKey): Uint8Array | undefined;
  stateRoot(): Hash;
  /** A point to return to; cheap (persistent tree). */
  mark(): StateMark;
  rollback(mark: StateMark): void;
  release(mark: StateMark): void;
  /** Notes every key that is looked at, found or not, until it is called, which returns them. */
  record(): () => readonly StateKey[];
  /** A multiproof of these keys, held or not, in the state of now. */
  prove(keys: readonly StateKey[]): StateProof;
  /** The whole state in chunks that check against `stateRoot()`. */
  snapshot(): Iterable<Uint8Array>;
  /** Replaces the state; false, and nothing changed, unless the chunks hash to `root`. */
  restore(root: Hash, chunks: readonly Uint8Array[]): boolean;
}

export type StateMark = Brand<number, "StateMark">;

/** A mark by its number, for executors. */
export function makeStateMark(number: number): StateMark {
  return number as StateMark;
}

/** Time and chance, for drivers only. */
export interface Clock {
  now(): Millis;
  /** Calls back once after `delayMs`; returns a cancel function. */
  after(delayMs: number, callback: () => void): () => void;
}

export type Entropy = (size: number) => Uint8Array;

/**
 * One durable record; the core decides what and when, the driver writes it before any send that
 * follows it.
 */
export interface JournalRecord {
  /** Ascending, without gaps, from 1. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export interface Journal {
  /** All records in order. */
  load(): Promise<readonly JournalRecord[]>;
  /** Durable when it resolves; calls may be grouped into one commit. */
  append(records: readonly JournalRecord[]): Promise<void>;
  /** Drops records up to and including `sequence`. */
  prune(sequence: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A chain that a channel settles on. Every command resolves when the chain has committed it, or
 * rejects with a `SettlementError` whose code says why; repeating a command whose effect already
 * stands is harmless. `events` are delivered in order, each once per cursor, at the adapter's
 * finality depth.
 */
export interface Settlement {
  readonly finalityDepth: number;
  readonly canReexecute: boolean;
  /** By the newest block, which may be undone. Undefined where there is no channel (100001). */
  channel(id: bigint): Promise<ChainChannel | undefined>;
  keepAlive(id: bigint): Promise<void>;
  applyLeader(id: bigint, candidacy: Candidacy): Promise<void>;
  propose(id: bigint, evidence: SettlementEvidence): Promise<bigint>;
  punish(id: bigint, evidence: PunishmentEvidence): Promise<bigint>;
  proveEquivocation(id: bigint, evidence: Equivocation): Promise<void>;
  /** Has the chain judge a step; rejects where the evidence is none. */
  proveFraud(id: bigint, evidence: FraudEvidence): Promise<void>;
  vote(id: bigint, proposal: bigint, option: 0 | 1 | 2): Promise<void>;
  /** Executes a passed settlement through the dapp, or a passed punishment. */
  execute(id: bigint, proposal: ChainProposal): Promise<void>;
  /**
   * Configuration change (b). With wishes of more than half of the configuration it takes effect at
   * once; with fewer it opens the removal window, and the same command after the window carries it
   * out.
   */
  removeSilent(id: bigint, evidence: SilenceEvidence): Promise<void>;
  /** Raises the fence. */
  postCertificate(id: bigint, candidacy: Candidacy): Promise<void>;
  leave(id: bigint): Promise<void>;
  close(id: bigint): Promise<void>;
  /** Opens the exit of a seat of this account, against a bond. */
  openExit(id: bigint, seat: SeatId, evidence: ExitEvidence): Promise<void>;
  /** Shows a higher confirmed header than an open exit was posted with. */
  contestExit(id: bigint, seat: SeatId, evidence: ExitEvidence): Promise<void>;
  /** Has the stake and the bond paid, after the window or once the seat's end is settled. */
  finishExit(id: bigint, seat: SeatId): Promise<void>;
  /** Demands the entries of headers of a settlement, against a bond. */
  demandData(id: bigint, proposal: bigint, first: bigint, last: bigint): Promise<void>;
  answerDemand(id: bigint, demand: bigint, answer: readonly AnsweredHeader[]): Promise<void>;
  /** Voids a settlement of which a demand was not answered in time. */
  voidDemand(id: bigint, demand: bigint): Promise<void>;
  /** Posts a call of this account's seat for the leader to order, against a bond. */
  forceCall(id: bigint, call: SignedCall): Promise<void>;
  /** Shows that a forced call was ordered, or cannot be. */
  answerCall(id: bigint, answer: ForcedCallAnswer): Promise<void>;
  /** Takes the lead from who did not order a seat's forced call in time. */
  deposeLeader(id: bigint, seat: SeatId): Promise<void>;
  /** Fetches the asset of a seat that has left alone. */
  claimExit(id: bigint, evidence: ClaimEvidence): Promise<void>;
  /**
   * Views at the adapter's finality depth. Without an event: the view after a block, at least once
   * a second while blocks are made.
   */
  subscribe(
    id: bigint,
    listener: (event: ChainEvent | undefined, channel: ChainChannel) => void,
  ): () => void;
}
