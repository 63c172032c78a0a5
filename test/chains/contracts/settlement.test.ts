// Proposing, voting and executing settlements of a chat channel.
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { concatBytes, toHex } from "#core/bytes.ts";
import type { ChangeSet, StateKey } from "#core/effects.ts";
import { sha2_256, ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { createStateTree, proveKeys } from "#sandbox";
import { encode, refOfHeader, settlementEvidence, stateProof } from "../../../src/channel/codec.ts";
import type { SettlementEvidence, StateProof } from "../../../src/channel/evidence.ts";
import { codeOf, refusalOf } from "./abort.ts";
import {
  admit,
  CHAT,
  execute,
  GROUP_ID,
  groupBytes,
  join,
  openChatChannel,
  STATE,
  settle,
} from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import { enter } from "./player.ts";
import {
  type Confirmation,
  certify,
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  proofOf,
  propose,
  type ScriptedChannel,
  setState,
  settlementData,
  showSteps,
  signHeader,
  vote,
} from "./scripted-channel.ts";

const WINDOW_MS = 15_000n;
const NO = 0;
const ABSTAIN = 2;

/** A channel of alice and these, admitted, in which alice has posted. */
function playedBy(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  post(channel, "ahoy");
  return channel;
}

function post(channel: ScriptedChannel, ...texts: readonly string[]): void {
  setState(channel, groupBytes(texts, channel.player("alice")));
}

function tryPropose(channel: ScriptedChannel, data: Uint8Array, type = 1, by = "alice") {
  const args = [arg.u8(type), arg.bytes(data)];
  return channel.call(channel.player(by), "create_proposal_entry", ...args);
}

describe("a settlement", () => {
  it("brings the state that the members certified, with everybody's yes at once", () => {
    const channel = playedBy("bob", "carol");
    const confirmation = confirm(channel, 1);
    settle(channel, confirmation);
    const group = groupBytes(["ahoy"], channel.player("alice"));
    expect(toHex(channel.stateOnChain())).toBe(toHex(group));
    const { settled, pendingSettlement, openProposals, executing } = channel.view();
    expect(settled.height).toBe(3n);
    expect(settled.index).toBe(1n);
    expect(settled.header).toEqual(refOfHeader(confirmation.header.header));
    expect(toHex(settled.stateRoot)).toBe(toHex(channel.log.state.root()));
    expect([pendingSettlement, openProposals, executing]).toEqual([0n, [], 0n]);
  });

  it("follows another from where that one ended", () => {
    const channel = playedBy("bob");
    settle(channel, confirm(channel, 1));
    post(channel, "ahoy", "hello");
    settle(channel, confirm(channel, 1));
    expect(channel.view().settled.height).toBe(3n);
    expect(channel.view().settled.index).toBe(2n);
  });

  it("works alone", () => {
    const channel = playedBy();
    settle(channel, confirm(channel, 1));
    expect(channel.view().settled.height).toBe(1n);
  });

  it("of entries that changed no state of the contract's needs nothing applied", () => {
    const channel = openChatChannel(startContractChain());
    order(channel.log, []);
    settle(channel, confirm(channel, 1));
    expect(channel.view().settled.height).toBe(1n);
  });

  it("brings its own changes of configuration", () => {
    const channel = openChatChannel(startContractChain());
    const steps = [admit(channel, "bob"), admit(channel, "carol")];
    post(channel, "ahoy");
    settle(channel, confirm(channel, 1), steps);
    expect(channel.view().configuration).toBe(2n);
  });

  it("may be proposed by a member whose admission it brings", () => {
    const channel = openChatChannel(startContractChain());
    const steps = [admit(channel, "bob")];
    post(channel, "ahoy");
    const proposal = propose(channel, confirm(channel, 1), steps, "bob");
    expect(channel.proposal(proposal).votes).toEqual([{ seat: 2n, option: 1 }]);
  });

  it("keeps at the end what is not the contract's business out of it", () => {
    const channel = playedBy("bob");
    const parked = makeStructTag("0x0::channel::Parked<0x20::state_channel::NoAsset>");
    const owner = channel.player("bob").address;
    const key: StateKey = { kind: "resource", address: owner, type: parked };
    order(channel.log, [{ key, op: { type: "new", value: Uint8Array.of(0) } }]);
    settle(channel, confirm(channel, 2));
    expect(channel.view().settled.height).toBe(3n);
  });

  it("costs little more to check than its signatures", () => {
    const channel = playedBy("bob", "carol", "dave", "erin");
    const texts = Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(280, "."));
    post(channel, ...texts);
    const data = settlementData(channel, confirm(channel, 2));
    const proposed = tryPropose(channel, data);
    expect(refusalOf(proposed)).toBe("EXECUTED");
    const proposal = channel.view().proposalCount;
    for (const name of ["bob", "carol", "dave", "erin"]) {
      vote(channel, channel.player(name), proposal);
    }
    const executed = execute(channel, proposal);
    expect(refusalOf(executed)).toBe("EXECUTED");
    // A transaction may use 200,000,000 by default.
    expect(proposed.gas).toBeLessThan(5_000_000);
    expect(executed.gas).toBeLessThan(5_000_000);
  });
});

describe("votes", () => {
  it("of two thirds settle only after the dispute window", () => {
    const channel = playedBy("bob", "carol");
    const proposal = propose(channel, confirm(channel, 1));
    expect(codeOf(execute(channel, proposal))).toBe(9);
    vote(channel, channel.player("bob"), proposal);
    expect(codeOf(execute(channel, proposal))).toBe(14);
    channel.chain.passTime(WINDOW_MS - 1n);
    expect(codeOf(execute(channel, proposal))).toBe(14);
    channel.chain.passTime(1n);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
  });

  it.each([
    [1, [], 0],
    [2, ["bob"], 1],
    [3, ["bob", "carol"], 1],
    [4, ["bob", "carol", "dave"], 2],
    [5, ["bob", "carol", "dave", "erin"], 3],
  ] as const)("of %i members need two thirds, the proposer's included", (_, names, others) => {
    const channel = playedBy(...names);
    const proposal = propose(channel, confirm(channel, 1));
    channel.chain.passTime(WINDOW_MS);
    for (const name of names.slice(0, others)) {
      expect(codeOf(execute(channel, proposal))).toBe(9);
      vote(channel, channel.player(name), proposal);
    }
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
  });

  it("against and abstaining are no yes, and all that is left is to wait", () => {
    const channel = playedBy("bob", "carol");
    const proposal = propose(channel, confirm(channel, 1));
    vote(channel, channel.player("bob"), proposal, ABSTAIN);
    vote(channel, channel.player("carol"), proposal, NO);
    channel.chain.passTime(WINDOW_MS);
    expect(codeOf(execute(channel, proposal))).toBe(9);
  });

  it("count once, of members that are in it, for what exists", () => {
    const channel = playedBy("bob");
    const proposal = propose(channel, confirm(channel, 1));
    const carol = join(channel, "carol");
    const bob = channel.player("bob");
    expect(codeOf(vote(channel, channel.player("alice"), proposal))).toBe(8);
    expect(codeOf(vote(channel, bob, proposal, 3))).toBe(37);
    expect(codeOf(vote(channel, bob, proposal, ABSTAIN))).toBe("EXECUTED");
    expect(codeOf(vote(channel, bob, proposal))).toBe(8);
    expect(codeOf(vote(channel, carol, proposal))).toBe(2);
    expect(codeOf(vote(channel, enter(channel.chain, "dave"), proposal))).toBe(2);
    expect(codeOf(vote(channel, bob, proposal + 1n))).toBe(35);
  });

  it("may name what they judge", () => {
    const channel = playedBy("bob");
    const confirmation = confirm(channel, 1);
    const proposal = propose(channel, confirmation);
    const bob = channel.player("bob");
    const named = (hash: Uint8Array) =>
      codeOf(
        channel.call(
          bob,
          "vote_proposal_hash_entry",
          arg.u64(proposal),
          arg.bytes(hash),
          arg.u8(1),
        ),
      );
    expect(named(ZERO_HASH)).toBe(37);
    expect(named(sha2_256(settlementData(channel, confirmation)))).toBe("EXECUTED");
  });

  it("of who held a seat since the last settlement are all needed to skip the window", () => {
    const channel = playedBy("bob", "carol");
    const [alice, bob] = channel.log.configuration.seats;
    const seats = [alice, bob].map((seat) => present(seat, "a seat"));
    const step = changeConfiguration(channel, seats);
    post(channel, "ahoy", "carol is gone");
    const proposal = propose(channel, confirm(channel, 1), [step]);
    expect(channel.proposal(proposal).voters).toEqual([1n, 2n]);
    expect(channel.proposal(proposal).holders).toEqual([1n, 2n, 3n]);
    vote(channel, channel.player("bob"), proposal);
    expect(codeOf(execute(channel, proposal))).toBe(14);
    expect(codeOf(vote(channel, channel.player("carol"), proposal))).toBe("EXECUTED");
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
  });
});

describe("a proposal", () => {
  it("is executed once", () => {
    const channel = playedBy("bob");
    settle(channel, confirm(channel, 1));
    expect(codeOf(execute(channel, 1n))).toBe(10);
    expect(codeOf(vote(channel, channel.player("bob"), 1n))).toBe(10);
    expect(codeOf(execute(channel, 2n))).toBe(35);
  });

  it("gives way to a higher one, and to nothing lower", () => {
    const channel = playedBy("bob");
    const low = confirm(channel, 1);
    const lowData = settlementData(channel, low);
    const first = propose(channel, low);
    post(channel, "ahoy", "hello");
    const high = confirm(channel, 1);
    const second = propose(channel, high);
    expect(channel.view().pendingSettlement).toBe(second);
    expect(codeOf(vote(channel, channel.player("bob"), first))).toBe(10);
    expect(codeOf(execute(channel, first))).toBe(10);
    expect(codeOf(tryPropose(channel, lowData))).toBe(13);
    expect(codeOf(tryPropose(channel, settlementData(channel, high)))).toBe(13);
    vote(channel, channel.player("bob"), second);
    expect(codeOf(execute(channel, second))).toBe("EXECUTED");
  });

  it("that is defeated gives way to any", () => {
    const channel = playedBy("bob");
    const confirmation = confirm(channel, 1);
    const first = propose(channel, confirmation);
    vote(channel, channel.player("bob"), first, NO);
    const second = propose(channel, confirmation);
    expect(second).toBe(first + 1n);
    vote(channel, channel.player("bob"), second);
    expect(codeOf(execute(channel, second))).toBe("EXECUTED");
  });

  it("is for members, of a known kind, and executed by members", () => {
    const channel = playedBy("bob");
    const data = settlementData(channel, confirm(channel, 1));
    const stranger = enter(channel.chain, "carol");
    channel.players.set("carol", stranger);
    expect(codeOf(tryPropose(channel, data, 1, "carol"))).toBe(2);
    expect(codeOf(tryPropose(channel, data, 3))).toBe(6);
    expect(codeOf(tryPropose(channel, data))).toBe("EXECUTED");
    vote(channel, channel.player("bob"), 1n);
    expect(codeOf(execute(channel, 1n, "carol"))).toBe(2);
    expect(codeOf(execute(channel, 1n, "bob"))).toBe("EXECUTED");
  });

  it("is refused for a channel that is not there or of another state type", () => {
    const channel = playedBy();
    const data = settlementData(channel, confirm(channel, 1));
    const sender = channel.player("alice").address;
    const tried = (type: string, id: bigint) =>
      codeOf(
        channel.chain.run("0x20::state_channel::create_proposal_entry", {
          sender,
          typeArgs: [type],
          args: [arg.u64(id), arg.u8(1), arg.bytes(data)],
        }),
      );
    expect(tried(STATE, 9n)).toBe(1);
    expect(tried("0x21::chat::Server", channel.id)).toBe(21);
    expect(tried(STATE, channel.id)).toBe("EXECUTED");
  });

  it("of a session that is not there cannot be settled", () => {
    const channel = playedBy();
    const options = {
      sender: channel.player("alice").address,
      args: [arg.u64(9), arg.u64(1)],
    };
    const settled = channel.chain.run(`${CHAT}::chat_group_settlement`, options);
    expect(refusalOf(settled)).toBe("0x21::chat 393221");
  });
});

describe("evidence of a settlement", () => {
  function evidenceOf(channel: ScriptedChannel, confirmation: Confirmation): SettlementEvidence {
    const { header } = confirmation.header;
    return {
      fromHeight: channel.log.settledHeight,
      toHeight: header.firstHeight + BigInt(header.count) - 1n,
      changes: channel.log.changes,
      ...confirmation,
      steps: [],
      proof: proofOf(channel),
    };
  }

  function altered(
    channel: ScriptedChannel,
    evidence: SettlementEvidence,
    changes: Partial<SettlementEvidence>,
  ) {
    return codeOf(tryPropose(channel, encode(settlementEvidence, { ...evidence, ...changes })));
  }

  it("must begin at the settled height and end with its header", () => {
    const channel = playedBy("bob");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    expect(altered(channel, evidence, { fromHeight: 1n })).toBe(7);
    expect(altered(channel, evidence, { toHeight: evidence.toHeight + 1n })).toBe(7);
    expect(altered(channel, evidence, { toHeight: evidence.toHeight - 1n })).toBe(7);
    settle(channel, confirm(channel, 0));
    const nothing = evidenceOf(channel, confirm(channel, 0));
    expect(altered(channel, nothing, {})).toBe(7);
    expect(altered(channel, evidence, {})).toBe(7);
  });

  it("must confirm its header: two quorums, the second on a header that carries the first", () => {
    const channel = playedBy("bob", "carol");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    const { header } = evidence.header;
    const { header: confirming } = evidence.confirming;
    const two = [1n, 2n];
    expect(altered(channel, evidence, { certificate: certify(channel, header, two) })).toBe(22);
    expect(
      altered(channel, evidence, {
        confirmingCertificate: certify(channel, confirming, two),
      }),
    ).toBe(22);
    expect(altered(channel, evidence, { certificate: evidence.confirmingCertificate })).toBe(22);
    const otherView = { ...confirming, epoch: { term: 1n, view: 1n } };
    expect(
      altered(channel, evidence, {
        confirming: { ...evidence.confirming, header: otherView },
        confirmingCertificate: certify(channel, otherView),
      }),
    ).toBe(22);
    const forged = { ...header, stateRoot: ZERO_HASH };
    expect(altered(channel, evidence, { header: { ...evidence.header, header: forged } })).toBe(22);
    expect(altered(channel, evidence, {})).toBe("EXECUTED");
  });

  it("must be of this channel", () => {
    const chain = startContractChain();
    const channel = openChatChannel(chain);
    post(channel, "ahoy");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    const header = { ...evidence.header.header, channel: ZERO_HASH };
    const confirming = {
      ...evidence.confirming.header,
      channel: ZERO_HASH,
      justify: refOfHeader(header),
    };
    const moved = {
      header: { ...evidence.header, header },
      certificate: certify(channel, header),
      confirming: { ...evidence.confirming, header: confirming },
      confirmingCertificate: certify(channel, confirming),
    };
    expect(altered(channel, evidence, moved)).toBe(22);
  });

  it("must be of a configuration that the chain knows", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    post(channel, "ahoy");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    expect(altered(channel, evidence, {})).toBe(24);
    expect(altered(channel, evidence, { steps: [step] })).toBe("EXECUTED");
  });

  it("must change only what is in escrow, and neither make nor destroy it", () => {
    const channel = playedBy("bob");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    const [change] = evidence.changes.filter(({ key }) => key.kind === "resource");
    const { key, op } = present(change, "the group changed");
    if (key.kind !== "resource" || op.type !== "modify") throw new Error("a modify of a resource");
    const bob = channel.player("bob").address;
    const coins = makeStructTag("0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>");
    const refused: readonly ChangeSet[] = [
      [{ key, op: { type: "new", value: op.value } }],
      [{ key, op: { type: "delete", old: op.old } }],
      [{ key: { ...key, address: bob }, op }],
      [{ key: { ...key, type: coins }, op }],
      [{ key: { ...key, address: makeAddress("0x0"), type: coins }, op }],
      [{ key: { ...key, address: bob, type: coins }, op: { type: "new", value: op.value } }],
    ];
    for (const [index, changes] of refused.entries()) {
      expect([index, altered(channel, evidence, { changes })]).toEqual([index, 6]);
    }
    expect(altered(channel, evidence, {})).toBe("EXECUTED");
  });

  it("must be the one encoding of itself", () => {
    const channel = playedBy("bob");
    const data = settlementData(channel, confirm(channel, 1));
    expect(refusalOf(tryPropose(channel, data.subarray(0, -1)))).toBe("0x1::bcs_stream 131074");
    expect(refusalOf(tryPropose(channel, Uint8Array.of(...data, 0)))).toBe("0x1::bcs_stream 65539");
  });

  it("with changes out of order is refused", () => {
    const channel = playedBy("bob");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    const reversed = [...evidence.changes].reverse();
    expect(evidence.changes.length).toBeGreaterThan(1);
    expect(altered(channel, evidence, { changes: reversed })).toBe(6);
  });

  it("with a module is refused", () => {
    const channel = playedBy("bob");
    const evidence = evidenceOf(channel, confirm(channel, 1));
    const { address, type } = { address: makeAddress("0x21"), type: makeStructTag(STATE) };
    const key: StateKey = { kind: "module", module: { address, name: type.module } };
    const changes: ChangeSet = [{ key, op: { type: "new", value: Uint8Array.of(1) } }];
    expect(altered(channel, evidence, { changes })).toBe(6);
  });
});

describe("a change set with its multiproof", () => {
  it("settles what leads from the settled root to the header's", () => {
    const channel = playedBy("bob");
    settle(channel, confirm(channel, 1));
    post(channel, "ahoy", "hello");
    settle(channel, confirm(channel, 1));
    const { stateRoot } = channel.view().settled;
    expect(toHex(stateRoot)).toBe(toHex(channel.log.state.root()));
  });

  /** A proposal with another proof. */
  function withProof(channel: ScriptedChannel, confirmation: Confirmation, proof: StateProof) {
    const data = settlementData(channel, confirmation);
    const shown = data.subarray(0, data.length - encode(stateProof, proofOf(channel)).length);
    return refusalOf(tryPropose(channel, concatBytes(shown, encode(stateProof, proof))));
  }

  it("is refused without a proof, with one of other keys or of another state", () => {
    const channel = playedBy("bob");
    const { state, changes, settled } = channel.log;
    const keys = changes.map(({ key }) => key);
    const confirmation = confirm(channel, 1);
    const of = (proof: StateProof) => withProof(channel, confirmation, proof);
    const data = settlementData(channel, confirmation);
    const none = data.subarray(0, data.length - encode(stateProof, proofOf(channel)).length);
    expect(refusalOf(tryPropose(channel, none))).toBe("0x1::bcs_stream 131074");
    expect(of({ shape: new Uint8Array(), hashes: [] })).toBe("0x20::state_proof 38");
    expect(of(proveKeys(settled, []))).toBe("0x20::state_proof 38");
    expect(of(proveKeys(createStateTree(), keys))).toBe("0x20::state_proof 38");
    expect(of(proveKeys(state, keys))).toBe("0x20::state_proof 38");
    expect(of(proveKeys(settled, keys))).toBe("EXECUTED");
  });
});

describe("two colluders of three", () => {
  it("do not settle a false change set, even after the window", () => {
    const channel = playedBy("bob", "carol");
    // What all three have certified; carol is gone from here on.
    const confirmation = confirm(channel, 1);
    const honest = channel.log.changes;
    const words = groupBytes(["ahoy", "all is bob's"], channel.player("bob"));
    channel.log.changes = honest.map((change) =>
      change.op.type === "modify" ? { ...change, op: { ...change.op, value: words } } : change,
    );
    const falseData = settlementData(channel, confirmation);
    expect(codeOf(tryPropose(channel, falseData, 1, "bob"))).toBe(38);
    // Nor by a header that only the two of them certify.
    const own = certifiedBy(channel, [1n, 2n]);
    expect(codeOf(tryPropose(channel, settlementData(channel, own), 1, "bob"))).toBe(22);
    channel.chain.passTime(WINDOW_MS);
    expect(codeOf(tryPropose(channel, falseData, 1, "bob"))).toBe(38);
    expect(channel.view().settled.height).toBe(0n);
    // The true one goes on without carol once the window is over.
    channel.log.changes = honest;
    const proposal = propose(channel, confirmation, [], "bob");
    vote(channel, channel.player("alice"), proposal);
    expect(codeOf(execute(channel, proposal))).toBe(14);
    channel.chain.passTime(WINDOW_MS);
    expect(codeOf(execute(channel, proposal))).toBe("EXECUTED");
  });

  /** The false state under a header of the colluders' own making. */
  function certifiedBy(channel: ScriptedChannel, seats: readonly bigint[]): Confirmation {
    const header = signHeader(channel, nextHeader(channel, 0, { stateRoot: ZERO_HASH }));
    const justify = refOfHeader(header.header);
    const above = nextHeader(channel, 0, { number: header.header.number + 1n, justify });
    const confirming = signHeader(channel, above);
    return {
      header,
      certificate: certify(channel, header.header, seats),
      confirming,
      confirmingCertificate: certify(channel, confirming.header, seats),
    };
  }
});

describe("a change set that is certified", () => {
  it("is refused where it does not start from what is settled", () => {
    const channel = playedBy("bob");
    const confirmation = confirm(channel, 1);
    channel.log.changes = channel.log.changes.map((change) =>
      change.op.type === "modify"
        ? { ...change, op: { ...change.op, old: Uint8Array.of(1) } }
        : change,
    );
    const data = settlementData(channel, confirmation);
    expect(codeOf(tryPropose(channel, data))).toBe(38);
  });

  it("cannot bring bytes that are no group", () => {
    const channel = playedBy("bob");
    const wrongGroup = Uint8Array.of(9, ...channel.stateOnChain().subarray(1));
    setState(channel, wrongGroup);
    const proposal = propose(channel, confirm(channel, 2));
    vote(channel, channel.player("bob"), proposal);
    expect(refusalOf(execute(channel, proposal))).toBe("0x21::chat 65546");
    expect(channel.view().pendingSettlement).toBe(proposal);
  });
});

describe("a quorum of the past", () => {
  it("does not settle over the heads of those who joined since", () => {
    const channel = openChatChannel(startContractChain());
    const { log } = channel;
    const alone = log.configuration;
    const step = admit(channel, "bob");
    const [together, number] = [log.configuration, log.number];
    post(channel, "mine alone");
    Object.assign(log, { configuration: alone, number: number + 100n });
    const forged = propose(channel, confirm(channel, 1));
    Object.assign(log, { configuration: together, number });
    expect(channel.proposal(forged).voters).toEqual([1n]);
    expect(codeOf(execute(channel, forged))).toBe(14);
    showSteps(channel, [step]);
    channel.chain.passTime(WINDOW_MS);
    expect(codeOf(execute(channel, forged))).toBe(13);
    const honest = propose(channel, confirm(channel, 1), [], "bob");
    expect(channel.view().pendingSettlement).toBe(honest);
    vote(channel, channel.player("alice"), honest);
    expect(codeOf(execute(channel, honest))).toBe("EXECUTED");
  });
});

describe("the end of play", () => {
  const CONTROL: StateKey = {
    kind: "resource",
    address: makeAddress("0x0"),
    type: makeStructTag("0x0::channel::Control"),
  };

  it.each([
    ["lets a member close the channel once it is settled", 1, "EXECUTED"],
    ["is not what a control record says that does not end it", 0, 5],
  ])("%s", (_, closing, code) => {
    const channel = playedBy("bob");
    order(channel.log, [{ key: CONTROL, op: { type: "new", value: Uint8Array.of(7, closing) } }]);
    settle(channel, confirm(channel, 2));
    const options = {
      sender: channel.player("alice").address,
      args: [arg.u64(GROUP_ID)],
    };
    expect(codeOf(channel.chain.run(`${CHAT}::chat_session_close`, options))).toBe(code);
  });
});
