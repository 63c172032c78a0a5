// What protocol.md section 8 says must stay impossible and the contract prevents, where no other
// test of the contract has that name already: each as its story.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { sha2_256 } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import {
  candidacy,
  encode,
  equivocation,
  exitEvidence,
  header as headerCodec,
  nodeOwnerMessage,
  punishmentEvidence,
  refOfHeader,
} from "../../../src/channel/codec.ts";
import { codeOf } from "./abort.ts";
import {
  admit,
  execute,
  GROUP_ID,
  groupBytes,
  join,
  openChatChannel,
  settle,
} from "./chat-channel.ts";
import { arg, START_US, startContractChain } from "./contract-chain.ts";
import { accountOf, enter, fund, genesisOf } from "./player.ts";
import {
  CHANNEL_MODULE,
  certify,
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  propose,
  type ScriptedChannel,
  seal,
  setState,
  settlementData,
  showSteps,
  signHeader,
} from "./scripted-channel.ts";

const LEASE_MS = 15_001n;
const NONE = arg.bytes(new Uint8Array());

/** A chat of alice, who leads, and these; the chain knows all of them. */
function chatOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

/** Alice says something, and everybody confirms it. */
function said(channel: ScriptedChannel, ...texts: readonly string[]) {
  setState(channel, groupBytes(texts, channel.player("alice")));
  return confirm(channel, 1);
}

function call(channel: ScriptedChannel, by: string, name: string, ...args: Uint8Array[]) {
  return codeOf(channel.call(channel.player(by), name, ...args));
}

function proposing(channel: ScriptedChannel, by: string, data: Uint8Array) {
  return call(channel, by, "create_proposal_entry", arg.u8(1), arg.bytes(data));
}

describe("a proposal slot blocked by a bogus proposal", () => {
  it("no proposal without certificates takes it", () => {
    const channel = chatOf("bob", "carol");
    const header = seal(channel, nextHeader(channel, 0));
    const own = certify(channel, header.header, [2n]);
    order(channel.log, []);
    const bogus = {
      header,
      certificate: own,
      confirming: header,
      confirmingCertificate: own,
    };
    expect(proposing(channel, "bob", settlementData(channel, bogus))).toBe(22);
    expect(channel.view().pendingSettlement).toBe(0n);
    expect(channel.view().openProposals).toEqual([]);
    settle(channel, confirm(channel, 1));
  });

  it("one that is confirmed but left lying gives way to a higher one at once", () => {
    const channel = chatOf("bob", "carol");
    const low = propose(channel, said(channel, "one"), [], "bob");
    setState(channel, groupBytes(["one", "two"], channel.player("alice")));
    settle(channel, confirm(channel, 1));
    expect(channel.proposal(low).status).toBe(2);
    expect(channel.stateOnChain()).toEqual(groupBytes(["one", "two"], channel.player("alice")));
  });

  it("accusations, however many, take no slot of a settlement", () => {
    const channel = chatOf("bob", "carol");
    const header = seal(channel, nextHeader(channel, 0));
    const accused = { accused: 1n, header, entries: [], batchSteps: [], steps: [] };
    const data = arg.bytes(encode(punishmentEvidence, accused));
    for (const by of ["bob", "carol", "bob"]) {
      expect(call(channel, by, "create_proposal_entry", arg.u8(2), data)).toBe("EXECUTED");
    }
    settle(channel, said(channel, "all the same"));
    expect(channel.view().settled.index).toBe(1n);
  });
});

describe("an honest leader slashed for two epochs' headers", () => {
  it("a leader that leads again orders the same heights anew, and that is no offence", () => {
    const channel = chatOf("bob", "carol");
    const first = signHeader(channel, nextHeader(channel, 0));
    channel.chain.passTime(LEASE_MS);
    for (const name of ["alice", "bob", "carol"]) {
      call(channel, name, "keep_alive_entry", arg.u64s([]));
    }
    channel.chain.passTime(LEASE_MS);
    expect(call(channel, "alice", "apply_leader_entry", NONE)).toBe("EXECUTED");
    const epoch = { term: channel.view().term, view: 0n };
    const second = signHeader(channel, { ...first.header, epoch, time: 9n });
    const evidence = arg.bytes(encode(equivocation, { accused: 1n, first, second }));
    expect(call(channel, "bob", "report_equivocation_entry", evidence)).toBe(36);
    expect(channel.view().members[0]?.standing).toBe("admitted");
  });
});

describe("two leaders in one epoch, from chain and view change", () => {
  it("the chain gives no term twice, and counts no header of a term that it has not opened", () => {
    const channel = chatOf("bob", "carol");
    const terms: bigint[] = [channel.view().term];
    for (const name of ["bob", "carol", "alice"]) {
      channel.chain.passTime(LEASE_MS);
      expect(call(channel, name, "apply_leader_entry", NONE)).toBe("EXECUTED");
      terms.push(channel.view().term);
    }
    expect(terms).toEqual([1n, 2n, 3n, 4n]);
    const epoch = { term: 5n, view: 0n };
    const header = seal(channel, nextHeader(channel, 0, { epoch, leader: 2n }));
    const shown = encode(candidacy, { certificate: certify(channel, header.header), steps: [] });
    expect(call(channel, "bob", "post_certificate_entry", arg.bytes(shown), NONE)).toBe(22);
  });

  it("who leads by a view change settles, answers for what it signs, and yields to a term", () => {
    const channel = chatOf("bob", "carol");
    const led = { epoch: { term: 1n, view: 2n }, leader: 2n };
    setState(channel, groupBytes(["by the second"], channel.player("alice")));
    const header = seal(channel, nextHeader(channel, 1, led));
    const justify = refOfHeader(header.header);
    const confirming = seal(channel, nextHeader(channel, 0, { ...led, justify }));
    settle(channel, {
      header,
      certificate: certify(channel, header.header),
      confirming,
      confirmingCertificate: certify(channel, confirming.header),
    });
    expect(channel.view().settled.header.epoch).toEqual(led.epoch);
    // The chain's own leader is who it was, and its next term outranks the view.
    expect(channel.view()).toMatchObject({ term: 1n, leader: 1n });
    channel.chain.passTime(LEASE_MS);
    expect(call(channel, "carol", "apply_leader_entry", NONE)).toBe("EXECUTED");
    const opened = { epoch: { term: 2n, view: 0n }, leader: 3n };
    const next = seal(channel, nextHeader(channel, 0, opened));
    const shown = encode(candidacy, { certificate: certify(channel, next.header), steps: [] });
    expect(call(channel, "bob", "post_certificate_entry", arg.bytes(shown), NONE)).toBe("EXECUTED");
    expect(channel.view().fence).toEqual(refOfHeader(next.header));
    const second = signHeader(channel, { ...confirming.header, time: 9n });
    const evidence = { accused: 2n, first: confirming, second };
    const proof = arg.bytes(encode(equivocation, evidence));
    expect(call(channel, "carol", "report_equivocation_entry", proof)).toBe("EXECUTED");
    expect(channel.view().members[1]?.standing).toBe("punished");
  });
});

describe("replay", () => {
  /** What alice and bob have certified and confirmed in a chat of theirs. */
  function playedOn(startUs: bigint) {
    const chain = startContractChain([], startUs);
    const channel = openChatChannel(chain);
    const step = admit(channel, "bob");
    showSteps(channel, [step]);
    return { channel, step, confirmation: said(channel, "here") };
  }

  it("on a fresh chain: nothing signed on one counts on another with the same channel", () => {
    const old = playedOn(START_US);
    const fresh = playedOn(START_US + 1n);
    expect(fresh.channel.id).toBe(old.channel.id);
    expect(fresh.channel.view().hash).not.toEqual(old.channel.view().hash);
    const data = settlementData(old.channel, old.confirmation);
    expect(proposing(fresh.channel, "alice", data)).toBe(22);
    const { certificate } = old.confirmation;
    const shown = arg.bytes(encode(candidacy, { certificate, steps: [] }));
    expect(call(fresh.channel, "alice", "apply_leader_entry", shown)).toBe(22);
    const checkpoint = arg.bytes(encode(exitEvidence, { checkpoint: old.confirmation, steps: [] }));
    const options = {
      sender: fresh.channel.player("bob").address,
      typeArgs: [fresh.channel.view().stateType],
      args: [arg.u64(1n), arg.u64(2n), checkpoint],
    };
    expect(codeOf(fresh.channel.chain.run("0x20::exit::open_exit_entry", options))).toBe(22);
    const [first, second] = [old.confirmation.header, old.confirmation.confirming];
    const pair = arg.bytes(encode(equivocation, { accused: 1n, first, second }));
    expect(call(fresh.channel, "bob", "report_equivocation_entry", pair)).toBe(36);
  });

  it("on a fresh chain: a node's word for whose it is names the chain", () => {
    const [old, fresh] = [startContractChain(), startContractChain([], START_US + 1n)];
    const alice = enter(old, "alice");
    const proof = alice.signAsNode(nodeOwnerMessage(genesisOf(old), alice.address));
    const args = [alice.memberKey, alice.nodeKey, alice.revealTip, proof].map(arg.bytes);
    const options = { sender: alice.address, args };
    expect(codeOf(old.run(`${CHANNEL_MODULE}::register_node_entry`, options))).toBe("EXECUTED");
    expect(codeOf(fresh.run(`${CHANNEL_MODULE}::register_node_entry`, options))).toBe(23);
  });

  it("after a reorganisation: a channel that comes to stand under another's id is another", () => {
    // Two branches of one chain: on one it is bob who gets to make the channel first.
    const [one, other] = [startContractChain(), startContractChain()];
    const lost = openChatChannel(one);
    const standing = openChatChannel(other, "bob");
    expect(standing.id).toBe(lost.id);
    const data = settlementData(lost, said(lost, "of the branch that is gone"));
    expect(proposing(standing, "bob", data)).toBe(22);
    expect(standing.view().hash).not.toEqual(lost.view().hash);
    expect(standing.view().openProposals).toEqual([]);
  });

  it("after a reorganisation: a vote counts for what was judged, not for its number", () => {
    const channel = chatOf("bob");
    const judged = propose(channel, said(channel, "one"));
    const hash = channel.proposal(judged).hash;
    setState(channel, groupBytes(["one", "two"], channel.player("alice")));
    const higher = propose(channel, confirm(channel, 1));
    const args = [arg.u64(higher), arg.bytes(hash), arg.u8(1)];
    expect(call(channel, "bob", "vote_proposal_hash_entry", ...args)).toBe(37);
    expect(channel.proposal(higher).votes).toHaveLength(1);
  });
});

describe("minted capabilities or coins", () => {
  it.each([
    ["a capability", "0x20::state_channel::SettlementCap"],
    ["coins", "0x1::coin::CoinStore"],
    ["another stake", "0x20::escrow::Stakes"],
    ["a seat on chain", "0x20::registry::Registry"],
  ])("a change set that names %s is refused, though all certify it", (_, name) => {
    const channel = chatOf("bob");
    const { address } = channel.player("bob");
    const key = { kind: "resource", address, type: makeStructTag(name) } as const;
    order(channel.log, [{ key, op: { type: "new", value: arg.u64(1_000_000n) } }]);
    const confirmation = confirm(channel, 1);
    expect(proposing(channel, "bob", settlementData(channel, confirmation))).toBe(6);
  });
});

describe("a session key that votes", () => {
  it("a node's key moves nothing on chain: only the member's own account does", () => {
    const channel = chatOf("bob");
    const proposal = propose(channel, said(channel, "to vote on"));
    const bob = channel.player("bob");
    const address = accountOf(bob.nodeKey);
    const session = { ...bob, name: "bob's node", address, memberKey: bob.nodeKey };
    fund(channel.chain, session);
    channel.players.set("session", session);
    const deeds: readonly (readonly [string, ...Uint8Array[]])[] = [
      ["vote_proposal_entry", arg.u64(proposal), arg.u8(1)],
      ["keep_alive_entry", arg.u64s([])],
      ["apply_leader_entry", NONE],
      ["delegate_entry", arg.u64(1n)],
      ["cancel_join_entry"],
      ["create_proposal_entry", arg.u8(1), NONE],
    ];
    for (const [name, ...args] of deeds) {
      expect([name, call(channel, "session", name, ...args)]).toEqual([name, 2]);
    }
    const options = {
      sender: session.address,
      typeArgs: [channel.view().stateType],
      args: [arg.u64(channel.id), arg.u64(2n), arg.bytes(encode(exitEvidence, { steps: [] }))],
    };
    expect(codeOf(channel.chain.run("0x20::exit::open_exit_entry", options))).toBe(2);
    expect(codeOf(execute(channel, proposal, "session"))).toBe(2);
    expect(channel.proposal(proposal).votes.map(({ seat }) => seat)).toEqual([1n]);
  });
});

describe("far-future time", () => {
  it("a header from the future does not keep its leader's lease for ever", () => {
    const channel = chatOf("bob");
    const time = channel.chain.now() + 3_600_000n;
    const header = seal(channel, nextHeader(channel, 0, { time }));
    const certificate = certify(channel, header.header);
    channel.chain.passTime(LEASE_MS);
    const shown = arg.bytes(encode(candidacy, { certificate, steps: [] }));
    const bytes = arg.bytes(encode(headerCodec, header.header));
    expect(call(channel, "alice", "post_certificate_entry", shown, bytes)).toBe("EXECUTED");
    expect(call(channel, "bob", "apply_leader_entry", NONE)).toBe("EXECUTED");
    expect(channel.view().leader).toBe(2n);
  });
});

describe("a chosen seed", () => {
  it("the tip of a seat's reveals is what was registered before it joined, for good", () => {
    const channel = chatOf("bob");
    const bob = channel.player("bob");
    const other = sha2_256(bob.revealTip);
    const proof = bob.signAsNode(nodeOwnerMessage(genesisOf(channel.chain), bob.address));
    const args = [bob.memberKey, bob.nodeKey, other, proof].map(arg.bytes);
    const options = { sender: bob.address, args };
    // Another tip counts for the seats that come after it.
    expect(codeOf(channel.chain.run(`${CHANNEL_MODULE}::register_node_entry`, options))).toBe(
      "EXECUTED",
    );
    expect(channel.view().members[1]?.seat.revealTip).toEqual(bob.revealTip);
    const [alice, seat] = channel.log.configuration.seats;
    const named = [present(alice, "alice"), { ...present(seat, "bob"), revealTip: other }];
    const step = changeConfiguration(channel, named);
    const evidence = arg.bytes(encode(candidacy, { steps: [step] }));
    expect(call(channel, "alice", "post_certificate_entry", evidence, NONE)).toBe(25);
  });
});

describe("a join counted twice", () => {
  it("a seat that took its join back is nobody's any more, and a second one is another", () => {
    const channel = chatOf("bob");
    const carol = join(channel, "carol");
    call(channel, "carol", "cancel_join_entry");
    channel.chain.passTime(15_000n);
    const leave = { sender: carol.address, args: [arg.u64(GROUP_ID)] };
    expect(codeOf(channel.chain.run("0x21::chat::chat_session_leave", leave))).toBe("EXECUTED");
    join(channel, "carol");
    const { members } = channel.view();
    expect(members.map(({ seat }) => seat.seat)).toEqual([1n, 2n, 4n]);
    const stale = { ...present(members[2], "carol").seat, seat: 3n };
    const step = changeConfiguration(channel, [...channel.log.configuration.seats, stale]);
    const evidence = arg.bytes(encode(candidacy, { steps: [step] }));
    expect(call(channel, "alice", "post_certificate_entry", evidence, NONE)).toBe(25);
  });
});
