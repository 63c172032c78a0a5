/**
 * One member's part in deciding on a shard's blocks, as a state machine over an injected clock,
 * network, store and ledger: messages come in, signatures and decided blocks go out. Pure and
 * synchronous. What it signs is on disk before anybody sees it. Blocks are bytes to it: the ledger
 * makes and executes them.
 */
import { assert, assertNever } from "#core/assert.ts";
import type { Committee } from "./committee.ts";
import { quorumOf } from "./committee.ts";
import { receive } from "./intake.ts";
import { type ConsensusMessage, PRECOMMIT, type Value } from "./messages.ts";
import type { ConsensusRecord } from "./record.ts";
import { applyRules, enterRound, firstBlockDueMs, proposeByMs, signProposal } from "./rules.ts";
import {
  type ConsensusMachine,
  type ConsensusSetting,
  type Effect,
  isProposer,
  roundOf,
  valueName,
  votesFor,
} from "./state.ts";

export type { ConsensusMachine, ConsensusSetting, Effect } from "./state.ts";

export type Input =
  /** Time has passed. */
  | { readonly type: "tick"; readonly nowMs: bigint }
  /** A member has said this; its signature was checked. */
  | { readonly type: "message"; readonly message: ConsensusMessage }
  /** Something waits for a block: a transaction, or an event of another chain. */
  | { readonly type: "work" }
  /** The block that `draft` asked for; undefined where none can be made. */
  | {
      readonly type: "drafted";
      readonly height: bigint;
      readonly round: number;
      readonly value: Value | undefined;
    }
  /** What came of `check`. */
  | {
      readonly type: "checked";
      readonly height: bigint;
      readonly value: Value;
      readonly isRight: boolean;
    }
  /** The store has what `save` asked for. */
  | { readonly type: "saved" }
  /** The chain's head is this high: decided here, or learnt from others. */
  | {
      readonly type: "committed";
      readonly height: bigint;
      /** Who decides on the block above it, and our place among them. */
      readonly committee: Committee;
      readonly place: number;
      /** Whether something waits for the next block already. */
      readonly hasWork: boolean;
    };

/**
 * @param headHeight of the chain as it is kept here.
 * @param record what this node has kept, in whatever life.
 */
export function createConsensusMachine(
  setting: ConsensusSetting,
  committee: Committee,
  place: number,
  headHeight: bigint,
  nowMs: bigint,
  record?: ConsensusRecord,
): ConsensusMachine {
  const machine: ConsensusMachine = {
    setting,
    committee,
    place,
    height: headHeight + 1n,
    round: 0,
    step: "propose",
    nowMs,
    startMs: nowMs,
    workSinceMs: undefined,
    locked: undefined,
    valid: undefined,
    rounds: new Map(),
    ahead: new Map(),
    verdicts: new Map(),
    proposeByMs: undefined,
    prevoteByMs: undefined,
    precommitByMs: undefined,
    repeatAtMs: nowMs + setting.timing.repeatMs,
    isDrafting: false,
    signed: [],
    unsent: [],
    saving: undefined,
    early: [],
    reported: new Set(),
  };
  if (record?.height === machine.height) resume(machine, record);
  return machine;
}

/** Takes up a round where an earlier life left it: what it has signed stands. */
function resume(
  machine: ConsensusMachine,
  { round, signed, locked, valid }: ConsensusRecord,
): void {
  enterRound(machine, round);
  machine.locked = locked;
  machine.valid = valid;
  for (const held of [locked, valid]) {
    if (held !== undefined) machine.verdicts.set(valueName(held.value), true);
  }
  machine.signed = [...signed];
  for (const message of signed) {
    // Without asking: what this node has proposed it had made itself.
    if (message.type === "proposal") {
      machine.verdicts.set(valueName(message.proposal.value), true);
    } else {
      machine.step =
        message.vote.phase === PRECOMMIT || machine.step === "precommit" ? "precommit" : "prevote";
    }
    receive(machine, message, []);
  }
}

/** Applies one input. Mutates only `machine`; what the world must do is returned, in order. */
export function step(machine: ConsensusMachine, input: Input): readonly Effect[] {
  const effects: Effect[] = [];
  take(machine, input, effects);
  applyRules(machine, effects);
  repeat(machine, effects);
  save(machine, effects);
  const atMs = nextDueMs(machine);
  if (atMs !== undefined) effects.push({ type: "wake", atMs });
  return effects;
}

function take(machine: ConsensusMachine, input: Input, effects: Effect[]): void {
  switch (input.type) {
    case "tick":
      if (input.nowMs > machine.nowMs) machine.nowMs = input.nowMs;
      return;
    case "message":
      return receive(machine, input.message, effects);
    case "work":
      machine.workSinceMs ??= machine.nowMs;
      return;
    case "drafted":
      return takeDraft(machine, input);
    case "checked":
      if (input.height === machine.height) {
        machine.verdicts.set(valueName(input.value), input.isRight);
      }
      return;
    case "saved":
      return sendSaved(machine, effects);
    case "committed":
      if (input.height >= machine.height) begin(machine, input, effects);
      return;
    default:
      assertNever(input);
  }
}

function takeDraft(
  machine: ConsensusMachine,
  { height, round, value }: Extract<Input, { readonly type: "drafted" }>,
): void {
  const isWanted = height === machine.height && round === machine.round && machine.isDrafting;
  if (!isWanted || machine.step !== "propose" || value === undefined) return;
  machine.isDrafting = false;
  machine.verdicts.set(valueName(value), true);
  signProposal(machine, value, undefined);
}

/** What is on disk may be seen: by the others, and by this node's own counting. */
function sendSaved(machine: ConsensusMachine, effects: Effect[]): void {
  const saved = machine.saving;
  assert(saved !== undefined, "the store kept what it was given");
  machine.saving = undefined;
  for (const message of saved) {
    effects.push({ type: "send", message });
    receive(machine, message, effects);
  }
}

function begin(
  machine: ConsensusMachine,
  { height, committee, place, hasWork }: Extract<Input, { readonly type: "committed" }>,
  effects: Effect[],
): void {
  const early = machine.early.splice(0);
  machine.committee = committee;
  machine.place = place;
  machine.height = height + 1n;
  machine.startMs = machine.nowMs;
  machine.workSinceMs = hasWork ? machine.nowMs : undefined;
  machine.locked = undefined;
  machine.valid = undefined;
  machine.rounds.clear();
  machine.ahead.clear();
  machine.verdicts.clear();
  machine.reported.clear();
  // Signed for a block that is decided: nobody needs it any more.
  machine.unsent = [];
  enterRound(machine, 0);
  for (const message of early) receive(machine, message, effects);
}

/** Says everything of this round and the last one again, whoever said it first. */
function repeat(machine: ConsensusMachine, effects: Effect[]): void {
  if (machine.nowMs < machine.repeatAtMs) return;
  machine.repeatAtMs = machine.nowMs + machine.setting.timing.repeatMs;
  if (machine.step === "decided") return;
  for (const number of [machine.round - 1, machine.round]) {
    const round = machine.rounds.get(number);
    if (round === undefined) continue;
    const { proposal, prevotes, precommits } = round;
    const support = proposal ? votesFor(prevotes, proposal.value.choice).length : 0;
    const isOurs = number === machine.round && isProposer(machine);
    // A proposal is large: its maker repeats it, and those who know that it may be decided.
    if (proposal !== undefined && (isOurs || support >= quorumOf(machine.committee))) {
      effects.push({ type: "send", message: { type: "proposal", proposal } });
    }
    for (const vote of [...prevotes.values(), ...precommits.values()]) {
      effects.push({ type: "send", message: { type: "vote", vote } });
    }
  }
}

/** One write at a time; what is signed meanwhile goes with the next. */
function save(machine: ConsensusMachine, effects: Effect[]): void {
  if (machine.saving !== undefined || machine.unsent.length === 0) return;
  machine.saving = machine.unsent;
  machine.unsent = [];
  const { height, round, signed, locked, valid } = machine;
  effects.push({ type: "save", record: { height, round, signed: [...signed], locked, valid } });
}

function nextDueMs(machine: ConsensusMachine): bigint | undefined {
  if (machine.step === "decided") return undefined;
  const due = [machine.repeatAtMs];
  if (machine.step === "propose") {
    due.push(proposeByMs(machine));
    const isDue = machine.round === 0 && isProposer(machine) && !machine.isDrafting;
    const isProposed = roundOf(machine, 0).proposal !== undefined || machine.signed.length > 0;
    if (isDue && !isProposed) due.push(firstBlockDueMs(machine));
  }
  if (machine.step === "prevote" && machine.prevoteByMs !== undefined)
    due.push(machine.prevoteByMs);
  if (machine.precommitByMs !== undefined) due.push(machine.precommitByMs);
  return due.reduce((first, atMs) => (atMs < first ? atMs : first));
}
