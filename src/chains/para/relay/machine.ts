/**
 * Brings transactions that somebody hands in here to the root chain, from where every node of the
 * parallel chain takes them: the same stop and wait as for commits. What is not packed in the end,
 * because a block had no room or an earlier one of its account is missing, is brought again. Pure;
 * knows no request and no network.
 */
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { ok, type Result } from "#core/result.ts";
import { type Admitting, admitTransaction, nowSecs } from "../../core/admission.ts";
import { followHead } from "../../core/reorganisation.ts";
import type { Discarded } from "../../ledger/block-execution.ts";
import type { BlockTree, HeadChange } from "../../ledger/block-tree.ts";
import {
  createMempool,
  dropExpired,
  dropTransaction,
  type Mempool,
  readyTransactions,
} from "../../ledger/mempool.ts";
import { invalidTransaction, type Refusal } from "../../ledger/refusal.ts";
import type { ExecutionEnvironment } from "../../ledger/user-transaction.ts";
import type { VerifiedTransaction } from "../../ledger/validation.ts";
import {
  createFlight,
  type Envelope,
  type Flight,
  lookInto,
  type Posting,
  posted,
  renew,
} from "../outbox/flight.ts";
import type { RootBlock } from "../root-block.ts";
import type { ParaSettings } from "../settings.ts";

export type RelayInput =
  | { readonly type: "tick"; readonly nowMs: bigint }
  | { readonly type: "submit"; readonly request: number; readonly bytes: Uint8Array }
  | { readonly type: "rootAdded"; readonly block: RootBlock; readonly isCatchingUp: boolean }
  /** The parallel chain has moved. */
  | {
      readonly type: "head";
      readonly change: HeadChange;
      readonly discarded: readonly Discarded[];
    }
  /** The parallel chain stands on this root height now. */
  | { readonly type: "passed"; readonly rootHeight: bigint }
  /** The root's branch has lost its block at this height. */
  | { readonly type: "rootRemoved"; readonly rootHeight: bigint }
  | { readonly type: "signed"; readonly request: number; readonly envelope: Envelope }
  | { readonly type: "unsigned"; readonly request: number }
  | { readonly type: "posting"; readonly request: number; readonly posting: Posting };

export type RelayEffect =
  | {
      readonly type: "answer";
      readonly request: number;
      readonly result: Result<Hash, Refusal>;
    }
  /** Sign a root transaction that brings these, and say `signed` or `unsigned`. */
  | {
      readonly type: "sign";
      readonly request: number;
      readonly attempt: number;
      readonly payloads: readonly Uint8Array[];
    }
  | { readonly type: "post"; readonly request: number; readonly envelope: Envelope }
  /** A transaction that was waiting will not be executed. */
  | { readonly type: "dropped"; readonly hash: Hash; readonly refusal: Refusal };

interface Carried {
  readonly flight: Flight;
  readonly transactions: readonly VerifiedTransaction[];
}

export interface RelayMachine {
  readonly settings: ParaSettings;
  readonly environment: ExecutionEnvironment;
  readonly tree: BlockTree;
  readonly pool: Mempool;
  nowMs: bigint;
  carried: Carried | undefined;
  /** By the hex of the hash: the root height at which it was brought. */
  readonly brought: Map<string, bigint>;
  /** Nothing is brought before. */
  pausedUntilMs: bigint;
  requests: number;
}

export function createRelayMachine(
  settings: ParaSettings,
  environment: ExecutionEnvironment,
  tree: BlockTree,
  nowMs: bigint,
): RelayMachine {
  return {
    settings,
    environment,
    tree,
    pool: createMempool(),
    nowMs,
    carried: undefined,
    brought: new Map(),
    pausedUntilMs: nowMs,
    requests: 0,
  };
}

export function stepRelay(machine: RelayMachine, input: RelayInput): readonly RelayEffect[] {
  return [...apply(machine, input), ...bringNext(machine)];
}

function apply(machine: RelayMachine, input: RelayInput): readonly RelayEffect[] {
  switch (input.type) {
    case "tick":
      if (input.nowMs > machine.nowMs) machine.nowMs = input.nowMs;
      return [...expire(machine), ...postAgain(machine)];
    case "submit": {
      const admitted = admitTransaction(machine satisfies Admitting, input.bytes);
      const result = admitted.ok ? ok(admitted.value.transaction.hash) : admitted;
      return [{ type: "answer", request: input.request, result }];
    }
    case "rootAdded":
      return lookForCarried(machine, input.block, input.isCatchingUp);
    case "head":
      return moveHead(machine, input.change, input.discarded);
    case "passed":
      for (const [name, rootHeight] of machine.brought) {
        if (rootHeight <= input.rootHeight) machine.brought.delete(name);
      }
      return [];
    case "rootRemoved":
      for (const [name, rootHeight] of machine.brought) {
        if (rootHeight >= input.rootHeight) machine.brought.delete(name);
      }
      return [];
    case "signed":
      return post(machine, input.request, input.envelope);
    case "unsigned":
      if (machine.carried?.flight.request === input.request) pause(machine);
      return [];
    case "posting":
      return hearPosting(machine, input.request, input.posting);
  }
}

function bringNext(machine: RelayMachine): readonly RelayEffect[] {
  const { settings, pool, brought, carried, nowMs, pausedUntilMs } = machine;
  if (carried !== undefined || nowMs < pausedUntilMs) return [];
  const transactions: VerifiedTransaction[] = [];
  let size = 0;
  for (const transaction of readyTransactions(pool)) {
    if (brought.has(toHex(transaction.hash))) continue;
    size += transaction.bytes.length;
    const isFull = transactions.length === settings.batchMax || size > settings.batchSizeMax;
    if (isFull && transactions.length > 0) break;
    transactions.push(transaction);
  }
  if (transactions.length === 0) return [];
  machine.requests += 1;
  machine.carried = { flight: createFlight(machine.requests), transactions };
  return [signing(machine.carried)];
}

function signing({ flight, transactions }: Carried): RelayEffect {
  const payloads = transactions.map(({ bytes }) => bytes);
  return { type: "sign", request: flight.request, attempt: flight.attempt, payloads };
}

function post(
  { carried }: RelayMachine,
  request: number,
  envelope: Envelope,
): readonly RelayEffect[] {
  if (carried?.flight.request !== request) return [];
  posted(carried.flight, envelope);
  return [{ type: "post", request, envelope }];
}

function postAgain({ carried, nowMs }: RelayMachine): readonly RelayEffect[] {
  const { request, postAtMs, envelopes } = carried?.flight ?? {};
  const envelope = envelopes?.at(-1);
  if (carried === undefined || request === undefined || envelope === undefined) return [];
  if (postAtMs === undefined || postAtMs > nowMs) return [];
  carried.flight.postAtMs = undefined;
  return [{ type: "post", request, envelope }];
}

function hearPosting(
  machine: RelayMachine,
  request: number,
  posting: Posting,
): readonly RelayEffect[] {
  const { carried, settings, nowMs } = machine;
  if (carried?.flight.request !== request) return [];
  switch (posting.type) {
    case "taken":
      carried.flight.phase = "waiting";
      return [];
    case "down":
      carried.flight.postAtMs = nowMs + settings.repostMs;
      return [];
    case "stale":
    case "refused":
      pause(machine);
      return [];
  }
}

/** What was to be brought waits, and is brought later by another root transaction. */
function pause(machine: RelayMachine): void {
  machine.carried = undefined;
  machine.pausedUntilMs = machine.nowMs + machine.settings.sendMs;
}

function lookForCarried(
  machine: RelayMachine,
  block: RootBlock,
  isCatchingUp: boolean,
): readonly RelayEffect[] {
  const { carried, settings, brought } = machine;
  if (carried === undefined) return [];
  const { flight, transactions } = carried;
  const found = lookInto(flight, block, isCatchingUp);
  if (found?.isExecuted === true) {
    for (const { hash } of transactions) brought.set(toHex(hash), block.place.height);
    machine.carried = undefined;
    return [];
  }
  if (found !== undefined) {
    pause(machine);
    return [];
  }
  if (flight.checks <= settings.resendAfterBlocks || flight.phase === "preparing") return [];
  machine.requests += 1;
  renew(flight, machine.requests);
  return [signing(carried)];
}

function moveHead(
  machine: RelayMachine,
  change: HeadChange,
  discarded: readonly Discarded[],
): readonly RelayEffect[] {
  const { pool, brought } = machine;
  const undone = change.abandoned.flatMap(({ transactions }) => transactions);
  for (const { hash } of undone) brought.delete(toHex(hash));
  const gone = [
    ...followHead(pool, change),
    // What only comes too early waits.
    ...discarded.filter(({ refusal }) => refusal.status !== "SEQUENCE_NUMBER_TOO_NEW"),
  ];
  return gone.map(({ transaction, refusal }) => {
    dropTransaction(pool, transaction);
    brought.delete(toHex(transaction.hash));
    return { type: "dropped", hash: transaction.hash, refusal };
  });
}

function expire(machine: RelayMachine): readonly RelayEffect[] {
  return dropExpired(machine.pool, nowSecs(machine)).map((transaction) => {
    const why = `void from second ${transaction.raw.expirationSecs} on`;
    machine.brought.delete(toHex(transaction.hash));
    return {
      type: "dropped",
      hash: transaction.hash,
      refusal: invalidTransaction("TRANSACTION_EXPIRED", why),
    };
  });
}
