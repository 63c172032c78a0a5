/**
 * What a signalling server and its clients say to each other: JSON, one message a WebSocket text
 * frame. A room is a name; a client is in one room under a session that it chose, and proves by a
 * token that it comes back as the same. The server passes signals on and is trusted with nothing:
 * who is behind a session is proved on the link itself. Reads untrusted text; knows no socket.
 */
import { err, ok, type Result } from "#core/result.ts";

/** Characters of one message. */
export const SIGNALLING_TEXT_MAX = 64 * 1024;
const ROOM_TEXT = /^[\w.:~-]{1,128}$/;
const SESSION_TEXT = /^[0-9a-f]{32}$/;

/** A JSON value that the server does not look into. */
export type SignalPayload = string;

export type SignallingRequest =
  | {
      readonly type: "join";
      readonly room: string;
      /** 32 hex digits, of the client's choice. */
      readonly session: string;
      /** 32 hex digits, secret: a later join with the same session and token takes over. */
      readonly token: string;
    }
  | { readonly type: "signal"; readonly to: string; readonly payload: SignalPayload };

export type SignallingErrorCode =
  /** Not JSON, not one of the messages, or too long. */
  | "SIGNAL_BAD_MESSAGE"
  /** A signal before the join. */
  | "SIGNAL_NOT_JOINED"
  /** A second join on one connection. */
  | "SIGNAL_ALREADY_JOINED"
  /** Somebody else has the session. */
  | "SIGNAL_SESSION_TAKEN"
  | "SIGNAL_ROOM_FULL"
  | "SIGNAL_SERVER_FULL"
  /** More messages than the server takes. */
  | "SIGNAL_TOO_FAST";

export type SignallingNotice =
  /** Answers a join: who is there already. */
  | { readonly type: "joined"; readonly sessions: readonly string[] }
  | { readonly type: "entered"; readonly session: string }
  | { readonly type: "left"; readonly session: string }
  | { readonly type: "signal"; readonly from: string; readonly payload: SignalPayload }
  | { readonly type: "error"; readonly code: string; readonly message: string };

/** Untrusted text: SIGNAL_BAD_MESSAGE for whatever is no request. */
export function parseSignallingRequest(
  text: string,
): Result<SignallingRequest, SignallingErrorCode> {
  const fields = parseObject(text);
  if (fields === undefined) return err("SIGNAL_BAD_MESSAGE");
  const { type, room, session, token, to, payload } = fields;
  if (type === "join" && typeof room === "string" && isRoom(room)) {
    if (isSession(session) && isSession(token)) return ok({ type, room, session, token });
  }
  if (type === "signal" && isSession(to) && typeof payload === "string") {
    return ok({ type, to, payload });
  }
  return err("SIGNAL_BAD_MESSAGE");
}

/** Undefined for anything a server of ours would not say. */
export function parseSignallingNotice(text: string): SignallingNotice | undefined {
  const fields = parseObject(text);
  if (fields === undefined) return undefined;
  const { type, session, sessions, from, payload, code, message } = fields;
  switch (type) {
    case "joined":
      if (!Array.isArray(sessions) || !sessions.every(isSession)) return undefined;
      return { type, sessions };
    case "entered":
    case "left":
      return isSession(session) ? { type, session } : undefined;
    case "signal":
      if (!isSession(from) || typeof payload !== "string") return undefined;
      return { type, from, payload };
    case "error":
      if (typeof code !== "string" || typeof message !== "string") return undefined;
      return { type, code, message };
    default:
      return undefined;
  }
}

/** Whether the name can name a room: 1 to 128 letters, digits and `_.:~-`. */
export function isRoom(name: string): boolean {
  return ROOM_TEXT.test(name);
}

function isSession(value: unknown): value is string {
  return typeof value === "string" && SESSION_TEXT.test(value);
}

/** The object that the text is, its prototype's names excluded. */
function parseObject(text: string): Record<string, unknown> | undefined {
  if (text.length > SIGNALLING_TEXT_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.assign(Object.create(null) as Record<string, unknown>, value);
}
