// Settlements of a game whose members bring assets: what escrow lends out, and that it takes back
// nothing but what was certified.
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { ChangeSet } from "#core/effects.ts";
import { codeOf } from "./abort.ts";
import { arg } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import { GAME, hold, PARKED, park, pay, purseKey, startGame } from "./purse-game.ts";
import {
  CHANNEL_MODULE,
  changeConfiguration,
  confirm,
  noteSettled,
  order,
  propose,
  type ScriptedChannel,
  seatOf,
  setState,
  settlementData,
  showSteps,
  voteAll,
} from "./scripted-channel.ts";
import { TRIAL } from "./trial-modules.ts";

/** How the trial contract treats the state. */
const APPLY = 0;
const LEAVE_AS_IT_IS = 1;
const APPLY_WRONGLY = 2;
const TAKE_OTHER_CAP = 3;
const COMPLETE_WITH_OTHER_CAP = 4;

function purse(channel: ScriptedChannel, seat: number): Uint8Array | undefined {
  const options = { typeArgs: [`${GAME}::Purse`], args: [arg.u64(1), arg.u64(seat)] };
  return channel.chain.view(`${CHANNEL_MODULE}::get_asset`, options)[0];
}

function addresses(values: readonly Address[]): Uint8Array {
  return encodeBcs((writer) => writer.vector(values, (out, value) => out.address(value)));
}

/** Proposes everything since the last settlement and has everybody vote yes. */
function pass(channel: ScriptedChannel): bigint {
  const proposal = propose(channel, confirm(channel, Number(channel.log.height)));
  voteAll(channel, proposal);
  return proposal;
}

function apply(
  channel: ScriptedChannel,
  proposal: bigint,
  owners: readonly Player[],
  treatment = APPLY,
  idle: readonly Player[] = [],
) {
  const args = [
    arg.u64(1),
    arg.u64(proposal),
    arg.u8(treatment),
    addresses(owners.map(({ address }) => address)),
    addresses(idle.map(({ address }) => address)),
  ];
  const { address } = channel.player("alice");
  return codeOf(channel.chain.run(`${GAME}::settle`, { sender: address, args }));
}

function everybody(channel: ScriptedChannel): readonly Player[] {
  return [channel.player("alice"), channel.player("bob")];
}

describe("a settlement with assets", () => {
  it("writes the state and every asset that changed", () => {
    const channel = startGame();
    pay(channel, channel.player("alice"), 10n, 7n);
    pay(channel, channel.player("bob"), 20n, 23n);
    setState(channel, arg.u64(5));
    expect(apply(channel, pass(channel), everybody(channel))).toBe("EXECUTED");
    expect(channel.stateOnChain()).toEqual(arg.u64(5));
    expect(purse(channel, 1)).toEqual(arg.bytes(arg.u64(7)));
    expect(purse(channel, 2)).toEqual(arg.bytes(arg.u64(23)));
  });

  it("goes on from the assets that the last one left", () => {
    const channel = startGame();
    expect(apply(channel, pass(channel), everybody(channel))).toBe("EXECUTED");
    noteSettled(channel);
    pay(channel, channel.player("bob"), 20n, 1n);
    const proposal = propose(channel, confirm(channel, 1));
    voteAll(channel, proposal);
    expect(apply(channel, proposal, [channel.player("bob")])).toBe("EXECUTED");
    expect(purse(channel, 2)).toEqual(arg.bytes(arg.u64(1)));
  });

  it("finds an asset where leaving parked it, and returns that", () => {
    const channel = startGame();
    const [alice, bob] = channel.log.configuration.seats;
    if (alice === undefined || bob === undefined) throw new Error("two play");
    pay(channel, channel.player("bob"), 20n, 3n);
    park(channel, channel.player("bob"), 3n);
    showSteps(channel, [changeConfiguration(channel, [alice])]);
    const left = { sender: bob.address, args: [arg.u64(1)] };
    expect(codeOf(channel.chain.run(`${GAME}::leave`, left))).toBe(28);
    expect(apply(channel, pass(channel), everybody(channel))).toBe("EXECUTED");
    expect(purse(channel, 2)).toEqual(arg.bytes(arg.u64(3)));
    expect(codeOf(channel.chain.run(`${GAME}::leave`, left))).toBe("EXECUTED");
    expect(purse(channel, 2)).toEqual(arg.bytes(new Uint8Array()));
  });

  it("needs nothing for an asset that was parked and taken up again", () => {
    const channel = startGame();
    expect(apply(channel, pass(channel), everybody(channel))).toBe("EXECUTED");
    noteSettled(channel);
    park(channel, channel.player("bob"), 20n);
    const proposal = propose(channel, confirm(channel, 1));
    voteAll(channel, proposal);
    expect(apply(channel, proposal, [])).toBe("EXECUTED");
  });

  it("takes no notice of what who comes back with another asset once left behind", () => {
    const channel = startGame();
    const [alice, bob] = [channel.player("alice"), channel.player("bob")];
    const alone = [seatOf(channel, alice)];
    park(channel, bob, 20n);
    showSteps(channel, [changeConfiguration(channel, alone)]);
    expect(apply(channel, pass(channel), everybody(channel))).toBe("EXECUTED");
    noteSettled(channel);
    channel.chain.ok(`${GAME}::leave`, { sender: bob.address, args: [arg.u64(1)] });
    channel.chain.ok(`${GAME}::join`, { sender: bob.address, args: [arg.u64(1), arg.u64(4)] });
    const together = [...alone, seatOf(channel, bob)];
    showSteps(channel, [changeConfiguration(channel, together)]);
    // Admitted with four gems, of which it wins a fifth and leaves, all in one settlement.
    hold(channel, bob, 4n);
    pay(channel, bob, 4n, 5n);
    order(channel.log, [
      { key: purseKey(bob.address), op: { type: "delete", old: arg.u64(5) } },
      {
        key: purseKey(bob.address, PARKED),
        op: { type: "modify", old: arg.u64(20), value: arg.u64(5) },
      },
    ]);
    showSteps(channel, [changeConfiguration(channel, alone)]);
    const count = Number(channel.log.height - channel.log.settledHeight);
    const proposal = propose(channel, confirm(channel, count));
    voteAll(channel, proposal);
    expect(apply(channel, proposal, [bob])).toBe("EXECUTED");
    expect(purse(channel, 3)).toEqual(arg.bytes(arg.u64(5)));
  });

  it("is refused where an asset has vanished, or belongs to nobody here", () => {
    const channel = startGame();
    const bob = channel.player("bob").address;
    const refused: readonly ChangeSet[] = [
      [{ key: purseKey(bob), op: { type: "delete", old: arg.u64(20) } }],
      [{ key: purseKey(bob, PARKED), op: { type: "delete", old: arg.u64(20) } }],
      [{ key: purseKey(makeAddress("0x77")), op: { type: "new", value: arg.u64(1) } }],
    ];
    const confirmation = confirm(channel, Number(channel.log.height));
    for (const [index, changes] of refused.entries()) {
      channel.log.changes = changes;
      const data = arg.bytes(settlementData(channel, confirmation));
      const alice = channel.player("alice");
      const tried = channel.call(alice, "create_proposal_entry", arg.u8(1), data);
      expect([index, codeOf(tried)]).toEqual([index, 6]);
    }
  });
});

describe("escrow", () => {
  /** Both purses and the board change. */
  function passed() {
    const channel = startGame();
    pay(channel, channel.player("alice"), 10n, 7n);
    pay(channel, channel.player("bob"), 20n, 23n);
    setState(channel, arg.u64(5));
    return { channel, proposal: pass(channel) };
  }

  it("takes nothing back that was not applied, or applied otherwise", () => {
    const { channel, proposal } = passed();
    const all = everybody(channel);
    expect(apply(channel, proposal, all, LEAVE_AS_IT_IS)).toBe(31);
    expect(apply(channel, proposal, all, APPLY_WRONGLY)).toBe(31);
    expect(apply(channel, proposal, [channel.player("alice")])).toBe(31);
    expect(apply(channel, proposal, [], APPLY, all)).toBe(31);
    expect(channel.stateOnChain()).toEqual(arg.u64(1));
    expect(apply(channel, proposal, all)).toBe("EXECUTED");
  });

  it("lends to the channel's own capability only, and only in a settlement", () => {
    const { channel, proposal } = passed();
    const all = everybody(channel);
    expect(apply(channel, proposal, all, TAKE_OTHER_CAP)).toBe(29);
    expect(apply(channel, proposal, all, COMPLETE_WITH_OTHER_CAP)).toBe(29);
    const { address } = channel.player("alice");
    const options = { sender: address, args: [arg.u64(1)] };
    expect(codeOf(channel.chain.run(`${GAME}::borrow_outside`, options))).toBe(29);
  });

  it("has no asset of who is no member, and no change of one that did not change", () => {
    const channel = startGame();
    setState(channel, arg.u64(5));
    const proposal = pass(channel);
    const stranger = enter(channel.chain, "carol");
    expect(apply(channel, proposal, everybody(channel), APPLY, [stranger])).toBe(2);
    expect(apply(channel, proposal, [...everybody(channel), stranger])).toBe(31);
  });

  it("has no settlement that starts from another asset than the settled one", () => {
    const channel = startGame();
    pay(channel, channel.player("bob"), 20n, 23n);
    const changed = channel.log.changes.map((change) =>
      change.key.kind === "resource" && change.key.address === channel.player("bob").address
        ? { ...change, op: { type: "modify", old: arg.u64(19), value: arg.u64(23) } as const }
        : change,
    );
    channel.log.changes = changed;
    const data = arg.bytes(settlementData(channel, confirm(channel, Number(channel.log.height))));
    const alice = channel.player("alice");
    expect(codeOf(channel.call(alice, "create_proposal_entry", arg.u8(1), data))).toBe(38);
  });

  it("gives actions of two kinds, and no other", () => {
    const { channel, proposal } = passed();
    const { address } = channel.player("alice");
    const run = (name: string) => {
      const options = { sender: address, args: [arg.u64(1), arg.u64(proposal)] };
      return codeOf(channel.chain.run(`${GAME}::${name}`, options));
    };
    expect(run("execute_nonsense")).toBe(21);
    expect(run("punish")).toBe(6);
  });

  it("keeps a member from bringing a second asset before the first is fetched", () => {
    const channel = startGame();
    const [alice] = channel.log.configuration.seats;
    if (alice === undefined) throw new Error("alice plays");
    const bob = channel.player("bob");
    park(channel, bob, 20n);
    showSteps(channel, [changeConfiguration(channel, [alice])]);
    const again = () => {
      const options = { sender: bob.address, args: [arg.u64(1), arg.u64(4)] };
      return codeOf(channel.chain.run(`${GAME}::join`, options));
    };
    expect(again()).toBe(18);
    expect(apply(channel, pass(channel), everybody(channel))).toBe("EXECUTED");
    expect(again()).toBe(18);
    channel.chain.ok(`${GAME}::leave`, { sender: bob.address, args: [arg.u64(1)] });
    expect(again()).toBe("EXECUTED");
  });

  it("answers for the account that the trial contract lives at", () => {
    expect(startGame().view().stateAddress).toBe(TRIAL);
  });
});
