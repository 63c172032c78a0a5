// What the model of the contract keeps: members, proposals, and the terms of the channel.
import type { Hash } from "#core/hash.ts";
import type { StructTag } from "#core/type-tag.ts";
import type { ChainProposal, ChannelSettings } from "../../src/channel/chain-view.ts";
import type { SettlementEvidence } from "../../src/channel/evidence.ts";
import type { Seat } from "../../src/channel/messages.ts";
import type { Verify } from "../../src/channel/ports.ts";

export interface Member {
  readonly seat: Seat;
  stake: bigint;
  readonly asset: Uint8Array | undefined;
  lastAlive: bigint;
  standing: "pending" | "admitted" | "out" | "removed";
}

export interface Proposal {
  readonly id: bigint;
  readonly type: 1 | 2;
  readonly proposer: bigint;
  readonly data: Uint8Array;
  readonly created: bigint;
  readonly voters: readonly bigint[];
  readonly votes: { readonly seat: bigint; readonly option: 0 | 1 | 2 }[];
  readonly settlement: SettlementEvidence | undefined;
  readonly accused: bigint;
  /** From three seats at the time of the offence on. */
  readonly fines: boolean;
  status: ChainProposal["status"];
}

export interface ModelOptions {
  readonly channel: Hash;
  readonly creator: Seat;
  readonly stateType: StructTag;
  readonly assetType: StructTag;
  readonly stateRoot: Hash;
  readonly settings: ChannelSettings;
  readonly stake: bigint;
  readonly now: bigint;
  readonly verify: Verify;
}
