import { describe, expect, it } from "vitest";
import {
  createBroadcastChannelWire,
  HELLO_INTERVAL_MS,
  type LocksLike,
  SILENCE_MS_MAX,
} from "../../../src/channel/transport/broadcast-channel.ts";
import { transportSuite } from "../../conformance/transport.suite.ts";
import { realClock, realEntropy, transportOf } from "./nodes.ts";
import { createTabs } from "./tabs.ts";

let rooms = 0;

transportSuite("BroadcastChannel of Node", async () => {
  const room = `suite-${rooms++}`;
  const wire = (name: string) =>
    createBroadcastChannelWire({
      room: name,
      openChannel: (channel) => new BroadcastChannel(channel),
      locks: undefined,
      entropy: realEntropy,
      clock: realClock,
    });
  return {
    node: async (number) => transportOf(number, wire(room)),
    stranger: async (number) => transportOf(number, wire(`${room}-other`)),
    dispose: async () => {},
  };
});

describe("BroadcastChannel wire between tabs", () => {
  type Tabs = ReturnType<typeof createTabs>;

  async function start(tabs: Tabs, number: number, withLocks = true) {
    const tab = tabs.tab();
    const log: string[] = [];
    const wire = createBroadcastChannelWire({
      room: "room",
      openChannel: tab.openChannel,
      locks: withLocks ? tab.locks : undefined,
      entropy: realEntropy,
      clock: tab.clock,
    });
    const transport = transportOf(number, wire, tab.clock);
    await Promise.all([
      transport.open({
        peerUp: () => log.push("up"),
        peerDown: () => log.push("down"),
        message: (_, bytes) => log.push(new TextDecoder().decode(bytes)),
      }),
      tabs.settle(),
    ]);
    return { tab, transport, log };
  }

  it("learns of a killed tab at once, by its lock", async () => {
    const tabs = createTabs();
    const [a, b] = [await start(tabs, 1), await start(tabs, 2)];
    await tabs.settle();
    expect(a.log).toEqual(["up"]);
    b.tab.kill();
    await tabs.settle();
    expect(a.log).toEqual(["up", "down"]);
    expect(a.transport.peers()).toEqual([]);
  });

  it("learns of a killed tab by its silence where there are no locks", async () => {
    const tabs = createTabs();
    const [a, b] = [await start(tabs, 1, false), await start(tabs, 2, false)];
    await tabs.settle();
    b.tab.kill();
    await tabs.advance(SILENCE_MS_MAX - HELLO_INTERVAL_MS);
    expect(a.log).toEqual(["up"]);
    await tabs.advance(2 * HELLO_INTERVAL_MS);
    expect(a.log).toEqual(["up", "down"]);
  });

  it("takes a frozen tab for gone, and back with a new session when it thaws", async () => {
    const tabs = createTabs();
    const [a, b] = [await start(tabs, 1), await start(tabs, 2)];
    await tabs.settle();
    b.tab.freeze();
    await tabs.advance(SILENCE_MS_MAX + 2 * HELLO_INTERVAL_MS);
    expect(a.log).toEqual(["up", "down"]);
    a.transport.send(b.transport.self, new TextEncoder().encode("lost"));
    b.tab.thaw();
    await tabs.advance(HELLO_INTERVAL_MS);
    a.transport.send(b.transport.self, new TextEncoder().encode("found"));
    b.transport.send(a.transport.self, new TextEncoder().encode("me too"));
    await tabs.settle();
    expect(a.log).toEqual(["up", "down", "up", "me too"]);
    expect(b.log).toEqual(["up", "down", "up", "found"]);
  });

  it("does not take its own sleep for the silence of others", async () => {
    const tabs = createTabs();
    const [a, b] = [await start(tabs, 1), await start(tabs, 2)];
    await tabs.settle();
    a.tab.freeze();
    b.tab.freeze();
    await tabs.advance(60 * SILENCE_MS_MAX);
    a.tab.thaw();
    b.tab.thaw();
    await tabs.advance(2 * HELLO_INTERVAL_MS);
    expect(a.log).toEqual(["up"]);
    expect(b.log).toEqual(["up"]);
  });

  it("ignores what no tab of ours would say", async () => {
    const tabs = createTabs();
    const [a, b] = [await start(tabs, 1), await start(tabs, 2)];
    await tabs.settle();
    const noise = tabs.tab().openChannel("holdfast:tabs:room");
    const junk: unknown[] = [
      null,
      7,
      "hello",
      [],
      {},
      { type: "hello" },
      { type: "bye", session: 1 },
    ];
    junk.push(
      { type: "hello", session: "x".repeat(32) },
      { type: "nothing", session: "0".repeat(32) },
    );
    for (const data of junk) noise.postMessage(data);
    await tabs.settle();
    a.transport.send(b.transport.self, new TextEncoder().encode("unharmed"));
    await tabs.settle();
    expect(b.log).toEqual(["up", "unharmed"]);
  });

  it("works on where locks are refused", async () => {
    const refused: LocksLike = { request: () => Promise.reject(new Error("no locks here")) };
    const tabs = createTabs();
    const tab = tabs.tab();
    const wire = createBroadcastChannelWire({
      room: "room",
      openChannel: tab.openChannel,
      locks: refused,
      entropy: realEntropy,
      clock: tab.clock,
    });
    const log: string[] = [];
    const listener = { peerUp: () => log.push("up"), peerDown: () => {}, message: () => {} };
    await transportOf(1, wire, tab.clock).open(listener);
    await start(tabs, 2, false);
    await tabs.settle();
    expect(log).toEqual(["up"]);
  });
});
