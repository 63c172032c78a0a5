/**
 * A member of a shard's committee at work: feeds the pure machine with time, messages and what the
 * ledger and the journal say, and runs its effects in order. Knows no sockets: what is to be said
 * goes to a function, and what others say comes in by one.
 */
import { assertNever, present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import type { Journal } from "../cross-chain/journal.ts";
import { encodeBlock } from "../ledger/block.ts";
import { heightOf } from "../ledger/block-tree.ts";
import type { ChainNode } from "../node.ts";
import type { Clock } from "../ports.ts";
import { checkBlock, readBlock } from "./block-check.ts";
import { certificateOf, encodeCertificate } from "./consensus/certificate.ts";
import { placeOf } from "./consensus/committee.ts";
import { decodeEvidence, type Evidence, encodeEvidence } from "./consensus/evidence.ts";
import {
  type ConsensusMachine,
  createConsensusMachine,
  type Effect,
  type Input,
  step,
} from "./consensus/machine.ts";
import {
  decodeMessage,
  encodeMessage,
  heightOfMessage,
  isAuthentic,
  type Value,
} from "./consensus/messages.ts";
import { decodeRecord, encodeRecord } from "./consensus/record.ts";
import { TIMING, type Timing } from "./consensus/timing.ts";
import type { RootFeed } from "./root-feed.ts";
import { chainName, type TriedBlocks } from "./shard-kind.ts";
import { readCommittee, readRootCursor } from "./shard-state.ts";

/** Under this name the journal has what the member has signed. */
const RECORD = "consensus";
/** Under this name it has the evidence that was found. */
const EVIDENCE = "evidence";
/** Messages of one height that are known to be authentic, so that they are not checked twice. */
const HEARD_MAX = 10_000;
/** Pieces of evidence that are kept. */
const EVIDENCE_MAX = 100;
/** When a decided block that the ledger does not take yet is handed in again. */
const HAND_IN_MS = 250;

export interface MemberOptions {
  readonly node: ChainNode;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly feed: RootFeed;
  readonly tried: TriedBlocks;
  /** Tells every other member. */
  readonly tell: (message: Uint8Array) => void;
  readonly timing?: Timing;
  readonly onEvidence?: (evidence: Evidence) => void;
}

export interface Member {
  /** Takes what another member tells, whoever passes it on. */
  hear(message: Uint8Array): void;
  /** The root may have told something new. */
  lookAgain(): void;
  /** Members that were proved to have signed what excludes each other, newest last. */
  evidence(): readonly Evidence[];
  /** Where the node is: undefined while it is not in the committee. */
  standing(): { readonly height: bigint; readonly round: number } | undefined;
  /** Why it takes no part any more. */
  failure(): string | undefined;
  close(): void;
}

interface MemberState {
  readonly options: MemberOptions;
  readonly chain: Hash;
  readonly timing: Timing;
  machine: ConsensusMachine | undefined;
  readonly inbox: Input[];
  /** Proposals that wait for the root to be known further. */
  undecided: Extract<Effect, { readonly type: "check" }>[];
  readonly heard: Set<string>;
  readonly evidence: Evidence[];
  isAwake: boolean;
  cancelWake: () => void;
  cancelHandIn: () => void;
  failure: string | undefined;
  closed: boolean;
}

/** Rejects where the journal cannot be read. */
export async function startMember(options: MemberOptions): Promise<Member> {
  const { node, journal, timing = TIMING } = options;
  const kept = await journal.read(RECORD);
  const found = await journal.read(EVIDENCE);
  const state: MemberState = {
    options,
    chain: chainName(node.config),
    timing,
    machine: undefined,
    inbox: [],
    undecided: [],
    heard: new Set(),
    evidence: [...((found && decodeEvidence(found)) ?? [])],
    isAwake: false,
    cancelWake: () => undefined,
    cancelHandIn: () => undefined,
    failure: undefined,
    closed: false,
  };
  state.machine = machineAt(state, kept);
  const stopObserving = node.observe({
    onHead: () => followHead(state),
    onTransaction: () => put(state, { type: "work" }),
  });
  lookForWork(state);
  put(state, { type: "tick", nowMs: options.clock.now() });
  return {
    hear: (message) => hear(state, message),
    lookAgain: () => lookAgain(state),
    evidence: () => state.evidence,
    standing: () => state.machine && { height: state.machine.height, round: state.machine.round },
    failure: () => state.failure,
    close: () => {
      state.closed = true;
      stopObserving();
      state.cancelWake();
      state.cancelHandIn();
    },
  };
}

function machineAt(state: MemberState, kept: Uint8Array | undefined): ConsensusMachine | undefined {
  const { node, clock } = state.options;
  const { head } = node.source.tree;
  const committee = readCommittee(head.state);
  const place = placeOf(committee, node.producer);
  if (place === undefined) return undefined;
  const setting = { chain: state.chain, sign: node.sign, timing: state.timing };
  const record = kept && decodeRecord(kept);
  return createConsensusMachine(setting, committee, place, heightOf(head), clock.now(), record);
}

/** The chain has a new head: the next height begins, with the committee that its state names. */
function followHead(state: MemberState): void {
  const { node, feed } = state.options;
  const { head } = node.source.tree;
  state.heard.clear();
  state.undecided = [];
  state.cancelHandIn();
  feed.forget(readRootCursor(node.source.tree.final.state));
  const committee = readCommittee(head.state);
  const place = placeOf(committee, node.producer);
  if (place === undefined) {
    state.machine = undefined;
    return;
  }
  // Who was not in the committee has signed nothing for the height that it begins with.
  state.machine ??= machineAt(state, undefined);
  const hasWork = isWorkWaiting(state);
  put(state, { type: "committed", height: heightOf(head), committee, place, hasWork });
}

function isWorkWaiting({ options: { node, feed } }: MemberState): boolean {
  return node.hasWork() || feed.next(readRootCursor(node.source.tree.head.state)).length > 0;
}

function lookForWork(state: MemberState): void {
  if (isWorkWaiting(state)) put(state, { type: "work" });
}

function lookAgain(state: MemberState): void {
  lookForWork(state);
  for (const check of state.undecided.splice(0)) judge(state, check);
}

/** Inputs wait until what brought them is done: the node may be in the middle of something. */
function put(state: MemberState, input: Input): void {
  state.inbox.push(input);
  if (state.isAwake) return;
  state.isAwake = true;
  void Promise.resolve().then(() => work(state));
}

function work(state: MemberState): void {
  try {
    for (let next = state.inbox.shift(); next !== undefined; next = state.inbox.shift()) {
      const { machine, options } = state;
      if (state.closed || state.failure !== undefined || machine === undefined) continue;
      const nowMs = options.clock.now();
      for (const input of [{ type: "tick", nowMs } as const, next]) {
        for (const effect of step(machine, input)) run(state, effect);
      }
    }
  } catch (error) {
    fail(state, error);
  } finally {
    state.isAwake = false;
  }
}

/** Takes no part any more: what this member would say could not be trusted. */
function fail(state: MemberState, error: unknown): void {
  state.failure = error instanceof Error ? error.message : String(error);
  state.cancelWake();
  state.cancelHandIn();
}

function run(state: MemberState, effect: Effect): void {
  const { options } = state;
  switch (effect.type) {
    case "save":
      options.journal.write(RECORD, encodeRecord(effect.record)).then(
        () => put(state, { type: "saved" }),
        (error: unknown) => fail(state, error),
      );
      return;
    case "send":
      return options.tell(encodeMessage(effect.message));
    case "draft":
      return draft(state, effect);
    case "check":
      return judge(state, effect);
    case "decide":
      return handIn(state, effect);
    case "evidence":
      return keepEvidence(state, effect.evidence);
    case "wake":
      return wakeAt(state, effect.atMs);
    default:
      assertNever(effect);
  }
}

function keepEvidence(state: MemberState, evidence: Evidence): void {
  const { journal, onEvidence } = state.options;
  state.evidence.push(evidence);
  if (state.evidence.length > EVIDENCE_MAX) state.evidence.shift();
  journal.write(EVIDENCE, encodeEvidence(state.evidence)).catch((error: unknown) => {
    fail(state, error);
  });
  onEvidence?.(evidence);
}

function draft(
  state: MemberState,
  { height, round }: Extract<Effect, { readonly type: "draft" }>,
): void {
  const { node, feed, tried } = state.options;
  const { head } = node.source.tree;
  // The ledger is ahead: the next input says so.
  if (heightOf(head) !== height - 1n) return;
  const made = node.draft(feed.next(readRootCursor(head.state)));
  tried.add(made);
  const choice = { hash: made.hash, stateRoot: made.block.header.stateRoot };
  const value: Value = { choice, block: encodeBlock(made.block) };
  put(state, { type: "drafted", height, round, value });
}

function judge(state: MemberState, check: Extract<Effect, { readonly type: "check" }>): void {
  const { node, feed, tried, clock } = state.options;
  const { head } = node.source.tree;
  const { height, value } = check;
  if (heightOf(head) !== height - 1n) return;
  const { environment } = node.source;
  const verdict = checkBlock(environment, head, feed, tried, clock.now(), value);
  if (verdict === "unknown") state.undecided.push(check);
  else put(state, { type: "checked", height, value, isRight: verdict === "right" });
}

/** Gives the ledger the block with the signatures that decide on it. */
function handIn(state: MemberState, decided: Extract<Effect, { readonly type: "decide" }>): void {
  const { node, clock } = state.options;
  const { round, value, precommits, height } = decided;
  if (heightOf(node.source.tree.head) >= height || state.closed) return;
  const certificate = encodeCertificate(certificateOf(round, precommits));
  const block = present(readBlock(value.block), "K - C members have read the block");
  const verdict = node.offer({ ...block, certificate }, false);
  if (verdict.type === "wrong") {
    fail(state, new Error(`K - C members have decided on a block that is none: ${verdict.code}`));
  }
  if (verdict.type !== "unwanted") return;
  state.cancelHandIn = clock.after(HAND_IN_MS, () => handIn(state, decided));
}

function wakeAt(state: MemberState, atMs: bigint): void {
  const { clock } = state.options;
  state.cancelWake();
  const delayMs = Number(atMs - clock.now());
  state.cancelWake = clock.after(Math.max(delayMs, 1), () => {
    put(state, { type: "tick", nowMs: clock.now() });
  });
}

function hear(state: MemberState, bytes: Uint8Array): void {
  const { machine } = state;
  if (machine === undefined || state.closed || state.failure !== undefined) return;
  const message = decodeMessage(bytes);
  if (message === undefined) return;
  const height = heightOfMessage(message);
  if (height !== machine.height && height !== machine.height + 1n) return;
  // Heard before is not taken in before: what came too early may matter now.
  const name = toHex(sha2_256(bytes));
  if (!state.heard.has(name)) {
    if (!isAuthentic(state.chain, machine.committee, message)) return;
    if (state.heard.size < HEARD_MAX) state.heard.add(name);
  }
  put(state, { type: "message", message });
}
