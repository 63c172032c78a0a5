import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRooms, type RoomLimits } from "../../../bin/signal/rooms.ts";
import type { SignallingNotice } from "../../../src/channel/transport/signalling-message.ts";

const LIMITS: RoomLimits = { roomsMax: 2, sessionsPerRoomMax: 3, burstMax: 10, ratePerSecond: 5 };
const hex = (digit: string) => digit.repeat(32);

function world(limits: RoomLimits = LIMITS) {
  const rooms = createRooms(limits);
  let nowMs = 0;
  function client() {
    const log: SignallingNotice[] = [];
    let isOpen = true;
    const handle = {
      tell: (notice: SignallingNotice) => void log.push(notice),
      close: () => void (isOpen = false),
    };
    return {
      log,
      isOpen: () => isOpen,
      say: (text: string) => rooms.receive(handle, text, nowMs),
      join(session: string, room = "room", token = session) {
        this.say(JSON.stringify({ type: "join", room, session, token }));
      },
      leave: () => rooms.leave(handle),
      code: () => log.flatMap((notice) => (notice.type === "error" ? [notice.code] : [])).at(-1),
    };
  }
  return { client, rooms, pass: (ms: number) => void (nowMs += ms) };
}

describe("signalling rooms", () => {
  it("tell a newcomer who is there, and the others that it came and went", () => {
    const { client, rooms } = world();
    const [a, b] = [client(), client()];
    a.join(hex("a"));
    b.join(hex("b"));
    b.leave();
    expect(a.log).toEqual([
      { type: "joined", sessions: [] },
      { type: "entered", session: hex("b") },
      { type: "left", session: hex("b") },
    ]);
    expect(b.log).toEqual([{ type: "joined", sessions: [hex("a")] }]);
    a.leave();
    expect(rooms.count()).toEqual({ rooms: 0, sessions: 0 });
  });

  it("pass a signal to its receiver in the same room only, under the sender's true session", () => {
    const { client } = world();
    const [a, b, c, other] = [client(), client(), client(), client()];
    a.join(hex("a"));
    b.join(hex("b"));
    c.join(hex("c"));
    other.join(hex("b"), "elsewhere");
    const forged = { type: "signal", to: hex("b"), payload: "hi", from: hex("c") };
    a.say(JSON.stringify(forged));
    a.say(JSON.stringify({ type: "signal", to: hex("d"), payload: "nobody" }));
    expect(b.log.at(-1)).toEqual({ type: "signal", from: hex("a"), payload: "hi" });
    expect(c.log.every(({ type }) => type !== "signal")).toBe(true);
    expect(other.log).toEqual([{ type: "joined", sessions: [] }]);
    expect(a.code()).toBeUndefined();
  });

  it("let a client come back by a new connection, unnoticed by the others", () => {
    const { client, rooms } = world();
    const [a, b, again] = [client(), client(), client()];
    a.join(hex("a"));
    b.join(hex("b"));
    again.join(hex("b"));
    b.leave();
    expect(b.isOpen()).toBe(false);
    expect(a.log).toHaveLength(2);
    expect(again.log).toEqual([{ type: "joined", sessions: [hex("a")] }]);
    expect(rooms.count().sessions).toBe(2);
    a.say(JSON.stringify({ type: "signal", to: hex("b"), payload: "to the new one" }));
    expect(again.log.at(-1)).toMatchObject({ payload: "to the new one" });
  });

  it("[SIGNAL_SESSION_TAKEN] do not give a session to who lacks its token", () => {
    const { client } = world();
    const [a, thief] = [client(), client()];
    a.join(hex("a"));
    thief.join(hex("a"), "room", hex("0"));
    expect(thief.code()).toBe("SIGNAL_SESSION_TAKEN");
    expect([a.isOpen(), thief.isOpen()]).toEqual([true, false]);
  });

  it("[SIGNAL_ROOM_FULL] [SIGNAL_SERVER_FULL] are bounded in sessions and number", () => {
    const { client } = world();
    for (const digit of ["a", "b", "c"]) client().join(hex(digit));
    const late = client();
    late.join(hex("d"));
    expect([late.code(), late.isOpen()]).toEqual(["SIGNAL_ROOM_FULL", false]);
    client().join(hex("a"), "second");
    const third = client();
    third.join(hex("a"), "third");
    expect([third.code(), third.isOpen()]).toEqual(["SIGNAL_SERVER_FULL", false]);
  });

  it("[SIGNAL_TOO_FAST] allow a burst, then a rate", () => {
    const { client, pass } = world();
    const a = client();
    a.join(hex("a"));
    const signal = JSON.stringify({ type: "signal", to: hex("b"), payload: "" });
    for (let count = 1; count < LIMITS.burstMax; count++) a.say(signal);
    expect(a.code()).toBeUndefined();
    pass(1_000);
    for (let count = 0; count < LIMITS.ratePerSecond; count++) a.say(signal);
    expect(a.code()).toBeUndefined();
    a.say(signal);
    expect([a.code(), a.isOpen()]).toEqual(["SIGNAL_TOO_FAST", false]);
  });

  it("[SIGNAL_NOT_JOINED] [SIGNAL_ALREADY_JOINED] want one join first", () => {
    const { client } = world();
    const a = client();
    a.say(JSON.stringify({ type: "signal", to: hex("b"), payload: "" }));
    expect([a.code(), a.isOpen()]).toEqual(["SIGNAL_NOT_JOINED", true]);
    a.join(hex("a"));
    a.join(hex("a"), "another");
    expect([a.code(), a.isOpen()]).toEqual(["SIGNAL_ALREADY_JOINED", true]);
  });

  it("[SIGNAL_BAD_MESSAGE] refuse what is no message", () => {
    const bad = ["", "null", "[]", "{}", "{", '{"type":"join"}', '{"type":"signal","to":"x"}'];
    const join = { type: "join", room: "room", session: hex("a"), token: hex("a") };
    bad.push(JSON.stringify({ ...join, room: "" }), JSON.stringify({ ...join, room: "a b" }));
    bad.push(
      JSON.stringify({ ...join, session: "A".repeat(32) }),
      JSON.stringify({ ...join, token: 1 }),
    );
    bad.push(
      JSON.stringify({ ...join, payload: "x".repeat(70_000) }),
      '{"__proto__":{"type":"join"}}',
    );
    for (const text of bad) {
      const { client } = world();
      const a = client();
      a.say(text);
      expect([text.slice(0, 60), a.code(), a.isOpen()]).toEqual([
        text.slice(0, 60),
        "SIGNAL_BAD_MESSAGE",
        false,
      ]);
    }
  });

  it("survive anything that clients say, within their bounds", () => {
    const session = fc.constantFrom(hex("a"), hex("b"), hex("c"), "junk");
    const message = fc.oneof(
      fc.json(),
      fc.record({
        type: fc.constant("join"),
        room: fc.constantFrom("one", "two", "three", "bad name"),
        session,
        token: session,
      }),
      fc.record({ type: fc.constant("signal"), to: session, payload: fc.string() }),
      fc.constant("leave"),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), message)), (actions) => {
        const { client, rooms, pass } = world();
        const clients = Array.from({ length: 5 }, client);
        for (const [index, action] of actions) {
          if (action === "leave") clients[index]?.leave();
          else clients[index]?.say(typeof action === "string" ? action : JSON.stringify(action));
          pass(100);
          const { rooms: roomCount, sessions } = rooms.count();
          expect(roomCount).toBeLessThanOrEqual(LIMITS.roomsMax);
          expect(sessions).toBeLessThanOrEqual(clients.length);
        }
        for (const one of clients) one.leave();
        expect(rooms.count()).toEqual({ rooms: 0, sessions: 0 });
      }),
    );
  });
});
