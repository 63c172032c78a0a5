/**
 * Sends a node's statuses to the root chain: the seed's notification, sending and finished. All
 * heights from `next` to the head are notified, and are a range; one batch of them is in flight;
 * what the root chain has taken is finished. Pure and synchronous; knows no chain but numbers, no
 * key and no network.
 */
import { assert, present } from "#core/assert.ts";
import { vmStatusText } from "../../ledger/receipt.ts";
import {
  createFlight,
  type Envelope,
  type Flight,
  lookInto,
  type Posting,
  posted,
  renew,
} from "../outbox/flight.ts";
import { isSamePlace, type RootBlock, type RootPlace } from "../root-block.ts";
import type { ParaSettings } from "../settings.ts";
import { type Alarm, WALLET_EMPTY, WALLET_LOCKED } from "./alarm.ts";
import { type Fault, faultOf } from "./refusals.ts";

export type WalletState = "ready" | "locked" | "empty";

export type CommitInput =
  | { readonly type: "tick"; readonly nowMs: bigint }
  /** The chain's head is here now; with `cut`, blocks above that height were undone before. */
  | { readonly type: "head"; readonly height: bigint; readonly cut: bigint | undefined }
  /** The root's branch has this block; while it is caught up with, none is missed in it. */
  | { readonly type: "rootAdded"; readonly block: RootBlock; readonly isCatchingUp: boolean }
  /** The root's branch has lost this block. */
  | { readonly type: "rootRemoved"; readonly place: RootPlace }
  /** What the nodes agree on, -1 before they do; only a root node in step says what counts. */
  | { readonly type: "consensus"; readonly height: bigint; readonly isRootSynced: boolean }
  | { readonly type: "wallet"; readonly state: WalletState }
  /** The batch was read and signed. */
  | {
      readonly type: "signed";
      readonly request: number;
      readonly to: bigint;
      readonly envelope: Envelope;
    }
  /** It could not be. */
  | { readonly type: "unsigned"; readonly request: number; readonly wallet: WalletState }
  | { readonly type: "posting"; readonly request: number; readonly posting: Posting };

export type CommitEffect =
  /**
   * Read the statuses of these heights, as many as fit, sign a commit of them that differs from
   * those of other attempts, and say `signed` or `unsigned`.
   */
  | {
      readonly type: "sign";
      readonly request: number;
      readonly attempt: number;
      readonly from: bigint;
      readonly to: bigint;
    }
  | { readonly type: "post"; readonly request: number; readonly envelope: Envelope }
  | { readonly type: "askConsensus" }
  | { readonly type: "askWallet" }
  /** What is wrong now; undefined when nothing is any more. */
  | { readonly type: "alarm"; readonly alarm: Alarm | undefined }
  /** Send a tick at this time; a later effect of this type replaces an earlier one. */
  | { readonly type: "wake"; readonly atMs: bigint };

/** Heights that were sent together. */
interface Batch {
  readonly from: bigint;
  to: bigint;
}

interface Sending extends Batch {
  readonly flight: Flight;
}

interface Finished extends Batch {
  readonly root: RootPlace;
}

/** When each of the seed's timers rings next. */
interface Timers {
  sendMs: bigint;
  consensusMs: bigint;
  pruneMs: bigint;
  walletMs: bigint;
}

export interface CommitMachine {
  readonly settings: ParaSettings;
  readonly timers: Timers;
  nowMs: bigint;
  /** Height of the chain's newest block. */
  head: bigint;
  /** The lowest height that is neither in flight nor finished nor agreed on. */
  next: bigint;
  sending: Sending | undefined;
  /** By height; those that are agreed on are forgotten. */
  finished: readonly Finished[];
  /** -1 before there is any; undefined while it is not known. */
  consensus: bigint | undefined;
  /** Whether this node takes part: it is not behind what the others agree on. */
  isInStep: boolean;
  wallet: WalletState | undefined;
  /** Most heights of a batch: halved when a batch fails, so that one bad status is found. */
  batchMax: number;
  /** Prunings at which the consensus stood still below what is finished. */
  stalled: number;
  /** Nothing is sent before: what was refused will not be taken sooner. */
  pausedUntilMs: bigint;
  alarm: Alarm | undefined;
  requests: number;
}

export function createCommitMachine(
  settings: ParaSettings,
  head: bigint,
  nowMs: bigint,
): CommitMachine {
  assert(settings.resendAfterBlocks >= 2, "a transaction needs a block or two to land");
  return {
    settings,
    timers: {
      sendMs: nowMs,
      consensusMs: nowMs,
      pruneMs: nowMs + settings.pruneMs,
      walletMs: nowMs,
    },
    nowMs,
    head,
    next: 0n,
    sending: undefined,
    finished: [],
    consensus: undefined,
    isInStep: false,
    wallet: undefined,
    batchMax: settings.batchMax,
    stalled: 0,
    pausedUntilMs: nowMs,
    alarm: undefined,
    requests: 0,
  };
}

/** The highest height that the root chain has taken; -1 where none is known. */
export function finishedHeight({ next, sending }: CommitMachine): bigint {
  return (sending?.from ?? next) - 1n;
}

/**
 * Applies one input. Mutates only `machine`; everything the world must do is returned, in order.
 */
export function stepCommit(machine: CommitMachine, input: CommitInput): readonly CommitEffect[] {
  const alarm = machine.alarm;
  const effects = apply(machine, input);
  const rung = machine.alarm === alarm ? [] : [{ type: "alarm" as const, alarm: machine.alarm }];
  return [...effects, ...rung, { type: "wake", atMs: nextWakeMs(machine) }];
}

function apply(machine: CommitMachine, input: CommitInput): readonly CommitEffect[] {
  switch (input.type) {
    case "tick":
      if (input.nowMs > machine.nowMs) machine.nowMs = input.nowMs;
      return ring(machine);
    case "head":
      return moveHead(machine, input.height, input.cut);
    case "rootAdded":
      return lookForBatch(machine, input.block, input.isCatchingUp);
    case "rootRemoved":
      return undoFinished(machine, input.place);
    case "consensus":
      return hearConsensus(machine, input.height, input.isRootSynced);
    case "wallet":
      return hearWallet(machine, input.state);
    case "signed":
      return post(machine, input.request, input.to, input.envelope);
    case "unsigned":
      return giveBack(machine, input.request, input.wallet);
    case "posting":
      return hearPosting(machine, input.request, input.posting);
  }
}

function ring(machine: CommitMachine): readonly CommitEffect[] {
  const { settings, timers, nowMs, sending } = machine;
  const effects: CommitEffect[] = [];
  if (timers.walletMs <= nowMs) {
    timers.walletMs = nowMs + settings.walletPollMs;
    if (machine.wallet !== "ready") effects.push({ type: "askWallet" });
  }
  if (timers.consensusMs <= nowMs) {
    timers.consensusMs = nowMs + settings.consensusQueryMs;
    if (!machine.isInStep) effects.push({ type: "askConsensus" });
  }
  if (timers.pruneMs <= nowMs) {
    timers.pruneMs = nowMs + settings.pruneMs;
    if (machine.isInStep) effects.push({ type: "askConsensus" });
    checkStall(machine);
  }
  const postAtMs = sending?.flight.postAtMs;
  if (sending !== undefined && postAtMs !== undefined && postAtMs <= nowMs) {
    effects.push(postAgain(sending));
  }
  if (timers.sendMs <= nowMs) {
    timers.sendMs = nowMs + settings.sendMs;
    effects.push(...sendNext(machine));
  }
  return effects;
}

/** Moves notified heights into flight, if nothing is there. */
function sendNext(machine: CommitMachine): readonly CommitEffect[] {
  const { next, head, isInStep, wallet, sending, pausedUntilMs, nowMs } = machine;
  if (sending !== undefined || !isInStep || wallet !== "ready") return [];
  if (next > head || nowMs < pausedUntilMs) return [];
  const last = next + BigInt(machine.batchMax) - 1n;
  const to = last < head ? last : head;
  const flight = createFlight(nextRequest(machine));
  machine.sending = { from: next, to, flight };
  machine.next = to + 1n;
  return [signing(machine.sending)];
}

function signing({ from, to, flight }: Sending): CommitEffect {
  return { type: "sign", request: flight.request, attempt: flight.attempt, from, to };
}

function nextRequest(machine: CommitMachine): number {
  machine.requests += 1;
  return machine.requests;
}

/** The batch in flight, if `request` is what it waits for. */
function awaited(machine: CommitMachine, request: number): Sending | undefined {
  return machine.sending?.flight.request === request ? machine.sending : undefined;
}

function post(
  machine: CommitMachine,
  request: number,
  to: bigint,
  envelope: Envelope,
): readonly CommitEffect[] {
  const sending = awaited(machine, request);
  if (sending === undefined) return [];
  assert(to >= sending.from && to <= sending.to, "what was signed is what was asked for");
  // What found no room goes back to the queue.
  sending.to = to;
  machine.next = to + 1n;
  posted(sending.flight, envelope);
  return [{ type: "post", request, envelope }];
}

function postAgain({ flight }: Sending): CommitEffect {
  flight.postAtMs = undefined;
  const envelope = present(flight.envelopes.at(-1), "what is posted was signed");
  return { type: "post", request: flight.request, envelope };
}

/** Nothing could be signed: the wallet says why, and is asked again. */
function giveBack(
  machine: CommitMachine,
  request: number,
  wallet: WalletState,
): readonly CommitEffect[] {
  if (awaited(machine, request) === undefined) return [];
  cancel(machine);
  return hearWallet(machine, wallet);
}

function hearWallet(machine: CommitMachine, state: WalletState): readonly CommitEffect[] {
  machine.wallet = state;
  const isWallets = machine.alarm === WALLET_LOCKED || machine.alarm === WALLET_EMPTY;
  if (state === "locked") machine.alarm = WALLET_LOCKED;
  else if (state === "empty") machine.alarm = WALLET_EMPTY;
  else if (isWallets) machine.alarm = undefined;
  return [];
}

function hearPosting(
  machine: CommitMachine,
  request: number,
  posting: Posting,
): readonly CommitEffect[] {
  const sending = awaited(machine, request);
  if (sending === undefined) return [];
  const { flight } = sending;
  const { settings, nowMs } = machine;
  switch (posting.type) {
    case "taken":
      flight.phase = "waiting";
      return [];
    case "down":
      flight.postAtMs = nowMs + settings.repostMs;
      return [];
    case "stale":
      // Perhaps an earlier one has landed: its block will say so before this one is made anew.
      flight.phase = "waiting";
      return [];
    case "refused":
      fail(machine, posting.why, "standing");
      return [];
  }
}

/**
 * A batch that cannot succeed as it is: a smaller one is tried, so that the status at fault is
 * found. Where that is a single one, or no status, nothing is sent for a while.
 */
function fail(machine: CommitMachine, why: string, fault: Exclude<Fault, "passing">): void {
  const { sending, settings, nowMs } = machine;
  if (sending === undefined) return;
  const size = Number(sending.to - sending.from) + 1;
  cancel(machine);
  if (size > 1 && fault === "status") {
    machine.batchMax = Math.ceil(size / 2);
    return;
  }
  machine.pausedUntilMs = nowMs + settings.pruneMs;
  machine.alarm = {
    code: "COMMIT_REFUSED",
    message: `The root chain refuses to take block ${machine.next} (${why}); see to that.`,
  };
}

/** Takes the batch out of flight; its heights are notified again. */
function cancel(machine: CommitMachine): void {
  if (machine.sending === undefined) return;
  machine.next = machine.sending.from;
  machine.sending = undefined;
}

function lookForBatch(
  machine: CommitMachine,
  block: RootBlock,
  isCatchingUp: boolean,
): readonly CommitEffect[] {
  const { sending, settings } = machine;
  if (sending === undefined) return [];
  const { flight } = sending;
  const found = lookInto(flight, block, isCatchingUp);
  if (found?.isExecuted === true) {
    finish(machine, sending, block.place);
    return [];
  }
  if (found !== undefined) {
    // Its number is used up: nothing of it can land any more.
    flight.checks += 1;
    const fault = faultOf(found.receipt.status);
    if (fault !== "passing") {
      fail(machine, vmStatusText(found.receipt.status), fault);
      return [];
    }
  }
  if (flight.checks <= settings.resendAfterBlocks || flight.phase === "preparing") return [];
  renew(flight, nextRequest(machine));
  return [signing(sending)];
}

function finish(machine: CommitMachine, { from, to }: Sending, root: RootPlace): void {
  machine.sending = undefined;
  machine.finished = [...machine.finished, { from, to, root }];
  const { settings, batchMax } = machine;
  machine.batchMax = Math.min(batchMax * 2, settings.batchMax);
  if (machine.alarm?.code === "COMMIT_REFUSED") machine.alarm = undefined;
}

/** What the root chain had taken it has not any more. */
function undoFinished(machine: CommitMachine, place: RootPlace): readonly CommitEffect[] {
  const undone = machine.finished.find(({ root }) => isSamePlace(root, place));
  if (undone === undefined) return [];
  cancel(machine);
  machine.next = undone.from;
  machine.finished = machine.finished.filter(({ from }) => from < undone.from);
  return [];
}

function moveHead(
  machine: CommitMachine,
  height: bigint,
  cut: bigint | undefined,
): readonly CommitEffect[] {
  machine.head = height;
  takeStep(machine);
  if (cut === undefined || cut >= machine.next - 1n) return [];
  // Something that was sent has gone: the whole batch is cancelled, and what of it stands waits.
  const from = machine.sending?.from ?? machine.next;
  cancel(machine);
  machine.next = cut + 1n < from ? cut + 1n : from;
  machine.finished = machine.finished.flatMap((batch) => {
    if (batch.from > cut) return [];
    return [batch.to > cut ? { ...batch, to: cut } : batch];
  });
  return [];
}

function hearConsensus(
  machine: CommitMachine,
  height: bigint,
  isRootSynced: boolean,
): readonly CommitEffect[] {
  if (!isRootSynced) return [];
  const before = machine.consensus;
  machine.consensus = height;
  if (before !== undefined && height !== before) machine.stalled = 0;
  takeStep(machine);
  if (machine.isInStep) prune(machine, height);
  return [];
}

/**
 * Takes part as soon as this node has a block above what the others agree on. Where nobody has
 * agreed on anything all begin at genesis, and no node is behind.
 */
function takeStep(machine: CommitMachine): void {
  const { consensus, head, isInStep } = machine;
  if (isInStep || consensus === undefined) return;
  if (consensus !== -1n && head <= consensus) return;
  machine.isInStep = true;
  machine.next = consensus + 1n;
}

/** Nothing at or below the consensus is sent: it would only be recorded, and paid for. */
function prune(machine: CommitMachine, height: bigint): void {
  const { sending } = machine;
  if (sending !== undefined && height >= sending.to) {
    cancel(machine);
    machine.next = height + 1n;
  }
  if (machine.sending === undefined && machine.next <= height) machine.next = height + 1n;
  machine.finished = machine.finished.filter(({ to }) => to > height);
}

/**
 * Everything up to `next` is finished and yet not agreed on: there is a hole, or votes were lost
 * with a branch of the root. What waits above the consensus is sent again, consecutively.
 */
function checkStall(machine: CommitMachine): void {
  const { consensus, sending, settings, next, isInStep } = machine;
  if (consensus === undefined || !isInStep || sending !== undefined) return;
  if (next <= consensus + 1n) {
    machine.stalled = 0;
    return;
  }
  machine.stalled += 1;
  if (machine.stalled <= settings.stalledPrunings) return;
  machine.stalled = 0;
  machine.next = consensus + 1n;
  machine.finished = [];
}

function nextWakeMs({ timers, sending }: CommitMachine): bigint {
  const due = [timers.sendMs, timers.consensusMs, timers.pruneMs, timers.walletMs];
  const postAtMs = sending?.flight.postAtMs;
  return [...due, ...(postAtMs === undefined ? [] : [postAtMs])].reduce((a, b) => (a < b ? a : b));
}
