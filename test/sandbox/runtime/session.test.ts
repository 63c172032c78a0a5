// Sessions: many calls over one view. [EX1], [CH3]
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ChangeSet,
  composeChangeSets,
  createMemoryState,
  EMPTY_CHANGE_SET,
  type Session,
} from "#sandbox";
import { COUNTER, u64 } from "../fixtures.ts";
import { createHarness, execute } from "../harness.ts";

interface Step {
  readonly fn: string;
  readonly account: number;
  readonly value: number;
}

const steps = fc.array(
  fc.record({
    fn: fc.constantFrom("open", "set", "close", "set_then_abort", "get", "open_and_close"),
    account: fc.integer({ min: 1, max: 2 }),
    value: fc.nat(2),
  }),
  { maxLength: 12 },
);

const PARAMETERS: Readonly<Record<string, readonly ("address" | "value")[]>> = {
  open: ["value"],
  set: ["address", "value"],
  close: ["address"],
  set_then_abort: ["address", "value"],
  get: ["address"],
  open_and_close: ["address"],
};

function perform(session: Session, { fn, account, value }: Step) {
  const args = (PARAMETERS[fn] ?? []).map((what) =>
    what === "address" ? account.toString(16).padStart(64, "0") : u64(value),
  );
  const signs = fn === "open" || fn === "open_and_close";
  const signers = signs ? [`0x${account}`] : [];
  return execute(session, `0x1::counter::${fn}`, { args, signers });
}

function harnessWithCounter() {
  const harness = createHarness();
  harness.publish(COUNTER);
  return harness;
}

describe("a session", () => {
  it("[EX1] does what separate sessions do that apply their changes one after another", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const [together, apart] = [harnessWithCounter(), harnessWithCounter()];
        const session = together.begin();
        for (const step of all) {
          const one = perform(session, step);
          const single = apart.begin();
          const other = perform(single, step);
          apart.state.apply(single.changes());
          expect(one).toEqual(other);
        }
        together.state.apply(session.changes());
        const last = { fn: "get", value: 0 };
        for (const account of [1, 2]) {
          const [a, b] = [together, apart].map((harness) =>
            perform(harness.begin(), { ...last, account }),
          );
          expect(a).toEqual(b);
        }
      }),
    );
  });

  it("[CH3] has as changes the composition of its calls' changes", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const session = harnessWithCounter().begin();
        let composed: ChangeSet = EMPTY_CHANGE_SET;
        for (const step of all) {
          composed = composeChangeSets(composed, perform(session, step).changes);
        }
        expect(session.changes()).toEqual(composed);
      }),
    );
  });

  it("[EX1] forgets what lies above a mark", () => {
    fc.assert(
      fc.property(steps, steps, (kept, dropped) => {
        const harness = harnessWithCounter();
        const [session, reference] = [harness.begin(), harness.begin()];
        for (const step of kept) {
          perform(session, step);
          perform(reference, step);
        }
        const mark = session.mark();
        for (const step of dropped) perform(session, step);
        session.rollback(mark);
        expect(session.changes()).toEqual(reference.changes());
        for (const step of dropped) {
          expect(perform(session, step)).toEqual(perform(reference, step));
        }
      }),
    );
  });

  it("leaves the state alone until its changes are applied", () => {
    const harness = harnessWithCounter();
    const before = harness.state.size;
    const session = harness.begin();
    perform(session, { fn: "open", account: 1, value: 1 });
    expect(harness.state.size).toBe(before);
    harness.state.apply(session.changes());
    expect(harness.state.size).toBe(before + 1);
  });

  it("starts over an empty state", () => {
    expect(createMemoryState().size).toBe(0);
    expect(createHarness().begin().changes()).toEqual([]);
  });
});
