// The wires that only a browser has, in a real one: BroadcastChannel with Web Locks, and WebRTC by
// simple-peer.
import { describe, expect, it, vi } from "vitest";
import {
  openBroadcastChannel,
  platformClock,
  platformEntropy,
  platformLocks,
} from "../../src/channel/platform.ts";
import { createBroadcastChannelWire } from "../../src/channel/transport/broadcast-channel.ts";
import type { CreateRtcPeer } from "../../src/channel/transport/rtc-peer.ts";
import type { Signalling, SignallingListener } from "../../src/channel/transport/signalling.ts";
import { loadSimplePeer } from "../../src/channel/transport/simple-peer.ts";
import { createWebRtcWire } from "../../src/channel/transport/webrtc.ts";
import { transportOf } from "../channel/transport/nodes.ts";
import { transportSuite } from "../conformance/transport.suite.ts";

let rooms = 0;

function tabsWire(room: string) {
  return createBroadcastChannelWire({
    room,
    openChannel: openBroadcastChannel,
    locks: platformLocks(),
    entropy: platformEntropy,
    clock: platformClock,
  });
}

transportSuite("BroadcastChannel and Web Locks of the browser", async () => {
  const room = `suite-${rooms++}`;
  return {
    node: async (number) => transportOf(number, tabsWire(room)),
    stranger: async (number) => transportOf(number, tabsWire(`${room}-other`)),
    dispose: async () => {},
  };
});

/** The rooms of a signalling server, without the server. */
function signallingRooms() {
  const inRoom = new Map<string, Map<string, SignallingListener>>();
  let count = 0;
  return (room: string): Signalling => {
    const session = (++count).toString(16).padStart(32, "0");
    const members = inRoom.get(room) ?? new Map<string, SignallingListener>();
    inRoom.set(room, members);
    return {
      session,
      async open(listener) {
        const others = [...members.keys()];
        for (const member of members.values()) member.entered(session);
        members.set(session, listener);
        setTimeout(() => listener.joined(others));
      },
      signal: (to, payload) => {
        setTimeout(() => members.get(to)?.signal(session, payload));
      },
      close() {
        members.delete(session);
        for (const member of members.values()) member.left(session);
      },
    };
  };
}

function rtcWire(signalling: Signalling, createPeer: CreateRtcPeer) {
  return createWebRtcWire({
    signalling,
    createPeer,
    iceServers: [],
    entropy: platformEntropy,
    clock: platformClock,
  });
}

transportSuite("WebRTC by simple-peer", async () => {
  const enter = signallingRooms();
  const createPeer = await loadSimplePeer();
  return {
    node: async (number) => transportOf(number, rtcWire(enter("room"), createPeer)),
    stranger: async (number) => transportOf(number, rtcWire(enter("other"), createPeer)),
    dispose: async () => {},
  };
});

describe("WebRTC by simple-peer", () => {
  it("binds both ends of a real connection alike, and survives junk for a signal", async () => {
    const enter = signallingRooms();
    const createPeer = await loadSimplePeer();
    const bindings: Uint8Array[] = [];
    const wires = [0, 1].map(() => rtcWire(enter("room"), createPeer));
    const junk = enter("room");
    const listener = {
      linkUp: (_: unknown, binding: Uint8Array) => void bindings.push(binding),
      linkDown: () => {},
      frame: () => {},
    };
    for (const wire of wires) await wire.open(listener);
    await vi.waitFor(() => expect(bindings).toHaveLength(2), { timeout: 10_000 });
    expect(bindings[0]).toEqual(bindings[1]);
    const bad = [
      { type: "offer", sdp: "v=0\r\n" },
      { type: "offer", sdp: "v=0\r\na=fingerprint:sha-256 AA\r\n" },
    ];
    for (const [index, signal] of bad.entries()) {
      const attempt = `${index}`.repeat(16);
      junk.signal("1".padStart(32, "0"), JSON.stringify({ attempt, signal }));
    }
    const late = rtcWire(enter("room"), createPeer);
    await late.open(listener);
    await vi.waitFor(() => expect(bindings).toHaveLength(6), { timeout: 10_000 });
    for (const wire of [...wires, late]) await wire.close();
  });

  it("[MEDIUM_UNAVAILABLE] says that a worker has no WebRTC", async () => {
    vi.stubGlobal("RTCPeerConnection", undefined);
    await expect(loadSimplePeer()).rejects.toMatchObject({ code: "MEDIUM_UNAVAILABLE" });
    vi.unstubAllGlobals();
  });
});
