// What a simulated channel settles on, and what it plays: either the model contract with the toy
// bank, or the real chain with its contracts and the group chat in the virtual machine.
import type { ChangeSet } from "#core/effects.ts";
import type { FunctionId } from "#core/identifier.ts";
import type { ChainChannel } from "../../src/channel/chain-view.ts";
import type { ChannelExecutor } from "../../src/channel/ports.ts";
import type { NodeKeys } from "./keys.ts";
import type { Prng } from "./prng.ts";
import type { ChainLink } from "./sim-node.ts";

export interface ToyCall {
  readonly function: FunctionId;
  readonly args: readonly Uint8Array[];
}

export interface Settling extends ChainLink {
  /** Out of a thousand commands that get lost. */
  lost: number;
  /** No blocks are made. */
  isHalted: boolean;
  /** Told of every new view. */
  onView: (channel: ChainChannel) => void;
  /** Gives a node a seat; the first one that enters creates the channel. Time may pass. */
  enter(keys: NodeKeys): Promise<void>;
  /** In the channel's first state. */
  makeExecutor(): ChannelExecutor;
  /** A call as a player would make it. */
  chooseCall(by: NodeKeys, prng: Prng, others: readonly NodeKeys[]): ToyCall;
  /** What a seat brings into the channel. */
  assetOf(seat: bigint): Uint8Array | undefined;
  /** Coins in one value of the channel's state. */
  coinsIn(change: ChangeSet[number], value: Uint8Array): bigint;
  /** All coins there are outside the channel; the same at the end as at the start. */
  coinsOnChain(): Promise<bigint>;
}
