// How a punished seat leaves the configuration: not before the others could show what they had
// confirmed.
import { describe, expect, it } from "vitest";
import { candidacy, encode, equivocation } from "../../../src/channel/codec.ts";
import type { ConfigurationStep } from "../../../src/channel/evidence.ts";
import type { Certificate } from "../../../src/channel/messages.ts";
import { codeOf } from "./abort.ts";
import { decodeConfiguration, decodeRefs } from "./channel-view.ts";
import { admit, join, openChatChannel, settle } from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import {
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  type ScriptedChannel,
  seatOf,
  showSteps,
  signHeader,
} from "./scripted-channel.ts";

const EXCLUSION_MS = 10_000n;

/** A channel of alice, who leads, and these; the chain knows all of them. */
function channelOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

/** Evidence that the leader signed two headers for one place. */
function contradiction(channel: ScriptedChannel): Uint8Array {
  const first = signHeader(channel, nextHeader(channel, 0));
  const second = signHeader(channel, { ...first.header, time: first.header.time + 1n });
  return encode(equivocation, { accused: channel.log.leader, first, second });
}

function report(channel: ScriptedChannel, evidence: Uint8Array, by: string) {
  return codeOf(channel.call(channel.player(by), "report_equivocation_entry", arg.bytes(evidence)));
}

function post(
  channel: ScriptedChannel,
  certificate: Certificate | undefined,
  steps: readonly ConfigurationStep[] = [],
) {
  const shown = encode(candidacy, { steps, ...(certificate === undefined ? {} : { certificate }) });
  const args = [arg.bytes(shown), arg.bytes(new Uint8Array())];
  return codeOf(channel.call(channel.player("bob"), "post_certificate_entry", ...args));
}

function apply(channel: ScriptedChannel, by: string) {
  const args = [arg.bytes(new Uint8Array())];
  return codeOf(channel.call(channel.player(by), "apply_leader_entry", ...args));
}

function latest(channel: ScriptedChannel) {
  const args = [arg.u64(channel.id), arg.u64(channel.view().configuration)];
  const [bytes] = channel.chain.view("0x20::state_channel::get_configuration", { args });
  return decodeConfiguration(bytes ?? new Uint8Array()).seats.map(({ seat }) => seat);
}

describe("a punished seat", () => {
  it("cannot void what was confirmed by reporting itself", () => {
    const channel = channelOf("bob", "carol");
    order(channel.log, []);
    // Confirmed among the members, and not yet shown to the chain.
    const { confirming, confirmingCertificate } = confirm(channel, 1);
    const before = channel.view();
    expect(report(channel, contradiction(channel), "alice")).toBe("EXECUTED");
    const punished = channel.view();
    expect(punished.configuration).toBe(before.configuration);
    expect(punished.leader).toBe(0n);
    expect(post(channel, confirmingCertificate)).toBe("EXECUTED");
    channel.chain.passTime(EXCLUSION_MS);
    expect(apply(channel, "bob")).toBe("EXECUTED");
    const { fence, members, configuration } = channel.view();
    expect(fence.number).toBe(confirming.header.number);
    expect(configuration).toBe(before.configuration + 1n);
    expect(members[0]?.outAtNumber).toBe(confirming.header.number);
    const args = [arg.u64(channel.id), arg.u64(before.configuration)];
    const [ceiling] = channel.chain.view("0x20::state_channel::get_ceiling", { args });
    expect(decodeRefs(ceiling ?? new Uint8Array())).toEqual([fence]);
  });

  it("keeps everybody from leading until it is out", () => {
    const channel = channelOf("bob");
    expect(report(channel, contradiction(channel), "bob")).toBe("EXECUTED");
    expect(channel.view().exclusions).toHaveLength(1);
    expect(apply(channel, "alice")).toBe(14);
    expect(apply(channel, "bob")).toBe(14);
    channel.chain.passTime(EXCLUSION_MS - 1n);
    expect(apply(channel, "bob")).toBe(14);
    channel.chain.passTime(1n);
    expect(apply(channel, "alice")).toBe(2);
    expect(apply(channel, "bob")).toBe("EXECUTED");
    expect(channel.view().exclusions).toEqual([]);
    expect(latest(channel)).toEqual([2n]);
  });

  it("is taken out by anybody's call after the window, and what is above the fence is void", () => {
    const channel = channelOf("bob");
    const { confirmingCertificate } = confirm(channel, 0);
    report(channel, contradiction(channel), "bob");
    channel.chain.passTime(EXCLUSION_MS);
    expect(post(channel, undefined)).toBe("EXECUTED");
    expect(latest(channel)).toEqual([2n]);
    expect(post(channel, confirmingCertificate)).toBe(13);
  });

  it("is out too where another led when its offence was shown, who then leads no more", () => {
    const channel = channelOf("bob", "carol");
    const evidence = contradiction(channel);
    channel.chain.passTime(15_001n);
    expect(apply(channel, "carol")).toBe("EXECUTED");
    expect(report(channel, evidence, "bob")).toBe("EXECUTED");
    expect(channel.view().leader).toBe(0n);
    channel.chain.passTime(EXCLUSION_MS);
    expect(apply(channel, "carol")).toBe("EXECUTED");
    expect(latest(channel)).toEqual([2n, 3n]);
  });

  it("may stand in changes of configuration that are shown within the window", () => {
    const channel = channelOf("bob");
    const evidence = contradiction(channel);
    const step = admit(channel, "carol");
    expect(report(channel, evidence, "bob")).toBe("EXECUTED");
    expect(post(channel, undefined, [step])).toBe("EXECUTED");
    expect(latest(channel)).toEqual([1n, 2n, 3n]);
    expect(channel.view().members[0]?.standing).toBe("punished");
    channel.chain.passTime(EXCLUSION_MS);
    expect(apply(channel, "carol")).toBe("EXECUTED");
    expect(latest(channel)).toEqual([2n, 3n]);
  });

  it("is out already where the channel itself took it out within the window", () => {
    const channel = channelOf("bob", "carol");
    const staying = channel.log.configuration.seats.slice(1);
    const evidence = contradiction(channel);
    const step = changeConfiguration(channel, staying);
    expect(report(channel, evidence, "bob")).toBe("EXECUTED");
    expect(post(channel, undefined, [step])).toBe("EXECUTED");
    channel.chain.passTime(EXCLUSION_MS);
    expect(apply(channel, "bob")).toBe("EXECUTED");
    const { members, configuration } = channel.view();
    expect(configuration).toBe(3n);
    expect(members[0]?.standing).toBe("punished");
    expect(members[0]?.outAtNumber).toBeLessThan(100n);
  });

  it("keeps nothing from being settled that was confirmed before", () => {
    const channel = channelOf("bob", "carol");
    order(channel.log, []);
    const confirmation = confirm(channel, 1);
    report(channel, contradiction(channel), "alice");
    settle(channel, confirmation, [], "bob");
    expect(channel.view().settled.height).toBe(3n);
  });
});

describe("who signed two headers for one place and then left", () => {
  /** Alice leads no more and is out; her stake is still here. */
  function gone() {
    const channel = channelOf("bob", "carol");
    const evidence = contradiction(channel);
    const staying = channel.log.configuration.seats.slice(1);
    const step = changeConfiguration(channel, staying);
    expect(post(channel, undefined, [step])).toBe("EXECUTED");
    return { channel, evidence };
  }

  it("is fined while its stake is here, and banned; nobody else is held up", () => {
    const { channel, evidence } = gone();
    expect(apply(channel, "bob")).toBe("EXECUTED");
    expect(report(channel, evidence, "carol")).toBe("EXECUTED");
    const { members, leader, exclusions, bans, rewards } = channel.view();
    expect(members[0]).toMatchObject({ standing: "left", stake: 0n });
    expect([leader, exclusions]).toEqual([2n, []]);
    expect(bans).toHaveLength(1);
    expect(rewards).toMatchObject([{ seat: 1n, amount: 50n }]);
  });

  it("is fined once", () => {
    const { channel, evidence } = gone();
    expect(report(channel, evidence, "carol")).toBe("EXECUTED");
    expect(report(channel, evidence, "carol")).toBe(2);
  });
});

describe("a configuration", () => {
  it("is never empty: its only seat is fined and stays", () => {
    const channel = openChatChannel(startContractChain());
    const evidence = contradiction(channel);
    join(channel, "bob");
    expect(report(channel, evidence, "alice")).toBe("EXECUTED");
    const { members, exclusions, bans, leader } = channel.view();
    expect(members[0]).toMatchObject({ standing: "admitted", stake: 0n });
    expect([exclusions, bans, leader]).toEqual([[], [], 1n]);
    channel.chain.passTime(EXCLUSION_MS);
    expect(post(channel, undefined)).toBe("EXECUTED");
    expect(latest(channel)).toEqual([1n]);
  });

  it("is never empty: a punished seat whom all others have left stays", () => {
    const channel = channelOf("bob");
    const alone = seatOf(channel, channel.player("alice"));
    const evidence = contradiction(channel);
    const step = changeConfiguration(channel, [alone]);
    expect(report(channel, evidence, "bob")).toBe("EXECUTED");
    expect(post(channel, undefined, [step])).toBe("EXECUTED");
    channel.chain.passTime(EXCLUSION_MS);
    expect(post(channel, undefined)).toBe("EXECUTED");
    expect(latest(channel)).toEqual([1n]);
    expect(channel.view().members[0]).toMatchObject({ standing: "admitted", stake: 0n });
  });
});
