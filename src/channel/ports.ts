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
import type { Accumulator } from "#core/merkle/accumulator.ts";
import type { StructTag } from "#core/type-tag.ts";
import type {
  Call,
  Certificate,
  Configuration,
  Entry,
  Epoch,
  Header,
  HeaderRef,
  Height,
  Millis,
  Receipt,
  SeatId,
  SignedHeader,
  SignedRemoval,
  Step,
} from "./messages.ts";

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

/**
 * What a state root says of a set of keys: the tree pruned to them (sandbox SPEC.md, SM1 to SM3).
 */
export interface StateProof {
  readonly shape: Uint8Array;
  readonly hashes: readonly Hash[];
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

// ---- settlement
// ------------------------------------------------------------------------------------------------

export interface ChainMember {
  readonly seat: SeatId;
  readonly address: Address;
  readonly memberKey: PublicKey;
  readonly nodeKey: PublicKey;
  readonly revealTip: Hash;
  /** Chain time of the last keep_alive. */
  readonly lastAlive: Millis;
  readonly stake: bigint;
  /**
   * `joined`: admitted or waiting to be. `out`: taken out by an entry that the chain has seen, a
   * leave or a suspension; a suspended seat may be admitted again. `removed`: out by (b) or by
   * punishment, for good. Who is out still fetches stake and asset by `leave`.
   */
  readonly standing: "joined" | "out" | "removed";
  /** BCS of the AssetT in escrow; undefined where the member brought none. */
  readonly asset: Uint8Array | undefined;
}

export interface ChainProposal {
  readonly id: bigint;
  /** 1 settlement, 2 punishment. */
  readonly type: 1 | 2;
  readonly proposer: SeatId;
  readonly data: Uint8Array;
  /** Seats that may vote on it. */
  readonly voters: readonly SeatId[];
  readonly votes: readonly { readonly seat: SeatId; readonly option: 0 | 1 | 2 }[];
  /** `void`: it can never be executed; its accused is out, or so few can still say yes. */
  readonly status: "open" | "passed" | "executed" | "replaced" | "void";
}

/** A member that leaves alone. */
export interface ChainExit {
  readonly seat: SeatId;
  /** Chain time from which it may be finished. */
  readonly due: Millis;
  /** The highest confirmed header that the chain knew when it was opened. */
  readonly posted: HeaderRef;
}

/** A demand for the entries of headers of a settlement. */
export interface ChainDemand {
  readonly id: bigint;
  readonly proposal: bigint;
  /** Numbers of the first header that is not answered, and of the last one. */
  readonly next: bigint;
  readonly last: bigint;
  /** Chain time after which the settlement is void. */
  readonly due: Millis;
}

export interface ChainExits {
  /** The highest header that the chain has seen confirmed; the settled one where none is higher. */
  readonly highest: HeaderRef;
  readonly open: readonly ChainExit[];
  /** Seats that were paid and have assets to claim, with the header they were paid from. */
  readonly claims: readonly { readonly seat: SeatId; readonly header: HeaderRef }[];
}

/**
 * A configuration made on chain: it starts right above `fence`, and what stood there before is
 * void.
 */
export interface ForcedConfiguration {
  readonly configuration: Configuration;
  readonly fence: HeaderRef;
}

/** What a channel's creator chose, and every member must know. */
export interface ChannelSettings {
  readonly disputeWindow: Millis;
  readonly removalWindow: Millis;
  /**
   * Ticks of the contract's `on_tick`: tick k is due at `start` + k × `interval`; the first is the
   * one after the channel's first header.
   */
  readonly tick: { readonly start: Millis; readonly interval: Millis } | undefined;
}

/** The channel as its contract holds it. */
export interface ChainChannel {
  readonly id: bigint;
  /** What every signed object is bound to (SPEC.md "Bytes"). */
  readonly channel: Hash;
  readonly creator: Address;
  readonly stateType: StructTag;
  readonly assetType: StructTag;
  readonly executionProfile: Hash;
  readonly stake: bigint;
  readonly settings: ChannelSettings;
  readonly settled: {
    readonly height: Height;
    readonly header: HeaderRef;
    /** Of the state after the settled header; of no meaning before the first settlement. */
    readonly stateRoot: Hash;
    /**
     * The one that the settled header is under; before the first settlement, the creator's seat
     * alone.
     */
    readonly configuration: Configuration;
    /** Counts settlements and exits. */
    readonly index: bigint;
  };
  readonly term: bigint;
  readonly leader: SeatId | undefined;
  /** All members that joined and have not left, by seat. */
  readonly members: readonly ChainMember[];
  readonly configuration: Configuration;
  /** Highest certificate known on chain: the next term must extend it. */
  readonly fence: HeaderRef;
  /**
   * The last configuration that the chain itself made, by (b) or a forced exit; undefined while
   * there is none.
   */
  readonly forced: ForcedConfiguration | undefined;
  /**
   * Punished seats that are still in the configuration, and the chain time from which they may be
   * taken out of it. Nobody leads meanwhile.
   */
  readonly exclusions: readonly { readonly seat: SeatId; readonly due: Millis }[];
  readonly proposals: readonly ChainProposal[];
  readonly exits: ChainExits;
  /** What is demanded of open settlements and not answered yet. */
  readonly demands: readonly ChainDemand[];
  /** The chain runs evidence of fraud again and judges it: then nobody votes on it. */
  readonly judges: boolean;
  readonly closed: boolean;
  /** Chain time of this view. */
  readonly now: Millis;
}

export type ChainEvent =
  | { readonly type: "memberJoined"; readonly member: ChainMember }
  | { readonly type: "memberLeft"; readonly seat: SeatId }
  | { readonly type: "leaderChanged"; readonly term: bigint; readonly leader: SeatId }
  | {
      readonly type: "configurationChanged";
      readonly configuration: Configuration;
      readonly fence: HeaderRef;
      readonly removed: SeatId;
    }
  | { readonly type: "proposalCreated"; readonly proposal: ChainProposal }
  | {
      readonly type: "voted";
      readonly proposal: bigint;
      readonly seat: SeatId;
      readonly option: 0 | 1 | 2;
    }
  | {
      readonly type: "settled";
      readonly proposal: bigint;
      readonly height: Height;
      readonly header: HeaderRef;
    }
  | {
      readonly type: "punished";
      readonly seat: SeatId;
      readonly fined: bigint;
      readonly bannedUntil: Millis;
    }
  | { readonly type: "closed" };

export interface SettlementEvidence {
  readonly fromHeight: Height;
  readonly toHeight: Height;
  readonly changes: ChangeSet;
  /** Header of the height to settle, and its certificate. */
  readonly header: SignedHeader;
  readonly certificate: Certificate;
  /** A header whose `justify` is that header, and its certificate: together they confirm it. */
  readonly confirming: SignedHeader;
  readonly confirmingCertificate: Certificate;
  /** How the configuration in `header` was reached from the one on chain. */
  readonly steps: readonly ConfigurationStep[];
  /** That the changes lead from the settled state root to the header's. */
  readonly proof: StateProof;
}

/** A header, its certificate, a later one that carries it, and that one's certificate. */
export interface Confirmation {
  readonly header: SignedHeader;
  readonly certificate: Certificate;
  readonly confirming: SignedHeader;
  readonly confirmingCertificate: Certificate;
}

/** A change of configuration, confirmed under the one before it. */
export interface ConfigurationStep extends Confirmation {
  readonly configuration: Configuration;
}

/** The highest confirmed header that a member knows, for an exit or against one. */
export interface ExitEvidence {
  /** Absent where the chain knows one as high. */
  readonly checkpoint?: Confirmation;
  /** How the configuration in its header was reached from the one on chain. */
  readonly steps: readonly ConfigurationStep[];
}

/** What a seat that has left alone had where its exit was paid from. */
export interface ClaimEvidence {
  readonly seat: SeatId;
  readonly assetType: StructTag;
  /** BCS of its asset in its hands, and of the one that is parked; absent where there is none. */
  readonly held?: Uint8Array;
  readonly parked?: Uint8Array;
  /** Multiproof of both keys under that header's state root. */
  readonly proof: StateProof;
}

/** Members' wishes to remove one silent seat, all under one configuration, by ascending seat. */
export interface SilenceEvidence {
  readonly removals: readonly SignedRemoval[];
  /** The highest certificate that a wish names; absent where they name none. */
  readonly certificate?: Certificate;
  /** How that configuration was reached from the one on chain. */
  readonly steps: readonly ConfigurationStep[];
}

/** A member's highest certificate, which raises the fence. */
export interface Candidacy {
  /** Absent at the start, when nothing is certified yet. */
  readonly certificate?: Certificate;
  readonly steps: readonly ConfigurationStep[];
}

/** A header that re-execution contradicts, with the batch it covers. */
export interface PunishmentEvidence {
  readonly accused: SeatId;
  readonly header: SignedHeader;
  /** The header before it; absent for the channel's first. */
  readonly previous?: SignedHeader;
  /** With `batchSteps` empty where no transaction holds them: members show them to each other. */
  readonly entries: readonly Entry[];
  readonly batchSteps: readonly Step[];
  /** How the configuration in `header` was reached from the one on chain. */
  readonly steps: readonly ConfigurationStep[];
}

/**
 * One step that re-execution contradicts, or a header that contradicts the one before it, with all
 * that it takes to tell without the state (SPEC.md "Evidence", FP1 to FP7).
 */
export interface FraudEvidence {
  readonly accused: SeatId;
  readonly header: SignedHeader;
  /** Acks of the header, however few: who acked it is treated like the leader. */
  readonly acks?: Certificate;
  /** The header that it stands on; absent for the channel's first. */
  readonly parent?: Header;
  /** The configuration that waits at the parent; absent where none does. */
  readonly pending?: Configuration;
  /** Hashes of all headers before the parent, where the history root is at issue. */
  readonly history?: Accumulator;
  /** All steps of the header. */
  readonly batchSteps: readonly Step[];
  /** Position of the step at issue, 0 for an empty batch. */
  readonly index: number;
  readonly entries: readonly Entry[];
  /** Every value that running the step looks at, before it; absences included. */
  readonly touched: readonly TouchedValue[];
  /** Multiproof of their keys under the state root before the step. */
  readonly proof: StateProof;
  /** Headers that build on this one and that the chain relies on. */
  readonly descent: readonly Descendant[];
}

/** A header of a settlement with its entries, as an answer to a demand for data shows it. */
export interface AnsweredHeader {
  readonly header: Header;
  /** From its hash up to the history root of the settlement's header; empty for that one itself. */
  readonly path: readonly Hash[];
  readonly steps: readonly {
    readonly step: Step;
    /** BCS of the step's entries. */
    readonly entries: Uint8Array;
  }[];
}

/** A later header, and the way from an earlier one's hash up to its history root. */
export interface Descendant {
  readonly header: Header;
  readonly path: readonly Hash[];
}

export interface TouchedValue {
  readonly key: StateKey;
  /** Absent where there is none. */
  readonly value?: Uint8Array;
}

export interface Equivocation {
  readonly accused: SeatId;
  readonly first: SignedHeader;
  readonly second: SignedHeader;
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
  /** Undefined when there is no such channel (error 100001). */
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
  /** Fetches the asset of a seat that has left alone. */
  claimExit(id: bigint, evidence: ClaimEvidence): Promise<void>;
  /** Without an event: the view after a block, at least once a second while blocks are made. */
  subscribe(
    id: bigint,
    listener: (event: ChainEvent | undefined, channel: ChainChannel) => void,
  ): () => void;
}

/** The epoch order: term first. */
export function compareEpochs(a: Epoch, b: Epoch): number {
  if (a.term !== b.term) return a.term < b.term ? -1 : 1;
  if (a.view !== b.view) return a.view < b.view ? -1 : 1;
  return 0;
}
