/**
 * One end of a WebRTC data channel, as the wire uses it, and the signals that two ends exchange to
 * get there. Reads signals of untrusted ends. Knows no room and no library.
 */
import { utf8 } from "#core/bytes.ts";
import { domainHash, type Hash } from "#core/hash.ts";

export type RtcSignal =
  | { readonly type: "offer" | "answer"; readonly sdp: string }
  | {
      readonly type: "candidate";
      readonly candidate: {
        readonly candidate: string;
        readonly sdpMLineIndex: number | null;
        readonly sdpMid: string | null;
      };
    };

export interface RtcPeer {
  /** Takes a signal of the other end; a bad one ends the peer. */
  signal(signal: RtcSignal): void;
  /** False once the other end is behind; `drain` follows. */
  write(piece: Uint8Array): boolean;
  destroy(): void;
}

/**
 * Called in tasks of their own; `data` follows `connect`; nothing follows `close`, which always
 * comes.
 */
export interface RtcPeerEvents {
  signal(signal: RtcSignal): void;
  connect(): void;
  data(piece: Uint8Array): void;
  drain(): void;
  close(): void;
}

export interface RtcPeerOptions {
  readonly isInitiator: boolean;
  readonly iceServers: readonly RTCIceServer[];
}

export type CreateRtcPeer = (options: RtcPeerOptions, events: RtcPeerEvents) => RtcPeer;

const ATTEMPT_TEXT = /^[0-9a-f]{16}$/;
const FINGERPRINT = /^a=fingerprint:(\S+ \S+)\s*$/m;
const BINDING_DOMAIN = "RtcBinding";

/**
 * What travels through the signalling server: a signal, and which attempt to connect it belongs to.
 */
export interface RtcEnvelope {
  /** 16 hex digits, made by the initiator. */
  readonly attempt: string;
  readonly signal: RtcSignal;
}

/** Undefined for anything malformed. */
export function parseRtcEnvelope(payload: string): RtcEnvelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (!isObject(value) || typeof value["attempt"] !== "string") return undefined;
  const signal = parseRtcSignal(value["signal"]);
  if (signal === undefined || !ATTEMPT_TEXT.test(value["attempt"])) return undefined;
  return { attempt: value["attempt"], signal };
}

/**
 * Keeps what two ends need and nothing else; undefined for other signals of the library and for
 * junk.
 */
export function parseRtcSignal(value: unknown): RtcSignal | undefined {
  if (!isObject(value)) return undefined;
  const { type, sdp, candidate } = value;
  if (type === "offer" || type === "answer") {
    return typeof sdp === "string" ? { type, sdp } : undefined;
  }
  if (type !== "candidate" || !isObject(candidate)) return undefined;
  const { candidate: line, sdpMLineIndex, sdpMid } = candidate;
  const index = sdpMLineIndex ?? null;
  const mid = sdpMid ?? null;
  if (typeof line !== "string") return undefined;
  if (index !== null && typeof index !== "number") return undefined;
  if (mid !== null && typeof mid !== "string") return undefined;
  return { type, candidate: { candidate: line, sdpMLineIndex: index, sdpMid: mid } };
}

/** The fingerprint of the certificate that a session description commits to. */
export function fingerprintOf(sdp: string): string | undefined {
  return FINGERPRINT.exec(sdp)?.[1]?.toLowerCase();
}

/** The same at both ends of a connection that nobody stands between. */
export function rtcBinding(local: string, remote: string): Hash {
  const [first, second] = local < remote ? [local, remote] : [remote, local];
  return domainHash(BINDING_DOMAIN, utf8(`${first}\n${second}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
