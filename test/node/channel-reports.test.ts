import { describe, expect, it } from "vitest";
import { channelError } from "../../src/channel/core/errors.ts";
import type { Notice } from "../../src/channel/index.ts";
import { createChannelReports } from "../../src/node/channel-reports.ts";
import type { ChannelStatus } from "../../src/node/channel-status.ts";
import type { ChannelEvent } from "../../src/node/host.ts";
import { EXECUTED } from "../../src/sandbox/core/status.ts";

const STATUS = { phase: "leading" } as ChannelStatus;
const RECEIPT = { status: EXECUTED, gasUsed: 1n, events: [], changes: [] };

function world() {
  const events: ChannelEvent[] = [];
  let now = 0n;
  let timers: { run: () => void; delayMs: number }[] = [];
  const state = { bytes: new Uint8Array([7]) as Uint8Array | undefined, reads: 0 };
  const reports = createChannelReports({
    clock: {
      now: () => now,
      after(delayMs, run) {
        const timer = { run, delayMs };
        timers.push(timer);
        return () => {
          timers = timers.filter((one) => one !== timer);
        };
      },
    },
    reader: {
      encodeCall: () => {
        throw new Error("not asked");
      },
      readState: (bytes) => bytes[0] ?? null,
      readEntries: ({ firstHeight, entries }) =>
        entries.map((_, at) => ({
          height: firstHeight + BigInt(at),
          type: "tick",
          seat: 0n,
          address: undefined,
          outcome: { ok: true },
          events: [],
          time: 0,
        })),
    },
    emit: (event) => events.push(event),
    stateBytes: () => {
      state.reads++;
      return state.bytes;
    },
    addressOf: () => undefined,
    status: () => STATUS,
  });
  const run = (delayMs: number) => {
    now += BigInt(delayMs);
    const due = timers.filter((timer) => timer.delayMs === delayMs);
    timers = timers.filter((timer) => timer.delayMs !== delayMs);
    for (const timer of due) timer.run();
  };
  const applied = (firstHeight: bigint, count: number): Notice => ({
    type: "applied",
    number: 1n,
    firstHeight,
    entries: Array.from({ length: count }, () => ({ type: "tick", tick: 1n }) as const),
    receipts: Array.from({ length: count }, () => RECEIPT),
    changes: [],
    leader: 1n,
    time: 5n,
  });
  const take = () => events.splice(0);
  return { reports, take, run, applied, state, timersCount: () => timers.length };
}

describe("reports of a channel", () => {
  it("begin with heights, status and state", () => {
    const { reports, take, run } = world();
    reports.start({ verified: 3n, confirmed: 2n, settled: 1n });
    run(16);
    expect(take()).toEqual([
      { type: "progress", progress: { verified: 3n, confirmed: 2n, settled: 1n } },
      { type: "status", status: STATUS },
      { type: "state", height: 3n, state: 7 },
    ]);
  });

  it("read the state once for all that happened within a frame", () => {
    const { reports, take, run, applied, state } = world();
    reports.receive(applied(1n, 2));
    reports.receive(applied(3n, 1));
    run(16);
    expect(state.reads).toBe(1);
    expect(take().map(({ type }) => type)).toEqual([
      "entries",
      "progress",
      "entries",
      "progress",
      "state",
    ]);
    reports.receive(applied(4n, 1));
    run(16);
    expect(take().at(-1)).toEqual({ type: "state", height: 4n, state: 7 });
  });

  it("show what a call did before they say that it is done", () => {
    const { reports, take, run, applied, state } = world();
    const call = (request: number, stage: "sequenced" | "verified" | "confirmed", height: bigint) =>
      reports.receive({ type: "call", request, nonce: 1n, stage, height, receipt: RECEIPT });
    const told = () =>
      take().map((event) =>
        event.type === "call" ? `${event.request} ${event.stage}` : event.type,
      );
    reports.receive(applied(1n, 1));
    call(1, "verified", 1n);
    call(1, "confirmed", 1n);
    expect(told()).toEqual(["entries", "progress", "state", "1 verified", "1 confirmed"]);
    // Within the same frame the state is not told again: what came of calls waits for the next.
    reports.receive(applied(2n, 2));
    call(2, "sequenced", 2n);
    call(2, "verified", 2n);
    call(3, "confirmed", 3n);
    reports.receive({ type: "refused", request: 4, error: channelError("EXPIRED", "at 7") });
    expect(told()).toEqual(["entries", "progress"]);
    run(16);
    expect(told()).toEqual(["state", "2 sequenced", "2 verified", "3 confirmed", "refused"]);
    expect(state.reads).toBe(2);
    call(2, "confirmed", 2n);
    expect(told()).toEqual(["2 confirmed"]);
  });

  it("hold no call back for a state that is not there", () => {
    const { reports, take, applied, state } = world();
    state.bytes = undefined;
    reports.receive(applied(1n, 1));
    reports.receive({ type: "call", request: 1, nonce: 1n, stage: "confirmed", height: 1n });
    expect(take().map(({ type }) => type)).toEqual(["entries", "progress", "call"]);
  });

  it("say nothing of empty batches and of a state that is not there", () => {
    const { reports, take, run, applied, state } = world();
    reports.receive(applied(1n, 0));
    expect(take()).toEqual([]);
    state.bytes = undefined;
    reports.receive({ type: "restored", height: 9n });
    run(16);
    expect(take()).toEqual([
      { type: "progress", progress: { verified: 9n, confirmed: 0n, settled: 0n } },
    ]);
  });

  it("follow what is confirmed, settled and void", () => {
    const { reports, take, applied } = world();
    reports.receive(applied(1n, 4));
    reports.receive({ type: "confirmed", height: 3n });
    reports.receive({ type: "settled", height: 2n });
    reports.receive({ type: "reverted", height: 3n });
    const last = { verified: 3n, confirmed: 3n, settled: 2n };
    expect(take().slice(2)).toEqual([
      { type: "progress", progress: { verified: 4n, confirmed: 3n, settled: 0n } },
      { type: "progress", progress: { verified: 4n, confirmed: 3n, settled: 2n } },
      { type: "reverted", height: 3n },
      { type: "progress", progress: last },
    ]);
  });

  it("give a call's stage with its outcome, and errors with what to do", () => {
    const { reports, take } = world();
    const aborted = {
      ...RECEIPT,
      status: { type: "aborted", code: 9n, location: {} } as unknown as typeof EXECUTED,
    };
    reports.receive({ type: "call", request: 1, nonce: 1n, stage: "sequenced" });
    reports.receive({
      type: "call",
      request: 1,
      nonce: 1n,
      stage: "verified",
      height: 5n,
      receipt: aborted,
    });
    reports.receive({ type: "refused", request: 2, error: channelError("EXPIRED", "at 7") });
    reports.receive({ type: "done", request: 3 });
    reports.receive({ type: "fraud", accused: 2n, detail: "wrong root" });
    reports.receive({ type: "error", error: channelError("STALE_EPOCH", "") });
    expect(take()).toEqual([
      { type: "call", request: 1, stage: "sequenced" },
      {
        type: "call",
        request: 1,
        stage: "verified",
        height: 5n,
        outcome: { ok: false, status: "ABORTED", abortCode: 9n },
      },
      {
        type: "refused",
        request: 2,
        error: {
          code: "EXPIRED",
          number: 100_018,
          message: "The call's last height has passed. (at 7) Send it again with a later expiry.",
        },
      },
      { type: "done", request: 3 },
      { type: "fraud", seat: 2n, detail: "wrong root" },
      { type: "warning", error: expect.objectContaining({ code: "STALE_EPOCH" }) },
    ]);
  });

  it("renew the status every second and at every change of the lead, until they stop", () => {
    const { reports, take, run, timersCount } = world();
    reports.start({ verified: 0n, confirmed: 0n, settled: 0n });
    take();
    run(1_000);
    reports.receive({ type: "phase", phase: "leading" });
    reports.receive({ type: "leader", epoch: { term: 1n, view: 0n }, leader: 1n });
    expect(take()).toHaveLength(3);
    expect(timersCount()).toBe(2);
    reports.stop();
    reports.receive({ type: "phase", phase: "closed" });
    expect([take(), timersCount()]).toEqual([[], 0]);
  });
});
