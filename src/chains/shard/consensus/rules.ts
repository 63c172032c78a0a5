/**
 * Tendermint's rules: what a consensus node does when what it knows allows it. Each rule changes
 * the machine and says whether it did; they are applied until none does. A node votes for a block
 * that excludes the one it is locked on only when a quorum has prevoted for that block later.
 */
import { honestCountOf, quorumOf } from "./committee.ts";
import {
  type Choice,
  isSameChoice,
  PRECOMMIT,
  PREVOTE,
  type Proposal,
  proposalSigningMessage,
  type Value,
  voteSigningMessage,
} from "./messages.ts";
import type { Valid } from "./record.ts";
import {
  type ConsensusMachine,
  type Effect,
  isProposer,
  roundOf,
  valueName,
  votesFor,
} from "./state.ts";
import { waitMs } from "./timing.ts";

type Rule = (machine: ConsensusMachine, effects: Effect[]) => boolean;

const RULES: readonly Rule[] = [
  decide,
  followAhead,
  propose,
  prevote,
  notePolka,
  precommitNothing,
  armTimers,
  giveUpWaiting,
];

export function applyRules(machine: ConsensusMachine, effects: Effect[]): void {
  while (RULES.some((rule) => rule(machine, effects)));
}

export function enterRound(machine: ConsensusMachine, round: number): void {
  machine.round = round;
  machine.step = "propose";
  machine.isDrafting = false;
  machine.signed = [];
  machine.prevoteByMs = undefined;
  machine.precommitByMs = undefined;
  const { timing } = machine.setting;
  // When the first round's proposal is due depends on whether something waits: see `proposeByMs`.
  machine.proposeByMs =
    round === 0 ? undefined : machine.nowMs + waitMs(timing, timing.proposeMs, round);
  machine.repeatAtMs = machine.nowMs + timing.repeatMs;
  for (const number of machine.rounds.keys()) {
    if (number < round - 1) machine.rounds.delete(number);
  }
  for (const [member, ahead] of machine.ahead) if (ahead <= round) machine.ahead.delete(member);
}

/** When the first round's block is due: soon if something waits for it. */
export function firstBlockDueMs({ setting, startMs, workSinceMs }: ConsensusMachine): bigint {
  const { blockIntervalMs, idleIntervalMs } = setting.timing;
  const idleMs = startMs + idleIntervalMs;
  if (workSinceMs === undefined) return idleMs;
  const soonMs = startMs + blockIntervalMs;
  const dueMs = workSinceMs > soonMs ? workSinceMs : soonMs;
  return dueMs < idleMs ? dueMs : idleMs;
}

/** When this node stops waiting for the proposal. */
export function proposeByMs(machine: ConsensusMachine): bigint {
  return machine.proposeByMs ?? firstBlockDueMs(machine) + machine.setting.timing.proposeMs;
}

/** A quorum of precommits for one block, in whatever round, makes it final. */
function decide(machine: ConsensusMachine, effects: Effect[]): boolean {
  if (machine.step === "decided") return false;
  const quorum = quorumOf(machine.committee);
  for (const [number, { precommits }] of machine.rounds) {
    if (precommits.size < quorum) continue;
    for (const { choice } of precommits.values()) {
      if (choice === undefined) continue;
      const votes = votesFor(precommits, choice);
      const value = votes.length >= quorum ? knownValue(machine, choice) : undefined;
      if (value === undefined) continue;
      machine.step = "decided";
      const { height } = machine;
      effects.push({ type: "decide", height, round: number, value, precommits: votes });
      return true;
    }
  }
  return false;
}

function knownValue(machine: ConsensusMachine, choice: Choice): Value | undefined {
  const proposals = [...machine.rounds.values()].flatMap(({ proposal }) => proposal?.value ?? []);
  const values = [...proposals, machine.valid?.value, machine.locked?.value];
  return values.find((value) => value !== undefined && isSameChoice(value.choice, choice));
}

/** Goes on to the newest round in which so many members speak that one of them is honest. */
function followAhead(machine: ConsensusMachine): boolean {
  if (machine.step === "decided") return false;
  const rounds = [...machine.ahead.values()].sort((a, b) => b - a);
  const target = rounds[honestCountOf(machine.committee) - 1];
  if (target === undefined || target <= machine.round) return false;
  enterRound(machine, target);
  return true;
}

function propose(machine: ConsensusMachine, effects: Effect[]): boolean {
  if (machine.step !== "propose" || machine.isDrafting || !isProposer(machine)) return false;
  const hasProposed = machine.signed.some(({ type }) => type === "proposal");
  if (hasProposed || roundOf(machine, machine.round).proposal !== undefined) return false;
  if (machine.valid !== undefined) {
    signProposal(machine, machine.valid.value, machine.valid);
    return true;
  }
  if (machine.round === 0 && machine.nowMs < firstBlockDueMs(machine)) return false;
  machine.isDrafting = true;
  effects.push({ type: "draft", height: machine.height, round: machine.round });
  return true;
}

export function signProposal(
  machine: ConsensusMachine,
  value: Value,
  valid: Valid | undefined,
): void {
  const { height, round, setting } = machine;
  const validRound = valid?.round;
  const offer = { height, round, choice: value.choice, validRound };
  const signature = setting.sign(proposalSigningMessage(setting.chain, offer));
  const proposal = { height, round, value, validRound, polka: valid?.polka ?? [], signature };
  remember(machine, { type: "proposal", proposal });
}

function prevote(machine: ConsensusMachine): boolean {
  if (machine.step !== "propose") return false;
  const { proposal } = roundOf(machine, machine.round);
  if (proposal === undefined) return false;
  const verdict = machine.verdicts.get(valueName(proposal.value));
  if (verdict === undefined || verdict === "asked") return false;
  const isFor = verdict && allowsLock(machine, proposal);
  castVote(machine, PREVOTE, isFor ? proposal.value.choice : undefined);
  machine.step = "prevote";
  return true;
}

/** Whether being locked leaves a node free to prevote for the proposal. */
function allowsLock({ locked }: ConsensusMachine, { value, validRound }: Proposal): boolean {
  if (locked === undefined || isSameChoice(locked.value.choice, value.choice)) return true;
  return validRound !== undefined && validRound >= locked.round;
}

/** A quorum prevotes for the proposal: locks on it, precommits, and proposes it from now on. */
function notePolka(machine: ConsensusMachine): boolean {
  if (machine.step !== "prevote" && machine.step !== "precommit") return false;
  const round = roundOf(machine, machine.round);
  const { proposal } = round;
  if (proposal === undefined || round.hasPolka) return false;
  if (machine.verdicts.get(valueName(proposal.value)) !== true) return false;
  const polka = votesFor(round.prevotes, proposal.value.choice);
  if (polka.length < quorumOf(machine.committee)) return false;
  round.hasPolka = true;
  const { value } = proposal;
  machine.valid = { round: machine.round, value, polka };
  if (machine.step === "prevote") {
    machine.locked = { round: machine.round, value };
    castVote(machine, PRECOMMIT, value.choice);
    machine.step = "precommit";
  }
  return true;
}

/** A quorum prevotes for no block. */
function precommitNothing(machine: ConsensusMachine): boolean {
  if (machine.step !== "prevote") return false;
  const { prevotes } = roundOf(machine, machine.round);
  if (votesFor(prevotes, undefined).length < quorumOf(machine.committee)) return false;
  castVote(machine, PRECOMMIT, undefined);
  machine.step = "precommit";
  return true;
}

/** Once a quorum has voted, the rest have so much time to make it agree. */
function armTimers(machine: ConsensusMachine): boolean {
  if (machine.step === "decided") return false;
  const { timing } = machine.setting;
  const quorum = quorumOf(machine.committee);
  const { prevotes, precommits } = roundOf(machine, machine.round);
  const byMs = machine.nowMs + waitMs(timing, timing.voteMs, machine.round);
  if (machine.step === "prevote" && machine.prevoteByMs === undefined && prevotes.size >= quorum) {
    machine.prevoteByMs = byMs;
    return true;
  }
  if (machine.precommitByMs === undefined && precommits.size >= quorum) {
    machine.precommitByMs = byMs;
    return true;
  }
  return false;
}

function giveUpWaiting(machine: ConsensusMachine): boolean {
  const { step, nowMs, prevoteByMs, precommitByMs } = machine;
  if (step === "decided") return false;
  if (precommitByMs !== undefined && nowMs >= precommitByMs) {
    enterRound(machine, machine.round + 1);
    return true;
  }
  if (step === "propose" && nowMs >= proposeByMs(machine)) {
    castVote(machine, PREVOTE, undefined);
    machine.step = "prevote";
    return true;
  }
  if (step === "prevote" && prevoteByMs !== undefined && nowMs >= prevoteByMs) {
    castVote(machine, PRECOMMIT, undefined);
    machine.step = "precommit";
    return true;
  }
  return false;
}

function castVote(machine: ConsensusMachine, phase: number, choice: Choice | undefined): void {
  const { height, round, setting, place: voter } = machine;
  const ballot = { phase, height, round, choice };
  const signature = setting.sign(voteSigningMessage(setting.chain, ballot));
  remember(machine, { type: "vote", vote: { ...ballot, voter, signature } });
}

function remember(machine: ConsensusMachine, message: ConsensusMachine["signed"][number]): void {
  machine.signed.push(message);
  machine.unsent.push(message);
}
