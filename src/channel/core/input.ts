/** What can happen to a machine. Every input carries the time by the node's own clock. */
import type { FunctionId } from "#core/identifier.ts";
import type { TypeTag } from "#core/type-tag.ts";
import type { ChainChannel, ChainEvent } from "../chain-view.ts";
import type { Millis } from "../messages.ts";
import type { PeerId } from "../ports.ts";

export type Input = { readonly now: Millis } & (
  | {
      /** Bytes from a peer; who it says it is proves nothing. */
      readonly type: "message";
      readonly from: PeerId;
      readonly bytes: Uint8Array;
    }
  /** The time that the last `armTimer` asked for has come; early or repeated ticks are harmless. */
  | { readonly type: "tick" }
  | { readonly type: "peerUp"; readonly peer: PeerId }
  | { readonly type: "peerDown"; readonly peer: PeerId }
  /** The client wants a call ordered. `request` comes back in notices about it. */
  | {
      readonly type: "propose";
      readonly request: number;
      readonly function: FunctionId;
      readonly typeArgs: readonly TypeTag[];
      readonly args: readonly Uint8Array[];
      /** In gas units; the default of the settings where absent. */
      readonly maxGas?: bigint;
    }
  /** The client wants to settle the channel, to leave it, agreed or alone, or to close it. */
  | { readonly type: "settle" | "leave" | "exit" | "close"; readonly request: number }
  /**
   * The channel as its chain holds it at finality depth, after `event` or without one. Views may
   * skip states but never go back. The driver gives one at least every second.
   */
  | { readonly type: "chain"; readonly event?: ChainEvent; readonly channel: ChainChannel }
  /** How a `submit` ended. */
  | { readonly type: "commandResult"; readonly id: number; readonly result: CommandResult }
);

export type CommandResult =
  | { readonly ok: true }
  /** `code` is the adapter's; `final` when the same command can never succeed. */
  | { readonly ok: false; readonly code: string; readonly detail: string };
