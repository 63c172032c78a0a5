/** Runs what the commit machine wants done: reads statuses, has them signed, posts, asks. */
import { assertNever } from "#core/assert.ts";
import type { ChainStore, Clock } from "../../ports.ts";
import { type Agreed, commitCall } from "../contract.ts";
import { encodeStatus, statusOf } from "../node-status.ts";
import { seal } from "../outbox/envelope.ts";
import type { RootAccess } from "../root-access.ts";
import type { ParaSettings } from "../settings.ts";
import type { Title } from "../title.ts";
import type { Wallet } from "../wallet.ts";
import type { Alarm } from "./alarm.ts";
import {
  type CommitEffect,
  type CommitInput,
  type CommitMachine,
  createCommitMachine,
  stepCommit,
} from "./machine.ts";

/** Gas units of a commit, and of each status in it: several times what they take. */
const COMMIT_GAS = 100_000n;
const STATUS_GAS = 20_000n;

export interface CommitDriver {
  readonly machine: CommitMachine;
  feed(input: CommitInput): void;
  close(): void;
}

export interface CommitDriverOptions {
  readonly title: Title;
  readonly root: RootAccess;
  readonly wallet: Wallet;
  readonly clock: Clock;
  readonly store: ChainStore;
  readonly settings: ParaSettings;
  /** Height of the chain's newest block. */
  readonly head: bigint;
  readonly onAlarm: (alarm: Alarm | undefined) => void;
  /** Is told what was heard of the consensus. */
  readonly onConsensus: (agreed: Agreed | undefined) => void;
}

interface DriverState extends CommitDriverOptions {
  readonly machine: CommitMachine;
  cancelWake: () => void;
  closed: boolean;
}

type Sign = Extract<CommitEffect, { readonly type: "sign" }>;

export function createCommitDriver(options: CommitDriverOptions): CommitDriver {
  const { settings, head, clock } = options;
  const machine = createCommitMachine(settings, head, clock.now());
  const state: DriverState = {
    ...options,
    machine,
    cancelWake: () => undefined,
    closed: false,
  };
  feed(state, { type: "tick", nowMs: clock.now() });
  return {
    machine,
    feed: (input) => feed(state, input),
    close: () => {
      state.closed = true;
      state.cancelWake();
    },
  };
}

function feed(state: DriverState, input: CommitInput): void {
  if (state.closed) return;
  for (const effect of stepCommit(state.machine, input)) run(state, effect);
}

function run(state: DriverState, effect: CommitEffect): void {
  const { root, wallet, clock } = state;
  switch (effect.type) {
    case "sign":
      return void sign(state, effect);
    case "post":
      return void root.post(effect.envelope.bytes).then((posting) => {
        feed(state, { type: "posting", request: effect.request, posting });
      });
    case "askConsensus":
      return void askConsensus(state);
    case "askWallet":
      return void wallet.state().then((now) => feed(state, { type: "wallet", state: now }));
    case "alarm":
      return state.onAlarm(effect.alarm);
    case "wake":
      state.cancelWake();
      state.cancelWake = clock.after(Math.max(Number(effect.atMs - clock.now()), 0), () => {
        feed(state, { type: "tick", nowMs: clock.now() });
      });
      return;
    default:
      assertNever(effect);
  }
}

async function sign(state: DriverState, { request, attempt, from, to }: Sign): Promise<void> {
  const { root, wallet, clock } = state;
  const statuses = await readStatuses(state, from, to);
  if (statuses.length === 0) return feed(state, { type: "unsigned", request, wallet: "ready" });
  const call = commitCall(statuses, clock.now());
  const maxGas = COMMIT_GAS + STATUS_GAS * BigInt(statuses.length);
  const sealed = await seal(root, wallet, clock, { call, maxGas, attempt });
  if (!sealed.ok) return feed(state, { type: "unsigned", request, wallet: sealed.error });
  const last = from + BigInt(statuses.length) - 1n;
  feed(state, { type: "signed", request, to: last, envelope: sealed.value });
}

/** From the store, which has what a restart needs; as many as fit into one root transaction. */
async function readStatuses(
  { store, title, settings }: DriverState,
  from: bigint,
  to: bigint,
): Promise<readonly Uint8Array[]> {
  const statuses: Uint8Array[] = [];
  let size = 0;
  for (let height = from; height <= to; height++) {
    const stored = await store.blockAt(height);
    if (stored === undefined) break;
    const encoded = encodeStatus(statusOf(title, stored));
    size += encoded.length;
    if (size > settings.batchSizeMax && statuses.length > 0) break;
    statuses.push(encoded);
  }
  return statuses;
}

async function askConsensus(state: DriverState): Promise<void> {
  const { root, title, onConsensus } = state;
  try {
    const [isRootSynced, agreed] = await Promise.all([root.isSynced(), root.consensus(title)]);
    if (state.closed) return;
    if (isRootSynced) onConsensus(agreed);
    feed(state, { type: "consensus", height: agreed?.height ?? -1n, isRootSynced });
  } catch {
    // The next tick asks again; whoever follows the root chain says that it does not answer.
  }
}
