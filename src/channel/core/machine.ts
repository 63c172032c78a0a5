/**
 * A node of one channel as a state machine: `step(machine, input) -> effects`, synchronous, without
 * clock, chance or IO. An input changes the state; then everything that this state calls for is
 * decided anew, so that what was lost or missed once is made good by the next input.
 */
import { assertNever } from "#core/assert.ts";
import type { ChainChannel } from "../chain-view.ts";
import { NO_HEADER } from "../codec.ts";
import type { Millis } from "../messages.ts";
import { type ChannelExecutor, peerIdOf, type Signer, type Verify } from "../ports.ts";
import { acknowledge } from "./acknowledgement.ts";
import { armTimer } from "./alarm.ts";
import { emptyLog, firstBase, writeStart } from "./base.ts";
import { followChain, receiveView } from "./chain-view.ts";
import { demandMissing } from "./challenge.ts";
import { noteResult, pruneCommands } from "./commands.ts";
import { answerDemands } from "./demand.ts";
import { advanceJobs, followClosing, startJob } from "./departure.ts";
import { receiveBytes } from "./dispatch.ts";
import { reportFrauds } from "./dispute.ts";
import type { Effect } from "./effect.ts";
import { applyForLead, keepAlive } from "./election.ts";
import { complain, notify } from "./emit.ts";
import { channelError } from "./errors.ts";
import { showConfirmed } from "./exclusion.ts";
import { showExhibits } from "./exhibit.ts";
import { followExits } from "./exit.ts";
import { recordFindings } from "./findings.ts";
import { followForcedCalls } from "./forced-call.ts";
import { beat, greet } from "./heartbeat.ts";
import type { Input } from "./input.ts";
import { inquire } from "./inquiry.ts";
import { checkInvariants } from "./invariants.ts";
import { lead } from "./leader.ts";
import { forgetStrangers, peerState } from "./members.ts";
import { tell } from "./notices.ts";
import { sendOwn, trackOwn } from "./own.ts";
import type { Parameters } from "./parameters.ts";
import { prunePool } from "./pool.ts";
import { proposeCall, signGathered } from "./proposal.ts";
import { punish, vote } from "./punishment.ts";
import { removeSilent } from "./removal.ts";
import { noteLinked } from "./resending.ts";
import { salvage } from "./salvage.ts";
import { executePassed, noteProposals, settleLongLog } from "./settlement.ts";
import type { Machine } from "./state.ts";
import { postSteps } from "./steps.ts";
import { followView, noteHeldUp } from "./suspicion.ts";
import { catchUp } from "./sync.ts";
import { changeView } from "./view-change.ts";

export interface MachineOptions {
  /**
   * In the channel's state at height 0 while nothing has been settled; otherwise it is filled by a
   * snapshot.
   */
  readonly executor: ChannelExecutor;
  readonly signer: Signer;
  readonly verify: Verify;
  readonly parameters: Parameters;
  /** The channel as the chain holds it. */
  readonly chain: ChainChannel;
  readonly now: Millis;
}

/**
 * A node that starts with nothing of its own. One that has a journal is made by `restoreMachine`.
 */
export function createMachine(options: MachineOptions): Machine {
  const { executor, signer, verify, parameters, chain, now } = options;
  const tools = { executor, signer, verify, parameters };
  const self = peerIdOf(signer.nodeKey);
  const machine: Machine = {
    ...emptyState(now),
    tools,
    facts: {
      channel: chain.channel,
      creator: chain.creator,
      assetType: chain.assetType,
      settings: chain.settings,
    },
    self,
    now,
    chain,
    chainAt: now,
    log: emptyLog(firstBase(tools, chain)),
    isLoaded: chain.settled.header.number === 0n,
  };
  return machine;
}

type Emptiness = Omit<
  Machine,
  "tools" | "facts" | "self" | "now" | "chain" | "chainAt" | "log" | "isLoaded"
>;

function emptyState(now: Millis): Emptiness {
  return {
    effects: [],
    phase: "observing",
    pending: undefined,
    snapshot: undefined,
    isStarted: false,
    sequence: 0,
    promises: { epoch: NO_HEADER.epoch, acked: NO_HEADER, locked: NO_HEADER, removals: [] },
    peers: new Map(),
    leadership: undefined,
    watch: {
      epoch: NO_HEADER.epoch,
      since: now,
      progressAt: now,
      certified: 0n,
      isProven: false,
      isPassed: false,
      failures: 0,
      wish: undefined,
    },
    early: new Map(),
    pool: new Map(),
    ordered: new Map(),
    gathered: [],
    own: [],
    handover: { waitMs: 0n, takenAt: now, term: 0n },
    settling: [],
    jobs: [],
    commands: new Map(),
    nextCommand: 0,
    sync: {
      isBehind: false,
      askedAt: undefined,
      asked: undefined,
      holder: undefined,
      awaited: new Map(),
      snapshot: undefined,
    },
    routing: emptyRouting(now),
    wishes: new Map(),
    lapses: new Map(),
    distrust: undefined,
    disproofs: [],
    inquiries: new Map(),
    salvaged: undefined,
    exhibits: new Map(),
    vacantSince: undefined,
    closingSince: undefined,
    wishesSince: undefined,
    passedSince: new Map(),
    openSince: new Map(),
    viewChangeSentAt: undefined,
    wishSentAt: undefined,
    keepAliveAt: undefined,
    armedAt: undefined,
    told: {
      term: 0n,
      leader: undefined,
      configuration: undefined,
      confirmed: 0n,
      settled: 0n,
      hadSeat: false,
      isLeaderless: false,
      isLate: false,
    },
  };
}

function emptyRouting(now: Millis): Machine["routing"] {
  return {
    sequence: 0n,
    beatAt: undefined,
    saidEpoch: NO_HEADER.epoch,
    via: undefined,
    delayMs: undefined,
    hops: 0,
    epoch: NO_HEADER.epoch,
    leaderSequence: 0n,
    feasible: undefined,
    relaySince: now,
    shunned: new Map(),
  };
}

/**
 * Applies one input. Mutates only `machine` (and its executor); everything the world must do is
 * returned, in order. Time that goes back is taken as standing still.
 */
export function step(machine: Machine, input: Input): readonly Effect[] {
  noteHeldUp(machine, input.now);
  if (input.now > machine.now) machine.now = input.now;
  machine.effects = [];
  if (machine.phase === "closed") {
    refuseClosed(machine, input);
    return machine.effects;
  }
  apply(machine, input);
  evaluate(machine);
  checkInvariants(machine);
  return machine.effects;
}

function apply(machine: Machine, input: Input): void {
  switch (input.type) {
    case "message":
      receiveBytes(machine, input.from, input.bytes, undefined);
      return;
    case "tick":
      // One that comes early is not the one that was asked for, but nobody else will come.
      machine.armedAt = undefined;
      return;
    case "peerUp":
      peerState(machine, input.peer).isUp = true;
      noteLinked(machine, input.peer);
      greet(machine, input.peer);
      return;
    case "peerDown":
      peerState(machine, input.peer).isUp = false;
      forgetStrangers(machine);
      return;
    case "propose":
      proposeCall(machine, input);
      return;
    case "settle":
    case "leave":
    case "exit":
    case "close":
      startJob(machine, input);
      return;
    case "chain":
      receiveView(machine, input.channel);
      return;
    case "commandResult": {
      const key = noteResult(machine, input.id, input.result);
      if (input.result.ok) return;
      const { code, detail } = input.result;
      complain(machine, "SETTLEMENT_REFUSED", `${key ?? "a command"}: ${code}: ${detail}`);
      return;
    }
    default:
      assertNever(input);
  }
}

/** Nothing happens in a closed channel any more, but whoever asks gets an answer. */
function refuseClosed(machine: Machine, input: Input): void {
  if (!("request" in input)) return;
  const error = channelError("CHANNEL_CLOSED", "the channel is closed");
  notify(machine, { type: "refused", request: input.request, error });
}

/** Decides from the state alone what is to be done now. */
function evaluate(machine: Machine): void {
  writeStart(machine);
  followChain(machine);
  if (machine.chain.closed) {
    if (machine.isLoaded) trackOwn(machine);
    followClosing(machine);
  } else if (machine.isLoaded && machine.phase !== "departed") {
    followView(machine);
    changeView(machine);
    removeSilent(machine);
    acknowledge(machine);
    signGathered(machine);
    sendOwn(machine);
    followForcedCalls(machine);
    lead(machine);
    trackOwn(machine);
    prunePool(machine);
    salvage(machine);
    inquire(machine);
    recordFindings(machine);
    punish(machine);
    reportFrauds(machine);
    showExhibits(machine);
    showConfirmed(machine);
    noteProposals(machine);
    vote(machine);
    executePassed(machine);
    settleLongLog(machine);
    postSteps(machine);
    followExits(machine);
    answerDemands(machine);
    demandMissing(machine);
    advanceJobs(machine);
    applyForLead(machine);
  } else if (machine.phase === "departed") {
    // Who is out may still fetch what is left of its own.
    advanceJobs(machine);
  }
  if (!machine.chain.closed) keepAlive(machine);
  beat(machine);
  catchUp(machine);
  pruneCommands(machine);
  tell(machine);
  armTimer(machine);
}
