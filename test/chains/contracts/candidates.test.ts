// Elections of leaders where more than five are in: candidates, and the votes lent to them.
import { describe, expect, it } from "vitest";
import { decodeBcs } from "#core/bcs/reader.ts";
import { codeOf } from "./abort.ts";
import { arg } from "./contract-chain.ts";
import { enter } from "./player.ts";
import { GAME } from "./purse-game.ts";
import {
  changeConfiguration,
  type ScriptedChannel,
  scriptChannel,
  seatOf,
  showSteps,
} from "./scripted-channel.ts";
import { startTrialChain } from "./trial-modules.ts";

const ALIVE_MS = 15_000n;
const NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"];

/** So many are in; the first of them leads. */
function channelOf(count: number, membersMax = 64): ScriptedChannel {
  const chain = startTrialChain();
  const names = [...NAMES, "mallory"].slice(0, count);
  const alice = enter(chain, "alice");
  const opening = [arg.u64(0), arg.u64(membersMax), Uint8Array.of(0)];
  chain.ok(`${GAME}::open_wide`, { sender: alice.address, args: opening });
  const channel = scriptChannel(chain, 1n, `${GAME}::Board`, alice);
  for (const name of names.slice(1)) {
    const player = enter(chain, name);
    channel.players.set(name, player);
    chain.ok(`${GAME}::join`, { sender: player.address, args: [arg.u64(1), arg.u64(1)] });
    const seats = [...channel.log.configuration.seats, seatOf(channel, player)];
    showSteps(channel, [changeConfiguration(channel, seats)]);
  }
  return channel;
}

function delegate(channel: ScriptedChannel, name: string, to: number) {
  return codeOf(channel.call(channel.player(name), "delegate_entry", arg.u64(to)));
}

function candidates(channel: ScriptedChannel): readonly number[] {
  const args = [arg.u64(channel.id)];
  const [bytes] = channel.chain.view("0x20::state_channel::get_candidates", { args });
  return decodeBcs(bytes ?? new Uint8Array(), (reader) =>
    reader.vector((item) => Number(item.u64())),
  );
}

function apply(channel: ScriptedChannel, name: string) {
  const none = arg.bytes(new Uint8Array());
  return codeOf(channel.call(channel.player(name), "apply_leader_entry", none));
}

/** All but the silent are heard now. */
function hear(channel: ScriptedChannel, ...silent: readonly string[]): void {
  for (const [name, player] of channel.players) {
    if (!silent.includes(name)) channel.callOk(player, "keep_alive_entry", arg.u64s([]));
  }
}

describe("in a channel of more than five", () => {
  it("the five lowest seats that are heard are the candidates, and only they lead", () => {
    const channel = channelOf(7);
    expect(candidates(channel)).toEqual([1, 2, 3, 4, 5]);
    channel.chain.passTime(ALIVE_MS);
    hear(channel, "alice", "bob");
    channel.chain.passTime(1n);
    expect(candidates(channel)).toEqual([3, 4, 5, 6, 7]);
    expect(apply(channel, "bob")).toBe(40);
    expect(apply(channel, "grace")).toBe("EXECUTED");
  });

  it("votes lent to a seat make it a candidate, and take the lender out", () => {
    const channel = channelOf(7);
    expect(delegate(channel, "alice", 7)).toBe("EXECUTED");
    expect(candidates(channel)).toEqual([7, 2, 3, 4, 5]);
    channel.chain.passTime(ALIVE_MS);
    hear(channel, "alice");
    channel.chain.passTime(1n);
    expect(apply(channel, "frank")).toBe(40);
    expect(apply(channel, "grace")).toBe("EXECUTED");
    expect(delegate(channel, "alice", 0)).toBe("EXECUTED");
    hear(channel);
    expect(candidates(channel)).toEqual([1, 2, 3, 4, 5]);
    expect(channel.view().delegations).toEqual([]);
  });

  it.each([
    [5, 0],
    [6, 1],
    [7, 1],
    [10, 1],
    [11, 2],
  ])("of %i a candidate takes at most %i votes", (count, most) => {
    const channel = channelOf(count);
    const lenders = ["bob", "carol", "dave"];
    const codes = lenders.map((name) => delegate(channel, name, 1));
    const expected = lenders.map((_, index) => (index < most ? "EXECUTED" : 11));
    expect(codes).toEqual(expected);
  });

  it("everybody lends one vote: lending it again replaces it", () => {
    const channel = channelOf(6);
    for (const to of [1, 3, 1]) expect(delegate(channel, "bob", to)).toBe("EXECUTED");
    expect(channel.view().delegations).toEqual([{ from: 2n, to: 1n }]);
  });

  it("nobody lends to itself, to who has lent, or to who is not in", () => {
    const channel = channelOf(6);
    expect(delegate(channel, "bob", 2)).toBe(40);
    expect(delegate(channel, "bob", 99)).toBe(40);
    expect(delegate(channel, "bob", 1)).toBe("EXECUTED");
    expect(delegate(channel, "carol", 2)).toBe(40);
    const stranger = enter(channel.chain, "oscar");
    expect(codeOf(channel.call(stranger, "delegate_entry", arg.u64(1)))).toBe(2);
  });

  it("the votes of who has left count no more", () => {
    const channel = channelOf(7);
    expect(delegate(channel, "bob", 7)).toBe("EXECUTED");
    const staying = channel.log.configuration.seats.filter(({ seat }) => seat !== 2n);
    showSteps(channel, [changeConfiguration(channel, staying)]);
    expect(candidates(channel)).toEqual([1, 3, 4, 5, 6]);
  });

  it("there is room for as many as the settings say", () => {
    const channel = channelOf(6, 6);
    const player = enter(channel.chain, "zoe");
    const options = { sender: player.address, args: [arg.u64(1), arg.u64(1)] };
    expect(codeOf(channel.chain.run(`${GAME}::join`, options))).toBe(19);
  });
});
