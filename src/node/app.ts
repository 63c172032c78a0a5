/**
 * What makes a game playable: which contract it is, how its channels are found, made, joined and
 * left on chain, and how its state reads in JavaScript. Plain data but for `read`, so that it
 * travels to the node's worker.
 */
import type { JsValue } from "#sandbox";

/** What fills an argument of a chain function. */
export type ChainArgument =
  /** A number made of the room's name: u64. */
  | { readonly from: "room" }
  /** The room's name: 0x1::string::String. */
  | { readonly from: "roomName" }
  /** Units that each member stakes: u64. */
  | { readonly from: "stake" }
  /** The channel's id: u64. */
  | { readonly from: "channel" }
  /** The proposal's id: u64. */
  | { readonly from: "proposal" }
  /** Always the same. */
  | { readonly address: string }
  | { readonly u64: bigint }
  | { readonly string: string };

/** A function of the contract, called on chain; the signer, where there is one, is the player. */
export interface ChainCall {
  readonly function: string;
  readonly args: readonly ChainArgument[];
}

/** The contract's functions around a channel. */
export interface ChannelBinding {
  /** View: the room's channel, u64; aborts where there is none. */
  readonly find: ChainCall;
  /** Makes what `create` needs; skipped where that was done before. */
  readonly prepare: readonly ChainCall[];
  /** Makes the room's channel. */
  readonly create: ChainCall;
  readonly join: ChainCall;
  readonly leave: ChainCall;
  readonly close: ChainCall;
  /** Carries out a passed settlement. */
  readonly settle: ChainCall;
}

/** What the worker needs to know of an app. */
export interface AppBinding {
  readonly name: string;
  /** `address::module` of the contract. */
  readonly module: string;
  /** Its StateT, by name. */
  readonly state: string;
  readonly chain: ChannelBinding;
}

/** The entry functions that a game calls, and their arguments without the signer. */
export type AppCalls = { readonly [name: string]: readonly JsValue[] };

/**
 * A game: its binding, and the shape of its state and calls for TypeScript.
 * @example const chess: App<Board, { move: [from: number, to: number] }> = { binding, read: (value)
 * => boardOf(value) };
 */
export interface App<State, Calls extends AppCalls = AppCalls> {
  readonly binding: AppBinding;
  /** The state as the game wants it. Must not throw for a value of StateT. */
  readonly read: (value: JsValue) => State;
  /** Never set: carries the type of the calls. */
  readonly calls?: Calls;
}
