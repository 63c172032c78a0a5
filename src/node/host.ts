/**
 * What a page asks of the thread that its node lives in, and what comes back: all of it data that a
 * structured clone carries. `node-host.ts` is the thread's side, in a worker or, in Node, in the
 * same thread.
 */

import type { JsValue } from "#sandbox";
import type { AppBinding } from "./app.ts";
import type { ChannelStatus } from "./channel-status.ts";
import type { PlainError } from "./holdfast-error.ts";

export interface HostSetup {
  readonly binding: AppBinding;
  /** Units that each member of a channel made by this node stakes. */
  readonly stake: bigint;
  /** What the tab remembers of its identity. */
  readonly remembered: string | null;
  /**
   * Identities of its browser that it may take over when nobody lives by them, the latest first.
   */
  readonly known: readonly string[];
}

export interface HostReady {
  /** What the tab is to remember. */
  readonly identity: string;
  /** The player's address on chain. */
  readonly address: string;
}

export interface OpenedChannel {
  /** Names this stay in the channel to the host; another stay in the same channel has another. */
  readonly handle: number;
  readonly id: bigint;
  readonly room: string;
  /** Who plays: another than at the start where that one could not come in. */
  readonly player: HostReady;
}

/** How one entry of the log went. */
export type EntryOutcome =
  | { readonly ok: true }
  /** An abort of the contract names its code and where; the rest has a Move status. */
  | { readonly ok: false; readonly status: string; readonly abortCode?: bigint };

/** An ordered entry, as players see it. */
export interface ChannelEntry {
  readonly height: bigint;
  readonly type: "call" | "tick" | "admit" | "leave" | "suspend" | "exit" | "close";
  /** Whom it is from or about; 0 for a tick. */
  readonly seat: bigint;
  readonly address: string | undefined;
  /** For a call: its function's name, and its arguments where they can be read. */
  readonly function?: string;
  readonly args?: readonly JsValue[];
  readonly outcome: EntryOutcome;
  readonly events: readonly { readonly type: string; readonly data: JsValue }[];
  /** Milliseconds since 1970 by the leader's header. */
  readonly time: number;
}

export type CallStage = "sent" | "sequenced" | "verified" | "confirmed" | "settled";

/** Heights up to which the log is executed here, confirmed by a quorum, and settled on chain. */
export interface Progress {
  readonly verified: bigint;
  readonly confirmed: bigint;
  readonly settled: bigint;
}

export type ChannelEvent =
  | { readonly type: "state"; readonly height: bigint; readonly state: JsValue }
  | { readonly type: "entries"; readonly entries: readonly ChannelEntry[] }
  /** Entries above this height are void. */
  | { readonly type: "reverted"; readonly height: bigint }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "status"; readonly status: ChannelStatus }
  | {
      readonly type: "call";
      readonly request: number;
      readonly stage: CallStage;
      readonly height?: bigint;
      readonly outcome?: EntryOutcome;
    }
  | { readonly type: "refused"; readonly request: number; readonly error: PlainError }
  | { readonly type: "done"; readonly request: number }
  | { readonly type: "fraud"; readonly seat: bigint; readonly detail: string }
  /** Something foreign was refused; the channel goes on. */
  | { readonly type: "warning"; readonly error: PlainError }
  /** The node stopped; nothing follows. */
  | { readonly type: "failed"; readonly error: PlainError };

export interface HostEvent {
  readonly handle: number;
  readonly event: ChannelEvent;
}

export interface CallRequest {
  /** Comes back in events about the call. */
  readonly request: number;
  readonly function: string;
  readonly typeArgs: readonly string[];
  readonly args: readonly JsValue[];
  /** In gas units; the channel's own limit where absent. */
  readonly maxGas?: bigint;
}

/** A question to the contract. */
export type ViewRequest = Pick<CallRequest, "function" | "typeArgs" | "args">;

/** Every method rejects with an error that has a `code`. */
export interface Host {
  start(setup: HostSetup): Promise<HostReady>;
  /**
   * Finds or makes the room's channel, joins it, and starts to play. A room that is open already
   * stays as it is.
   */
  open(room: string): Promise<OpenedChannel>;
  call(handle: number, call: CallRequest): Promise<void>;
  wish(handle: number, request: number, kind: "settle" | "leave" | "exit" | "close"): Promise<void>;
  /** Runs a function of the contract over the state as this node has it, for what it returns. */
  view(handle: number, view: ViewRequest): Promise<readonly JsValue[]>;
  status(handle: number): Promise<ChannelStatus>;
  /** Stops the node; the seat stays, and the same identity can go on. */
  stop(): Promise<void>;
}
