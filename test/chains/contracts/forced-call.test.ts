// Forcing a call: what may be posted, what answers it, and what becomes of a leader that does not.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { concatBytes } from "#core/bytes.ts";
import { opBetween, type StateKey } from "#core/effects.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { makeStructTag, type TypeTag } from "#core/type-tag.ts";
import { proveKeys } from "#sandbox";
import { callMessage, encodeCallAnswer } from "../../../src/channel/codec.ts";
import type { ConfigurationStep, ForcedCallAnswer } from "../../../src/channel/evidence.ts";
import type { Call, Header } from "../../../src/channel/messages.ts";
import { codeOf } from "./abort.ts";
import { encodeSigned, postCall } from "./chat-calls.ts";
import {
  admit,
  GROUP_ID,
  groupBytes,
  join,
  openChatChannel,
  STAKE,
  settle,
} from "./chat-channel.ts";
import { arg, FUNDS, startContractChain } from "./contract-chain.ts";
import { enter, fund } from "./player.ts";
import {
  certify,
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  type ScriptedChannel,
  seal,
  setState,
  showSteps,
} from "./scripted-channel.ts";

const BOND = 20_000n;
const WINDOW_MS = 60_000n;
const COIN = "0x1::aptos_coin::AptosCoin";
const BOB = 2n;
const NONE = arg.bytes(new Uint8Array());

/** A chat of alice, who leads, and these; the chain knows all of them. */
function chatOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

function callOf(channel: ScriptedChannel, changes: Partial<Call> = {}): Call {
  return postCall(channel, { seat: BOB, nonce: 3n, ...changes });
}

function run(channel: ScriptedChannel, by: string, name: string, ...args: Uint8Array[]) {
  return codeOf(
    channel.chain.run(`0x20::forced_call::${name}`, {
      sender: channel.player(by).address,
      typeArgs: [channel.view().stateType],
      args: [arg.u64(channel.id), ...args],
    }),
  );
}

function force(channel: ScriptedChannel, changes: Partial<Call> = {}, by = "bob") {
  const bytes = encodeSigned(channel.player(by), callOf(channel, changes));
  return run(channel, by, "force_call_entry", arg.bytes(bytes));
}

function depose(channel: ScriptedChannel, by = "bob", seat = BOB) {
  return run(channel, by, "depose_leader_entry", arg.u64(seat));
}

function call(channel: ScriptedChannel, by: string, name: string, ...args: Uint8Array[]) {
  return codeOf(channel.call(channel.player(by), name, ...args));
}

/** What is open and who is barred, as the contract's view says it. */
function forcedOn(channel: ScriptedChannel) {
  const [open, barred] = channel.chain.view("0x20::forced_call::get_forced_calls", {
    args: [arg.u64(channel.id)],
  });
  return {
    open: decodeBcs(present(open, "two values"), (reader) =>
      reader.vector((item) => {
        const seat = item.u64();
        item.address();
        const [nonce, expiry, postedMs, leader] = [item.u64(), item.u64(), item.u64(), item.u64()];
        item.u64(); // due
        return { seat, nonce, expiry, postedMs, leader, call: item.bytes().slice() };
      }),
    ),
    barred: decodeBcs(present(barred, "two values"), (reader) =>
      reader.vector((item) => ({ seat: item.u64(), until: item.u64() })),
    ),
  };
}

function balance(channel: ScriptedChannel, name: string): bigint {
  const args = [arg.address(channel.player(name).address)];
  const [bytes] = channel.chain.view("0x1::coin::balance", { typeArgs: [COIN], args });
  return decodeBcs(present(bytes, "a view returns"), (reader) => reader.u64());
}

function recordKey(seat: bigint): StateKey {
  return { kind: "tableItem", handle: makeAddress("0x0"), key: arg.u64(seat) };
}

/** The channel's own record of a seat. */
function recordBytes(nonce: bigint, standing = 0): Uint8Array {
  return encodeBcs((writer) =>
    writer.address(makeAddress("0xb0b")).u64(nonce).fixed(ZERO_HASH).u8(standing),
  );
}

/** Orders something after which the seat's record is this. */
function record(channel: ScriptedChannel, nonce: bigint, standing = 0, seat = BOB): void {
  const key = recordKey(seat);
  const op = opBetween(channel.log.state.get(key), recordBytes(nonce, standing));
  order(channel.log, [{ key, op: present(op, "it changes") }]);
}

interface Shown {
  readonly count?: number;
  readonly seat?: bigint;
  readonly header?: Partial<Header>;
}

/** What shows the seat's record under a header over the last `count` entries, which all certify. */
function answerOf(
  channel: ScriptedChannel,
  { count = 1, seat = BOB, header: changes }: Shown = {},
  steps: readonly ConfigurationStep[] = [],
): ForcedCallAnswer {
  const { header } = seal(channel, nextHeader(channel, count, changes));
  const key = recordKey(seat);
  const { state } = channel.log;
  return {
    seat,
    header,
    certificate: certify(channel, header),
    steps,
    record: present(state.get(key), "a record"),
    proof: proveKeys(state, [key]),
  };
}

function show(channel: ScriptedChannel, answer: ForcedCallAnswer, by = "alice") {
  const { seat } = answer;
  const bytes = arg.bytes(encodeCallAnswer(answer));
  return run(channel, by, "answer_call_entry", arg.u64(seat), bytes);
}

describe("a call", () => {
  it("is posted by its member, with a bond, for the leader and every node to read", () => {
    const channel = chatOf("bob");
    const before = balance(channel, "bob");
    expect(force(channel)).toBe("EXECUTED");
    expect(balance(channel, "bob")).toBe(before - BOND);
    const [open] = forcedOn(channel).open;
    expect(open).toEqual({
      seat: BOB,
      nonce: 3n,
      expiry: 1_000n,
      postedMs: channel.chain.now(),
      leader: 1n,
      call: encodeSigned(channel.player("bob"), callOf(channel)),
    });
  });

  it("is posted once at a time", () => {
    const channel = chatOf("bob", "carol");
    force(channel);
    expect(force(channel, { nonce: 4n })).toBe(68);
    expect(force(channel, { seat: 3n }, "carol")).toBe("EXECUTED");
  });

  it("is a member's own, for this channel, and has not expired by what the chain knows", () => {
    const channel = chatOf("bob");
    join(channel, "dave");
    channel.players.set("oscar", enter(channel.chain, "oscar"));
    expect(force(channel, {}, "oscar")).toBe(2);
    expect(force(channel, { seat: 3n }, "dave")).toBe(34);
    expect(force(channel, { seat: 1n })).toBe(36);
    expect(force(channel, { channel: ZERO_HASH })).toBe(36);
    const forged = encodeSigned(channel.player("alice"), callOf(channel));
    expect(run(channel, "bob", "force_call_entry", arg.bytes(forged))).toBe(23);
    setState(channel, groupBytes(["one"], channel.player("alice")));
    settle(channel, confirm(channel, 1));
    const { height } = channel.view().settled;
    expect(force(channel, { expiry: height })).toBe(36);
    expect(force(channel, { expiry: height + 1n })).toBe("EXECUTED");
    expect(run(channel, "bob", "depose_leader_entry", arg.u64(9n))).toBe(67);
    const wrong = { sender: channel.player("bob").address, typeArgs: [COIN] };
    const forcing = { ...wrong, args: [arg.u64(channel.id), arg.bytes(forged)] };
    expect(codeOf(channel.chain.run("0x20::forced_call::force_call_entry", forcing))).toBe(21);
    const deposing = { ...wrong, args: [arg.u64(channel.id), arg.u64(BOB)] };
    expect(codeOf(channel.chain.run("0x20::forced_call::depose_leader_entry", deposing))).toBe(21);
  });

  it("needs money for the bond", () => {
    const channel = chatOf("bob");
    const bob = channel.player("bob");
    const all = arg.u64(balance(channel, "bob") - BOND + 1n);
    const to = { sender: bob.address, args: [arg.address(makeAddress("0xfa")), all] };
    channel.chain.ok("0x1::aptos_account::transfer", to);
    expect(force(channel)).toBe(12);
    fund(channel.chain, bob, FUNDS);
    expect(force(channel)).toBe("EXECUTED");
  });

  const nested = (depth: number): TypeTag =>
    depth === 1 ? { kind: "u8" } : { kind: "vector", element: nested(depth - 1) };
  const many = Array.from({ length: 33 }, () => arg.u8(1));

  it.each<[string, Partial<Call>]>([
    ["more gas than any call may use", { maxGas: 1_000_001n }],
    ["more bytes than any call may have", { args: [new Uint8Array(16 * 1024)] }],
  ])("that asks for %s is nobody's to order", (_, changes) => {
    expect(force(chatOf("bob"), changes)).toBe(36);
  });

  it("may have every shape that the channel reads", () => {
    const struct = { ...makeStructTag("0x1::a_2::_B"), typeArgs: [nested(8)] };
    const typeArgs: TypeTag[] = [{ kind: "struct", struct }, nested(9), { kind: "u256" }];
    expect(force(chatOf("bob"), { typeArgs, args: many.slice(1), maxGas: 1_000_000n })).toBe(
      "EXECUTED",
    );
  });

  it("that no node could read is refused, wherever its bytes are wrong", () => {
    const channel = chatOf("bob");
    const bob = channel.player("bob");
    const { hash } = channel.view();
    /** The same fields with other bytes between nonce and signature. */
    const post = (write: (writer: Parameters<Parameters<typeof encodeBcs>[0]>[0]) => void) => {
      const bytes = encodeBcs((writer) => {
        writer.fixed(hash).u64(BOB).u64(3n).address(makeAddress("0x21"));
        write(writer);
      });
      const message = callMessage(callOf(channel)).subarray(0, 32);
      const signature = bob.signAsMember(concatBytes(message, bytes));
      return run(channel, "bob", "force_call_entry", arg.bytes(concatBytes(bytes, signature)));
    };
    const rest = (writer: Parameters<Parameters<typeof encodeBcs>[0]>[0]) =>
      writer.uleb128(0).u64(1n).u64(1_000n);
    const named = (module: string, name: string) =>
      post((writer) => {
        writer.string(module).string(name).uleb128(0);
        rest(writer);
      });
    for (const bad of ["", "1a", "_", "a-b", "ä", "a".repeat(256)]) {
      expect([bad, named(bad, "post"), named("chat", bad)]).toEqual([bad, 36, 36]);
    }
    const typed = (...tags: readonly number[]) =>
      post((writer) => {
        writer.string("chat").string("post").uleb128(1).fixed(Uint8Array.from(tags));
        rest(writer);
      });
    expect(typed(11)).toBe(36);
    expect(typed(6, 6, 6, 6, 6, 6, 6, 6, 6, 1)).toBe(36);
    const counted = (count: number) =>
      post((writer) => {
        writer.string("chat").string("post").uleb128(count);
        for (let i = 0; i < count; i++) writer.u8(1);
        rest(writer);
      });
    expect(counted(33)).toBe(36);
    const argued = post((writer) => {
      writer.string("chat").string("post").uleb128(0).uleb128(33);
      for (let i = 0; i < 33; i++) writer.uleb128(0);
      writer.u64(1n).u64(1_000n);
    });
    expect(argued).toBe(36);
    expect(forcedOn(channel).open).toEqual([]);
    expect(counted(32)).toBe("EXECUTED");
  });
});

describe("a forced call", () => {
  it("is answered by a certified state in which its nonce is used, for the bond", () => {
    const channel = chatOf("bob");
    force(channel);
    record(channel, 4n);
    const before = balance(channel, "alice");
    expect(show(channel, answerOf(channel))).toBe("EXECUTED");
    expect(balance(channel, "alice")).toBe(before + BOND);
    expect(forcedOn(channel).open).toEqual([]);
    expect(channel.view().leader).toBe(1n);
    expect(channel.view().fence.number).toBe(channel.log.number);
    expect(depose(channel)).toBe(67);
    expect(force(channel, { nonce: 4n })).toBe("EXECUTED");
  });

  it("is not answered by a state in which it is still to come", () => {
    const channel = chatOf("bob");
    record(channel, 3n);
    force(channel);
    expect(show(channel, answerOf(channel))).toBe(36);
    expect(show(channel, answerOf(channel, { header: { time: channel.chain.now() - 1n } }))).toBe(
      36,
    );
  });

  it("that is not its seat's next is answered by a state of after it was posted", () => {
    const channel = chatOf("bob");
    record(channel, 2n);
    const early = answerOf(channel, { header: { time: channel.chain.now() - 1n } });
    force(channel);
    expect(show(channel, early)).toBe(36);
    expect(show(channel, answerOf(channel, { count: 0 }))).toBe("EXECUTED");
  });

  it("that had expired when it was posted is answered by a state of before", () => {
    const channel = chatOf("bob");
    record(channel, 3n);
    const { height } = channel.log;
    const before = channel.chain.now() - 1n;
    const old = answerOf(channel, { count: 0, header: { time: before } });
    channel.chain.nextBlock(1n);
    // The chain knows no height yet, so that the lie has to be answered.
    force(channel, { expiry: height + 1n });
    expect(show(channel, old)).toBe(36);
    channel.chain.passTime(WINDOW_MS);
    depose(channel);
    force(channel, { expiry: height });
    expect(show(channel, old)).toBe("EXECUTED");
  });

  it("of a seat that has departed is answered by the state that says so", () => {
    const channel = chatOf("bob");
    force(channel);
    record(channel, 3n, 1);
    expect(show(channel, answerOf(channel, { header: { time: 1n } }))).toBe("EXECUTED");
  });

  it("of a seat that was admitted but has not played is to be ordered all the same", () => {
    const channel = chatOf("bob");
    force(channel, { nonce: 0n });
    record(channel, 0n, 2);
    expect(show(channel, answerOf(channel))).toBe(36);
  });

  it("is answered by a quorum's certificate alone, for its seat, under that root", () => {
    const channel = chatOf("bob", "carol");
    force(channel);
    record(channel, 9n, 0, 3n);
    record(channel, 4n);
    const answer = answerOf(channel, { count: 2 });
    const { header } = answer;
    expect(show(channel, { ...answer, certificate: certify(channel, header, [1n, 2n]) })).toBe(22);
    const other = answerOf(channel, { count: 0, header: { time: header.time + 1n } });
    expect(show(channel, { ...answer, certificate: other.certificate })).toBe(22);
    expect(show(channel, { ...answer, record: recordBytes(5n) })).toBe(38);
    const elsewhere = { ...answer, header: { ...header, stateRoot: ZERO_HASH } };
    const forged = { ...elsewhere, certificate: certify(channel, elsewhere.header) };
    expect(show(channel, forged)).toBe(38);
    const carols = answerOf(channel, { count: 0, seat: 3n });
    expect(show(channel, { ...carols, seat: BOB })).toBe(38);
    expect(show(channel, carols)).toBe(67);
    expect(show(channel, answer)).toBe("EXECUTED");
  });

  it("is refused an answer with any byte changed", () => {
    const channel = chatOf("bob");
    force(channel);
    record(channel, 4n);
    const bytes = encodeCallAnswer(answerOf(channel));
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const outcome = run(channel, "alice", "answer_call_entry", arg.u64(BOB), arg.bytes(changed));
      if (outcome === "EXECUTED") accepted.push(at);
    }
    expect(accepted).toEqual([]);
    const whole = arg.bytes(concatBytes(bytes, Uint8Array.of(0)));
    expect(run(channel, "alice", "answer_call_entry", arg.u64(BOB), whole)).not.toBe("EXECUTED");
    expect(run(channel, "alice", "answer_call_entry", arg.u64(BOB), arg.bytes(bytes))).toBe(
      "EXECUTED",
    );
  });
});

/** So much time in which these members are heard. */
function passHeard(channel: ScriptedChannel, ms: bigint, ...names: readonly string[]): void {
  for (let left = ms; left > 0n; left -= 10_000n) {
    channel.chain.passTime(left < 10_000n ? left : 10_000n);
    for (const name of names) call(channel, name, "keep_alive_entry", arg.u64s([]));
  }
}

describe("a leader that does not answer in time", () => {
  it("loses the lead, and nothing else; the bond goes back, and the channel goes on", () => {
    const channel = chatOf("bob", "carol");
    const before = balance(channel, "bob");
    force(channel);
    passHeard(channel, WINDOW_MS - 1n, "alice", "bob", "carol");
    expect(depose(channel, "carol")).toBe(14);
    expect(call(channel, "bob", "apply_leader_entry", NONE)).toBe(4);
    passHeard(channel, 1n, "alice", "bob", "carol");
    expect(depose(channel, "carol")).toBe("EXECUTED");
    const { leader, members, closed, configuration } = channel.view();
    expect([leader, closed, configuration]).toEqual([0n, false, 2n]);
    expect(members.map(({ standing, stake }) => [standing, stake])).toEqual(
      members.map(() => ["admitted", 100n]),
    );
    expect(balance(channel, "bob")).toBe(before);
    expect(call(channel, "alice", "apply_leader_entry", NONE)).toBe(69);
    expect(call(channel, "bob", "apply_leader_entry", NONE)).toBe("EXECUTED");
    channel.log.leader = BOB;
    channel.log.term = channel.view().term;
    setState(channel, groupBytes(["still here"], channel.player("bob")));
    settle(channel, confirm(channel, 1));
  });

  it("may lead again a minute later", () => {
    const channel = chatOf("bob");
    force(channel);
    passHeard(channel, WINDOW_MS, "alice", "bob");
    depose(channel);
    expect(forcedOn(channel).barred).toHaveLength(1);
    channel.chain.passTime(59_999n);
    expect(call(channel, "alice", "apply_leader_entry", NONE)).toBe(69);
    channel.chain.passTime(1n);
    expect(call(channel, "alice", "apply_leader_entry", NONE)).toBe("EXECUTED");
  });

  it("has no more time for being elected again", () => {
    const channel = chatOf("bob", "carol");
    force(channel);
    passHeard(channel, 40_000n, "bob", "carol");
    expect(call(channel, "alice", "apply_leader_entry", NONE)).toBe("EXECUTED");
    passHeard(channel, 19_999n, "alice", "bob", "carol");
    expect(depose(channel)).toBe(14);
    channel.chain.passTime(1n);
    expect(depose(channel)).toBe("EXECUTED");
  });

  it("gives way to another, who has all of the time", () => {
    const channel = chatOf("bob", "carol");
    force(channel);
    passHeard(channel, 40_000n, "bob", "carol");
    expect(call(channel, "carol", "apply_leader_entry", NONE)).toBe("EXECUTED");
    expect(forcedOn(channel).open[0]?.leader).toBe(3n);
    passHeard(channel, WINDOW_MS - 1n, "carol", "bob");
    expect(depose(channel)).toBe(14);
    channel.chain.passTime(1n);
    expect(depose(channel)).toBe("EXECUTED");
    expect(forcedOn(channel).barred.map(({ seat }) => seat)).toEqual([3n]);
  });

  it("is nobody, while nobody leads", () => {
    const channel = chatOf("bob", "carol");
    force(channel);
    force(channel, { seat: 3n }, "carol");
    passHeard(channel, WINDOW_MS, "alice", "bob", "carol");
    expect(depose(channel)).toBe("EXECUTED");
    expect(depose(channel, "carol", 3n)).toBe(14);
  });

  it("is not deposed for a seat that is out meanwhile", () => {
    const channel = chatOf("bob", "carol");
    force(channel);
    const before = balance(channel, "bob");
    leaveByEntry(channel);
    expect(depose(channel, "carol")).toBe("EXECUTED");
    expect(channel.view().leader).toBe(1n);
    expect(balance(channel, "bob")).toBe(before + BOND);
  });

  it("is deposed no more once the channel is closed, but the bond goes back", () => {
    const channel = chatOf();
    const before = balance(channel, "alice");
    expect(force(channel, { seat: 1n }, "alice")).toBe("EXECUTED");
    const closing = { sender: channel.player("alice").address, args: [arg.u64(GROUP_ID)] };
    channel.chain.ok("0x21::chat::chat_session_close", closing);
    expect(force(channel, { seat: 1n }, "alice")).toBe(20);
    expect(depose(channel, "alice", 1n)).toBe("EXECUTED");
    // The stake came back with the seat.
    expect(balance(channel, "alice") - before).toBeOneOf([0n, STAKE]);
    expect(forcedOn(channel)).toEqual({ open: [], barred: [] });
  });
});

/** The channel orders that bob leaves, and the chain sees it. */
function leaveByEntry(channel: ScriptedChannel): void {
  const seats = channel.log.configuration.seats.filter(({ seat }) => seat !== BOB);
  showSteps(channel, [changeConfiguration(channel, seats)]);
}
