/** Runs what the relay machine wants done: has root transactions signed, and posts them. */
import { assertNever } from "#core/assert.ts";
import type { Hash } from "#core/hash.ts";
import type { Result } from "#core/result.ts";
import type { BlockTree } from "../../ledger/block-tree.ts";
import type { Refusal } from "../../ledger/refusal.ts";
import type { ExecutionEnvironment } from "../../ledger/user-transaction.ts";
import type { Clock } from "../../ports.ts";
import { sendCall } from "../contract.ts";
import { seal } from "../outbox/envelope.ts";
import type { RootAccess } from "../root-access.ts";
import type { ParaSettings } from "../settings.ts";
import type { Title } from "../title.ts";
import type { Wallet } from "../wallet.ts";
import {
  createRelayMachine,
  type RelayEffect,
  type RelayInput,
  type RelayMachine,
  stepRelay,
} from "./machine.ts";

/** Gas units of a root transaction that brings others: several times what it takes. */
const SEND_GAS = 100_000n;

export interface RelayDriver {
  readonly machine: RelayMachine;
  feed(input: RelayInput): void;
  submit(bytes: Uint8Array): Promise<Result<Hash, Refusal>>;
  close(): void;
}

export interface RelayDriverOptions {
  readonly title: Title;
  readonly root: RootAccess;
  readonly wallet: Wallet;
  readonly clock: Clock;
  readonly settings: ParaSettings;
  readonly environment: ExecutionEnvironment;
  readonly tree: BlockTree;
  readonly onDropped: (hash: Hash, refusal: Refusal) => void;
}

interface DriverState extends RelayDriverOptions {
  readonly machine: RelayMachine;
  readonly answers: Map<number, (result: Result<Hash, Refusal>) => void>;
  lastRequest: number;
  closed: boolean;
}

export function createRelayDriver(options: RelayDriverOptions): RelayDriver {
  const { settings, environment, tree, clock } = options;
  const machine = createRelayMachine(settings, environment, tree, clock.now());
  const state = { ...options, machine, answers: new Map(), lastRequest: 0, closed: false };
  return {
    machine,
    feed: (input) => feed(state, input),
    submit: (bytes) => submit(state, bytes),
    close: () => {
      state.closed = true;
    },
  };
}

function submit(state: DriverState, bytes: Uint8Array): Promise<Result<Hash, Refusal>> {
  state.lastRequest += 1;
  const request = state.lastRequest;
  return new Promise((resolve) => {
    state.answers.set(request, resolve);
    feed(state, { type: "submit", request, bytes });
  });
}

function feed(state: DriverState, input: RelayInput): void {
  if (state.closed) return;
  for (const effect of stepRelay(state.machine, input)) run(state, effect);
}

function run(state: DriverState, effect: RelayEffect): void {
  switch (effect.type) {
    case "answer":
      state.answers.get(effect.request)?.(effect.result);
      state.answers.delete(effect.request);
      return;
    case "sign":
      return void sign(state, effect);
    case "post":
      return void state.root.post(effect.envelope.bytes).then((posting) => {
        feed(state, { type: "posting", request: effect.request, posting });
      });
    case "dropped":
      return state.onDropped(effect.hash, effect.refusal);
    default:
      assertNever(effect);
  }
}

async function sign(
  state: DriverState,
  { request, attempt, payloads }: Extract<RelayEffect, { readonly type: "sign" }>,
): Promise<void> {
  const { root, wallet, clock, title } = state;
  const call = sendCall(title, payloads);
  const sealed = await seal(root, wallet, clock, { call, maxGas: SEND_GAS, attempt });
  if (sealed.ok) feed(state, { type: "signed", request, envelope: sealed.value });
  else feed(state, { type: "unsigned", request });
}
