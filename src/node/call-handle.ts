/**
 * A call's way through the channel, as promises. Each settles once: a stage that is reached
 * resolves, a contract that aborted rejects it, and a call that will never be ordered rejects all
 * that are left. Nobody has to watch them.
 */
import { HoldfastError, type PlainError } from "./holdfast-error.ts";
import type { CallStage, EntryOutcome } from "./host.ts";

export interface CallReceipt {
  readonly stage: CallStage;
  /** Where the log holds it; undefined while only the leader knows. */
  readonly height: bigint | undefined;
}

export interface CallHandle {
  /** How far it has come; a new leader can send it back. */
  readonly stage: CallStage;
  /** Ordered by the leader. */
  readonly sequenced: Promise<CallReceipt>;
  /** Executed by this node too, with the leader's result. */
  readonly verified: Promise<CallReceipt>;
  /** Certified by a quorum: it cannot be lost any more. */
  readonly confirmed: Promise<CallReceipt>;
  /** On chain. */
  readonly settled: Promise<CallReceipt>;
  /** Calls back with every change of `stage`; returns a function that ends it. */
  readonly onStage: (listener: (stage: CallStage) => void) => () => void;
}

/** The side of a handle that the node moves. */
export interface CallProgress {
  readonly handle: CallHandle;
  advance(stage: CallStage, height: bigint | undefined, outcome: EntryOutcome | undefined): void;
  refuse(error: PlainError): void;
}

const STAGES = ["sequenced", "verified", "confirmed", "settled"] as const;
type Awaited = (typeof STAGES)[number];

interface Deferred {
  readonly promise: Promise<CallReceipt>;
  readonly resolve: (receipt: CallReceipt) => void;
  readonly reject: (error: Error) => void;
}

function defer(): Deferred {
  let resolve: Deferred["resolve"] = () => {};
  let reject: Deferred["reject"] = () => {};
  const promise = new Promise<CallReceipt>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // A game may watch one stage and leave the others alone.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

export function createCallProgress(): CallProgress {
  const deferred: Readonly<Record<Awaited, Deferred>> = {
    sequenced: defer(),
    verified: defer(),
    confirmed: defer(),
    settled: defer(),
  };
  const listeners = new Set<(stage: CallStage) => void>();
  let current: CallStage = "sent";

  return {
    handle: {
      get stage() {
        return current;
      },
      sequenced: deferred.sequenced.promise,
      verified: deferred.verified.promise,
      confirmed: deferred.confirmed.promise,
      settled: deferred.settled.promise,
      onStage(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    advance(stage, height, outcome) {
      const reached = STAGES.slice(0, STAGES.findIndex((one) => one === stage) + 1);
      for (const one of reached) {
        // Being ordered is no success of the contract; what follows is.
        if (outcome === undefined || outcome.ok || one === "sequenced") {
          deferred[one].resolve({ stage, height });
        } else deferred[one].reject(abortOf(outcome));
      }
      if (stage === current) return;
      current = stage;
      for (const listener of listeners) listener(stage);
    },
    refuse(error) {
      for (const stage of STAGES) deferred[stage].reject(new HoldfastError(error));
    },
  };
}

/** 100004: the contract aborted the call; it was ordered, and had no effect. */
const EXECUTION_ABORTED = 100_004;

function abortOf(outcome: EntryOutcome & { ok: false }): HoldfastError {
  const { status, abortCode } = outcome;
  const why = abortCode === undefined ? status : `${status}, abort code ${abortCode}`;
  return new HoldfastError({
    code: "EXECUTION_ABORTED",
    number: EXECUTION_ABORTED,
    message: `The contract refused the call: ${why}.`,
    abortCode,
  });
}
