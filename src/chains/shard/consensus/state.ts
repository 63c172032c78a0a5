/** What a consensus node has in hand between two inputs. */
import { toHex } from "#core/bytes.ts";
import type { Signature } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { type Committee, proposerAt } from "./committee.ts";
import type { Evidence } from "./evidence.ts";
import {
  type ConsensusMessage,
  isSameChoice,
  type Proposal,
  type Value,
  type Vote,
} from "./messages.ts";
import type { ConsensusRecord, Locked, Valid } from "./record.ts";
import type { Timing } from "./timing.ts";

export interface ConsensusSetting {
  /** The shard's genesis hash: what its signatures are bound to. */
  readonly chain: Hash;
  /** Signs with the key of this node's place. */
  readonly sign: (message: Uint8Array) => Signature;
  readonly timing: Timing;
}

export type Step = "propose" | "prevote" | "precommit" | "decided";

/** What was said in one round. */
export interface Round {
  proposal: Proposal | undefined;
  readonly prevotes: Map<number, Vote>;
  readonly precommits: Map<number, Vote>;
  /** Whether a quorum of prevotes for the proposal was acted upon. */
  hasPolka: boolean;
}

export type Effect =
  /** Keep this durably in place of the record before, then say `saved`. */
  | { readonly type: "save"; readonly record: ConsensusRecord }
  /** Send to every other consensus node. */
  | { readonly type: "send"; readonly message: ConsensusMessage }
  /** Make a block for this height and round, then say `drafted`. */
  | { readonly type: "draft"; readonly height: bigint; readonly round: number }
  /** Execute the block and compare, then say `checked`. */
  | { readonly type: "check"; readonly height: bigint; readonly value: Value }
  /** The block is final by these precommits. Keep it, then say `committed`. */
  | {
      readonly type: "decide";
      readonly height: bigint;
      readonly round: number;
      readonly value: Value;
      readonly precommits: readonly Vote[];
    }
  /** A member has signed what excludes each other. */
  | { readonly type: "evidence"; readonly evidence: Evidence }
  /** Send a tick at this time; a later effect of this type replaces an earlier one. */
  | { readonly type: "wake"; readonly atMs: bigint };

export interface ConsensusMachine {
  readonly setting: ConsensusSetting;
  committee: Committee;
  /** Of this node among the members. */
  place: number;
  /** Of the block that is being decided. */
  height: bigint;
  round: number;
  step: Step;
  nowMs: bigint;
  /** When work on this height began. */
  startMs: bigint;
  /** Since when something waits for a block. */
  workSinceMs: bigint | undefined;
  locked: Locked | undefined;
  valid: Valid | undefined;
  readonly rounds: Map<number, Round>;
  /** By place: the newest round above ours that a member has spoken in. */
  readonly ahead: Map<number, number>;
  /** By the name of a value: whether it executes to what it says. */
  readonly verdicts: Map<string, boolean | "asked">;
  /** When to go on without what is missing. */
  proposeByMs: bigint | undefined;
  prevoteByMs: bigint | undefined;
  precommitByMs: bigint | undefined;
  repeatAtMs: bigint;
  isDrafting: boolean;
  /** What this node has signed in its round. */
  signed: ConsensusMessage[];
  /** What was signed and is not on disk yet. */
  unsent: ConsensusMessage[];
  /** What is being written. */
  saving: readonly ConsensusMessage[] | undefined;
  /** What was said of the next height before it began here. */
  early: ConsensusMessage[];
  /** Names of what was reported, so that it is reported once. */
  readonly reported: Set<string>;
}

export function roundOf(machine: ConsensusMachine, number: number): Round {
  const standing = machine.rounds.get(number);
  if (standing !== undefined) return standing;
  const round: Round = {
    proposal: undefined,
    prevotes: new Map(),
    precommits: new Map(),
    hasPolka: false,
  };
  machine.rounds.set(number, round);
  return round;
}

export function valueName({ choice }: Value): string {
  return toHex(choice.hash) + toHex(choice.stateRoot);
}

export function isProposer({ committee, height, round, place }: ConsensusMachine): boolean {
  return proposerAt(committee, height, round) === place;
}

/** Votes for one choice; undefined is the choice of no block. */
export function votesFor(
  votes: ReadonlyMap<number, Vote>,
  choice: Vote["choice"],
): readonly Vote[] {
  return [...votes.values()].filter((vote) => isSameChoice(vote.choice, choice));
}
