/**
 * What a machine asks of the world. A driver carries effects out in order; one that names a journal
 * sequence in `after` waits until every record up to it is durable, so nothing is promised that a
 * crash could take back.
 */
import type { ChangeSet } from "#core/effects.ts";
import type { ChainProposal } from "../chain-view.ts";
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
} from "../evidence.ts";
import type {
  Configuration,
  Entry,
  Epoch,
  Height,
  Millis,
  Receipt,
  SeatId,
  SignedCall,
} from "../messages.ts";
import type { JournalRecord, PeerId } from "../ports.ts";
import type { ChannelError } from "./errors.ts";
import type { Phase } from "./phase.ts";

export type Effect =
  | { readonly type: "persist"; readonly record: JournalRecord }
  /**
   * Records up to `sequence` are not needed any more, once those before this effect are durable.
   */
  | { readonly type: "prune"; readonly sequence: number; readonly after: number }
  | {
      readonly type: "send";
      readonly to: readonly PeerId[];
      readonly bytes: Uint8Array;
      readonly after: number;
    }
  | {
      readonly type: "submit";
      /** Comes back in `commandResult`. */
      readonly id: number;
      readonly command: SettlementCommand;
      readonly after: number;
    }
  | { readonly type: "notify"; readonly notice: Notice; readonly after: number }
  /** Wants a tick at that time, instead of the one asked for before. */
  | { readonly type: "armTimer"; readonly at: Millis };

export type EffectOf<Type extends Effect["type"]> = Extract<Effect, { readonly type: Type }>;

/** A command of the `Settlement` port, by its method's name. */
export type SettlementCommand =
  | { readonly type: "keepAlive" }
  | { readonly type: "applyLeader"; readonly candidacy: Candidacy }
  | { readonly type: "postCertificate"; readonly candidacy: Candidacy }
  | { readonly type: "propose"; readonly evidence: SettlementEvidence }
  | { readonly type: "punish"; readonly evidence: PunishmentEvidence }
  | { readonly type: "proveEquivocation"; readonly evidence: Equivocation }
  | { readonly type: "proveFraud"; readonly evidence: FraudEvidence }
  | { readonly type: "vote"; readonly proposal: bigint; readonly option: 0 | 1 | 2 }
  | { readonly type: "execute"; readonly proposal: ChainProposal }
  | { readonly type: "removeSilent"; readonly evidence: SilenceEvidence }
  | { readonly type: "leave" }
  | { readonly type: "close" }
  | { readonly type: "openExit"; readonly seat: SeatId; readonly evidence: ExitEvidence }
  | { readonly type: "contestExit"; readonly seat: SeatId; readonly evidence: ExitEvidence }
  | { readonly type: "finishExit"; readonly seat: SeatId }
  | {
      readonly type: "answerDemand";
      readonly demand: bigint;
      readonly answer: readonly AnsweredHeader[];
    }
  | {
      readonly type: "demandData";
      readonly proposal: bigint;
      /** Numbers of the first and the last header. */
      readonly first: bigint;
      readonly last: bigint;
    }
  | { readonly type: "voidDemand"; readonly demand: bigint }
  | { readonly type: "forceCall"; readonly call: SignedCall }
  | { readonly type: "answerCall"; readonly answer: ForcedCallAnswer }
  | { readonly type: "deposeLeader"; readonly seat: SeatId }
  | { readonly type: "claimExit"; readonly evidence: ClaimEvidence };

/**
 * How far a call has come. `sent` goes back to where it was when a new leader voids it
 * (`reverted`): the node sends the same call again.
 */
export type CallStage = "sent" | "sequenced" | "verified" | "confirmed" | "settled";

export type Notice =
  /** About a call of this node's own client. */
  | {
      readonly type: "call";
      readonly request: number;
      readonly nonce: bigint;
      readonly stage: CallStage;
      /** From `verified` on. */
      readonly height?: Height;
      readonly receipt?: Receipt;
    }
  /** A call or request that will never be carried out. */
  | { readonly type: "refused"; readonly request: number; readonly error: ChannelError }
  /** A `settle`, `leave`, `exit` or `close` has been carried out on chain. */
  | { readonly type: "done"; readonly request: number }
  /** Entries were executed and agree with the leader's header. */
  | {
      readonly type: "applied";
      readonly number: bigint;
      readonly firstHeight: Height;
      readonly entries: readonly Entry[];
      readonly receipts: readonly Receipt[];
      readonly changes: ChangeSet;
      readonly leader: SeatId;
      readonly time: Millis;
    }
  /** What was applied above this height is void; the state is as after it. */
  | { readonly type: "reverted"; readonly height: Height }
  /** The state was replaced by a snapshot as after this height. */
  | { readonly type: "restored"; readonly height: Height }
  | { readonly type: "confirmed"; readonly height: Height }
  | { readonly type: "settled"; readonly height: Height }
  | { readonly type: "leader"; readonly epoch: Epoch; readonly leader: SeatId | undefined }
  | { readonly type: "configuration"; readonly configuration: Configuration }
  | { readonly type: "phase"; readonly phase: Phase }
  /** This node caught the leader at a wrong result. */
  | { readonly type: "fraud"; readonly accused: SeatId; readonly detail: string }
  /** Something foreign was refused; nothing changed. */
  | { readonly type: "error"; readonly error: ChannelError; readonly peer?: PeerId };
