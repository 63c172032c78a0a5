// The rooms of a signalling server: who is in which, who is told what. Pure bookkeeping over
// connections that can be told something and closed; knows no socket and no clock but the time it
// is given. Everything is bounded, and nothing that a client says is believed but the name of its
// room.
import {
  parseSignallingRequest,
  type SignallingErrorCode,
  type SignallingNotice,
  type SignallingRequest,
} from "#channel";

export interface RoomLimits {
  readonly roomsMax: number;
  readonly sessionsPerRoomMax: number;
  /** Messages that a connection may send at once. */
  readonly burstMax: number;
  /** Messages a second that it may send for long. */
  readonly ratePerSecond: number;
}

export const ROOM_LIMITS: RoomLimits = {
  roomsMax: 1_000,
  sessionsPerRoomMax: 16,
  burstMax: 400,
  ratePerSecond: 50,
};

/** One client's connection, as the rooms use it. */
export interface Client {
  tell(notice: SignallingNotice): void;
  close(): void;
}

interface Seat {
  readonly client: Client;
  readonly room: string;
  readonly session: string;
  readonly token: string;
}

interface Allowance {
  messages: number;
  atMs: number;
}

const EXPLANATIONS: Readonly<Record<SignallingErrorCode, string>> = {
  SIGNAL_BAD_MESSAGE: "This is no message of the signalling protocol.",
  SIGNAL_NOT_JOINED: "Join a room first.",
  SIGNAL_ALREADY_JOINED: "This connection is in a room already.",
  SIGNAL_SESSION_TAKEN: "Somebody else in the room has this session.",
  SIGNAL_ROOM_FULL: "The room is full.",
  SIGNAL_SERVER_FULL: "The server has no room left; try later or run your own.",
  SIGNAL_TOO_FAST: "Too many messages.",
};

/** The notice that says what went wrong. */
export function errorNotice(code: SignallingErrorCode): SignallingNotice {
  return { type: "error", code, message: EXPLANATIONS[code] };
}

export interface Rooms {
  /** Takes a client's text; answers and passes on what follows from it. */
  receive(client: Client, text: string, nowMs: number): void;
  /** A client is gone. */
  leave(client: Client): void;
  /** For the operator: how much there is. */
  count(): { readonly rooms: number; readonly sessions: number };
}

export function createRooms(limits: RoomLimits = ROOM_LIMITS): Rooms {
  const rooms = new Map<string, Map<string, Seat>>();
  const seats = new Map<Client, Seat>();
  const allowances = new Map<Client, Allowance>();

  function isAllowed(client: Client, nowMs: number): boolean {
    const { burstMax, ratePerSecond } = limits;
    const allowance = allowances.get(client) ?? { messages: burstMax, atMs: nowMs };
    const earned = ((nowMs - allowance.atMs) * ratePerSecond) / 1_000;
    allowance.messages = Math.min(burstMax, allowance.messages + Math.max(0, earned)) - 1;
    allowance.atMs = nowMs;
    allowances.set(client, allowance);
    return allowance.messages >= 0;
  }

  function refuse(client: Client, code: SignallingErrorCode): void {
    client.tell(errorNotice(code));
    if (code !== "SIGNAL_NOT_JOINED" && code !== "SIGNAL_ALREADY_JOINED") client.close();
  }

  function join(client: Client, request: SignallingRequest & { type: "join" }): void {
    const { room, session, token } = request;
    if (seats.has(client)) return refuse(client, "SIGNAL_ALREADY_JOINED");
    const others = rooms.get(room) ?? new Map<string, Seat>();
    const earlier = others.get(session);
    if (earlier !== undefined && earlier.token !== token) {
      return refuse(client, "SIGNAL_SESSION_TAKEN");
    }
    if (earlier === undefined) {
      if (!rooms.has(room) && rooms.size >= limits.roomsMax) {
        return refuse(client, "SIGNAL_SERVER_FULL");
      }
      if (others.size >= limits.sessionsPerRoomMax) return refuse(client, "SIGNAL_ROOM_FULL");
    } else {
      // The same client by a new connection: the others need not notice.
      seats.delete(earlier.client);
      earlier.client.close();
    }
    const seat: Seat = { client, room, session, token };
    client.tell({ type: "joined", sessions: [...others.keys()].filter((id) => id !== session) });
    others.set(session, seat);
    rooms.set(room, others);
    seats.set(client, seat);
    if (earlier === undefined) tellOthers(seat, { type: "entered", session });
  }

  function tellOthers(seat: Seat, notice: SignallingNotice): void {
    for (const other of rooms.get(seat.room)?.values() ?? []) {
      if (other !== seat) other.client.tell(notice);
    }
  }

  return {
    receive(client, text, nowMs) {
      if (!isAllowed(client, nowMs)) return refuse(client, "SIGNAL_TOO_FAST");
      const request = parseSignallingRequest(text);
      if (!request.ok) return refuse(client, request.error);
      if (request.value.type === "join") return join(client, request.value);
      const seat = seats.get(client);
      if (seat === undefined) return refuse(client, "SIGNAL_NOT_JOINED");
      const { to, payload } = request.value;
      const other = rooms.get(seat.room)?.get(to);
      // Whoever is gone has been announced; a signal that crossed that is of no use.
      other?.client.tell({ type: "signal", from: seat.session, payload });
    },
    leave(client) {
      allowances.delete(client);
      const seat = seats.get(client);
      if (seat === undefined) return;
      seats.delete(client);
      const room = rooms.get(seat.room);
      room?.delete(seat.session);
      if (room?.size === 0) rooms.delete(seat.room);
      tellOthers(seat, { type: "left", session: seat.session });
    },
    count: () => ({ rooms: rooms.size, sessions: seats.size }),
  };
}
