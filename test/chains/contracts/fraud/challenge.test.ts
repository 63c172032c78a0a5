// Demanding the data of a settlement, answering on chain, and what becomes of it unanswered.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { utf8 } from "#core/bytes.ts";
import type { StateKey } from "#core/effects.ts";
import { domainHash, sha2_256, ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { MerkleLog } from "#sandbox";
import { encodeAnswer, hashHeader, refOfHeader } from "../../../../src/channel/codec.ts";
import { rootOfSteps } from "../../../../src/channel/core/execution.ts";
import type { AnsweredHeader } from "../../../../src/channel/evidence.ts";
import type { Header, Step } from "../../../../src/channel/messages.ts";
import { codeOf } from "../abort.ts";
import { admit, execute, GROUP_ID, openChatChannel, STAKE, settle } from "../chat-channel.ts";
import { arg, FUNDS, startContractChain } from "../contract-chain.ts";
import type { Player } from "../player.ts";
import {
  certify,
  confirm,
  nextHeader,
  noteSettled,
  order,
  propose,
  type ScriptedChannel,
  seal,
  showSteps,
  vote,
  voteAll,
} from "../scripted-channel.ts";

const BOND = 300_000n;
const WINDOW_MS = 15_000n;
const COIN = "0x1::aptos_coin::AptosCoin";

const CONTROL: StateKey = {
  kind: "resource",
  address: makeAddress("0x0"),
  type: makeStructTag("0x0::channel::Control"),
};

interface Proposed {
  readonly channel: ScriptedChannel;
  readonly proposal: bigint;
  /** The headers of the settlement, each with what an answer shows of it. */
  readonly answers: readonly AnsweredHeader[];
}

/** Two steps of entries that nobody but their bytes knows. */
function stepsOf(header: Header): AnsweredHeader["steps"] {
  return [0, 1].map((index) => {
    const entries = utf8(`entries ${header.number}/${index}`);
    const step: Step = {
      firstHeight: header.firstHeight,
      count: 1,
      entriesHash: domainHash("Entries", entries),
      stateRoot: header.stateRoot,
      receiptsHash: ZERO_HASH,
    };
    return { step, entries };
  });
}

function withSteps(header: Header): Header {
  return { ...header, stepsRoot: rootOfSteps(stepsOf(header).map(({ step }) => step)) };
}

/** Alice has proposed to settle two headers, of which bob and carol have seen nothing. */
function proposed(): Proposed {
  const channel = openChatChannel(startContractChain());
  for (const name of ["bob", "carol"]) showSteps(channel, [admit(channel, name)]);
  order(channel.log, []);
  const first = seal(channel, withSteps(nextHeader(channel, 1)));
  const log = new MerkleLog("HistoryRoot");
  for (let number = 1n; number < first.header.number; number++) log.append(domainHash("Before"));
  log.append(hashHeader(first.header));
  order(channel.log, []);
  const changes = { historyRoot: log.root() };
  const header = seal(channel, withSteps(nextHeader(channel, 1, changes)));
  const justify = refOfHeader(header.header);
  const confirming = seal(channel, nextHeader(channel, 0, { justify }));
  const proposal = propose(channel, {
    header,
    certificate: certify(channel, header.header),
    confirming,
    confirmingCertificate: certify(channel, confirming.header),
  });
  const path = log.prove(Number(first.header.number - 1n));
  const answers = [
    { header: first, path, steps: stepsOf(first.header) },
    { header, path: [], steps: stepsOf(header.header) },
  ];
  return { channel, proposal, answers };
}

function call(channel: ScriptedChannel, by: Player, name: string, ...args: Uint8Array[]) {
  const options = {
    sender: by.address,
    typeArgs: [channel.view().stateType],
    args: [arg.u64(channel.id), ...args],
  };
  return codeOf(channel.chain.run(`0x20::challenge::${name}`, options));
}

function demand({ channel, proposal, answers }: Proposed, by: string, from = 0, to = 1) {
  const [first, last] = [from, to].map((at) => answers[at]?.header.header.number ?? 0n);
  const args = [proposal, first ?? 0n, last ?? 0n].map(arg.u64);
  return call(channel, channel.player(by), "demand_entry", ...args);
}

function answer({ channel }: Proposed, by: string, given: readonly AnsweredHeader[], id = 1n) {
  const bytes = arg.bytes(encodeAnswer(given));
  return call(channel, channel.player(by), "answer_entry", arg.u64(id), bytes);
}

function balance(channel: ScriptedChannel, name: string): bigint {
  const args = [arg.address(channel.player(name).address)];
  const [bytes] = channel.chain.view("0x1::coin::balance", { typeArgs: [COIN], args });
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

describe("a demand for data", () => {
  it("holds the settlement up until it is answered, and pays for the answer", () => {
    const all = proposed();
    const { channel, proposal, answers } = all;
    for (const name of ["bob", "carol"]) vote(channel, channel.player(name), proposal);
    expect(demand(all, "bob")).toBe("EXECUTED");
    expect(codeOf(execute(channel, proposal))).toBe(14);
    expect(answer(all, "alice", answers.slice(0, 1))).toBe("EXECUTED");
    expect(codeOf(execute(channel, proposal))).toBe(14);
    expect(answer(all, "alice", answers.slice(1))).toBe("EXECUTED");
    expect(balance(channel, "bob")).toBe(FUNDS - STAKE - BOND);
    expect(balance(channel, "alice")).toBe(FUNDS - STAKE + BOND);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
  });

  it("restarts the window in which what comes out may be disputed", () => {
    const all = proposed();
    const { channel, proposal, answers } = all;
    vote(channel, channel.player("bob"), proposal);
    channel.chain.passTime(WINDOW_MS - 1_000n);
    expect(demand(all, "carol")).toBe("EXECUTED");
    expect(answer(all, "alice", answers)).toBe("EXECUTED");
    channel.chain.passTime(WINDOW_MS - 1_000n);
    expect(codeOf(execute(channel, proposal))).toBe(14);
    channel.chain.passTime(1_000n);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
  });

  it("voids the settlement where nobody answers, and costs nothing then", () => {
    const all = proposed();
    const { channel, proposal } = all;
    expect(demand(all, "bob")).toBe("EXECUTED");
    const close = () => call(channel, channel.player("carol"), "void_entry", arg.u64(1));
    channel.chain.passTime(WINDOW_MS - 1n);
    expect(close()).toBe(14);
    channel.chain.passTime(1n);
    expect(close()).toBe("EXECUTED");
    expect(channel.proposal(proposal).status).toBe(3);
    expect(channel.view().pendingSettlement).toBe(0n);
    expect(balance(channel, "bob")).toBe(FUNDS - STAKE);
    expect(close()).toBe(65);
    expect(demand(all, "bob")).toBe(10);
  });

  it("is made at most twice by a seat of one settlement, of at most 16 headers", () => {
    const all = proposed();
    const { channel } = all;
    expect(demand(all, "bob", 0, 0)).toBe("EXECUTED");
    expect(demand(all, "bob", 1, 1)).toBe("EXECUTED");
    expect(demand(all, "bob", 0, 0)).toBe(66);
    expect(demand(all, "carol", 0, 0)).toBe("EXECUTED");
    const [demands] = channel.chain.view("0x20::challenge::get_demands", {
      args: [arg.u64(channel.id)],
    });
    expect(demands?.[0]).toBe(3);
  });

  it("is counted anew for the next settlement that is proposed", () => {
    const all = proposed();
    const { channel } = all;
    for (const _ of [1, 2]) expect(demand(all, "bob", 0, 0)).toBe("EXECUTED");
    order(channel.log, []);
    const next = propose(channel, confirm(channel, 1), [], "alice");
    expect(demand({ ...all, proposal: next }, "bob", 0, 0)).toBe("EXECUTED");
  });

  it("costs nothing where a higher settlement came first, though that closed the channel", () => {
    const all = proposed();
    const { channel } = all;
    expect(demand(all, "bob")).toBe("EXECUTED");
    const end = { type: "new", value: Uint8Array.of(7, 1) } as const;
    order(channel.log, [{ key: CONTROL, op: end }]);
    settle(channel, confirm(channel, 1));
    const session = { sender: channel.player("alice").address, args: [arg.u64(GROUP_ID)] };
    channel.chain.ok("0x21::chat::chat_session_close", session);
    expect(demand(all, "carol")).toBe(20);
    const close = () => call(channel, channel.player("carol"), "void_entry", arg.u64(1));
    expect(close()).toBe("EXECUTED");
    expect(balance(channel, "bob")).toBe(FUNDS - STAKE);
    expect(close()).toBe(65);
  });

  it("is about headers of the settlement, by a seat that has a voice in it, with a bond", () => {
    const all = proposed();
    const { channel, proposal, answers } = all;
    const [first, last] = answers.map(({ header }) => header.header.number);
    const ask = (by: Player, from: bigint, to: bigint, of = proposal) =>
      call(channel, by, "demand_entry", arg.u64(of), arg.u64(from), arg.u64(to));
    const bob = channel.player("bob");
    expect(ask(bob, 0n, 1n)).toBe(36);
    expect(ask(bob, last ?? 0n, first ?? 0n)).toBe(36);
    expect(ask(bob, first ?? 0n, (last ?? 0n) + 1n)).toBe(36);
    expect(ask(bob, first ?? 0n, first ?? 0n, 9n)).toBe(35);
    const out = [arg.address(channel.player("alice").address), arg.u64(FUNDS - STAKE - BOND + 1n)];
    channel.chain.ok("0x1::aptos_account::transfer", { sender: bob.address, args: out });
    expect(demand(all, "bob")).toBe(12);
  });
});

interface Named {
  readonly number: bigint;
  readonly proposal: bigint;
  readonly hash: Uint8Array;
}

/** What the contract says was answered since the last settlement. */
function answersKept(channel: ScriptedChannel): readonly Named[] {
  const options = { args: [arg.u64(channel.id)] };
  const [, named] = channel.chain.view("0x20::challenge::get_demands", options);
  return decodeBcs(named ?? new Uint8Array(), (reader) =>
    reader.vector((item) => ({
      number: item.u64(),
      proposal: item.u64(),
      hash: item.bytes().slice(),
    })),
  );
}

function answerKept(channel: ScriptedChannel, number: bigint): Uint8Array {
  const options = { args: [arg.u64(channel.id), arg.u64(number)] };
  const [bytes] = channel.chain.view("0x20::challenge::get_answer", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.bytes().slice());
}

describe("an answer", () => {
  it("can be read back until the next settlement, with its leader's signature", () => {
    const all = proposed();
    const { channel, proposal, answers } = all;
    demand(all, "bob");
    for (const one of answers) expect(answer(all, "alice", [one])).toBe("EXECUTED");
    const named = answersKept(channel);
    expect(named.map((one) => [one.number, one.proposal])).toEqual([
      [1n, proposal],
      [2n, proposal],
    ]);
    const kept = named.map(({ number }) => answerKept(channel, number));
    expect(kept).toEqual(answers.map((one) => encodeAnswer([one])));
    expect(named.map(({ hash }) => hash)).toEqual(kept.map((bytes) => sha2_256(bytes)));
    voteAll(channel, proposal);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
    noteSettled(channel);
    order(channel.log, []);
    propose(channel, confirm(channel, 1), [], "bob");
    const target = channel.log.number - 1n;
    const again = [channel.view().proposalCount, target, target].map(arg.u64);
    expect(call(channel, channel.player("bob"), "demand_entry", ...again)).toBe("EXECUTED");
    expect(answersKept(channel)).toEqual([]);
    expect(() => answerKept(channel, 1n)).toThrow(/ABORTED 65/);
  });

  it("without its leader's signature is refused", () => {
    const all = proposed();
    const { answers } = all;
    demand(all, "bob");
    const [first, second] = answers as [AnsweredHeader, AnsweredHeader];
    const { signature } = second.header;
    const forged = { ...first, header: { ...first.header, signature } };
    expect(answer(all, "alice", [forged])).toBe(23);
  });

  it("is in order, and about what was asked", () => {
    const all = proposed();
    const { answers } = all;
    expect(answer(all, "alice", answers)).toBe(65);
    demand(all, "bob");
    expect(answer(all, "alice", [])).toBe(36);
    expect(answer(all, "alice", answers.slice(1))).toBe(36);
    expect(answer(all, "alice", [...answers, ...answers])).toBe(36);
    expect(answer(all, "carol", answers)).toBe("EXECUTED");
  });

  it("is refused with any byte of it changed", () => {
    const all = proposed();
    const { channel, answers } = all;
    demand(all, "bob");
    const bytes = encodeAnswer(answers);
    const taken: number[] = [];
    for (let at = 0; at < bytes.length; at += 9) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 8;
      const args = [arg.u64(1), arg.bytes(changed)];
      if (call(channel, channel.player("alice"), "answer_entry", ...args) === "EXECUTED") {
        taken.push(at);
      }
    }
    expect(taken).toEqual([]);
  });
});
