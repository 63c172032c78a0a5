// Removing a member that is not heard any more: change of configuration (b) of the protocol.
import { describe, expect, it } from "vitest";
import {
  encode,
  NO_HEADER,
  refOfConfiguration,
  refOfHeader,
  removalMessage,
  silenceEvidence,
} from "../../../src/channel/codec.ts";
import type { SilenceEvidence } from "../../../src/channel/evidence.ts";
import type { Removal } from "../../../src/channel/messages.ts";
import { codeOf } from "./abort.ts";
import { decodeConfiguration, decodeRefs } from "./channel-view.ts";
import { admit, CHAT, GROUP_ID, openChatChannel, settle } from "./chat-channel.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import {
  certify,
  confirm,
  nextHeader,
  order,
  playerAt,
  type ScriptedChannel,
  seal,
  settlementData,
  showSteps,
} from "./scripted-channel.ts";

const ALIVE_MS = 15_000n;
const WINDOW_MS = 15_000n;

/** A channel of alice, who leads, and these; the chain knows all of them. */
function channelOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

function wish(channel: ScriptedChannel, accused: bigint, changes: Partial<Removal> = {}): Removal {
  const { hash, members, fence } = channel.view();
  const member = members.find(({ seat }) => seat.seat === accused);
  return {
    channel: hash,
    configuration: refOfConfiguration(hash, channel.log.configuration),
    accused,
    lastAlive: member?.lastAliveMs ?? 0n,
    highest: fence,
    ...changes,
  };
}

function signed(channel: ScriptedChannel, seat: bigint, removal: Removal) {
  const signature = playerAt(channel, seat).signAsNode(removalMessage(removal));
  return { removal, seat, signature };
}

function evidenceOf(
  channel: ScriptedChannel,
  accused: bigint,
  signers: readonly bigint[],
): SilenceEvidence {
  const removals = signers.map((seat) => signed(channel, seat, wish(channel, accused)));
  return { removals, steps: [] };
}

function remove(channel: ScriptedChannel, evidence: SilenceEvidence, accused = 1n, by = "bob") {
  const bytes = arg.bytes(encode(silenceEvidence, evidence));
  return codeOf(channel.call(channel.player(by), "remove_silent_entry", arg.u64(accused), bytes));
}

/** Everybody but these seats is heard now. */
function hear(channel: ScriptedChannel, ...names: readonly string[]): void {
  for (const name of names) {
    channel.callOk(channel.player(name), "keep_alive_entry", arg.u64s([]));
  }
}

function configurationOnChain(channel: ScriptedChannel) {
  const { configuration } = channel.view();
  const args = [arg.u64(channel.id), arg.u64(configuration)];
  const [bytes] = channel.chain.view("0x20::state_channel::get_configuration", { args });
  return decodeConfiguration(bytes ?? new Uint8Array());
}

/** Of every configuration so far, where the chain itself ended it. */
function ceilings(channel: ScriptedChannel) {
  const numbers = Array.from({ length: Number(channel.view().configuration) + 1 }, (_, at) => at);
  return numbers.map((number) => {
    const args = [arg.u64(channel.id), arg.u64(number)];
    const [bytes] = channel.chain.view("0x20::state_channel::get_ceiling", { args });
    return decodeRefs(bytes ?? new Uint8Array())[0];
  });
}

describe("a silent member", () => {
  it("is removed at once by more than half, from the fence on", () => {
    const channel = channelOf("bob", "carol");
    channel.chain.passTime(ALIVE_MS + 1n);
    expect(remove(channel, evidenceOf(channel, 1n, [2n, 3n]))).toBe("EXECUTED");
    const { members, leader, fence } = channel.view();
    expect(members.map(({ standing }) => standing)).toEqual(["removed", "admitted", "admitted"]);
    expect(leader).toBe(0n);
    expect(members[0]?.outAtNumber).toBe(fence.number);
    expect(ceilings(channel)).toEqual([undefined, undefined, fence, undefined]);
    const { number, seats } = configurationOnChain(channel);
    expect([number, seats.map(({ seat }) => seat)]).toEqual([3n, [2n, 3n]]);
  });

  it("is removed by half or fewer only after the window", () => {
    const channel = channelOf("bob");
    channel.chain.passTime(ALIVE_MS + 1n);
    const evidence = evidenceOf(channel, 1n, [2n]);
    expect(remove(channel, evidence)).toBe("EXECUTED");
    expect(channel.view().removals).toHaveLength(1);
    expect(remove(channel, evidence)).toBe(14);
    channel.chain.passTime(WINDOW_MS - 1n);
    expect(remove(channel, evidence)).toBe(14);
    channel.chain.passTime(1n);
    expect(remove(channel, evidence)).toBe("EXECUTED");
    expect(channel.view().members[0]?.standing).toBe("removed");
    expect(channel.view().removals).toEqual([]);
  });

  it("cancels the removal by being heard, and the wishes with it", () => {
    const channel = channelOf("bob");
    channel.chain.passTime(ALIVE_MS + 1n);
    const evidence = evidenceOf(channel, 1n, [2n]);
    expect(remove(channel, evidence)).toBe("EXECUTED");
    hear(channel, "alice");
    expect(channel.view().removals).toEqual([]);
    expect(remove(channel, evidence)).toBe(26);
    channel.chain.passTime(ALIVE_MS + 1n);
    expect(remove(channel, evidence)).toBe(36);
    expect(remove(channel, evidenceOf(channel, 1n, [2n]))).toBe("EXECUTED");
  });

  it("is not silent within 15 s, nor while the chain makes no blocks", () => {
    const channel = channelOf("bob", "carol");
    channel.chain.passTime(ALIVE_MS);
    expect(remove(channel, evidenceOf(channel, 1n, [2n, 3n]))).toBe(26);
    hear(channel, "alice");
    channel.chain.nextBlock(3_600_000n);
    expect(remove(channel, evidenceOf(channel, 1n, [2n, 3n]))).toBe(26);
  });

  it("is one at a time while a window is open", () => {
    const channel = channelOf("bob", "carol", "dave");
    channel.chain.passTime(ALIVE_MS + 1n);
    expect(remove(channel, evidenceOf(channel, 1n, [2n]))).toBe("EXECUTED");
    expect(remove(channel, evidenceOf(channel, 3n, [2n]), 3n)).toBe(14);
    expect(remove(channel, evidenceOf(channel, 3n, [1n, 2n, 4n]), 3n)).toBe("EXECUTED");
  });

  it("leaves its seat to the others: the lead, the quorum, and in the end its stake", () => {
    const channel = channelOf("bob");
    channel.chain.passTime(ALIVE_MS + 1n);
    const evidence = evidenceOf(channel, 1n, [2n]);
    remove(channel, evidence);
    channel.chain.passTime(WINDOW_MS);
    remove(channel, evidence);
    const [, bob] = channel.log.configuration.seats;
    channel.log.configuration = { number: 2n, seats: bob === undefined ? [] : [bob] };
    channel.callOk(channel.player("bob"), "apply_leader_entry", arg.bytes(new Uint8Array()));
    Object.assign(channel.log, { term: 2n, leader: 2n });
    const leave = () =>
      codeOf(
        channel.chain.run(`${CHAT}::chat_session_leave`, {
          sender: channel.player("alice").address,
          args: [arg.u64(GROUP_ID)],
        }),
      );
    expect(leave()).toBe(28);
    order(channel.log, []);
    settle(channel, confirm(channel, 1), [], "bob");
    expect(leave()).toBe("EXECUTED");
  });
});

describe("a wish to remove", () => {
  const cases: readonly [string, (channel: ScriptedChannel) => Partial<Removal>, number][] = [
    ["for another channel", () => ({ channel: NO_HEADER.hash }), 36],
    ["against another seat", () => ({ accused: 3n }), 36],
    ["made before the accused was heard again", () => ({ lastAlive: 1n }), 36],
    [
      "under another configuration",
      (channel) => ({ configuration: { number: 1n, hash: channel.view().hash } }),
      24,
    ],
    [
      "by somebody who knows a higher certificate",
      (channel) => {
        const { fence } = channel.view();
        return { highest: { ...fence, number: fence.number + 1n } };
      },
      13,
    ],
  ];
  it.each(cases)("does not count %s", (_, change, code) => {
    const channel = channelOf("bob", "carol");
    channel.chain.passTime(ALIVE_MS + 1n);
    const removal = wish(channel, 1n, change(channel));
    const removals = [signed(channel, 2n, removal), signed(channel, 3n, wish(channel, 1n))];
    expect(remove(channel, { removals, steps: [] })).toBe(code);
    expect(channel.view().members[0]?.standing).toBe("admitted");
  });

  it("does not count twice, out of order, from the accused, from strangers, or forged", () => {
    const channel = channelOf("bob", "carol");
    channel.chain.passTime(ALIVE_MS + 1n);
    const [two, three] = [2n, 3n].map((seat) => signed(channel, seat, wish(channel, 1n)));
    const one = signed(channel, 1n, wish(channel, 1n));
    if (two === undefined || three === undefined) throw new Error("two wish");
    const tried = (...removals: (typeof two)[]) => remove(channel, { removals, steps: [] });
    expect(tried(two, two)).toBe(36);
    expect(tried(three, two)).toBe(36);
    expect(tried(one, two)).toBe(36);
    expect(tried(two, { ...three, seat: 4n })).toBe(36);
    expect(tried(two, { ...three, signature: two.signature })).toBe(23);
    expect(tried()).toBe(36);
    expect(tried(two, three)).toBe("EXECUTED");
    expect(tried(two, three)).toBe(2);
  });

  it("may come with the certificate that it names, which becomes the fence", () => {
    const channel = channelOf("bob", "carol");
    const { header } = seal(channel, nextHeader(channel, 0));
    channel.chain.passTime(ALIVE_MS + 1n);
    const removal = wish(channel, 1n, { highest: refOfHeader(header) });
    const removals = [2n, 3n].map((seat) => signed(channel, seat, removal));
    expect(remove(channel, { removals, steps: [] })).toBe(13);
    const certificate = certify(channel, header);
    expect(remove(channel, { removals, certificate, steps: [] })).toBe("EXECUTED");
    expect(channel.view().fence).toEqual(refOfHeader(header));
  });
});

describe("what lies above the fence", () => {
  it("is void: it cannot be proposed any more, what lies below it can", () => {
    const channel = channelOf("bob", "carol");
    order(channel.log, []);
    const below = confirm(channel, 1);
    order(channel.log, []);
    const above = confirm(channel, 1);
    channel.chain.passTime(ALIVE_MS + 1n);
    hear(channel, "bob", "carol");
    const removals = [2n, 3n].map((seat) => signed(channel, seat, wish(channel, 1n)));
    const certificate = certify(channel, below.confirming.header);
    const highest = refOfHeader(below.confirming.header);
    const fenced = removals.map(({ removal, seat }) =>
      signed(channel, seat, { ...removal, highest }),
    );
    expect(remove(channel, { removals: fenced, certificate, steps: [] })).toBe("EXECUTED");
    const data = (confirmation: typeof above) =>
      codeOf(
        channel.call(
          channel.player("bob"),
          "create_proposal_entry",
          arg.u8(1),
          arg.bytes(settlementData(channel, confirmation)),
        ),
      );
    expect(data(above)).toBe(13);
    expect(data(below)).toBe("EXECUTED");
  });
});
