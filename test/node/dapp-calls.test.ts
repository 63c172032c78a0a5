import { describe, expect, it } from "vitest";
import type { AppBinding } from "../../src/node/app.ts";
import { chat } from "../../src/node/chat.ts";
import { roomDapp, roomNumber } from "../../src/node/dapp-calls.ts";
import { editor } from "../../src/node/editor.ts";
import { movecraft } from "../../src/node/movecraft.ts";
import { toHex } from "../../src/sandbox/core/bytes.ts";
import { formatFunctionId } from "../../src/sandbox/core/identifier.ts";
import {
  chatDapp,
  type DappBinding,
  type EntryCall,
  editorDapp,
  movecraftDapp,
} from "../../src/settlement/index.ts";

const shown = (call: EntryCall) => [formatFunctionId(call.function), ...call.args.map(toHex)];

describe("calls of an app on chain", () => {
  const ROOM = roomNumber("main");
  const APPS: readonly [AppBinding, DappBinding][] = [
    [chat.binding, chatDapp({ groupId: ROOM, name: "main" })],
    [editor.binding, editorDapp({ fileId: ROOM, title: "main" })],
    [movecraft.binding, movecraftDapp({ landId: ROOM, name: "main", heroName: "Hero" })],
  ];

  it.each(APPS)("are, for $name, those that settlement's own binding makes", (app, theirs) => {
    const ours = roomDapp(app, "main");
    expect(ours.create(100n).map(shown)).toEqual(theirs.create(100n).map(shown));
    expect(shown(ours.find())).toEqual(shown(theirs.find()));
    expect(shown(ours.join(7n))).toEqual(shown(theirs.join(7n)));
    expect(shown(ours.leave(7n))).toEqual(shown(theirs.leave(7n)));
    expect(shown(ours.close(7n))).toEqual(shown(theirs.close(7n)));
    expect(shown(ours.settle(7n, 9n))).toEqual(shown(theirs.settle(7n, 9n)));
  });

  it("leave out what was prepared before", () => {
    const dapp = roomDapp(chat.binding, "main");
    dapp.isPrepared = true;
    expect(dapp.create(1n).map((call) => call.function.name)).toEqual(["chat_session_create"]);
  });

  it("give every room a number of its own", () => {
    const numbers = ["main", "Main", "main ", "other"].map(roomNumber);
    expect(new Set(numbers).size).toBe(4);
  });

  it("[ROOM_INVALID] want a name of 1 to 64 bytes", () => {
    for (const room of ["", "é".repeat(33)]) {
      expect(() => roomDapp(chat.binding, room)).toThrow("1 to 64 bytes");
    }
    expect(() => roomDapp(chat.binding, "é".repeat(32))).not.toThrow();
  });

  it("[APP_INVALID] refuse a table that makes no sense", () => {
    const { chain } = chat.binding;
    const broken = (join: AppBinding["chain"]["join"]) =>
      roomDapp({ ...chat.binding, chain: { ...chain, join } }, "main").join(1n);
    expect(() => broken({ function: "no name", args: [] })).toThrow("names no function");
    expect(() => broken({ function: "join", args: [{ address: "here" }] })).toThrow("no address");
    expect(() => broken({ function: "join", args: [{ from: "proposal" }] })).toThrow("no proposal");
  });
});
