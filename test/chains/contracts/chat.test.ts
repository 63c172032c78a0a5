// The chat contract in the channel, where members post, and its own refusals on chain.
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import { CHANNEL_LIMITS } from "#sandbox";
import { refusalOf } from "./abort.ts";
import { CHAT, GROUP_ID, openChatChannel, SERVER } from "./chat-channel.ts";
import { arg, type ContractChain, startContractChain } from "./contract-chain.ts";
import { startMember } from "./member-sandbox.ts";
import { enter } from "./player.ts";

const HISTORY_MAX = 32;
const TEXT_SIZE_MAX = 280;
const ALICE = makeAddress("0xa11ce");
const BOB = makeAddress("0xb0b");
const KEY = {
  kind: "resource",
  address: SERVER,
  type: makeStructTag("0x21::chat::ChatGroup"),
} as const;

interface Group {
  readonly count: bigint;
  readonly messages: readonly { number: bigint; author: Address; text: string }[];
}

/** A member of a channel around an empty group. */
function startChatting() {
  const value = encodeBcs((writer) => {
    writer.u64(GROUP_ID).string("island").u64(0n);
    writer.vector([], () => undefined);
  });
  const member = startMember([{ key: KEY, op: { type: "new", value } }]);
  return {
    post(sender: Address, text: string | Uint8Array) {
      const bytes = typeof text === "string" ? utf8(text) : text;
      return member.call(sender, `${CHAT}::post`, arg.bytes(bytes));
    },
    group: () => decodeGroup(present(member.get(KEY), "the group")),
    size: () => present(member.get(KEY), "the group").length,
  };
}

function decodeGroup(bytes: Uint8Array): Group {
  return decodeBcs(bytes, (reader) => {
    reader.u64();
    reader.string();
    return {
      count: reader.u64(),
      messages: reader.vector((item) => ({
        number: item.u64(),
        author: item.address(),
        text: item.string(),
      })),
    };
  });
}

describe("posting in the channel", () => {
  it("appends a message under its author's name and tells of it", () => {
    const member = startChatting();
    const { events } = member.post(ALICE, "ahoy ⚓");
    member.post(BOB, "hello");
    expect(member.group()).toEqual({
      count: 2n,
      messages: [
        { number: 1n, author: ALICE, text: "ahoy ⚓" },
        { number: 2n, author: BOB, text: "hello" },
      ],
    });
    const [event] = events;
    const { type, data } = present(event, "one event");
    expect(formatTypeTag(type)).toContain("::chat::Posted");
    const expected = encodeBcs((writer) => writer.u64(1n).address(ALICE).string("ahoy ⚓"));
    expect(data).toEqual(expected);
  });

  it("refuses no text, too much of it, and what is no text", () => {
    const member = startChatting();
    expect(refusalOf(member.post(ALICE, ""))).toBe("0x21::chat 65543");
    expect(refusalOf(member.post(ALICE, "x".repeat(TEXT_SIZE_MAX)))).toBe("EXECUTED");
    expect(refusalOf(member.post(ALICE, "x".repeat(TEXT_SIZE_MAX + 1)))).toBe("0x21::chat 65544");
    expect(refusalOf(member.post(ALICE, Uint8Array.of(0xff)))).toBe("0x1::string 1");
    expect(member.group().count).toBe(1n);
  });

  it("keeps the latest messages in a ring that never outgrows one value", () => {
    const member = startChatting();
    const total = 2 * HISTORY_MAX + 5;
    for (let number = 1; number <= total; number++) {
      const text = `${number}`.padEnd(TEXT_SIZE_MAX, ".");
      expect(refusalOf(member.post(ALICE, text))).toBe("EXECUTED");
    }
    const { count, messages } = member.group();
    expect(count).toBe(BigInt(total));
    expect(messages).toHaveLength(HISTORY_MAX);
    for (const [index, { number }] of messages.entries()) {
      expect((number - 1n) % BigInt(HISTORY_MAX)).toBe(BigInt(index));
      expect(number).toBeGreaterThan(BigInt(total - HISTORY_MAX));
    }
    expect(member.size()).toBeLessThan(CHANNEL_LIMITS.valueBytes);
  });

  it("is no matter of the chain", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice");
    const options = { sender: alice.address, args: [arg.text("ahoy")] };
    expect(refusalOf(chain.run(`${CHAT}::post`, options))).toBe("0x21::chat 196617");
  });
});

describe("groups and sessions on chain", () => {
  function run(chain: ContractChain, name: string, ...args: readonly Uint8Array[]) {
    const sender = enter(chain, "alice").address;
    return refusalOf(chain.run(`${CHAT}::${name}`, { sender, args }));
  }

  it("refuse servers and groups that are not there, twice there, or badly named", () => {
    const chain = startContractChain();
    const nowhere = arg.address(makeAddress("0x77"));
    const server = arg.address(SERVER);
    const create = (at: Uint8Array, id: number, name: string) =>
      run(chain, "chat_group_create", at, arg.u64(id), arg.text(name));
    expect(create(server, 1, "island")).toBe("EXECUTED");
    expect(create(server, 1, "island")).toBe("0x21::chat 524292");
    expect(create(nowhere, 2, "island")).toBe("0x21::chat 393217");
    expect(create(server, 2, "")).toBe("0x21::chat 65542");
    expect(create(server, 2, "x".repeat(65))).toBe("0x21::chat 65542");
    const session = (at: Uint8Array, id: number) =>
      run(chain, "chat_session_create", at, arg.u64(id), arg.u64(0));
    expect(session(nowhere, 1)).toBe("0x21::chat 393217");
    expect(session(server, 3)).toBe("0x21::chat 393219");
    expect(session(server, 1)).toBe("EXECUTED");
    expect(session(server, 1)).toBe("0x21::chat 393219");
    for (const name of ["chat_session_join", "chat_session_leave", "chat_session_close"]) {
      expect([name, run(chain, name, arg.u64(9))]).toEqual([name, "0x21::chat 393221"]);
    }
  });

  it("may be at anybody's server, which anybody makes once", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice").address;
    expect(run(chain, "chat_server_create")).toBe("EXECUTED");
    expect(run(chain, "chat_server_create")).toBe("0x21::chat 524290");
    const group = [arg.address(alice), arg.u64(5), arg.text("home")];
    expect(run(chain, "chat_group_create", ...group)).toBe("EXECUTED");
    const read = (server: Address, id: number) =>
      chain.ask(`${CHAT}::get_chat_group`, { args: [arg.address(server), arg.u64(id)] });
    expect(read(alice, 5).returns[0]).toEqual(arg.text("home"));
    expect(refusalOf(read(SERVER, 5))).toBe("0x21::chat 393219");
    expect(refusalOf(read(makeAddress("0x77"), 5))).toBe("0x21::chat 393217");
  });

  it("name the server in the channel's label", () => {
    const channel = openChatChannel(startContractChain());
    const args = [arg.u64(channel.id), arg.text("server_address")];
    const label = channel.chain.view("0x20::state_channel::get_config_label", { args });
    expect(label).toEqual([arg.address(SERVER)]);
    const has = (id: bigint) =>
      channel.chain.view(`${CHAT}::has_session`, { args: [arg.u64(id)] })[0];
    expect([has(GROUP_ID), has(9n)]).toEqual([Uint8Array.of(1), Uint8Array.of(0)]);
  });
});
