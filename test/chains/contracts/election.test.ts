// Being heard, leading, and the fence that certificates raise.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import {
  candidacy,
  encode,
  header as headerCodec,
  NO_HEADER,
  refOfHeader,
} from "../../../src/channel/codec.ts";
import type { ConfigurationStep } from "../../../src/channel/evidence.ts";
import type { Certificate, Header } from "../../../src/channel/messages.ts";
import { codeOf, refusalOf } from "./abort.ts";
import { admit, join, openChatChannel } from "./chat-channel.ts";
import { arg, START_US, startContractChain } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import {
  certify,
  changeConfiguration,
  nextHeader,
  type ScriptedChannel,
  seal,
  showSteps,
} from "./scripted-channel.ts";

const ALIVE_MS = 15_000n;
const START_MS = START_US / 1_000n;
const NOTHING = arg.bytes(new Uint8Array());

function candidacyBytes(certificate?: Certificate, steps: readonly ConfigurationStep[] = []) {
  const value = certificate === undefined ? { steps } : { certificate, steps };
  return arg.bytes(encode(candidacy, value));
}

function apply(channel: ScriptedChannel, player: Player, evidence = NOTHING) {
  return channel.call(player, "apply_leader_entry", evidence);
}

function keepAlive(channel: ScriptedChannel, player: Player, delays: readonly bigint[] = []) {
  return channel.call(player, "keep_alive_entry", arg.u64s(delays));
}

function post(channel: ScriptedChannel, certificate: Certificate, header?: Header) {
  const bytes = header === undefined ? NOTHING : arg.bytes(encode(headerCodec, header));
  const poster = channel.player("alice");
  return channel.call(poster, "post_certificate_entry", candidacyBytes(certificate), bytes);
}

/** Alice leads; bob is admitted, and the chain knows it. */
function withBob(): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  showSteps(channel, [admit(channel, "bob")]);
  return channel;
}

describe("leading", () => {
  it("falls to the first who applies", () => {
    const { term, leader } = openChatChannel(startContractChain()).view();
    expect([term, leader]).toEqual([1n, 1n]);
  });

  it("is refused while the leader was heard within 15 s, to itself too", () => {
    const channel = withBob();
    channel.chain.passTime(ALIVE_MS);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe(4);
    expect(codeOf(apply(channel, channel.player("alice")))).toBe(4);
    channel.chain.passTime(1n);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe("EXECUTED");
    expect([channel.view().term, channel.view().leader]).toEqual([2n, 2n]);
  });

  it("is kept by keep_alive", () => {
    const channel = withBob();
    channel.chain.passTime(ALIVE_MS);
    expect(codeOf(keepAlive(channel, channel.player("alice")))).toBe("EXECUTED");
    channel.chain.passTime(ALIVE_MS);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe(4);
  });

  it("goes to one of two who apply at once", () => {
    const channel = withBob();
    showSteps(channel, [admit(channel, "carol")]);
    channel.chain.passTime(ALIVE_MS + 1n);
    expect(codeOf(apply(channel, channel.player("carol")))).toBe("EXECUTED");
    expect(codeOf(apply(channel, channel.player("bob")))).toBe(4);
    expect(channel.view().leader).toBe(3n);
  });

  it("comes back to a leader that was away, in a new term", () => {
    const channel = withBob();
    channel.chain.passTime(ALIVE_MS + 1n);
    expect(codeOf(apply(channel, channel.player("alice")))).toBe("EXECUTED");
    expect([channel.view().term, channel.view().leader]).toEqual([2n, 1n]);
  });

  it("is not for strangers, nor for members that nobody admitted", () => {
    const channel = openChatChannel(startContractChain());
    const bob = join(channel, "bob");
    channel.chain.passTime(ALIVE_MS + 1n);
    expect(codeOf(apply(channel, bob))).toBe(34);
    expect(codeOf(apply(channel, enter(channel.chain, "carol")))).toBe(2);
  });

  it("is open to a member whose application shows its admission", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    channel.chain.passTime(ALIVE_MS + 1n);
    const shown = apply(channel, channel.player("bob"), candidacyBytes(undefined, [step]));
    expect(codeOf(shown)).toBe("EXECUTED");
    expect(channel.view().leader).toBe(2n);
  });

  it("is nobody's while the chain makes no blocks", () => {
    const channel = withBob();
    channel.chain.nextBlock(3_600_000n);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe(4);
  });

  it("ends when the leader leaves the configuration", () => {
    const channel = withBob();
    const bob = present(channel.log.configuration.seats[1], "bob has a seat");
    showSteps(channel, [changeConfiguration(channel, [bob])]);
    expect(channel.view().leader).toBe(0n);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe("EXECUTED");
  });
});

describe("keep_alive", () => {
  it("is for members, with delays in pairs and not too many", () => {
    const channel = openChatChannel(startContractChain());
    const alice = channel.player("alice");
    expect(codeOf(keepAlive(channel, alice, [2n, 40n, 3n, 55n]))).toBe("EXECUTED");
    expect(codeOf(keepAlive(channel, alice, [2n]))).toBe(36);
    expect(codeOf(keepAlive(channel, alice, Array(34).fill(1n)))).toBe(36);
    expect(codeOf(keepAlive(channel, enter(channel.chain, "bob")))).toBe(2);
  });

  it("is heard from members that are not admitted yet, and from suspended ones", () => {
    const channel = withBob();
    const carol = join(channel, "carol");
    const alice = present(channel.log.configuration.seats[0], "alice has a seat");
    showSteps(channel, [changeConfiguration(channel, [alice])]);
    channel.chain.passTime(1_000n);
    expect(codeOf(keepAlive(channel, carol))).toBe("EXECUTED");
    expect(codeOf(keepAlive(channel, channel.player("bob")))).toBe("EXECUTED");
    const heard = channel.view().members.map(({ lastAliveMs }) => lastAliveMs - START_MS);
    expect(heard).toEqual([0n, 1_000n, 1_000n]);
  });

  it("counts from joining", () => {
    const channel = openChatChannel(startContractChain());
    channel.chain.passTime(2_500n);
    join(channel, "bob");
    expect(channel.view().members[1]?.lastAliveMs).toBe(START_MS + 2_500n);
  });
});

describe("a certificate", () => {
  it("raises the fence, and a lower one does not lower it", () => {
    const channel = withBob();
    const low = seal(channel, nextHeader(channel, 0));
    const high = seal(channel, nextHeader(channel, 0));
    expect(codeOf(post(channel, certify(channel, high.header)))).toBe("EXECUTED");
    expect(codeOf(post(channel, certify(channel, low.header)))).toBe("EXECUTED");
    expect(channel.view().fence).toEqual(refOfHeader(high.header));
  });

  it("comes with an application to lead", () => {
    const channel = withBob();
    const { header } = seal(channel, nextHeader(channel, 0));
    channel.chain.passTime(ALIVE_MS + 1n);
    const evidence = candidacyBytes(certify(channel, header));
    expect(codeOf(apply(channel, channel.player("bob"), evidence))).toBe("EXECUTED");
    expect(channel.view().fence).toEqual(refOfHeader(header));
  });

  it("counts as its leader's keep_alive when its header is fresh", () => {
    const channel = withBob();
    channel.chain.passTime(ALIVE_MS);
    const { header } = seal(channel, nextHeader(channel, 0));
    expect(codeOf(post(channel, certify(channel, header), header))).toBe("EXECUTED");
    channel.chain.passTime(ALIVE_MS);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe(4);
  });

  it("counts for nobody when its header is old, of an earlier term, or not shown", () => {
    const channel = withBob();
    const { header } = seal(channel, nextHeader(channel, 0));
    channel.chain.passTime(ALIVE_MS + 1n);
    post(channel, certify(channel, header), header);
    expect(codeOf(apply(channel, channel.player("bob")))).toBe("EXECUTED");
    channel.log.leader = 2n;
    channel.chain.passTime(ALIVE_MS + 1n);
    const late = seal(channel, nextHeader(channel, 0)).header;
    post(channel, certify(channel, late), late);
    channel.log.term = 2n;
    const silent = seal(channel, nextHeader(channel, 0)).header;
    post(channel, certify(channel, silent));
    expect(codeOf(apply(channel, channel.player("alice")))).toBe("EXECUTED");
  });

  it("is refused with another header than its own", () => {
    const channel = withBob();
    const { header } = seal(channel, nextHeader(channel, 0));
    const other = nextHeader(channel, 0);
    expect(codeOf(post(channel, certify(channel, header), other))).toBe(22);
  });

  it("is refused with acks of two of three, of one twice, or of a stranger", () => {
    const channel = withBob();
    showSteps(channel, [admit(channel, "carol")]);
    const { header } = seal(channel, nextHeader(channel, 0));
    const whole = certify(channel, header);
    expect(codeOf(post(channel, whole))).toBe("EXECUTED");
    expect(codeOf(post(channel, certify(channel, header, [1n, 2n])))).toBe(22);
    expect(codeOf(post(channel, certify(channel, header, [1n, 1n, 2n])))).toBe(22);
    expect(codeOf(post(channel, certify(channel, header, [2n, 1n, 3n])))).toBe(22);
    const [first, second, third] = whole.signatures;
    const present3 = [first, second, third].map((one) => present(one, "three signed"));
    const stranger = { ...whole, signatures: [...present3.slice(0, 2), sign(4n)] };
    expect(codeOf(post(channel, stranger))).toBe(22);
    const swapped = { ...whole, signatures: [...present3.slice(0, 2), sign(3n)] };
    expect(codeOf(post(channel, swapped))).toBe(23);

    function sign(seat: bigint) {
      return { seat, signature: present(present3[0], "alice signed").signature };
    }
  });

  it("is refused for another channel, configuration or a term that the chain never opened", () => {
    const channel = withBob();
    const { header } = seal(channel, nextHeader(channel, 0));
    const { hash: otherHash, ...rest } = header.configuration;
    const altered = (changes: Partial<Header>) =>
      codeOf(post(channel, certify(channel, { ...header, ...changes })));
    expect(altered({ channel: header.previous })).toBe(22);
    expect(altered({ configuration: { ...rest, hash: header.reveal } })).toBe(24);
    expect(altered({ configuration: { number: 9n, hash: otherHash } })).toBe(24);
    expect(altered({ epoch: { term: 2n, view: 0n } })).toBe(22);
    expect(channel.view().fence.number).toBeLessThan(header.number);
  });

  it("of a configuration that was left counts for what was under way, and no further", () => {
    const channel = openChatChannel(startContractChain());
    const alone = channel.log.configuration;
    showSteps(channel, [admit(channel, "bob")]);
    const end = channel.view().fence;
    channel.log.configuration = alone;
    const under = (number: bigint, view = 0n) => {
      const header = nextHeader(channel, 0, { number, epoch: { term: 1n, view } });
      return codeOf(post(channel, certify(channel, header)));
    };
    expect(under(end.number + 65n)).toBe(13);
    expect(under(end.number + 1n, 1n)).toBe(13);
    expect(channel.view().fence).toEqual(end);
    expect(under(end.number + 64n)).toBe("EXECUTED");
    expect(under(end.number - 1n)).toBe("EXECUTED");
  });

  it("is refused when its bytes are not the one encoding", () => {
    const channel = openChatChannel(startContractChain());
    const { header } = seal(channel, nextHeader(channel, 0));
    const bytes = encode(candidacy, { certificate: certify(channel, header), steps: [] });
    const posted = (value: Uint8Array) =>
      refusalOf(
        channel.call(channel.player("alice"), "post_certificate_entry", arg.bytes(value), NOTHING),
      );
    expect(posted(bytes.subarray(0, -1))).toBe("0x1::bcs_stream 131074");
    expect(posted(Uint8Array.of(...bytes, 0))).toBe("0x1::bcs_stream 65539");
    expect(posted(Uint8Array.of(2, ...bytes.subarray(1)))).toBe("0x1::bcs_stream 65537");
    expect(channel.view().fence).toEqual(NO_HEADER);
  });
});

describe("a change of configuration", () => {
  it("is followed from the one before it, whoever shows it, however often", () => {
    const channel = openChatChannel(startContractChain());
    const steps = [admit(channel, "bob"), admit(channel, "carol")];
    showSteps(channel, steps);
    showSteps(channel, steps);
    const { configuration, members, leader } = channel.view();
    expect(configuration).toBe(2n);
    expect(members.every(({ standing }) => standing === "admitted")).toBe(true);
    expect(leader).toBe(1n);
  });

  function postSteps(channel: ScriptedChannel, steps: readonly ConfigurationStep[]) {
    const player = channel.player("alice");
    const evidence = candidacyBytes(undefined, steps);
    return codeOf(channel.call(player, "post_certificate_entry", evidence, NOTHING));
  }

  it("is refused when one is missing in between", () => {
    const channel = openChatChannel(startContractChain());
    admit(channel, "bob");
    expect(postSteps(channel, [admit(channel, "carol")])).toBe(24);
  });

  it("is refused when it is not what the headers name", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    const { seats } = step.configuration;
    const [alice, bob] = [present(seats[0], "alice"), present(seats[1], "bob")];
    const named = (configuration: ConfigurationStep["configuration"]) =>
      postSteps(channel, [{ ...step, configuration }]);
    expect(named({ number: 1n, seats: [alice] })).toBe(25);
    expect(named({ number: 1n, seats: [bob, alice] })).toBe(25);
    expect(named({ number: 1n, seats: [alice, { ...bob, nodeKey: alice.nodeKey }] })).toBe(25);
    expect(postSteps(channel, [step])).toBe("EXECUTED");
    expect(named({ number: 1n, seats: [alice] })).toBe(25);
  });

  it("is refused with a seat that never joined on chain", () => {
    const channel = openChatChannel(startContractChain());
    join(channel, "bob");
    const bob = present(channel.view().members[1], "bob has joined").seat;
    const ghost = { ...bob, seat: 7n };
    const seats = [...channel.log.configuration.seats, ghost];
    expect(postSteps(channel, [changeConfiguration(channel, seats)])).toBe(25);
  });

  it("is refused with more seats than elections without candidates serve", () => {
    const channel = openChatChannel(startContractChain());
    const steps = ["bob", "carol", "dave", "erin"].map((name) => admit(channel, name));
    expect(postSteps(channel, steps)).toBe("EXECUTED");
    const { seats } = channel.log.configuration;
    const sixth = { ...present(seats[4], "five play"), seat: 6n };
    expect(postSteps(channel, [changeConfiguration(channel, [...seats, sixth])])).toBe(19);
  });

  it("is refused without two rounds of a quorum, the second carrying the first", () => {
    const channel = openChatChannel(startContractChain());
    showSteps(channel, [admit(channel, "bob")]);
    const step = admit(channel, "carol");
    const { header } = step.header;
    const { header: confirming } = step.confirming;
    const altered = (changes: Partial<ConfigurationStep>) =>
      postSteps(channel, [{ ...step, ...changes }]);
    expect(altered({ certificate: certify(channel, header, [1n]) })).toBe(22);
    expect(altered({ confirmingCertificate: certify(channel, confirming, [2n]) })).toBe(22);
    expect(altered({ confirming: step.header })).toBe(22);
    const unlinked = { ...confirming, justify: NO_HEADER };
    expect(
      altered({
        confirming: { ...step.confirming, header: unlinked },
        confirmingCertificate: certify(channel, unlinked, [1n, 2n]),
      }),
    ).toBe(22);
    expect(altered({})).toBe("EXECUTED");
  });
});
