import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type SignalServer, startSignalServer } from "../../../bin/signal/server.ts";
import type {
  CreateRtcPeer,
  RtcPeerEvents,
  RtcSignal,
} from "../../../src/channel/transport/rtc-peer.ts";
import { createSignalling, type Signalling } from "../../../src/channel/transport/signalling.ts";
import { BACKLOG_SIZE_MAX, createWebRtcWire } from "../../../src/channel/transport/webrtc.ts";
import type { LinkId } from "../../../src/channel/transport/wire.ts";
import { transportSuite } from "../../conformance/transport.suite.ts";
import { realClock, realEntropy, transportOf } from "./nodes.ts";

type FakePeer = { events: RtcPeerEvents; other: FakePeer | undefined; isOpen: boolean };

/**
 * Data channels of test doubles: an end names itself by its fingerprint, and offers and answers
 * find each other.
 */
function fakeRtc(change: { slow?: boolean } = {}) {
  const ends = new Map<string, FakePeer>();
  let count = 0;
  const sdpOf = (name: string, of = "") => `v=0\r\na=fingerprint:sha-256 ${name}\r\na=to:${of}\r\n`;
  const nameIn = (sdp: string) => /fingerprint:sha-256 (\S+)/.exec(sdp)?.[1] ?? "";

  const createPeer: CreateRtcPeer = ({ isInitiator }, events) => {
    const name = `AA:${count++}`;
    const end: FakePeer = { events, other: undefined, isOpen: true };
    ends.set(name, end);
    const offer: RtcSignal = { type: "offer", sdp: sdpOf(name) };
    if (isInitiator) queueMicrotask(() => events.signal(offer));
    const pair = (other: FakePeer | undefined) => {
      if (other === undefined) return;
      [end.other, other.other] = [other, end];
      for (const side of [end, other]) queueMicrotask(() => side.isOpen && side.events.connect());
    };
    const finish = (one: FakePeer) => {
      if (!one.isOpen) return;
      one.isOpen = false;
      queueMicrotask(() => one.events.close());
    };
    return {
      signal(signal) {
        if (signal.type === "offer") {
          end.other = ends.get(nameIn(signal.sdp));
          queueMicrotask(() => events.signal({ type: "answer", sdp: sdpOf(name) }));
        } else if (signal.type === "answer") pair(ends.get(nameIn(signal.sdp)) ?? ends.get("AA:1"));
      },
      write(piece) {
        const { other } = end;
        if (change.slow) return false;
        const copy = piece.slice();
        queueMicrotask(() => other?.isOpen && other.events.data(copy));
        return true;
      },
      destroy() {
        finish(end);
        if (end.other !== undefined) finish(end.other);
      },
    };
  };
  return createPeer;
}

describe("WebRTC wire", () => {
  let server: SignalServer | undefined;
  let rooms = 0;
  beforeAll(async () => {
    server = await startSignalServer({ host: "127.0.0.1", port: 0 });
  });
  afterAll(() => server?.close());

  const signallingOf = (room: string): Signalling =>
    createSignalling({
      url: server?.url ?? "",
      room,
      openSocket: (url) => new WebSocket(url),
      entropy: realEntropy,
      clock: realClock,
    });

  const wireOf = (room: string, createPeer: CreateRtcPeer, signalling = signallingOf(room)) =>
    createWebRtcWire({
      signalling,
      createPeer,
      iceServers: [],
      entropy: realEntropy,
      clock: realClock,
    });

  transportSuite("WebRTC over doubles of data channels", async () => {
    const [room, createPeer] = [`room-${rooms++}`, fakeRtc()];
    return {
      node: async (number) => transportOf(number, wireOf(room, createPeer)),
      stranger: async (number) => transportOf(number, wireOf(`${room}-other`, createPeer)),
      dispose: async () => {},
    };
  });

  async function linked(createPeer: CreateRtcPeer, meddle = (payload: string) => payload) {
    const room = `room-${rooms++}`;
    const open = async () => {
      const signalling = signallingOf(room);
      const signal = (to: string, payload: string) => signalling.signal(to, meddle(payload));
      const log: string[] = [];
      const links: { link: LinkId; binding: Uint8Array }[] = [];
      const wire = wireOf(room, createPeer, { ...signalling, signal });
      await wire.open({
        linkUp(link, binding) {
          links.push({ link, binding });
          log.push("up");
        },
        linkDown: () => log.push("down"),
        frame: (_, bytes) => log.push(`${bytes.length}`),
      });
      return { wire, log, links };
    };
    const [a, b] = [await open(), await open()];
    await vi.waitFor(() => expect([a.log, b.log]).toEqual([["up"], ["up"]]), { timeout: 5_000 });
    return { a, b };
  }

  it("[LK3] binds a link to both certificates, the same at both ends", async () => {
    const { a, b } = await linked(fakeRtc());
    expect(a.links[0]?.binding).toEqual(b.links[0]?.binding);
    await Promise.all([a.wire.close(), b.wire.close()]);
  });

  it("[LK3] has different bindings at the ends where somebody stands between", async () => {
    const { a, b } = await linked(fakeRtc(), (payload) => payload.replace("AA:1", "BB:1"));
    expect(a.links[0]?.binding).not.toEqual(b.links[0]?.binding);
    await Promise.all([a.wire.close(), b.wire.close()]);
  });

  it("calls again after a connection broke", async () => {
    const { a, b } = await linked(fakeRtc());
    const [link] = b.links;
    if (link !== undefined) b.wire.drop(link.link);
    await vi.waitFor(() => expect(a.log).toEqual(["up", "down", "up"]), { timeout: 5_000 });
    expect(b.log).toEqual(["up", "down", "up"]);
    await Promise.all([a.wire.close(), b.wire.close()]);
  });

  it("[LK7] cuts off an end that falls too far behind, and stays calm", async () => {
    const { a, b } = await linked(fakeRtc({ slow: true }));
    const [link] = a.links;
    const size = 1024 * 1024;
    for (let sent = 0; sent <= BACKLOG_SIZE_MAX; sent += size) {
      if (link !== undefined) a.wire.send(link.link, new Uint8Array(size));
    }
    await vi.waitFor(() => expect(a.log.slice(0, 2)).toEqual(["up", "down"]), { timeout: 5_000 });
    await Promise.all([a.wire.close(), b.wire.close()]);
  });

  it("ignores signals that no end of ours sends", async () => {
    const room = `room-${rooms++}`;
    const created = vi.fn<CreateRtcPeer>(fakeRtc());
    const signalling = signallingOf(room);
    const wire = wireOf(room, created, signalling);
    await wire.open({ linkUp: () => {}, linkDown: () => {}, frame: () => {} });
    const enemy = signallingOf(room);
    await enemy.open({ joined() {}, entered() {}, left() {}, signal() {} });
    const attempt = "0".repeat(16);
    const junk: unknown[] = [1, null, {}, { attempt }, { attempt: "x", signal: { type: "offer" } }];
    junk.push(
      { attempt, signal: { type: "offer" } },
      { attempt, signal: { type: "answer", sdp: "" } },
    );
    junk.push({ attempt, signal: { type: "candidate", candidate: { candidate: 1 } } });
    junk.push({ attempt, signal: { type: "transceiverRequest", transceiverRequest: {} } });
    for (const one of junk) enemy.signal(signalling.session, JSON.stringify(one));
    enemy.signal(signalling.session, "{");
    const offer = { type: "offer", sdp: "no fingerprint in it" };
    enemy.signal(signalling.session, JSON.stringify({ attempt, signal: offer }));
    await vi.waitFor(() => expect(created).toHaveBeenCalledTimes(1), { timeout: 5_000 });
    enemy.close();
    await wire.close();
  });
});
