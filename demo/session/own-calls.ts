// This tab's own calls on their way: how many are ahead of what it has executed, and how long the
// latest took to each step.
import type { CallHandle } from "holdfast";
import type { Step } from "../view/stage.ts";

export type Delays = Readonly<Partial<Record<Step, number>>>;

export interface OwnCalls {
  /** `changed` is called whenever the call moves. */
  follow(handle: CallHandle, changed: () => void): void;
  /** Milliseconds that the latest call took to each step that it has reached. */
  latestDelays(): Delays;
  /** Calls that the leader has ordered and this tab has not executed yet. */
  aheadCount(): number;
}

export function createOwnCalls(now: () => number = Date.now): OwnCalls {
  const underWay = new Set<CallHandle>();
  let delays: Partial<Record<Step, number>> = {};
  return {
    follow(handle, changed) {
      const sentMs = now();
      const taken: Partial<Record<Step, number>> = {};
      delays = taken;
      underWay.add(handle);
      handle.onStage((stage) => {
        if (stage !== "sent") taken[stage] ??= now() - sentMs;
        changed();
      });
      const arrive = () => void underWay.delete(handle);
      handle.verified.then(arrive, arrive);
    },
    latestDelays: () => delays,
    aheadCount: () => [...underWay].filter(({ stage }) => stage === "sequenced").length,
  };
}
