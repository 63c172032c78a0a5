// What the suites of the settlement adapters ask of a world: members with adapters on one chain,
// and a hand on that chain.
import type { Signature } from "#core/ed25519.ts";
import type { ChainAccess, SettlementAdapter } from "#settlement";

export interface AdapterMember {
  readonly adapter: SettlementAdapter;
  signAsNode(message: Uint8Array): Signature;
  balance(): Promise<bigint>;
}

/** Something between an adapter and its chain. */
export type Line = (access: ChainAccess) => ChainAccess;

export interface WorldTerms {
  /** How many of the newest blocks can be undone; final is what is below them. */
  readonly undoable?: number;
}

export interface AdapterWorld {
  /** Somebody with funds and keys; the same name is the same account. */
  member(name: string, line?: Line): Promise<AdapterMember>;
  /** BCS of the channel's state in escrow. */
  stateOf(id: bigint): Promise<Uint8Array>;
  /** Other bytes that the game's contract takes for the same state. */
  otherState(bytes: Uint8Array, text: string): Uint8Array;
  /** Lets the chain go on until `work` is done. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass, with blocks. */
  pass(ms: number): Promise<void>;
  /** Lets time pass while everybody sleeps, chains included. */
  sleep(ms: number): Promise<void>;
  /** How long it takes until everybody is told of what stands in a block. */
  readonly tellingMs: number;
  /** Stops the chain's node, with all that waits in it, and starts it again. */
  restart(): Promise<void>;
  /** Undoes as many of the newest blocks as can be; what stood in them waits again. */
  undo(): Promise<void>;
}

export type StartWorld = (terms?: WorldTerms) => Promise<AdapterWorld>;
