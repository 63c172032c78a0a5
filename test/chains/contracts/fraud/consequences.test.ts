// What the contract makes of a report of fraud and of the judge's verdict on it. The judge itself
// is the chain's (test/chains/judge); here a test plays it.
import { describe, expect, it } from "vitest";
import { ZERO_HASH } from "#core/hash.ts";
import { encode, exitEvidence, hashHeader } from "../../../../src/channel/codec.ts";
import type { Certificate, Header } from "../../../../src/channel/messages.ts";
import { codeOf } from "../abort.ts";
import { STAKE } from "../chat-channel.ts";
import { arg, FUNDS } from "../contract-chain.ts";
import { enter, type Player } from "../player.ts";
import {
  CHANNEL_MODULE,
  certify,
  confirm,
  nextHeader,
  order,
  propose,
  seal,
  signHeader,
} from "../scripted-channel.ts";
import {
  balance,
  behindBob,
  channelOf,
  DECLINED,
  deliver,
  evidence,
  FRAUD,
  report,
  SOUND,
  standings,
  UNFIT,
} from "./reports.ts";

const BOND = 50_000n;
const COIN = "0x1::aptos_coin::AptosCoin";
const EXCLUSION_MS = 10_000n;
const WINDOW_MS = 15_000n;

describe("a proved fraud", () => {
  it.each([
    [2, ["bob"], STAKE],
    [3, ["bob", "carol"], 0n],
  ] as const)("of %i forces the leader out without a vote", (_, names, stakeLeft) => {
    const channel = channelOf(...names);
    const bob = channel.player("bob");
    const header = seal(channel, nextHeader(channel, 0));
    expect(report(channel, bob, evidence(header))).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS - STAKE - BOND);
    expect(deliver(channel, FRAUD)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS - STAKE);
    const { members, leader, bans } = channel.view();
    expect(members[0]?.standing).toBe("punished");
    expect(members[0]?.stake).toBe(stakeLeft);
    expect([leader, bans.length]).toEqual([0n, 1]);
    expect(deliver(channel, FRAUD)).toBe(63);
  });

  it("owes half of the fine to who proved it, and none to who reported itself", () => {
    const channel = channelOf("bob", "carol");
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const reward = (by: Player) => {
      const args = [arg.u64(channel.id), arg.u64(1)];
      const options = { sender: by.address, typeArgs: [COIN], args };
      return codeOf(channel.chain.run(`${CHANNEL_MODULE}::pay_reward_entry`, options));
    };
    const header = seal(channel, nextHeader(channel, 0));
    report(channel, bob, evidence(header));
    deliver(channel, FRAUD);
    expect(reward(alice)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS - STAKE / 2n);
    expect(balance(channel, alice)).toBe(FUNDS - STAKE);
  });

  it("[FP6] forces out who acked the header too, and nobody whose ack is not shown", () => {
    const channel = channelOf("bob", "carol", "dave");
    const header = seal(channel, nextHeader(channel, 0));
    const acks = certify(channel, header.header, [1n, 3n]);
    expect(report(channel, channel.player("bob"), evidence(header, acks))).toBe("EXECUTED");
    deliver(channel, FRAUD);
    expect(standings(channel)).toEqual(["punished", "admitted", "punished", "admitted"]);
  });

  it("[FP7] voids the settlement, the checkpoint and the fence that build on it", () => {
    const channel = channelOf("bob", "carol", "dave");
    const bob = channel.player("bob");
    order(channel.log, []);
    const good = confirm(channel, 1);
    const parent = good.confirming.header;
    order(channel.log, []);
    const bad = confirm(channel, 1);
    const proposal = propose(channel, bad);
    expect(channel.view().fence.hash).toEqual(hashHeader(bad.confirming.header));
    const voided = [hashHeader(bad.header.header), hashHeader(bad.confirming.header)];
    expect(report(channel, bob, evidence(bad.header))).toBe("EXECUTED");
    expect(deliver(channel, FRAUD, { voided, parent })).toBe("EXECUTED");
    const { fence, pendingSettlement, configuration } = channel.view();
    expect(channel.proposal(proposal).status).toBe(3);
    expect([fence.hash, pendingSettlement]).toEqual([hashHeader(parent), 0n]);
    // What was voided does not count under any configuration any more.
    const shown = arg.bytes(encode(exitEvidence, { checkpoint: bad, steps: [] }));
    const options = {
      sender: bob.address,
      typeArgs: [channel.view().stateType],
      args: [arg.u64(channel.id), arg.u64(2), shown],
    };
    expect(codeOf(channel.chain.run("0x20::exit::open_exit_entry", options))).toBe(13);
    expect(configuration).toBe(4n);
  });

  it("takes the accused out of the configuration once only", () => {
    const channel = channelOf("bob", "carol", "dave");
    const bob = channel.player("bob");
    order(channel.log, []);
    const good = confirm(channel, 1);
    order(channel.log, []);
    const bad = behindBob(channel, confirm(channel, 1));
    propose(channel, bad);
    report(channel, bob, evidence(bad.header));
    const voided = [hashHeader(bad.header.header), hashHeader(bad.confirming.header)];
    deliver(channel, FRAUD, { voided, parent: good.confirming.header });
    const before = channel.view().configuration;
    channel.chain.passTime(EXCLUSION_MS);
    channel.callOk(bob, "apply_leader_entry", arg.bytes(new Uint8Array()));
    // Those who acked the settlement go then, one after the other; the leader went at once.
    expect(channel.view().configuration).toBe(before + 2n);
  });

  it("after the accused is out changes nothing, and costs the reporter nothing", () => {
    const channel = channelOf("bob", "carol");
    const bob = channel.player("bob");
    const header = seal(channel, nextHeader(channel, 0));
    for (let times = 0; times < 2; times++) {
      expect(report(channel, bob, evidence(header))).toBe("EXECUTED");
      expect(deliver(channel, FRAUD)).toBe("EXECUTED");
    }
    expect(balance(channel, bob)).toBe(FUNDS - STAKE);
    expect(channel.view().bans).toHaveLength(1);
  });
});

describe("a report", () => {
  it("sybils fining an honest leader: the judge agrees with it, and each loses its bond", () => {
    const channel = channelOf("bob", "carol", "dave", "erin");
    const header = seal(channel, nextHeader(channel, 0));
    for (const name of ["bob", "carol", "dave", "erin"]) {
      const sybil = channel.player(name);
      expect(report(channel, sybil, evidence(header))).toBe("EXECUTED");
      expect(deliver(channel, SOUND)).toBe("EXECUTED");
      expect(balance(channel, sybil)).toBe(FUNDS - STAKE - BOND);
    }
    expect(standings(channel)).toEqual(Array(5).fill("admitted"));
    expect(channel.view().members[0]?.stake).toBe(STAKE);
    expect(channel.view().leader).toBe(1n);
  });

  it("a cheater reporting itself: it is out and fined like anybody, and voids nothing else", () => {
    const channel = channelOf("bob", "carol");
    const alice = channel.player("alice");
    order(channel.log, []);
    const confirmed = confirm(channel, 1);
    const bad = seal(channel, nextHeader(channel, 0));
    expect(report(channel, alice, evidence(bad))).toBe("EXECUTED");
    deliver(channel, FRAUD, {
      voided: [hashHeader(bad.header)],
      parent: confirmed.confirming.header,
    });
    expect(balance(channel, alice)).toBe(FUNDS - STAKE);
    expect(channel.view().members[0]?.stake).toBe(0n);
    // The others show what they had confirmed before the seat goes, and nothing of it is lost.
    const shown = propose(channel, confirmed, [], "bob");
    expect(channel.proposal(shown).status).toBe(0);
    channel.chain.passTime(EXCLUSION_MS);
    const nothing = arg.bytes(new Uint8Array());
    channel.callOk(channel.player("bob"), "apply_leader_entry", nothing);
    expect(channel.view().fence.hash).toEqual(hashHeader(confirmed.confirming.header));
  });

  it("stake withdrawn before the proof: an exit pays no stake once the fraud is proved", () => {
    const channel = channelOf("bob", "carol");
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const bad = seal(channel, nextHeader(channel, 0));
    const nothing = encode(exitEvidence, { steps: [] });
    const exit = [arg.u64(channel.id), arg.u64(1), arg.bytes(nothing)];
    const typeArgs = [channel.view().stateType];
    const opening = { sender: alice.address, typeArgs, args: exit };
    channel.chain.ok("0x20::exit::open_exit_entry", opening);
    expect(report(channel, bob, evidence(bad))).toBe("EXECUTED");
    deliver(channel, FRAUD);
    channel.chain.passTime(WINDOW_MS);
    const finishing = { sender: alice.address, typeArgs: [COIN], args: exit.slice(0, 2) };
    channel.chain.ok("0x20::exit::finish_exit_entry", finishing);
    expect(balance(channel, alice)).toBe(FUNDS - STAKE);
  });

  it("that is declined costs nothing", () => {
    const channel = channelOf("bob");
    const bob = channel.player("bob");
    report(channel, bob, evidence(seal(channel, nextHeader(channel, 0))));
    expect(deliver(channel, DECLINED)).toBe("EXECUTED");
    expect(balance(channel, bob)).toBe(FUNDS - STAKE);
    expect(standings(channel)).toEqual(["admitted", "admitted"]);
  });

  it("that is unfit fails", () => {
    const channel = channelOf("bob");
    const bob = channel.player("bob");
    report(channel, bob, evidence(seal(channel, nextHeader(channel, 0))));
    expect(deliver(channel, UNFIT)).toBe(64);
  });

  const cases: readonly [string, Partial<Header>, number][] = [
    ["about another channel", { channel: ZERO_HASH }, 36],
    ["about another leader's header", { leader: 2n }, 36],
    ["under an unknown configuration", { configuration: { number: 9n, hash: ZERO_HASH } }, 24],
    [
      "under a configuration of another name",
      { configuration: { number: 1n, hash: ZERO_HASH } },
      36,
    ],
  ];
  it.each(cases)("%s is refused", (_, changes, code) => {
    const channel = channelOf("bob");
    const header = signHeader(channel, nextHeader(channel, 0, changes));
    expect(report(channel, channel.player("bob"), evidence(header))).toBe(code);
  });

  it("without the accused's signature, or with an ack of another header, is refused", () => {
    const channel = channelOf("bob");
    const bob = channel.player("bob");
    const header = seal(channel, nextHeader(channel, 0));
    const later = seal(channel, nextHeader(channel, 0));
    const forged = { ...header, signature: later.signature };
    expect(report(channel, bob, evidence(forged))).toBe(23);
    expect(report(channel, bob, evidence(header, undefined, 9n))).toBe(2);
    const acks = certify(channel, later.header, [2n]);
    expect(report(channel, bob, evidence(header, acks))).toBe(22);
    const own = certify(channel, header.header, [2n]);
    const [ack] = own.signatures;
    const moved = { ...own, signatures: [{ ...ack, seat: 1n }] } as Certificate;
    expect(report(channel, bob, evidence(header, moved))).toBe(23);
  });

  it("is refused with any field of its head changed", () => {
    const channel = channelOf("bob", "carol");
    const bob = channel.player("bob");
    const header = seal(channel, nextHeader(channel, 0));
    const acks = certify(channel, header.header, [2n, 3n]);
    const bytes = evidence(header, acks);
    const head = 8 + 508 + 1 + 128 + 1 + 2 * 72;
    const taken: number[] = [];
    for (let at = 0; at < head; at += 3) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 4;
      if (report(channel, bob, changed) === "EXECUTED") taken.push(at);
    }
    expect(taken).toEqual([]);
  });

  it("needs money for the bond, the channel's type, and comes from anybody", () => {
    const channel = channelOf("bob");
    const dave = enter(channel.chain, "dave");
    const header = seal(channel, nextHeader(channel, 0));
    const poor = { sender: dave.address, args: [arg.address(channel.player("bob").address)] };
    const args = [...poor.args, arg.u64(FUNDS - BOND + 1n)];
    channel.chain.ok("0x1::aptos_account::transfer", { ...poor, args });
    expect(report(channel, dave, evidence(header))).toBe(12);
    const wrong = {
      sender: dave.address,
      typeArgs: ["0x1::string::String"],
      args: [arg.u64(channel.id), arg.bytes(evidence(header))],
    };
    expect(codeOf(channel.chain.run("0x20::fraud::report_entry", wrong))).toBe(21);
  });
});
