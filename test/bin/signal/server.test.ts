import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket as Socket } from "ws";
import { ROOM_LIMITS } from "../../../bin/signal/rooms.ts";
import { type SignalServer, startSignalServer } from "../../../bin/signal/server.ts";
import { createSignalling, type Signalling } from "../../../src/channel/transport/signalling.ts";
import { realClock, realEntropy } from "../../channel/transport/nodes.ts";

const HOST = "127.0.0.1";
const WAIT = { timeout: 10_000, interval: 5 };

let server: SignalServer | undefined;
const clients: Signalling[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close();
  server = undefined;
});

async function serve(options: Partial<Parameters<typeof startSignalServer>[0]> = {}) {
  server = await startSignalServer({ host: HOST, port: 0, ...options });
  return server;
}

async function join(url: string, room = "room") {
  const log: string[] = [];
  const signalling = createSignalling({
    url,
    room,
    openSocket: (address) => new WebSocket(address),
    entropy: realEntropy,
    clock: realClock,
  });
  clients.push(signalling);
  await signalling.open({
    joined: (sessions) => log.push(`joined ${sessions.length}`),
    entered: () => log.push("entered"),
    left: () => log.push("left"),
    signal: (_, payload) => log.push(payload),
  });
  return { signalling, log };
}

describe("signalling server and client", () => {
  it("bring two clients together and carry their signals both ways", async () => {
    const { url } = await serve();
    const [a, b] = [await join(url), await join(url)];
    a.signalling.signal(b.signalling.session, "offer");
    b.signalling.signal(a.signalling.session, "answer");
    await vi.waitFor(() => {
      expect(a.log).toEqual(["joined 0", "entered", "answer"]);
      expect(b.log).toEqual(["joined 1", "offer"]);
    }, WAIT);
    b.signalling.close();
    await vi.waitFor(() => expect(a.log.at(-1)).toBe("left"), WAIT);
  });

  it("meet again after the server was restarted", async () => {
    const first = await serve();
    const port = Number(new URL(first.url).port);
    const [a, b] = [await join(first.url), await join(first.url)];
    await first.close();
    await serve({ port });
    await vi.waitFor(() => {
      const joins = [...a.log, ...b.log].filter((line) => line.startsWith("joined"));
      expect(joins.toSorted()).toEqual(["joined 0", "joined 0", "joined 1", "joined 1"]);
    }, WAIT);
    a.signalling.signal(b.signalling.session, "still known");
    await vi.waitFor(() => expect(b.log.at(-1)).toBe("still known"), WAIT);
  });

  it("[SIGNALLING_REFUSED] say why a room cannot be joined", async () => {
    const { url } = await serve({ limits: { ...ROOM_LIMITS, sessionsPerRoomMax: 1 } });
    await join(url);
    await expect(join(url)).rejects.toMatchObject({
      code: "SIGNALLING_REFUSED",
      message: expect.stringContaining("SIGNAL_ROOM_FULL"),
    });
    await expect(join(url, "no such name!")).rejects.toMatchObject({ code: "SIGNALLING_REFUSED" });
  });

  it("[SIGNALLING_UNREACHABLE] say that no server answers", async () => {
    const signalling = createSignalling({
      url: "ws://127.0.0.1:1/",
      room: "room",
      openSocket: (address) => new WebSocket(address),
      entropy: realEntropy,
      // Hours pass at once.
      clock: { now: () => 0n, after: (ms, callback) => realClock.after(ms / 1_000, callback) },
    });
    const listener = { joined() {}, entered() {}, left() {}, signal() {} };
    await expect(signalling.open(listener)).rejects.toMatchObject({
      code: "SIGNALLING_UNREACHABLE",
    });
  });

  it("[SIGNAL_SERVER_FULL] bound the connections of one address", async () => {
    const { url } = await serve({ connectionsPerAddressMax: 1 });
    await join(url);
    await expect(join(url)).rejects.toMatchObject({
      message: expect.stringContaining("SIGNAL_SERVER_FULL"),
    });
  });

  it("drop a client that answers no ping, and one that sends binary or too much", async () => {
    const running = await serve({ pingIntervalMs: 50 });
    const closed: string[] = [];
    const open = async (name: string, options = {}) => {
      const socket = new Socket(running.url, options);
      socket.on("error", () => {});
      socket.on("close", () => closed.push(name));
      await new Promise((resolve) => socket.once("open", resolve));
      return socket;
    };
    await open("silent", { autoPong: false });
    (await open("binary")).send(Uint8Array.of(1));
    (await open("large")).send("x".repeat(300_000));
    await open("answers");
    await vi.waitFor(() => expect(closed.toSorted()).toEqual(["binary", "large", "silent"]), WAIT);
    expect(running.count()).toEqual({ rooms: 0, sessions: 0 });
  });
});
