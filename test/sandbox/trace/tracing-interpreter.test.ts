// The tracing interpreter tells what a call did and changes nothing about it.
import { describe, expect, it } from "vitest";
import {
  type CallTrace,
  chainProfile,
  createInterpreter,
  createMemoryState,
  createTracer,
  type Executor,
  GAS_SCHEDULE,
  internalGas,
  makeAddress,
  type Outcome,
  type TracedCall,
  type Tracer,
  UNCHECKED_PUBLISHING,
} from "#sandbox";
import { TRACE_STEPS_MAX } from "../../../src/sandbox/trace/recording.ts";
import { callsOf, readCases, runCase } from "../../conformance/vm-corpus.ts";
import { COUNTER, ONE, TABLE, u64 } from "../fixtures.ts";
import { execute, GAS_LIMIT } from "../harness.ts";
import { buildBytes, type ModuleText } from "../module-builder.ts";

const CORPUS = new URL("../../vectors/vm-conformance", import.meta.url).pathname;
/** Without the few that run until their gas is gone. */
const CASES = readCases(CORPUS).filter((corpusCase) =>
  callsOf(corpusCase).every(({ gasLimit }) => gasLimit === undefined),
);

/** An executor that keeps every outcome. */
function recorded(executor: Executor): { executor: Executor; outcomes: Outcome[] } {
  const outcomes: Outcome[] = [];
  return {
    outcomes,
    executor: {
      name: executor.name,
      begin(state, context) {
        const session = executor.begin(state, context);
        return {
          ...session,
          execute(call) {
            const outcome = session.execute(call);
            outcomes.push(outcome);
            return outcome;
          },
        };
      },
    },
  };
}

function traced(module: ModuleText, setUp: (call: Tracing["call"]) => void = () => undefined) {
  const tracer = createTracer(chainProfile(UNCHECKED_PUBLISHING));
  const state = createMemoryState();
  const begin = () => tracer.executor.begin(state, { uniqueSeed: new Uint8Array(32), chainId: 4 });
  const session = begin();
  session.publish(makeAddress("0x1"), [buildBytes(module)], internalGas(GAS_LIMIT));
  state.apply(session.changes());
  const call: Tracing["call"] = (fn, options) => {
    const running = begin();
    const outcome = execute(running, fn, options);
    state.apply(running.changes());
    return { outcome, trace: tracer.takeTrace() };
  };
  setUp(call);
  return { call };
}

interface Tracing {
  readonly call: (
    fn: string,
    options?: Parameters<typeof execute>[2],
  ) => { readonly outcome: Outcome; readonly trace: ReturnType<Tracer["takeTrace"]> };
}

function everyCall(calls: readonly TracedCall[]): readonly TracedCall[] {
  return calls.flatMap((call) => [call, ...everyCall(innerCalls(call))]);
}

function innerCalls({ steps }: TracedCall): readonly TracedCall[] {
  return steps.flatMap((step) => (step.type === "call" ? [step.call] : []));
}

function innerGas(call: TracedCall): number {
  return innerCalls(call).reduce((sum, { total }) => sum + total.gas, 0);
}

function accesses({ calls }: CallTrace): readonly string[] {
  return everyCall(calls).flatMap(({ steps }) =>
    steps.flatMap((step) =>
      step.type === "access" ? [`${step.access.mode} ${step.access.operation}`] : [],
    ),
  );
}

describe("the tracing interpreter", () => {
  it("ends every case of the corpus as the plain one does, and accounts for its gas", () => {
    const tracer = createTracer(chainProfile());
    const plain = recorded(createInterpreter(chainProfile()));
    const observed = recorded(tracer.executor);
    let instructions = 0;
    for (const corpusCase of CASES) {
      const lines = runCase(CORPUS, corpusCase, plain.executor, createMemoryState());
      expect(runCase(CORPUS, corpusCase, observed.executor, createMemoryState())).toEqual(lines);
      const calls = everyCall(tracer.takeTrace().calls);
      expect(calls.filter((call) => call.total.gas !== call.own.gas + innerGas(call))).toEqual([]);
      instructions += calls.reduce((sum, { own }) => sum + own.instructions, 0);
    }
    expect(observed.outcomes.length).toBeGreaterThan(480);
    expect(observed.outcomes).toEqual(plain.outcomes);
    expect(instructions).toBeGreaterThan(10_000);
  });

  it("books all the gas there was when it runs out", () => {
    const { call } = traced(CALLS_IN_A_LOOP);
    const gasLimit = 1_000;
    const { outcome, trace } = call("0x1::loops::many", { args: [u64(1_000)], gasLimit });
    expect(outcome.gasUsed).toBe(gasLimit);
    const [outer] = trace.calls;
    const { callBase } = GAS_SCHEDULE;
    // One argument of 8 bytes is charged besides the call itself.
    const before = callBase + Math.ceil(8 / GAS_SCHEDULE.bytesPerGas);
    expect(outer?.total.gas).toBe(gasLimit - before);
    expect(outer?.end).toMatchObject({ type: "failed", status: "OUT_OF_GAS" });
  });

  it("shows a call with its arguments, instructions, gas, accesses and end", () => {
    const { call } = traced(COUNTER, (run) =>
      run("0x1::counter::open", { mode: "entry", signers: ["0x1"], args: [u64(5)] }),
    );
    const { outcome, trace } = call("0x1::counter::set_then_abort", {
      mode: "entry",
      args: [ONE, u64(9)],
    });
    expect(outcome.status.type).toBe("aborted");
    const [outer, ...others] = trace.calls;
    expect(others).toEqual([]);
    expect(outer).toMatchObject({
      function: "0x1::counter::set_then_abort",
      isNative: false,
      args: [
        { type: "address", value: makeAddress("0x1") },
        { type: "u64", value: 9n },
      ],
      own: { instructions: 5 },
      total: { instructions: 11 },
      end: { type: "aborted", code: 77n, offset: 4 },
    });
    expect(outer?.steps).toMatchObject([
      {
        type: "call",
        call: {
          function: "0x1::counter::set",
          own: { instructions: 6 },
          end: { type: "returned", values: [] },
          steps: [
            {
              type: "access",
              access: {
                operation: "borrow_mut",
                mode: "write",
                key: { kind: "resource", address: makeAddress("0x1"), type: { name: "Counter" } },
              },
            },
          ],
        },
      },
    ]);
  });

  it("says of a failure where it happened and what it unwound", () => {
    const { call } = traced(COUNTER);
    const { trace } = call("0x1::counter::set_then_abort", { args: [ONE, u64(9)] });
    expect(everyCall(trace.calls).map(({ end }) => end)).toEqual([
      { type: "unwound" },
      { type: "failed", status: "MISSING_DATA", detail: "no such resource", offset: 2 },
    ]);
  });

  it("shows a native under its caller, and the table item it reads or writes", () => {
    const { call } = traced(TABLE, (run) =>
      run("0x1::table::open", { mode: "entry", signers: ["0x1"] }),
    );
    const { trace } = call("0x1::table::add", { args: [ONE, u64(3), u64(30)] });
    const native = everyCall(trace.calls).find(({ isNative }) => isNative);
    expect(native?.function).toMatch(/^0x1::table::add_box</);
    expect(native?.own.instructions).toBe(0);
    expect(native?.own.gas).toBeGreaterThan(0);
    expect(accesses(trace)).toContain("write table_add");
    const { trace: reading } = call("0x1::table::get", { args: [ONE, u64(3)] });
    expect(accesses(reading)).toContain("read table_borrow");
  });

  it("keeps a bounded number of steps and counts the cost of all", () => {
    const rounds = TRACE_STEPS_MAX + 100;
    const { call } = traced(CALLS_IN_A_LOOP);
    const { outcome, trace } = call("0x1::loops::many", { args: [u64(rounds)] });
    expect(outcome.status.type).toBe("executed");
    expect(trace.omittedSteps).toBe(100);
    expect(everyCall(trace.calls).length).toBe(TRACE_STEPS_MAX + 1);
    const [outer] = trace.calls;
    // Each round: the loop's ten instructions and the callee's one; then what ends the loop.
    expect(outer?.total.instructions).toBe(rounds * 11 + 5);
  });

  it("keeps no large value", () => {
    const { call } = traced(TAKES_BYTES);
    const small = call("0x1::bytes::take", { args: [`02${"ab".repeat(2)}`] });
    expect(small.trace.calls[0]?.args).toEqual([
      { type: "vector<u8>", value: Uint8Array.of(0xab, 0xab) },
    ]);
    const large = call("0x1::bytes::take", { args: [`e807${"ab".repeat(1000)}`] });
    expect(large.trace.calls[0]?.args).toEqual([{ type: "vector<u8>", value: undefined }]);
  });

  it("starts anew when its trace is taken", () => {
    const { call } = traced(TAKES_BYTES);
    call("0x1::bytes::take", { args: ["00"] });
    const { trace } = call("0x1::bytes::take", { args: ["00"] });
    expect(trace.calls.length).toBe(1);
  });

  it("survives code that no verifier has seen", () => {
    const { call } = traced(UNVERIFIED);
    const { outcome, trace } = call("0x1::odd::exists_of_nothing");
    expect(outcome.status).toMatchObject({ status: "EMPTY_VALUE_STACK" });
    expect(trace.calls[0]?.end).toMatchObject({ type: "failed", status: "EMPTY_VALUE_STACK" });
    expect(call("0x1::odd::exists_of_nothing").trace.calls.length).toBe(1);
  });
});

const CALLS_IN_A_LOOP: ModuleText = {
  name: "loops",
  functions: [
    { name: "nothing", code: [["Ret"]] },
    {
      name: "many",
      visibility: "public",
      params: ["u64"],
      code: [
        ["CopyLoc", 0],
        ["LdU64", 0n],
        ["Eq"],
        ["BrTrue", 10],
        ["Call", "nothing"],
        ["MoveLoc", 0],
        ["LdU64", 1n],
        ["Sub"],
        ["StLoc", 0],
        ["Branch", 0],
        ["Ret"],
      ],
    },
  ],
};

const TAKES_BYTES: ModuleText = {
  name: "bytes",
  functions: [{ name: "take", visibility: "public", params: ["vector<u8>"], code: [["Ret"]] }],
};

const UNVERIFIED: ModuleText = {
  name: "odd",
  structs: [{ name: "R", abilities: ["key"], fields: { n: "u64" } }],
  functions: [
    {
      name: "exists_of_nothing",
      visibility: "public",
      code: [["Exists", "R"], ["Pop"], ["Ret"]],
    },
  ],
};
