/**
 * A wire over WebRTC data channels between all nodes of a signalling room, each pair with a
 * connection of its own. Who enters a room calls those who are there; a call that fails is repeated
 * by the caller while the other is in the room. Runs in a page, because workers have no
 * RTCPeerConnection; `port-wire.ts` carries it to the worker. A link's binding is made of both
 * certificates' fingerprints, so not even the signalling server can stand in between unseen. Knows
 * no library and no node.
 */
import { assert } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { Clock, Entropy } from "../ports.ts";
import { createReassembly, cutFrame, type Reassembly } from "./chunk.ts";
import {
  type CreateRtcPeer,
  fingerprintOf,
  parseRtcEnvelope,
  type RtcEnvelope,
  type RtcPeer,
  type RtcSignal,
  rtcBinding,
} from "./rtc-peer.ts";
import type { Signalling } from "./signalling.ts";
import { FRAME_SIZE_MAX, type LinkId, makeLinkId, type Wire, type WireListener } from "./wire.ts";

/** A call that does not connect by then is given up. */
export const CONNECT_MS_MAX = 20_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;
/** Bytes that may wait for a slow end; one that falls further behind is cut off. */
export const BACKLOG_SIZE_MAX = 4 * FRAME_SIZE_MAX;
/** More connections than any room needs; further calls are ignored. */
const CONNECTIONS_MAX = 32;

const ATTEMPT_SIZE = 8;

export interface WebRtcWireOptions {
  readonly signalling: Signalling;
  readonly createPeer: CreateRtcPeer;
  /** STUN and TURN servers; none is needed between machines that see each other. */
  readonly iceServers: readonly RTCIceServer[];
  readonly entropy: Entropy;
  readonly clock: Clock;
}

interface Connection {
  readonly session: string;
  readonly attempt: string;
  readonly isInitiator: boolean;
  readonly link: LinkId;
  readonly reassembly: Reassembly;
  readonly peer: RtcPeer;
  cancelDeadline: () => void;
  localFingerprint: string | undefined;
  remoteFingerprint: string | undefined;
  isUp: boolean;
  /** Pieces that wait for the other end, and their bytes. */
  backlog: Uint8Array[];
  backlogSize: number;
  isBlocked: boolean;
}

/** Reaches every node in the signalling room; needs a page, for workers have no WebRTC. */
export function createWebRtcWire(options: WebRtcWireOptions): Wire {
  const { signalling, clock } = options;
  const connections = new Map<string, Connection>();
  const byLink = new Map<LinkId, Connection>();
  /** The room's other sessions. */
  const present = new Set<string>();
  /** Calls in a row that failed, by session. */
  const failures = new Map<string, number>();
  const cancels = new Set<() => void>();
  let listener: WireListener | undefined;

  function later(delayMs: number, task: () => void): () => void {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel);
      task();
    });
    cancels.add(cancel);
    return cancel;
  }

  function call(session: string): void {
    if (connections.has(session) || !present.has(session)) return;
    connect(session, toHex(options.entropy(ATTEMPT_SIZE)), true);
  }

  function connect(session: string, attempt: string, isInitiator: boolean): Connection | undefined {
    if (connections.size >= CONNECTIONS_MAX) return undefined;
    const peer = options.createPeer(
      { isInitiator, iceServers: options.iceServers },
      {
        signal: (signal) => tell(connection, signal),
        connect: () => setUp(connection),
        data: (piece) => receive(connection, piece),
        drain() {
          connection.isBlocked = false;
          pump(connection);
        },
        close: () => end(connection),
      },
    );
    const connection: Connection = {
      session,
      attempt,
      isInitiator,
      link: makeLinkId(`rtc:${session}:${attempt}`),
      reassembly: createReassembly(),
      peer,
      cancelDeadline: later(CONNECT_MS_MAX, () => peer.destroy()),
      localFingerprint: undefined,
      remoteFingerprint: undefined,
      isUp: false,
      backlog: [],
      backlogSize: 0,
      isBlocked: false,
    };
    connections.set(session, connection);
    byLink.set(connection.link, connection);
    return connection;
  }

  function tell(connection: Connection, signal: RtcSignal): void {
    if (signal.type !== "candidate") connection.localFingerprint = fingerprintOf(signal.sdp);
    const envelope: RtcEnvelope = { attempt: connection.attempt, signal };
    signalling.signal(connection.session, JSON.stringify(envelope));
  }

  function hear(session: string, payload: string): void {
    const envelope = parseRtcEnvelope(payload);
    if (envelope === undefined) return;
    const { attempt, signal } = envelope;
    const known = connections.get(session);
    const connection = known?.attempt === attempt ? known : answer(session, envelope, known);
    if (connection === undefined) return;
    if (signal.type !== "candidate") connection.remoteFingerprint = fingerprintOf(signal.sdp);
    connection.peer.signal(signal);
  }

  /** Takes a call, in place of what there was before with that session. */
  function answer(
    session: string,
    { attempt, signal }: RtcEnvelope,
    known: Connection | undefined,
  ): Connection | undefined {
    if (signal.type !== "offer") return undefined;
    if (known !== undefined) {
      // Both call at once: the call of the smaller session stands.
      const isGlare = known.isInitiator && !known.isUp && signalling.session < session;
      if (isGlare) return undefined;
      end(known);
    }
    return connect(session, attempt, false);
  }

  function setUp(connection: Connection): void {
    const { link, localFingerprint: local, remoteFingerprint: remote } = connection;
    if (byLink.get(link) !== connection) return;
    if (local === undefined || remote === undefined) return connection.peer.destroy();
    connection.cancelDeadline();
    connection.isUp = true;
    failures.delete(connection.session);
    listener?.linkUp(link, rtcBinding(local, remote));
  }

  function receive(connection: Connection, piece: Uint8Array): void {
    if (!connection.isUp) return;
    const frame = connection.reassembly.push(piece);
    if (!frame.ok) return end(connection);
    if (frame.value !== undefined) listener?.frame(connection.link, frame.value);
  }

  function pump(connection: Connection): void {
    let sent = 0;
    for (const piece of connection.backlog) {
      if (connection.isBlocked) break;
      connection.isBlocked = !connection.peer.write(piece);
      connection.backlogSize -= piece.length;
      sent++;
    }
    connection.backlog.splice(0, sent);
  }

  function end(connection: Connection): void {
    const { session, link } = connection;
    if (byLink.get(link) !== connection) return;
    byLink.delete(link);
    connections.delete(session);
    connection.cancelDeadline();
    connection.peer.destroy();
    if (connection.isUp) listener?.linkDown(link);
    connection.isUp = false;
    if (!connection.isInitiator || !present.has(session)) return;
    const count = failures.get(session) ?? 0;
    failures.set(session, count + 1);
    later(Math.min(RETRY_MS_MIN * 2 ** count, RETRY_MS_MAX), () => call(session));
  }

  return {
    async open(given) {
      assert(listener === undefined, "a wire is opened once");
      listener = given;
      await signalling.open({
        joined(sessions) {
          present.clear();
          for (const session of sessions) present.add(session);
          for (const session of sessions) call(session);
        },
        entered: (session) => void present.add(session),
        left(session) {
          present.delete(session);
          failures.delete(session);
          const connection = connections.get(session);
          if (connection !== undefined && !connection.isUp) end(connection);
        },
        signal: hear,
      });
    },
    send(link, bytes) {
      assert(bytes.length <= FRAME_SIZE_MAX, "a frame is within the limit");
      const connection = byLink.get(link);
      if (!connection?.isUp) return;
      if (connection.backlogSize + bytes.length > BACKLOG_SIZE_MAX) {
        return void later(0, () => end(connection));
      }
      for (const piece of cutFrame(bytes)) {
        connection.backlog.push(piece);
        connection.backlogSize += piece.length;
      }
      pump(connection);
    },
    drop(link) {
      const connection = byLink.get(link);
      if (connection !== undefined) later(0, () => end(connection));
    },
    async close() {
      listener = undefined;
      present.clear();
      signalling.close();
      for (const connection of connections.values()) end(connection);
      for (const cancel of cancels) cancel();
    },
  };
}
