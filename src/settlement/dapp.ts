/**
 * How a game's own contract is driven: the entry functions that create, join, leave, close and
 * settle its channels. The state-channel contract lets only the game's contract do these, so each
 * game brings this table.
 */
import type { EntryCall } from "./chain-access.ts";

export interface DappBinding {
  /**
   * What creates the channel, in order; every seat stakes `stake` units. The last call makes the
   * channel; those before it prepare, and may be refused where that is done already.
   */
  create(stake: bigint): readonly EntryCall[];
  /** A view that returns the u64 id of the channel, and aborts where there is none. */
  find(): EntryCall;
  join(channel: bigint): EntryCall;
  leave(channel: bigint): EntryCall;
  close(channel: bigint): EntryCall;
  /**
   * Fetches the assets of a seat that has left alone; `evidence` is the bytes of `begin_claim`.
   * Absent in games whose members bring nothing.
   */
  claim?(channel: bigint, seat: bigint, evidence: Uint8Array): EntryCall;
  /** Applies a settlement that has passed. */
  settle(channel: bigint, proposal: bigint): EntryCall;
}
