import { describe, expect, it, vi } from "vitest";
import { createChannelClient, ENTRIES_MAX } from "../../src/node/channel-client.ts";
import type { ChannelEntry, ChannelEvent, Host } from "../../src/node/host.ts";
import type { JsValue } from "../../src/sandbox/index.ts";

type Calls = { readonly post: readonly [text: string] };

function world(change: Partial<Host> = {}) {
  const asked: unknown[] = [];
  const host: Host = {
    start: async () => ({ identity: "", address: "0x1" }),
    open: async () => ({
      handle: 1,
      id: 1n,
      room: "room",
      player: { identity: "", address: "0x1" },
    }),
    call: async (id, call) => void asked.push([id, call]),
    wish: async (id, request, kind) => void asked.push([id, request, kind]),
    view: () => Promise.reject(new Error("not asked")),
    status: () => Promise.reject(new Error("not asked")),
    stop: async () => {},
    ...change,
  };
  const read = (value: JsValue) => ({ read: value });
  const client = createChannelClient<{ read: JsValue }, Calls>(
    host,
    { handle: 1, id: 1n, room: "r", player: { identity: "", address: "0x1" } },
    read,
  );
  return { ...client, asked };
}

const entry = (height: bigint): ChannelEntry => ({
  height,
  type: "tick",
  seat: 0n,
  address: undefined,
  outcome: { ok: true },
  events: [],
  time: 0,
});

const stage = (
  request: number,
  name: "sequenced" | "verified" | "confirmed" | "settled" | "sent",
  more: object = {},
): ChannelEvent => ({ type: "call", request, stage: name, ...more });

describe("channel client", () => {
  it("reads the state as the app wants it, and tells of every change", () => {
    const { channel, receive } = world();
    const states: unknown[] = [];
    const stop = channel.on("change", (state) => states.push(state));
    expect(channel.state).toBeUndefined();
    receive({ type: "state", height: 1n, state: "one" });
    stop();
    receive({ type: "state", height: 2n, state: "two" });
    expect(states).toEqual([{ read: "one" }]);
    expect(channel.state).toEqual({ read: "two" });
  });

  it("tells the state that is there to who begins to listen, and once", async () => {
    const { channel, receive } = world();
    receive({ type: "state", height: 1n, state: "one" });
    const states: unknown[] = [];
    channel.on("change", (state) => states.push(state));
    const stop = channel.on("change", () => states.push("who listens no more"));
    stop();
    expect(states).toEqual([]);
    await Promise.resolve();
    channel.on("progress", () => {});
    await Promise.resolve();
    expect(states).toEqual([{ read: "one" }]);
    receive({ type: "state", height: 2n, state: "two" });
    expect(states).toEqual([{ read: "one" }, { read: "two" }]);
  });

  it("keeps the latest entries, without those that became void", () => {
    const { channel, receive } = world();
    const all = Array.from({ length: ENTRIES_MAX + 5 }, (_, index) => entry(BigInt(index + 1)));
    receive({ type: "entries", entries: all });
    expect(channel.entries).toHaveLength(ENTRIES_MAX);
    receive({ type: "reverted", height: 8n });
    expect(channel.entries.map(({ height }) => height)).toEqual([6n, 7n, 8n]);
  });

  it("resolves a call's promises as it advances, and tells each stage once", async () => {
    const { channel, receive, asked } = world();
    const call = channel.call("post", "hello");
    const stages: string[] = [];
    call.onStage((reached) => stages.push(reached));
    expect(asked).toEqual([[1, { request: 1, function: "post", typeArgs: [], args: ["hello"] }]]);
    expect(call.stage).toBe("sent");
    receive(stage(1, "sequenced"));
    expect(await call.sequenced).toEqual({ stage: "sequenced", height: undefined });
    receive(stage(1, "confirmed", { height: 4n, outcome: { ok: true } }));
    receive(stage(1, "confirmed", { height: 4n, outcome: { ok: true } }));
    expect(await call.verified).toEqual({ stage: "confirmed", height: 4n });
    expect(await call.confirmed).toEqual({ stage: "confirmed", height: 4n });
    receive(stage(1, "sent"));
    receive(stage(1, "settled", { height: 5n, outcome: { ok: true } }));
    expect(await call.settled).toEqual({ stage: "settled", height: 5n });
    expect(stages).toEqual(["sequenced", "confirmed", "sent", "settled"]);
  });

  it("[EXECUTION_ABORTED] rejects what a contract aborted, stage by stage", async () => {
    const { channel, receive } = world();
    const call = channel.call("post", "");
    const outcome = { ok: false, status: "ABORTED", abortCode: 65_543n } as const;
    receive(stage(1, "verified", { height: 1n, outcome }));
    await expect(call.verified).rejects.toMatchObject({
      code: "EXECUTION_ABORTED",
      number: 100_004,
      message: expect.stringContaining("65543"),
      abortCode: 65_543n,
    });
    await expect(call.sequenced).resolves.toMatchObject({ height: 1n });
    const settled = vi.fn<() => void>();
    void call.confirmed.catch(settled);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    receive(stage(1, "confirmed", { height: 1n, outcome }));
    await expect(call.confirmed).rejects.toMatchObject({ code: "EXECUTION_ABORTED" });
  });

  it("rejects all that is left of a call that is refused, here or by the channel", async () => {
    const { channel, receive } = world();
    const call = channel.call("post", "x");
    receive(stage(1, "sequenced"));
    receive({ type: "refused", request: 1, error: { code: "EXPIRED", message: "too late" } });
    await expect(call.sequenced).resolves.toBeDefined();
    await expect(call.settled).rejects.toMatchObject({ code: "EXPIRED", message: "too late" });
    const refusing = world({ call: () => Promise.reject(new Error("no such function")) });
    await expect(refusing.channel.call("post", "x").confirmed).rejects.toMatchObject({
      code: "INTERNAL",
      message: "no such function",
    });
  });

  it("keeps the promises of settle, leave and close", async () => {
    const { channel, receive, asked } = world();
    const [settle, leave, close] = [channel.settle(), channel.leave(), channel.close()];
    expect(asked).toEqual([
      [1, 1, "settle"],
      [1, 2, "leave"],
      [1, 3, "close"],
    ]);
    receive({ type: "done", request: 2 });
    await leave;
    receive({
      type: "refused",
      request: 3,
      error: { code: "NOT_ALLOWED", message: "", number: 7 },
    });
    await expect(close).rejects.toMatchObject({ code: "NOT_ALLOWED", number: 7 });
    receive({ type: "failed", error: { code: "STORE_FULL", message: "full" } });
    await expect(settle).rejects.toMatchObject({ code: "STORE_FULL" });
    await expect(channel.settle()).rejects.toMatchObject({ code: "STORE_FULL" });
    await expect(channel.call("post", "x").sequenced).rejects.toMatchObject({ code: "STORE_FULL" });
  });

  it("passes on progress, status, warnings, fraud and failure", () => {
    const { channel, receive } = world();
    const told: string[] = [];
    channel.on("progress", ({ verified }) => told.push(`verified ${verified}`));
    channel.on("warning", ({ code }) => told.push(code));
    channel.on("fraud", ({ seat }) => told.push(`fraud ${seat}`));
    channel.on("failed", ({ code }) => told.push(code));
    channel.on("reverted", (height) => told.push(`reverted ${height}`));
    receive({ type: "progress", progress: { verified: 3n, confirmed: 2n, settled: 1n } });
    receive({ type: "warning", error: { code: "STALE_EPOCH", message: "" } });
    receive({ type: "fraud", seat: 2n, detail: "wrong root" });
    receive({ type: "reverted", height: 2n });
    receive({ type: "failed", error: { code: "STORE_FAILED", message: "" } });
    const expected = ["verified 3", "STALE_EPOCH", "fraud 2", "reverted 2", "STORE_FAILED"];
    expect(told).toEqual(expected);
    expect(channel.progress).toEqual({ verified: 3n, confirmed: 2n, settled: 1n });
  });

  it("lets no listener disturb another", () => {
    const thrown: unknown[] = [];
    const queue = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => {
      try {
        task();
      } catch (error) {
        thrown.push(error);
      }
    });
    const { channel, receive } = world();
    const told: bigint[] = [];
    channel.on("reverted", () => {
      throw new Error("a mistake in the game");
    });
    channel.on("reverted", (height) => told.push(height));
    receive({ type: "reverted", height: 1n });
    queue.mockRestore();
    expect(told).toEqual([1n]);
    expect(thrown).toEqual([new Error("a mistake in the game")]);
  });
});
