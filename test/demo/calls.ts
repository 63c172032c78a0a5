// Calls on their way, as tests move them.
import type { CallHandle, CallReceipt } from "holdfast";

export interface TestCall {
  readonly handle: CallHandle;
  /** Brings it to a stage; from `verified` on its promise is kept. */
  reach(stage: CallHandle["stage"]): Promise<void>;
  refuse(error: Error): Promise<void>;
}

export function testCall(): TestCall {
  const listeners = new Set<(stage: CallHandle["stage"]) => void>();
  let stage: CallHandle["stage"] = "sent";
  let resolve: (receipt: CallReceipt) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<CallReceipt>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {});
  return {
    handle: {
      get stage() {
        return stage;
      },
      sequenced: promise,
      verified: promise,
      confirmed: promise,
      settled: promise,
      onStage(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    async reach(next) {
      stage = next;
      for (const listener of listeners) listener(next);
      if (next !== "sent" && next !== "sequenced") resolve({ stage: next, height: 1n });
      await Promise.resolve();
    },
    async refuse(error) {
      reject(error);
      await Promise.resolve();
    },
  };
}
