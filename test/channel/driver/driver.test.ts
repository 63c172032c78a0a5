import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChainChannel } from "../../../src/channel/chain-view.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import type { Input } from "../../../src/channel/core/input.ts";
import { createDriver, WAITING_MAX } from "../../../src/channel/driver.ts";
import type {
  JournalRecord,
  PeerId,
  Settlement,
  TransportListener,
} from "../../../src/channel/ports.ts";
import type { VerifyAhead } from "../../../src/channel/verify-ahead.ts";

const PEER = "aa" as PeerId;
const record = (sequence: number): Effect => ({
  type: "persist",
  record: { sequence, bytes: Uint8Array.of(sequence % 256) },
});
const send = (text: string, after: number): Effect => ({
  type: "send",
  to: [PEER],
  bytes: new TextEncoder().encode(text),
  after,
});
const fraud = (detail: string, after: number): Effect => ({
  type: "notify",
  notice: { type: "fraud", accused: 1n, detail },
  after,
});

/**
 * A driver in a world where the test decides when the disk has written, what the chain says and
 * what time it is.
 */
function world(step: (input: Input) => readonly Effect[], verifyAhead?: VerifyAhead) {
  const log: string[] = [];
  const hooks = { onNotice: () => {} };
  const commits: { records: readonly JournalRecord[]; end: (error?: Error) => void }[] = [];
  const commands: { name: string; end: (error?: Error) => void }[] = [];
  const timers: { atMs: bigint; run: () => void }[] = [];
  let time = 1_000n;
  let listener: TransportListener | undefined;
  let chain: Parameters<Settlement["subscribe"]>[1] | undefined;

  const pending = (list: { end: (error?: Error) => void }[], item: object) =>
    new Promise<void>((resolve, reject) => {
      list.push({ ...item, end: (error) => (error ? reject(error) : resolve()) });
    });
  const settlement = new Proxy({} as Settlement, {
    get: (_, name: string) => {
      if (name !== "subscribe") return () => pending(commands, { name });
      return (_id: bigint, given: NonNullable<typeof chain>) => {
        chain = given;
        return () => {
          chain = undefined;
        };
      };
    },
  });
  const driver = createDriver({
    step,
    channelId: 7n,
    durable: 0,
    journal: {
      load: async () => [],
      append: (records) => pending(commits, { records }),
      prune: async (sequence) => void log.push(`prune ${sequence}`),
      close: async () => void log.push("journal closed"),
    },
    transport: {
      self: "bb" as PeerId,
      open: async (given) => {
        listener = given;
      },
      send: (_, bytes) => void log.push(`send ${new TextDecoder().decode(bytes)}`),
      peers: () => [],
      close: async () => void log.push("transport closed"),
    },
    ...(verifyAhead === undefined ? {} : { verifyAhead }),
    settlement,
    clock: {
      now: () => time,
      after(delayMs, run) {
        const timer = { atMs: time + BigInt(delayMs), run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    },
    onNotice(notice) {
      log.push(notice.type === "fraud" ? notice.detail : notice.type);
      hooks.onNotice();
    },
    onFailure: (failure) => log.push(`failed: ${failure.message}`),
  });
  return {
    driver,
    hooks,
    log,
    commits,
    commands,
    timers,
    message: (...bytes: number[]) => listener?.message(PEER, Uint8Array.from(bytes)),
    listener: () => listener,
    chain: () => chain,
    setTime: (now: bigint) => void (time = now),
    settle: () => new Promise((resolve) => setTimeout(resolve)),
  };
}

describe("driver", () => {
  it("sends nothing before what it relies on is durable, and keeps the order", async () => {
    const { driver, log, commits, settle } = world((input) =>
      input.type === "tick"
        ? [fraud("free", 0), record(1), send("one", 1), record(2), fraud("two", 2), send("last", 0)]
        : [],
    );
    await driver.start();
    expect(log).toEqual(["free"]);
    expect(commits.map(({ records }) => records.map(({ sequence }) => sequence))).toEqual([[1, 2]]);
    commits[0]?.end();
    await settle();
    expect(log).toEqual(["free", "send one", "two", "send last"]);
  });

  it("goes on while the disk writes, and holds back only what came after", async () => {
    let sequence = 0;
    const { driver, log, commits, message, settle } = world((input) => {
      if (input.type !== "message") return [];
      sequence++;
      return [record(sequence), send(`ack ${sequence}`, sequence)];
    });
    await driver.start();
    message(1);
    message(2);
    expect(commits).toHaveLength(2);
    commits[0]?.end();
    await settle();
    expect(log).toEqual(["send ack 1"]);
    commits[1]?.end();
    await settle();
    expect(log).toEqual(["send ack 1", "send ack 2"]);
  });

  it("stops for good when the disk fails, and sends nothing that relied on it", async () => {
    const { driver, log, commits, message, settle } = world((input) =>
      input.type === "message" ? [record(1), send("ack", 1)] : [],
    );
    await driver.start();
    message(1);
    commits[0]?.end(new Error("disk full"));
    await settle();
    message(2);
    await settle();
    expect(log).toEqual(["transport closed", "failed: disk full"]);
    expect(commits).toHaveLength(1);
  });

  it("stops for good at a mistake of its own, before any effect of it", async () => {
    const { driver, log, message } = world((input) => {
      if (input.type === "message") throw new Error("an invariant broke");
      return [];
    });
    await driver.start();
    message(1);
    message(2);
    expect(log).toEqual(["transport closed", "failed: an invariant broke"]);
  });

  it("hands every command to the settlement by name, and its result back by id", async () => {
    const results: Input[] = [];
    const { driver, commands, settle } = world((input) => {
      if (input.type === "commandResult") results.push(input);
      if (input.type !== "tick") return [];
      return [
        { type: "submit", id: 1, command: { type: "keepAlive" }, after: 0 },
        { type: "submit", id: 2, command: { type: "leave" }, after: 0 },
        { type: "submit", id: 3, command: { type: "close" }, after: 0 },
      ];
    });
    await driver.start();
    expect(commands.map(({ name }) => name)).toEqual(["keepAlive", "leave", "close"]);
    commands[1]?.end(Object.assign(new Error("not now"), { code: "E_WINDOW_OPEN" }));
    await settle();
    commands[0]?.end();
    commands[2]?.end(new Error("lost"));
    await settle();
    expect(results).toMatchObject([
      { id: 2, result: { ok: false, code: "E_WINDOW_OPEN", detail: "not now" } },
      { id: 1, result: { ok: true } },
      { id: 3, result: { ok: false, code: "UNKNOWN", detail: "lost" } },
    ]);
  });

  it("arms one timer, the last one asked for, and never a negative one", async () => {
    const times: bigint[] = [];
    const { driver, timers, message, setTime } = world((input) => {
      times.push(input.now);
      if (input.type === "tick") return [{ type: "armTimer", at: 500n }];
      return [
        { type: "armTimer", at: 9_000n },
        { type: "armTimer", at: 3_000n },
      ];
    });
    await driver.start();
    expect(timers.map(({ atMs }) => atMs)).toEqual([1_000n]);
    message(1);
    expect(timers.map(({ atMs }) => atMs)).toEqual([3_000n]);
    setTime(3_000n);
    timers.shift()?.run();
    expect(times).toEqual([1_000n, 1_000n, 3_000n]);
  });

  it("never tells the machine a time that goes back", async () => {
    const times: bigint[] = [];
    const { driver, message, setTime } = world((input) => {
      times.push(input.now);
      return [];
    });
    await driver.start();
    setTime(400n);
    message(1);
    setTime(1_001n);
    message(1);
    expect(times).toEqual([1_000n, 1_000n, 1_001n]);
  });

  it("lets a listener feed it from within a notice, in turn", async () => {
    const order: string[] = [];
    const { driver, log, hooks } = world((input) => {
      order.push(input.type);
      if (input.type === "settle") return [send("from settle", 0)];
      return input.type === "tick" ? [fraud("notice", 0), send("from tick", 0)] : [];
    });
    hooks.onNotice = () => driver.feed({ type: "settle", request: 1 });
    await driver.start();
    expect(order).toEqual(["tick", "settle"]);
    expect(log).toEqual(["notice", "send from tick", "send from settle"]);
  });

  it("passes on peers and what the chain says, with and without an event", async () => {
    const inputs: Input[] = [];
    const { driver, listener, chain } = world((input) => {
      inputs.push(input);
      return [];
    });
    await driver.start();
    const view = {} as ChainChannel;
    chain()?.(undefined, view);
    chain()?.({ type: "closed" }, view);
    listener()?.peerUp(PEER);
    listener()?.peerDown(PEER);
    expect(inputs.slice(1)).toEqual([
      { type: "chain", channel: view, now: 1_000n },
      { type: "chain", channel: view, event: { type: "closed" }, now: 1_000n },
      { type: "peerUp", peer: PEER, now: 1_000n },
      { type: "peerDown", peer: PEER, now: 1_000n },
    ]);
  });

  it("drops messages while the disk is far behind, counts them, and recovers", async () => {
    let sequence = 0;
    const { driver, commits, message, settle } = world((input) =>
      input.type === "message" ? [record(++sequence), fraud("", sequence)] : [],
    );
    await driver.start();
    for (let count = 0; count < WAITING_MAX + 5; count++) message(1);
    expect(driver.droppedCount()).toBe(5);
    for (const commit of commits) commit.end();
    await settle();
    message(1);
    expect(driver.droppedCount()).toBe(5);
  });

  it("has signatures checked before the machine sees a message, in each peer's order", async () => {
    const inputs: string[] = [];
    const checks: (() => void)[] = [];
    const { driver, listener, setTime, settle } = world(
      (input) => {
        const what = input.type === "message" ? `${input.from} ${input.bytes.join()}` : input.type;
        inputs.push(`${what} at ${input.now}`);
        return [];
      },
      // Of a zero there is nothing to check.
      ([byte]) => (byte === 0 ? undefined : new Promise((resolve) => checks.push(resolve))),
    );
    await driver.start();
    for (const byte of [1, 2, 0]) listener()?.message(PEER, Uint8Array.of(byte));
    listener()?.peerDown(PEER);
    listener()?.message("cc" as PeerId, Uint8Array.of(0));
    setTime(2_000n);
    checks[1]?.();
    await settle();
    expect(inputs).toEqual(["tick at 1000", "cc 0 at 1000"]);
    checks[0]?.();
    await settle();
    expect(inputs.slice(2)).toEqual(
      ["aa 1", "aa 2", "aa 0", "peerDown"].map((what) => `${what} at 2000`),
    );
  });

  it("drops messages while too many wait for their checks", async () => {
    const checks: (() => void)[] = [];
    const { driver, message, settle } = world(
      () => [],
      () => new Promise((resolve) => checks.push(resolve)),
    );
    await driver.start();
    for (let count = 0; count < WAITING_MAX + 5; count++) message(1);
    expect([driver.droppedCount(), checks.length]).toEqual([5, WAITING_MAX]);
    for (const end of checks.splice(0)) end();
    await settle();
    message(1);
    expect([driver.droppedCount(), checks.length]).toEqual([5, 1]);
  });

  it("does nothing more once it is stopped", async () => {
    const inputs: string[] = [];
    const { driver, log, message, chain, timers } = world((input) => {
      inputs.push(input.type);
      return input.type === "tick" ? [{ type: "armTimer", at: 9_000n }] : [];
    });
    await driver.start();
    await driver.stop();
    message(1);
    driver.feed({ type: "settle", request: 1 });
    expect([inputs, timers.length, chain()]).toEqual([["tick"], 0, undefined]);
    expect(log).toEqual(["journal closed", "transport closed"]);
  });

  it("keeps order and durability whatever the disk's pace", async () => {
    const act = fc.oneof(
      fc.constant("message" as const),
      fc.constant("commit" as const),
      fc.constant("settle" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        let sequence = 0;
        const { driver, log, commits, message, settle } = world((input) => {
          if (input.type !== "message") return [];
          sequence += 2;
          return [record(sequence - 1), record(sequence), send(`${sequence}`, sequence)];
        });
        await driver.start();
        let committed = 0;
        for (const one of acts) {
          if (one === "message") message(1);
          else if (one === "settle") await settle();
          else if (committed < commits.length) commits[committed++]?.end();
          expect(log.length).toBeLessThanOrEqual(committed);
        }
        await settle();
        expect(log).toEqual(Array.from({ length: committed }, (_, at) => `send ${2 * at + 2}`));
      }),
      { numRuns: 60 },
    );
  });
});
