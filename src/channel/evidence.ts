/**
 * What a channel shows its chain to have something settled, changed, paid or punished: signed
 * objects of the channel with what it takes to check them there.
 */
import type { ChangeSet, StateKey } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { Accumulator } from "#core/merkle/accumulator.ts";
import type { StructTag } from "#core/type-tag.ts";
import type {
  Certificate,
  Configuration,
  Entry,
  Header,
  Height,
  SeatId,
  SignedHeader,
  SignedRemoval,
  Step,
} from "./messages.ts";

/**
 * What a state root says of a set of keys: the tree pruned to them (sandbox SPEC.md, SM1 to SM3).
 */
export interface StateProof {
  readonly shape: Uint8Array;
  readonly hashes: readonly Hash[];
}

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
  /** BCS of the seat's record (SPEC.md ST1); absent where the seat had not come yet. */
  readonly record?: Uint8Array;
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
  /**
   * What the step's hash covers, where that cannot be read as so many entries as the step counts;
   * `entries` is empty then.
   */
  readonly unread?: Uint8Array;
  /** Every value that running the step looks at, before it; absences included. */
  readonly touched: readonly TouchedValue[];
  /** Multiproof of their keys under the state root before the step. */
  readonly proof: StateProof;
  /** Headers that build on this one and that the chain relies on. */
  readonly descent: readonly Descendant[];
}

/** A header of a settlement with its entries, as an answer to a demand for data shows it. */
export interface AnsweredHeader {
  readonly header: SignedHeader;
  /** From its hash up to the history root of the settlement's header; empty for that one itself. */
  readonly path: readonly Hash[];
  readonly steps: readonly {
    readonly step: Step;
    /** BCS of the step's entries. */
    readonly entries: Uint8Array;
  }[];
}

/**
 * A certified header and what its state says of a seat: what has become of a call of the seat that
 * was forced.
 */
export interface ForcedCallAnswer {
  readonly seat: SeatId;
  readonly header: Header;
  readonly certificate: Certificate;
  /** How the configuration in the header was reached from the one on chain. */
  readonly steps: readonly ConfigurationStep[];
  /** BCS of the seat's record (SPEC.md ST1). */
  readonly record: Uint8Array;
  /** Multiproof of its key under the header's state root. */
  readonly proof: StateProof;
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
