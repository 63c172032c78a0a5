// Forcing out a leader that cheated: by votes for a wrong result, by itself for two headers of one
// place.
import { describe, expect, it } from "vitest";
import { decodeBcs } from "#core/bcs/reader.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { encode, equivocation, punishmentEvidence } from "../../../src/channel/codec.ts";
import type { Header, SignedHeader } from "../../../src/channel/messages.ts";
import { codeOf } from "./abort.ts";
import { admit, CHAT, GROUP_ID, openChatChannel, STAKE, settle } from "./chat-channel.ts";
import { arg, FUNDS, startContractChain } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import {
  changeConfiguration,
  confirm,
  nextHeader,
  order,
  type ScriptedChannel,
  seal,
  showSteps,
  signHeader,
  vote,
} from "./scripted-channel.ts";

const BAN_MS = 300_000n;
const WINDOW_MS = 15_000n;
const EXCLUSION_MS = 10_000n;

/** A channel of alice, who leads, and these; the chain knows all of them. */
function channelOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

function accusation(header: SignedHeader, accused = 1n): Uint8Array {
  return encode(punishmentEvidence, { accused, header, entries: [], batchSteps: [], steps: [] });
}

function accuse(channel: ScriptedChannel, data: Uint8Array, by = "bob") {
  const args = [arg.u8(2), arg.bytes(data)];
  return channel.call(channel.player(by), "create_proposal_entry", ...args);
}

function carryOut(channel: ScriptedChannel, proposal: bigint, by = "bob") {
  const player = channel.player(by);
  return codeOf(channel.call(player, "execute_punishment_entry", arg.u64(proposal)));
}

function report(channel: ScriptedChannel, first: SignedHeader, second: SignedHeader, accused = 1n) {
  const evidence = arg.bytes(encode(equivocation, { accused, first, second }));
  return codeOf(channel.call(channel.player("bob"), "report_equivocation_entry", evidence));
}

/** Lets the window pass and takes who is punished out of the configuration. */
function exclude(channel: ScriptedChannel): void {
  channel.chain.passTime(EXCLUSION_MS);
  showSteps(channel, []);
}

function rejoin(channel: ScriptedChannel, player: Player) {
  const options = { sender: player.address, args: [arg.u64(GROUP_ID)] };
  return codeOf(channel.chain.run(`${CHAT}::chat_session_join`, options));
}

function balance(channel: ScriptedChannel, player: Player): bigint {
  const options = {
    typeArgs: ["0x1::aptos_coin::AptosCoin"],
    args: [arg.address(player.address)],
  };
  const [bytes] = channel.chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

describe("a leader with a wrong result", () => {
  it.each([
    [2, ["bob"], 0, STAKE],
    [3, ["bob", "carol"], 1, 0n],
    [5, ["bob", "carol", "dave", "erin"], 1, 0n],
  ] as const)("of %i is forced out by its approvals", (_, names, others, stakeLeft) => {
    const channel = channelOf(...names);
    const header = seal(channel, nextHeader(channel, 0));
    expect(codeOf(accuse(channel, accusation(header)))).toBe("EXECUTED");
    for (const name of names.slice(1, 1 + others)) {
      expect(carryOut(channel, 1n)).toBe(9);
      vote(channel, channel.player(name), 1n);
    }
    expect(carryOut(channel, 1n)).toBe("EXECUTED");
    const punishedAt = channel.chain.now();
    const { members, leader, configuration, openProposals, bans } = channel.view();
    expect(members[0]?.standing).toBe("punished");
    expect(members[0]?.stake).toBe(stakeLeft);
    expect(leader).toBe(0n);
    expect(configuration).toBe(BigInt(names.length));
    exclude(channel);
    expect(channel.view().configuration).toBe(BigInt(names.length + 1));
    expect(openProposals).toEqual([]);
    expect(bans).toEqual([
      { address: channel.player("alice").address, untilMs: punishedAt + BAN_MS },
    ]);
    expect(carryOut(channel, 1n)).toBe(10);
  });

  it("may not come back for five minutes", () => {
    const channel = channelOf("bob");
    const alice = channel.player("alice");
    accuse(channel, accusation(seal(channel, nextHeader(channel, 0))));
    carryOut(channel, 1n);
    expect(rejoin(channel, alice)).toBe(3);
    channel.chain.nextBlock(BAN_MS - 1n);
    expect(rejoin(channel, alice)).toBe(3);
    channel.chain.nextBlock(1n);
    expect(rejoin(channel, alice)).toBe("EXECUTED");
    const { members, bans } = channel.view();
    expect(bans).toEqual([]);
    expect(members.at(-1)?.seat.seat).toBe(3n);
  });

  it("loses its stake from three seats on, and nobody has it", () => {
    const channel = channelOf("bob", "carol");
    const players = ["alice", "bob", "carol"].map((name) => channel.player(name));
    accuse(channel, accusation(seal(channel, nextHeader(channel, 0))));
    vote(channel, channel.player("carol"), 1n);
    carryOut(channel, 1n);
    exclude(channel);
    const [, bob, carol] = channel.log.configuration.seats;
    const seats = [bob, carol].flatMap((seat) => (seat === undefined ? [] : [seat]));
    channel.log.configuration = { number: 3n, seats };
    channel.callOk(channel.player("bob"), "apply_leader_entry", arg.bytes(new Uint8Array()));
    Object.assign(channel.log, { term: 2n, leader: 2n });
    order(channel.log, []);
    settle(channel, confirm(channel, 1), [], "bob");
    const options = {
      sender: channel.player("alice").address,
      args: [arg.u64(GROUP_ID)],
    };
    expect(codeOf(channel.chain.run(`${CHAT}::chat_session_leave`, options))).toBe("EXECUTED");
    expect(players.map((player) => balance(channel, player))).toEqual([
      FUNDS - STAKE,
      FUNDS - STAKE,
      FUNDS - STAKE,
    ]);
  });

  it("is not judged by itself, by strangers, or twice by the same", () => {
    const channel = channelOf("bob", "carol");
    accuse(channel, accusation(seal(channel, nextHeader(channel, 0))));
    expect(codeOf(vote(channel, channel.player("alice"), 1n))).toBe(2);
    expect(codeOf(vote(channel, channel.player("bob"), 1n))).toBe(8);
    expect(codeOf(vote(channel, enter(channel.chain, "dave"), 1n))).toBe(2);
    expect(carryOut(channel, 1n)).toBe(9);
    expect(carryOut(channel, 2n)).toBe(35);
  });

  it("may be accused by itself, which is no approval", () => {
    const channel = channelOf("bob");
    const header = seal(channel, nextHeader(channel, 0));
    expect(codeOf(accuse(channel, accusation(header), "alice"))).toBe("EXECUTED");
    expect(channel.proposal(1n).votes).toEqual([]);
    expect(carryOut(channel, 1n)).toBe(9);
  });

  it("is accused by each member once at a time", () => {
    const channel = channelOf("bob", "carol");
    const header = seal(channel, nextHeader(channel, 0));
    accuse(channel, accusation(header));
    accuse(channel, accusation(header));
    accuse(channel, accusation(header), "carol");
    expect(channel.view().openProposals).toEqual([2n, 3n]);
    expect(codeOf(vote(channel, channel.player("carol"), 1n))).toBe(10);
    vote(channel, channel.player("carol"), 2n);
    expect(carryOut(channel, 2n)).toBe("EXECUTED");
    expect(channel.view().openProposals).toEqual([]);
    expect(channel.proposal(3n).status).toBe(3);
    expect(carryOut(channel, 3n)).toBe(10);
    expect(codeOf(accuse(channel, accusation(header)))).toBe(2);
  });

  it("is judged by who was there and by who is there now, and fined as it was then", () => {
    const channel = channelOf("bob");
    const header = seal(channel, nextHeader(channel, 0));
    showSteps(channel, [admit(channel, "carol")]);
    accuse(channel, accusation(header));
    const { voters, configuration } = channel.proposal(1n);
    expect([voters, configuration]).toEqual([[2n, 3n], 1n]);
    expect(carryOut(channel, 1n)).toBe(9);
    vote(channel, channel.player("carol"), 1n);
    expect(carryOut(channel, 1n)).toBe("EXECUTED");
    expect(channel.view().members[0]).toMatchObject({ standing: "punished", stake: STAKE });
  });

  it("is judged by who was there though they are out, where few are left", () => {
    const channel = channelOf("bob", "carol");
    const header = seal(channel, nextHeader(channel, 0));
    const seats = channel.log.configuration.seats.filter(({ seat }) => seat !== 3n);
    showSteps(channel, [changeConfiguration(channel, seats)]);
    accuse(channel, accusation(header));
    expect(channel.proposal(1n).voters).toEqual([2n, 3n]);
    expect(carryOut(channel, 1n)).toBe(9);
    vote(channel, channel.player("carol"), 1n);
    expect(carryOut(channel, 1n)).toBe("EXECUTED");
    expect(channel.view().members[0]).toMatchObject({ standing: "punished", stake: 0n });
  });
});

describe("an accusation", () => {
  const cases: readonly [string, Partial<Header>, number][] = [
    ["about another channel", { channel: ZERO_HASH }, 36],
    ["about a header of another leader", { leader: 2n }, 36],
    [
      "under a configuration that is not known",
      { configuration: { number: 9n, hash: ZERO_HASH } },
      24,
    ],
    [
      "under a configuration of another name",
      { configuration: { number: 2n, hash: ZERO_HASH } },
      36,
    ],
  ];
  it.each(cases)("%s is refused", (_, changes, code) => {
    const channel = channelOf("bob", "carol");
    const header = signHeader(channel, nextHeader(channel, 0, changes));
    expect(codeOf(accuse(channel, accusation(header)))).toBe(code);
  });

  it("with a signature that is not the accused's is refused", () => {
    const channel = channelOf("bob");
    const header = seal(channel, nextHeader(channel, 0));
    const other = signHeader(channel, { ...header.header, time: 1n });
    const forged = { ...header, signature: other.signature };
    expect(codeOf(accuse(channel, accusation(forged)))).toBe(23);
    expect(codeOf(accuse(channel, accusation(header, 2n)))).toBe(36);
    expect(codeOf(accuse(channel, accusation(header, 9n)))).toBe(2);
  });

  it("from who is no member is refused", () => {
    const channel = channelOf("bob");
    channel.players.set("dave", enter(channel.chain, "dave"));
    const header = seal(channel, nextHeader(channel, 0));
    expect(codeOf(accuse(channel, accusation(header), "dave"))).toBe(2);
  });

  it("does not hold up a settlement", () => {
    const channel = channelOf("bob", "carol");
    accuse(channel, accusation(seal(channel, nextHeader(channel, 0))));
    order(channel.log, []);
    settle(channel, confirm(channel, 1));
    expect(channel.view().settled.height).toBe(3n);
  });
});

describe("two headers of one leader for one place", () => {
  it("force it out without votes, and cost the stake at every size", () => {
    const channel = channelOf("bob");
    const first = seal(channel, nextHeader(channel, 0));
    const second = signHeader(channel, { ...first.header, time: first.header.time + 1n });
    expect(report(channel, first, second)).toBe("EXECUTED");
    const { members, bans } = channel.view();
    expect(members[0]?.standing).toBe("punished");
    expect(members[0]?.stake).toBe(0n);
    expect(bans).toHaveLength(1);
    expect(report(channel, first, second)).toBe(2);
  });

  it("are contradictory when they order the same height, whatever their numbers", () => {
    const channel = channelOf("bob");
    const first = signHeader(channel, nextHeader(channel, 0, { firstHeight: 5n, count: 3 }));
    const later = { ...first.header, number: first.header.number + 4n };
    const inside = signHeader(channel, { ...later, firstHeight: 7n, count: 1 });
    const above = signHeader(channel, { ...later, firstHeight: 8n, count: 1 });
    expect(report(channel, first, above)).toBe(36);
    expect(report(channel, first, inside)).toBe("EXECUTED");
  });

  it("are nothing when they are one, of two epochs, or not the leader's", () => {
    const channel = channelOf("bob");
    const first = seal(channel, nextHeader(channel, 0));
    const second = { ...first.header, time: first.header.time + 1n };
    const later = signHeader(channel, { ...second, epoch: { term: 1n, view: 1n } });
    const byBob = signHeader(channel, { ...second, leader: 2n });
    const forged = { header: second, signature: first.signature };
    const elsewhere = signHeader(channel, { ...second, channel: ZERO_HASH });
    expect(report(channel, first, first)).toBe(36);
    expect(report(channel, first, later)).toBe(36);
    expect(report(channel, first, byBob)).toBe(36);
    expect(report(channel, first, elsewhere)).toBe(36);
    expect(report(channel, first, forged)).toBe(23);
    expect(report(channel, forged, first)).toBe(23);
    expect(channel.view().members[0]?.standing).toBe("admitted");
  });

  it("take an accused out of a window that was open against it", () => {
    const channel = channelOf("bob", "carol");
    const first = seal(channel, nextHeader(channel, 0));
    accuse(channel, accusation(first));
    const second = signHeader(channel, { ...first.header, time: first.header.time + 1n });
    expect(report(channel, first, second)).toBe("EXECUTED");
    expect(channel.view().openProposals).toEqual([]);
    channel.chain.passTime(WINDOW_MS);
    expect(carryOut(channel, 1n)).toBe(10);
  });
});
