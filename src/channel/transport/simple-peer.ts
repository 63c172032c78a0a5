/** WebRTC by `simple-peer`, loaded only when it is used. The only file that knows that library. */
import type { CreateRtcPeer } from "./rtc-peer.ts";
import { parseRtcSignal } from "./rtc-peer.ts";
import { TransportError } from "./transport-error.ts";

/** Rejects with MEDIUM_UNAVAILABLE where there is no WebRTC, as in a worker. */
export async function loadSimplePeer(): Promise<CreateRtcPeer> {
  if (typeof RTCPeerConnection === "undefined") {
    throw new TransportError("MEDIUM_UNAVAILABLE", "There is no WebRTC here.");
  }
  const { default: Peer } = await import("simple-peer/simplepeer.min.js");
  return (options, events) => {
    const peer = new Peer({
      initiator: options.isInitiator,
      objectMode: true,
      config: { iceServers: [...options.iceServers] },
    });
    peer.on("signal", (data) => {
      const signal = parseRtcSignal(data);
      if (signal !== undefined) events.signal(signal);
    });
    peer.on("connect", () => {
      events.connect();
      // Only now, because data can come before `connect`: till then the stream keeps it. The chunks
      // are Buffers of the library's own.
      peer.on("data", (chunk) => events.data(new Uint8Array(chunk)));
    });
    peer.on("drain", () => events.drain());
    peer.on("close", () => events.close());
    // `close` follows every error and says all that matters here: the link is gone.
    peer.on("error", () => {});
    return {
      signal(signal) {
        try {
          peer.signal(signal);
        } catch {
          peer.destroy();
        }
      },
      write: (piece) => peer.write(piece),
      destroy: () => peer.destroy(),
    };
  };
}
