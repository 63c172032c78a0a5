import { describe, expect, it, vi } from "vitest";
import { HoldfastError } from "../../src/node/holdfast-error.ts";
import type { Host, HostEvent, HostSetup } from "../../src/node/host.ts";
import { connectHost, type HostPorts, serveHost } from "../../src/node/host-boundary.ts";

const PLAYER = { identity: "i", address: "0x1" };
const setup = { stake: 100n, remembered: null } as HostSetup;

function boundary(change: Partial<Host> = {}) {
  const page = new MessageChannel();
  const [events, chain] = [new MessageChannel(), new MessageChannel()];
  const received: HostEvent[] = [];
  events.port1.onmessage = ({ data }: MessageEvent<HostEvent>) => received.push(data);
  let given: HostPorts | undefined;
  let say: (event: HostEvent) => void = () => {};
  serveHost((ports, emit) => {
    [given, say] = [ports, emit];
    return {
      start: async ({ stake }) => ({ identity: `stake ${stake}`, address: "0x1" }),
      open: async (room) => ({ handle: 3, id: 7n, room, player: PLAYER }),
      call: async () => {},
      wish: async () => {},
      view: () => Promise.reject(new Error("not asked")),
      status: () => Promise.reject(new Error("not asked")),
      stop: async () => {},
      ...change,
    };
  }, page.port1);
  page.port1.start();
  page.port2.start();
  const host = connectHost(page.port2, {
    events: events.port2,
    chain: chain.port2,
    wires: undefined,
  });
  const close = () => {
    for (const { port1, port2 } of [page, events, chain])
      [port1, port2].map((port) => port.close());
    for (const port of [given?.events, given?.chain]) {
      if (port instanceof MessagePort) port.close();
    }
  };
  return { host, received, ports: () => given, say: (event: HostEvent) => say(event), close };
}

describe("boundary of a node's thread", () => {
  it("carries calls with bigints, answers, ports and events", async () => {
    const { host, received, ports, say, close } = boundary();
    expect(await host.start(setup)).toEqual({ identity: "stake 100", address: "0x1" });
    expect(await host.open("room")).toEqual({ handle: 3, id: 7n, room: "room", player: PLAYER });
    expect(ports()?.chain).toBeInstanceOf(MessagePort);
    const event: HostEvent = { handle: 3, event: { type: "reverted", height: 3n } };
    say(event);
    await vi.waitFor(() => expect(received).toEqual([event]));
    close();
  });

  it("keeps an error's code, message and number", async () => {
    const { host, close } = boundary({
      open: () => {
        throw new HoldfastError({
          code: "CHANNEL_FULL",
          message: "five is enough",
          number: 100_024,
        });
      },
      call: () => Promise.reject(Object.assign(new Error("disk"), { code: "STORE_FULL" })),
      wish: () => Promise.reject(new TypeError("a mistake")),
    });
    await host.start(setup);
    await expect(host.open("room")).rejects.toMatchObject({
      name: "HoldfastError",
      code: "CHANNEL_FULL",
      message: "five is enough",
      number: 100_024,
    });
    const call = { request: 1, function: "f", typeArgs: [], args: [] };
    await expect(host.call(1, call)).rejects.toMatchObject({ code: "STORE_FULL" });
    await expect(host.wish(1, 1, "settle")).rejects.toMatchObject({ code: "INTERNAL" });
    close();
  });

  it("[NOT_STARTED] answers before the start", async () => {
    const { host, close } = boundary();
    await expect(host.open("room")).rejects.toMatchObject({ code: "NOT_STARTED" });
    close();
  });
});
