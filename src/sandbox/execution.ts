/**
 * What it means to execute: the vocabulary that the chain, the channel and both executors share. A
 * call runs in a session over a state; it either takes effect whole or leaves nothing. Knows no
 * executor.
 */
import type { Address } from "./core/address.ts";
import type { ChangeSet, Event, StateKey } from "./core/effects.ts";
import type { InternalGas } from "./core/gas-units.ts";
import type { Hash } from "./core/hash.ts";
import type { FunctionId } from "./core/identifier.ts";
import type { VmStatus } from "./core/status.ts";
import type { TypeTag } from "./core/type-tag.ts";

/**
 * How strictly a call is checked. `entry`: as a transaction's entry point (entry functions only,
 * signers filled in front, strict BCS, only allowed argument types). `function`: any public
 * function, returns collected. `system`: like `function` for any visibility, for the host's own
 * prologues and blocks.
 */
export type CallMode = "entry" | "function" | "system";

export interface Call {
  readonly mode: CallMode;
  readonly function: FunctionId;
  readonly typeArgs: readonly TypeTag[];
  /** BCS of each argument that is not a signer. */
  readonly args: readonly Uint8Array[];
  /** Fill the leading `signer` and `&signer` parameters, in order. */
  readonly signers: readonly Address[];
  readonly gasLimit: InternalGas;
}

/** What the host tells a transaction about the world. Everything here is replicated input. */
export interface TransactionContext {
  /**
   * Makes fresh table handles: handle = SHA-256(tag ‖ seed ‖ counter). 32 bytes, unique per
   * transaction.
   */
  readonly uniqueSeed: Uint8Array;
  readonly chainId: number;
}

/**
 * A state key that a call looked at, found or not. Both executors report the same touches for the
 * same call.
 */
export interface Touch {
  readonly key: StateKey;
  /** The value before the call, or undefined where there was none. */
  readonly before: Uint8Array | undefined;
  /**
   * Written at least once, perhaps with the value it had; never set for what the call made and
   * removed again.
   */
  readonly written: boolean;
}

export interface Outcome {
  readonly status: VmStatus;
  readonly gasUsed: InternalGas;
  /** BCS of every value returned; empty for `entry` and for anything but `executed`. */
  readonly returns: readonly Uint8Array[];
  /** Events of this call in order; empty unless `executed`. */
  readonly events: readonly Event[];
  /**
   * Exactly what this call changed, net: a write of the value that was there is none. Empty unless
   * `executed`.
   */
  readonly changes: ChangeSet;
  /** Every state key the call touched, whatever its status, in the order of their encoded keys. */
  readonly touched: readonly Touch[];
}

/**
 * A run of calls over one view of state: each takes effect or nothing of it stays; all commit
 * together.
 */
export interface Session {
  execute(call: Call): Outcome;
  /**
   * Publishes modules of one address together, verified against what is in force and each other.
   */
  publish(sender: Address, modules: readonly Uint8Array[], gasLimit: InternalGas): Outcome;
  /** All changes so far, composed. */
  changes(): ChangeSet;
  /** Forgets what was done since the session began or since `mark`. */
  rollback(mark: number): void;
  /** A point that {@link rollback} can return to. */
  mark(): number;
  /** Handles of the tables that calls have made so far, in order. */
  tables(): readonly Address[];
}

/**
 * Read access to state by key; values are BCS (bytecode for modules). Deterministic and
 * synchronous.
 */
export interface StateReader {
  get(key: StateKey): Uint8Array | undefined;
}

/** Mutable state with a commitment. */
export interface StateStore extends StateReader {
  /** Applies changes; asserts that every `old` is what is stored. */
  apply(changes: ChangeSet): void;
  root(): Hash;
}

/** An executor: the reference interpreter or the compiler. */
export interface Executor {
  readonly name: "interpreter" | "compiled";
  /**
   * Starts a session over `state`; nothing reaches `state` until the caller applies
   * `session.changes()`.
   */
  begin(state: StateReader, context: TransactionContext): Session;
}
