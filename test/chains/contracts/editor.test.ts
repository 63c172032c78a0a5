// The editor contract: its files on chain, its paragraphs in the channel, and what settling and
// closing bring back.
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { StateKey } from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { CHANNEL_LIMITS } from "#sandbox";
import { refusalOf } from "./abort.ts";
import { arg, type ContractChain, startContractChain } from "./contract-chain.ts";
import { startMember } from "./member-sandbox.ts";
import { enter, type Player } from "./player.ts";
import {
  changeConfiguration,
  confirm,
  noteSettled,
  order,
  propose,
  type ScriptedChannel,
  scriptChannel,
  seatOf,
  setState,
  showSteps,
  voteAll,
} from "./scripted-channel.ts";

const EDITOR = "0x21::editor";
const DRIVE = makeAddress("0x21");
const FILE = 3;
const STAKE = 10_000n;
const PARAGRAPHS_MAX = 24;
const TEXT_SIZE_MAX = 512;
const NOBODY = makeAddress("0x0");
const ALICE = makeAddress("0xa11ce");
const BOB = makeAddress("0xb0b");
const KEY: StateKey = {
  kind: "resource",
  address: DRIVE,
  type: makeStructTag(`${EDITOR}::Document`),
};

/** `error::…` of the framework: category in front of the contract's own number. */
const INVALID_ARGUMENT = 1 << 16;
const OUT_OF_RANGE = 2 << 16;
const INVALID_STATE = 3 << 16;
const PERMISSION_DENIED = 5 << 16;
const NOT_FOUND = 6 << 16;
const ALREADY_EXISTS = 8 << 16;
const RESOURCE_EXHAUSTED = 9 << 16;

const refused = (category: number, number: number) => `${EDITOR} ${category + number}`;

interface Paragraph {
  readonly id: bigint;
  readonly text: string;
  readonly editor: Address;
  readonly idleSinceMs: bigint;
}

function documentBytes(drive: Address, count: number, paragraphs: readonly Paragraph[]) {
  return encodeBcs((writer) => {
    writer.address(drive).u64(BigInt(FILE)).string("Minutes").u64(BigInt(count));
    writer.vector(paragraphs, (out, { id, text, editor, idleSinceMs }) =>
      out.u64(id).string(text).address(editor).u64(idleSinceMs),
    );
  });
}

function paragraphsOf(bytes: Uint8Array): readonly Paragraph[] {
  return decodeBcs(bytes, (reader) => {
    reader.address();
    reader.u64();
    reader.string();
    reader.u64();
    return reader.vector((item) => ({
      id: item.u64(),
      text: item.string(),
      editor: item.address(),
      idleSinceMs: item.u64(),
    }));
  });
}

/** A member of a channel around an empty document. */
function startEditing() {
  const value = documentBytes(DRIVE, 0, []);
  const member = startMember([{ key: KEY, op: { type: "new", value } }]);
  const run = (sender: Address, name: string, ...args: readonly Uint8Array[]) =>
    refusalOf(member.call(sender, `${EDITOR}::${name}`, ...args));
  return {
    insert: (sender: Address, place: number) => run(sender, "paragraph_insert", arg.u64(place)),
    begin: (sender: Address, id: number) => run(sender, "paragraph_begin", arg.u64(id)),
    edit: (sender: Address, id: number, text: string) =>
      run(sender, "paragraph_edit", arg.u64(id), arg.text(text)),
    end: (sender: Address, id: number) => run(sender, "paragraph_end", arg.u64(id)),
    remove: (sender: Address, id: number) => run(sender, "paragraph_delete", arg.u64(id)),
    tick: (nowMs: number) => member.tick(`${EDITOR}::on_tick`, nowMs),
    bytes: () => present(member.get(KEY), "the document"),
    paragraphs: () => paragraphsOf(present(member.get(KEY), "the document")),
    member,
  };
}

describe("editing in the channel", () => {
  it("puts paragraphs where they belong and keeps each one's number", () => {
    const { insert, edit, paragraphs } = startEditing();
    expect(insert(ALICE, 0)).toBe("EXECUTED");
    expect(edit(ALICE, 1, "last")).toBe("EXECUTED");
    expect(insert(BOB, 0)).toBe("EXECUTED");
    expect(edit(BOB, 2, "first")).toBe("EXECUTED");
    expect(paragraphs().map(({ id, text }) => [id, text])).toEqual([
      [2n, "first"],
      [1n, "last"],
    ]);
  });

  it("lets one edit a paragraph at a time", () => {
    const { insert, begin, edit, end, remove, paragraphs } = startEditing();
    insert(ALICE, 0);
    const taken = refused(INVALID_STATE, 12);
    expect(begin(BOB, 1)).toBe(taken);
    expect(remove(BOB, 1)).toBe(taken);
    expect(edit(BOB, 1, "mine")).toBe(refused(PERMISSION_DENIED, 13));
    expect(end(BOB, 1)).toBe(refused(PERMISSION_DENIED, 13));
    expect(begin(ALICE, 1)).toBe("EXECUTED");
    expect(end(ALICE, 1)).toBe("EXECUTED");
    expect(edit(ALICE, 1, "late")).toBe(refused(PERMISSION_DENIED, 13));
    expect(begin(BOB, 1)).toBe("EXECUTED");
    expect(edit(BOB, 1, "mine now")).toBe("EXECUTED");
    expect(paragraphs()).toMatchObject([{ text: "mine now", editor: BOB }]);
    expect(remove(BOB, 1)).toBe("EXECUTED");
    expect(paragraphs()).toEqual([]);
  });

  it("frees a paragraph whose editor writes nothing for 30 s, in however many ticks", () => {
    const { insert, edit, tick, begin, paragraphs } = startEditing();
    const second = 1_000;
    insert(ALICE, 0);
    for (let count = 0; count < 10; count++) tick(5 * second);
    tick(34 * second);
    expect(paragraphs()).toMatchObject([{ editor: ALICE, idleSinceMs: 5_000n }]);
    edit(ALICE, 1, "still here");
    tick(40 * second);
    tick(70 * second - 1);
    expect(paragraphs()).toMatchObject([{ editor: ALICE }]);
    tick(70 * second);
    expect(paragraphs()).toMatchObject([{ editor: NOBODY, idleSinceMs: 0n, text: "still here" }]);
    expect(begin(BOB, 1)).toBe("EXECUTED");
  });

  it("lets ticks pass without a trace while nobody edits", () => {
    const { insert, end, tick } = startEditing();
    insert(ALICE, 0);
    end(ALICE, 1);
    const { status, changes } = tick(1_000);
    expect([status.type, changes]).toEqual(["executed", []]);
  });

  it("tells of every change of a text", () => {
    const { member } = startEditing();
    member.call(ALICE, `${EDITOR}::paragraph_insert`, arg.u64(0));
    const args = [arg.u64(1), arg.text("ahoy")];
    const { events } = member.call(ALICE, `${EDITOR}::paragraph_edit`, ...args);
    const expected = encodeBcs((writer) => writer.u64(1n).address(ALICE).string("ahoy"));
    expect(events.map(({ data }) => data)).toEqual([expected]);
  });

  it("refuses places and paragraphs that are not there, and texts that are too long", () => {
    const { insert, begin, edit, end, remove } = startEditing();
    expect(insert(ALICE, 1)).toBe(refused(OUT_OF_RANGE, 16));
    for (const call of [begin, end, remove]) {
      expect(call(ALICE, 9)).toBe(refused(NOT_FOUND, 11));
    }
    expect(edit(ALICE, 9, "text")).toBe(refused(NOT_FOUND, 11));
    insert(ALICE, 0);
    expect(edit(ALICE, 1, "x".repeat(TEXT_SIZE_MAX))).toBe("EXECUTED");
    expect(edit(ALICE, 1, "x".repeat(TEXT_SIZE_MAX + 1))).toBe(refused(INVALID_ARGUMENT, 14));
  });

  it("is full before it outgrows one value", () => {
    const { insert, edit, bytes } = startEditing();
    for (let id = 1; id <= PARAGRAPHS_MAX; id++) {
      expect([id, insert(ALICE, id - 1)]).toEqual([id, "EXECUTED"]);
      expect(edit(ALICE, id, "x".repeat(TEXT_SIZE_MAX))).toBe("EXECUTED");
    }
    expect(insert(ALICE, 0)).toBe(refused(RESOURCE_EXHAUSTED, 15));
    expect(bytes().length).toBeLessThan(CHANNEL_LIMITS.valueBytes);
  });

  it("is no matter of the chain", () => {
    const chain = startContractChain();
    const sender = enter(chain, "alice").address;
    const [one, text] = [arg.u64(1), arg.text("text")];
    const calls: readonly [string, ...Uint8Array[]][] = [
      ["paragraph_insert", arg.u64(0)],
      ["paragraph_begin", one],
      ["paragraph_edit", one, text],
      ["paragraph_end", one],
      ["paragraph_delete", one],
    ];
    for (const [name, ...args] of calls) {
      const tried = refusalOf(chain.run(`${EDITOR}::${name}`, { sender, args }));
      expect([name, tried]).toEqual([name, refused(INVALID_STATE, 9)]);
    }
  });
});

const FILE_ARGS = [arg.address(DRIVE), arg.u64(FILE)];

function run(
  chain: ContractChain,
  { address: sender }: Pick<Player, "address">,
  name: string,
  ...args: readonly Uint8Array[]
): string {
  return refusalOf(chain.run(`${EDITOR}::${name}`, { sender, args }));
}

function createFile(chain: ContractChain, by: Player, drive = DRIVE, title = "Minutes"): string {
  return run(chain, by, "drive_file_create", arg.address(drive), arg.u64(FILE), arg.text(title));
}

describe("files and their documents on chain", () => {
  it("refuse drives and files that are not there, twice there, or badly named", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice");
    expect(createFile(chain, alice, alice.address)).toBe(refused(NOT_FOUND, 1));
    expect(run(chain, alice, "drive_create")).toBe("EXECUTED");
    expect(run(chain, alice, "drive_create")).toBe(refused(ALREADY_EXISTS, 2));
    expect(createFile(chain, alice, alice.address, "")).toBe(refused(INVALID_ARGUMENT, 8));
    expect(createFile(chain, alice, alice.address, "x".repeat(65))).toBe(
      refused(INVALID_ARGUMENT, 8),
    );
    expect(createFile(chain, alice, alice.address)).toBe("EXECUTED");
    expect(createFile(chain, alice, alice.address)).toBe(refused(ALREADY_EXISTS, 3));
    const missing = refused(NOT_FOUND, 5);
    expect(run(chain, alice, "document_editor_open", ...FILE_ARGS)).toBe(missing);
    const share = [arg.u64(9), arg.address(BOB)];
    expect(run(chain, alice, "drive_file_share", ...share)).toBe(missing);
    expect(run(chain, alice, "drive_file_unshare", ...share)).toBe(missing);
    expect(refusalOf(chain.ask(`${EDITOR}::get_file`, { args: FILE_ARGS }))).toBe(missing);
  });

  it("open once at a time, for a stake of one coin", () => {
    const chain = startContractChain();
    const [alice, bob] = [enter(chain, "alice"), enter(chain, "bob")];
    createFile(chain, alice);
    expect(run(chain, alice, "document_editor_open", ...FILE_ARGS)).toBe("EXECUTED");
    const again = run(chain, bob, "document_editor_open", ...FILE_ARGS);
    expect(again).toBe(refused(ALREADY_EXISTS, 6));
    const channel = scriptChannel(chain, 1n, `${EDITOR}::Document`, alice);
    expect(channel.view().members.map(({ stake }) => stake)).toEqual([STAKE]);
    const label = [arg.u64(1), arg.text("drive_address")];
    const named = chain.view("0x20::state_channel::get_config_label", { args: label });
    expect(named).toEqual([arg.address(DRIVE)]);
    const found = chain.view(`${EDITOR}::editing_document`, { args: FILE_ARGS });
    expect(found).toEqual([arg.u64(1)]);
    const file = chain.view(`${EDITOR}::editing_document_file`, { args: [arg.u64(1)] });
    expect(file).toEqual(FILE_ARGS);
  });

  it("refuse what speaks of a document that is not open", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice");
    createFile(chain, alice);
    const closed = refused(NOT_FOUND, 7);
    expect(run(chain, alice, "editing_document_join", arg.u64(1))).toBe(closed);
    expect(run(chain, alice, "editing_document_close", arg.u64(1))).toBe(closed);
    expect(run(chain, alice, "document_settlement", arg.u64(1), arg.u64(1))).toBe(closed);
    expect(refusalOf(chain.ask(`${EDITOR}::editing_document`, { args: FILE_ARGS }))).toBe(closed);
    const file = chain.ask(`${EDITOR}::editing_document_file`, { args: [arg.u64(1)] });
    expect(refusalOf(file)).toBe(closed);
    expect(run(chain, alice, "editing_document_leave", arg.u64(1))).toBe("0x20::registry 1");
  });

  it("are their owner's, and those with whom it shares them", () => {
    const chain = startContractChain();
    const [alice, bob, carol] = [enter(chain, "alice"), enter(chain, "bob"), enter(chain, "carol")];
    run(chain, alice, "drive_create");
    expect(createFile(chain, bob, alice.address)).toBe(refused(PERMISSION_DENIED, 4));
    createFile(chain, alice, alice.address);
    const open = [arg.address(alice.address), arg.u64(FILE)];
    const denied = refused(PERMISSION_DENIED, 4);
    expect(run(chain, bob, "document_editor_open", ...open)).toBe(denied);
    const toBob = [arg.u64(FILE), arg.address(bob.address)];
    expect(run(chain, alice, "drive_file_unshare", ...toBob)).toBe(refused(NOT_FOUND, 4));
    expect(run(chain, alice, "drive_file_share", ...toBob)).toBe("EXECUTED");
    expect(run(chain, alice, "drive_file_share", ...toBob)).toBe("EXECUTED");
    expect(run(chain, bob, "document_editor_open_with_stake", ...open, arg.u64(7))).toBe(
      "EXECUTED",
    );
    expect(run(chain, carol, "editing_document_join", arg.u64(1))).toBe(denied);
    expect(run(chain, alice, "editing_document_join", arg.u64(1))).toBe("EXECUTED");
    expect(run(chain, alice, "drive_file_unshare", ...toBob)).toBe("EXECUTED");
    expect(run(chain, alice, "drive_file_unshare", ...toBob)).toBe(refused(NOT_FOUND, 4));
  });

  it("are shared with 32 at most", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice");
    run(chain, alice, "drive_create");
    createFile(chain, alice, alice.address);
    const share = (count: number) =>
      run(chain, alice, "drive_file_share", arg.u64(FILE), arg.address(makeAddress(`0x${count}`)));
    for (let count = 1; count <= 32; count++) expect(share(count)).toBe("EXECUTED");
    expect(share(33)).toBe(refused(RESOURCE_EXHAUSTED, 17));
  });
});

/** Alice and bob edit a file together. */
function openDocument(): ScriptedChannel {
  const chain = startContractChain();
  const [alice, bob] = [enter(chain, "alice"), enter(chain, "bob")];
  createFile(chain, alice);
  expect(run(chain, alice, "document_editor_open", ...FILE_ARGS)).toBe("EXECUTED");
  const channel = scriptChannel(chain, 1n, `${EDITOR}::Document`, alice);
  channel.players.set("bob", bob);
  expect(run(chain, bob, "editing_document_join", arg.u64(1))).toBe("EXECUTED");
  const seats = [...channel.log.configuration.seats, seatOf(channel, bob)];
  showSteps(channel, [changeConfiguration(channel, seats)]);
  return channel;
}

function passed(channel: ScriptedChannel): bigint {
  const proposal = propose(channel, confirm(channel, Number(channel.log.height)));
  voteAll(channel, proposal);
  return proposal;
}

describe("a settlement of a document", () => {
  it("brings the text that the channel's own code wrote onto the chain, and into the file", () => {
    const channel = openDocument();
    const { chain } = channel;
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const value = channel.stateOnChain();
    const member = startMember([{ key: KEY, op: { type: "new", value } }]);
    const play = (by: Player, name: string, ...args: readonly Uint8Array[]) =>
      order(channel.log, member.call(by.address, `${EDITOR}::${name}`, ...args).changes);
    play(alice, "paragraph_insert", arg.u64(0));
    play(bob, "paragraph_insert", arg.u64(1));
    play(alice, "paragraph_edit", arg.u64(1), arg.text("Present: everybody."));
    play(bob, "paragraph_edit", arg.u64(2), arg.text("Nothing else."));
    play(bob, "paragraph_end", arg.u64(2));
    const proposal = passed(channel);
    expect(run(chain, bob, "document_settlement", arg.u64(1), arg.u64(proposal))).toBe("EXECUTED");
    expect(channel.stateOnChain()).toEqual(member.get(KEY));
    expect(paragraphsOf(channel.stateOnChain()).map(({ text }) => text)).toEqual([
      "Present: everybody.",
      "Nothing else.",
    ]);
    // Bob goes; alice is the last, and closes.
    noteSettled(channel);
    const [first] = channel.log.configuration.seats;
    showSteps(channel, [changeConfiguration(channel, [present(first, "alice's seat")])]);
    const last = propose(channel, confirm(channel, 1));
    voteAll(channel, last);
    expect(run(chain, alice, "document_settlement", arg.u64(1), arg.u64(last))).toBe("EXECUTED");
    expect(run(chain, bob, "editing_document_leave", arg.u64(1))).toBe("EXECUTED");
    expect(run(chain, alice, "editing_document_close", arg.u64(1))).toBe("EXECUTED");
    expect(run(chain, alice, "editing_document_leave", arg.u64(1))).toBe("EXECUTED");
    const [title, texts] = chain.view(`${EDITOR}::get_file`, { args: FILE_ARGS });
    expect(title).toEqual(arg.text("Minutes"));
    const saved = decodeBcs(present(texts, "the file's text"), (reader) =>
      reader.vector((item) => item.string()),
    );
    expect(saved).toEqual(["Present: everybody.", "Nothing else."]);
    // The next session starts from the file.
    expect(run(chain, bob, "document_editor_open", ...FILE_ARGS)).toBe("EXECUTED");
    const options = { typeArgs: [`${EDITOR}::Document`], args: [arg.u64(2)] };
    const [state] = chain.view("0x20::state_channel::get_state", options);
    const again = decodeBcs(present(state, "a view returns"), (reader) => reader.bytes());
    expect(paragraphsOf(again)).toEqual(
      saved.map((text, at) => ({ id: BigInt(at + 1), text, editor: NOBODY, idleSinceMs: 0n })),
    );
  });

  it("refuses another document, and bytes that are none", () => {
    const alice = makeAddress("0xa1");
    const states: readonly [Uint8Array, string][] = [
      [documentBytes(alice, 0, []), refused(INVALID_ARGUMENT, 10)],
      [new Uint8Array([...documentBytes(DRIVE, 0, []), 0]), "0x1::bcs_stream 65539"],
    ];
    for (const [state, expected] of states) {
      const channel = openDocument();
      setState(channel, state);
      const proposal = passed(channel);
      const by = channel.player("alice");
      const args = [arg.u64(1), arg.u64(proposal)];
      expect(run(channel.chain, by, "document_settlement", ...args)).toBe(expected);
    }
  });

  it("which changes no text changes nothing", () => {
    const channel = openDocument();
    const before = channel.stateOnChain();
    const proposal = passed(channel);
    const args = [arg.u64(1), arg.u64(proposal)];
    const by = channel.player("alice");
    expect(run(channel.chain, by, "document_settlement", ...args)).toBe("EXECUTED");
    expect(channel.stateOnChain()).toEqual(before);
  });
});
