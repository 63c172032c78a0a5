// One stake that backs seats in many channels.
import { describe, expect, it } from "vitest";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encode, equivocation } from "../../../src/channel/codec.ts";
import { codeOf } from "./abort.ts";
import { arg, type ContractChain, FUNDS } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import { GAME } from "./purse-game.ts";
import { nextHeader, type ScriptedChannel, scriptChannel, signHeader } from "./scripted-channel.ts";
import { startTrialChain } from "./trial-modules.ts";

const COIN = "0x1::aptos_coin::AptosCoin";
const STAKE = 100n;
const NOTICE_MS = 86_400_000n;

function pool(chain: ContractChain, player: Player, name: string, amount?: bigint) {
  const args = amount === undefined ? [] : [arg.u64(amount)];
  const options = { sender: player.address, typeArgs: [COIN], args };
  return codeOf(chain.run(`0x20::shared_stake::${name}`, options));
}

function standing(chain: ContractChain, player: Player): readonly bigint[] {
  const options = { typeArgs: [COIN], args: [arg.address(player.address)] };
  const returns = chain.view("0x20::shared_stake::get_standing", options);
  return returns.map((bytes) => decodeBcs(bytes, (reader) => reader.u64()));
}

function balance(chain: ContractChain, player: Player): bigint {
  const options = { typeArgs: [COIN], args: [arg.address(player.address)] };
  const [bytes] = chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function open(chain: ContractChain, player: Player, isShared = 1) {
  const args = [arg.u64(STAKE), arg.u64(5), Uint8Array.of(isShared)];
  return codeOf(chain.run(`${GAME}::open_wide`, { sender: player.address, args }));
}

function join(chain: ContractChain, player: Player, id: number) {
  const args = [arg.u64(id), arg.u64(1)];
  return codeOf(chain.run(`${GAME}::join`, { sender: player.address, args }));
}

function passNotice(chain: ContractChain): void {
  for (let left = NOTICE_MS; left > 0n; left -= 5_000n) chain.nextBlock(5_000n);
}

describe("a shared stake", () => {
  it("backs many channels, and never more than it is", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    expect(open(chain, alice)).toBe(12);
    expect(pool(chain, alice, "deposit_entry", 250n)).toBe("EXECUTED");
    expect(balance(chain, alice)).toBe(FUNDS - 250n);
    expect(open(chain, alice)).toBe("EXECUTED");
    expect(open(chain, alice)).toBe("EXECUTED");
    expect(standing(chain, alice)).toEqual([250n, 200n, 0n]);
    expect(open(chain, alice)).toBe(12);
    expect(pool(chain, alice, "deposit_entry", 50n)).toBe("EXECUTED");
    expect(open(chain, alice)).toBe("EXECUTED");
    expect(standing(chain, alice)).toEqual([300n, 300n, 0n]);
    expect(balance(chain, alice)).toBe(FUNDS - 300n);
  });

  it("is not what a channel with stakes of its own asks for", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    expect(open(chain, alice, 0)).toBe("EXECUTED");
    expect(balance(chain, alice)).toBe(FUNDS - STAKE);
    expect(standing(chain, alice)).toEqual([0n, 0n, 0n]);
  });

  it("comes out a day after notice, as far as nothing is exposed", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    expect(pool(chain, alice, "unbond_entry", 1n)).toBe(12);
    expect(pool(chain, alice, "withdraw_entry")).toBe(12);
    expect(pool(chain, alice, "deposit_entry", FUNDS + 1n)).toBe(12);
    pool(chain, alice, "deposit_entry", 250n);
    open(chain, alice);
    expect(pool(chain, alice, "unbond_entry", 151n)).toBe(12);
    expect(pool(chain, alice, "unbond_entry", 0n)).toBe(12);
    expect(pool(chain, alice, "unbond_entry", 120n)).toBe("EXECUTED");
    // What is under notice backs nothing any more.
    expect(open(chain, alice)).toBe(12);
    expect(pool(chain, alice, "withdraw_entry")).toBe(14);
    passNotice(chain);
    expect(pool(chain, alice, "withdraw_entry")).toBe("EXECUTED");
    expect(standing(chain, alice)).toEqual([130n, 100n, 0n]);
    expect(balance(chain, alice)).toBe(FUNDS - 130n);
    expect(pool(chain, alice, "withdraw_entry")).toBe(14);
    const notices = Array.from({ length: 17 }, () => pool(chain, alice, "unbond_entry", 1n));
    expect(notices.filter((code) => code !== "EXECUTED")).toEqual([14]);
  });

  it("is free again when the seat has been given back", () => {
    const { chain, bob, channel } = started();
    expect(standing(chain, bob)).toEqual([100n, 100n, 0n]);
    channel.callOk(bob, "cancel_join_entry");
    chain.passTime(15_000n);
    chain.ok(`${GAME}::leave`, { sender: bob.address, args: [arg.u64(1)] });
    expect(standing(chain, bob)).toEqual([100n, 0n, 0n]);
    expect(balance(chain, bob)).toBe(FUNDS - 100n);
  });

  it("pays whoever proves an offence half of the fine; the rest stays exposed for ever", () => {
    const { chain, alice, bob, channel } = started();
    const first = signHeader(channel, nextHeader(channel, 0));
    const second = signHeader(channel, { ...first.header, time: 7n });
    const evidence = arg.bytes(encode(equivocation, { accused: 1n, first, second }));
    channel.callOk(bob, "report_equivocation_entry", evidence);
    const { rewards } = channel.view();
    const receiver = bob.address;
    const offender = alice.address;
    expect(rewards).toEqual([{ seat: 1n, offender, receiver, amount: STAKE / 2n }]);
    expect(pay(channel, 2)).toBe(41);
    expect(pay(channel, 1, "0x7e57::game::Shell")).toBe(12);
    expect(pay(channel, 1)).toBe("EXECUTED");
    expect(pay(channel, 1)).toBe(41);
    expect(balance(chain, bob)).toBe(FUNDS - 100n + STAKE / 2n);
    expect(standing(chain, alice)).toEqual([50n, 50n, 0n]);
    expect(pool(chain, alice, "unbond_entry", 1n)).toBe(12);
  });

  /** Alice leads and bob has joined, each backed by a stake for this one channel. */
  function started() {
    const chain = startTrialChain();
    const [alice, bob] = [enter(chain, "alice"), enter(chain, "bob")];
    for (const player of [alice, bob]) pool(chain, player, "deposit_entry", STAKE);
    open(chain, alice);
    const channel = scriptChannel(chain, 1n, `${GAME}::Board`, alice);
    expect(join(chain, bob, 1)).toBe("EXECUTED");
    channel.players.set("bob", bob);
    return { chain, alice, bob, channel };
  }

  function pay(channel: ScriptedChannel, seat: number, coin = COIN) {
    const options = {
      sender: channel.player("bob").address,
      typeArgs: [coin],
      args: [arg.u64(1), arg.u64(seat)],
    };
    return codeOf(channel.chain.run("0x20::state_channel::pay_reward_entry", options));
  }
});
