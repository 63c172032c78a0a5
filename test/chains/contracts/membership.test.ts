// Registering, creating, joining, leaving, closing.
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { parseHash, sha2_256, ZERO_HASH } from "#core/hash.ts";
import { hashChannel, NO_HEADER, nodeOwnerMessage } from "../../../src/channel/codec.ts";
import { codeOf } from "./abort.ts";
import {
  admit,
  CHAT,
  GROUP_ID,
  join,
  openChatChannel,
  STAKE,
  STATE,
  settle,
} from "./chat-channel.ts";
import { arg, type ContractChain, FUNDS, startContractChain } from "./contract-chain.ts";
import { enter, fund, genesisOf, type Player, playerNamed, registrationArgs } from "./player.ts";
import {
  CHANNEL_MODULE,
  changeConfiguration,
  confirm,
  order,
  type ScriptedChannel,
  seatOf,
  showSteps,
} from "./scripted-channel.ts";
import { startTrialChain, TRIAL } from "./trial-modules.ts";

const NATIVE = "0x1::aptos_coin::AptosCoin";
const WINDOW_MS = 15_000n;
const ALIVE_MS = 15_000n;

function balance(chain: ContractChain, owner: Address): bigint {
  const options = { typeArgs: [NATIVE], args: [arg.address(owner)] };
  const [bytes] = chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function chat(channel: ScriptedChannel, player: Player, name: string) {
  const options = { sender: player.address, args: [arg.u64(GROUP_ID)] };
  return channel.chain.run(`${CHAT}::chat_session_${name}`, options);
}

function game(chain: ContractChain, player: Player, name: string, ...values: readonly bigint[]) {
  const args = values.map((value) => arg.u64(value));
  return chain.run(`0x7e57::game::${name}`, { sender: player.address, args });
}

describe("registering a node", () => {
  const register = (chain: ContractChain, player: Player, args: readonly Uint8Array[]) =>
    chain.run(`${CHANNEL_MODULE}::register_node_entry`, { sender: player.address, args });

  it("takes the keys of the sender's own address, and new ones later", () => {
    const chain = startContractChain();
    const alice = playerNamed("alice");
    expect(codeOf(register(chain, alice, registrationArgs(chain, alice)))).toBe("EXECUTED");
    const renewed = registrationArgs(chain, alice, playerNamed("x"));
    expect(codeOf(register(chain, alice, renewed))).toBe("EXECUTED");
    const known = chain.view(`${CHANNEL_MODULE}::is_registered`, {
      args: [arg.address(alice.address)],
    });
    expect(known).toEqual([Uint8Array.of(1)]);
  });

  it("refuses another's account key, keys that are none, and one key for both", () => {
    const chain = startContractChain();
    const [alice, bob] = [playerNamed("alice"), playerNamed("bob")];
    const short = arg.bytes(alice.memberKey.subarray(1));
    const own = registrationArgs(chain, alice);
    expect(codeOf(register(chain, alice, registrationArgs(chain, bob)))).toBe(17);
    for (const index of [0, 1, 2, 3]) {
      expect([index, codeOf(register(chain, alice, own.with(index, short)))]).toEqual([index, 17]);
    }
    expect(codeOf(register(chain, alice, own.with(1, present(own[0], "a key"))))).toBe(17);
  });

  it("wants the node key's own word for whose it is, on this chain", () => {
    const chain = startContractChain();
    const [alice, bob] = [playerNamed("alice"), playerNamed("bob")];
    const own = registrationArgs(chain, alice);
    const bobs = registrationArgs(chain, bob);
    const elsewhere = nodeOwnerMessage(sha2_256(genesisOf(chain)), alice.address);
    const proofs = [
      alice.signAsNode(nodeOwnerMessage(genesisOf(chain), bob.address)),
      bob.signAsNode(nodeOwnerMessage(genesisOf(chain), alice.address)),
      alice.signAsNode(elsewhere),
    ];
    for (const proof of proofs) {
      expect(codeOf(register(chain, alice, own.with(3, arg.bytes(proof))))).toBe(23);
    }
    // Bob's node key, with the word that bob gave for himself.
    const stolen = own.with(1, present(bobs[1], "a key")).with(3, present(bobs[3], "a proof"));
    expect(codeOf(register(chain, alice, stolen))).toBe(23);
    expect(codeOf(register(chain, alice, own))).toBe("EXECUTED");
  });

  it("lets nobody join with a node that another has in the channel", () => {
    const chain = startContractChain();
    const channel = openChatChannel(chain);
    const alice = channel.player("alice");
    const bob = enter(chain, "bob");
    const shared = registrationArgs(chain, bob, alice);
    expect(codeOf(register(chain, bob, shared))).toBe("EXECUTED");
    expect(codeOf(chat(channel, bob, "join"))).toBe(17);
    expect(codeOf(register(chain, bob, registrationArgs(chain, bob)))).toBe("EXECUTED");
    expect(codeOf(chat(channel, bob, "join"))).toBe("EXECUTED");
  });
});

describe("creating a channel", () => {
  it("binds it to everything that it is", () => {
    const chain = startContractChain();
    const channel = openChatChannel(chain);
    const alice = channel.player("alice");
    const { hash, config, stateType, assetType, coinType } = channel.view();
    const [genesis] = chain.view(`${CHANNEL_MODULE}::get_genesis`, {});
    const settings = encodeBcs((writer) => {
      writer.u64(config.stake).u64(config.disputeWindowMs).u64(config.challengeWindowMs);
      writer.u64(config.exclusionWindowMs).u64(config.membersMax).bool(config.isStakeShared);
      writer.string(config.tickFunction).u64(config.tickIntervalMs).bytes(config.executionProfile);
      writer.vector(config.labels, (out, label) => out.string(label.name).address(label.value));
      writer.string(stateType).string(assetType).string(coinType);
    });
    const expected = hashChannel({
      genesis: present(parseHash(genesis?.subarray(1) ?? ZERO_HASH), "a hash"),
      contract: makeAddress("0x20"),
      id: channel.id,
      creator: alice.address,
      creatorSequence: 0n,
      executionProfile: ZERO_HASH,
      initialState: sha2_256(channel.stateOnChain()),
      settings,
    });
    expect(toHex(hash)).toBe(toHex(expected));
  });

  it("starts with its creator alone, at the root of the state alone", () => {
    const channel = openChatChannel(startContractChain());
    const { members, configuration, settled, nextSeat, fence } = channel.view();
    expect(members.map(({ seat, standing, stake }) => [seat.seat, standing, stake])).toEqual([
      [1n, "admitted", STAKE],
    ]);
    expect(configuration).toBe(0n);
    expect(nextSeat).toBe(2n);
    expect(fence).toEqual(NO_HEADER);
    expect(settled.height).toBe(0n);
    expect(toHex(settled.stateRoot)).toBe(toHex(channel.log.state.root()));
  });

  it("makes it known by its id, at a time that the chain tells", () => {
    const chain = startContractChain();
    const channel = openChatChannel(chain);
    const known = (id: bigint) =>
      chain.view(`${CHANNEL_MODULE}::has_channel`, { args: [arg.u64(id)] })[0]?.[0];
    expect([known(channel.id), known(channel.id + 1n)]).toEqual([1, 0]);
    const times = () =>
      chain
        .view(`${CHANNEL_MODULE}::get_time`, {})
        .map((bytes) => decodeBcs(bytes, (reader) => reader.u64()));
    const [active, wall] = times();
    // Of a pause so long only five seconds are active.
    chain.nextBlock(60_000n);
    expect(times()).toEqual([(active ?? 0n) + 5_000n, (wall ?? 0n) + 60_000n]);
  });

  it("takes the stake and says what it cannot take", () => {
    const chain = startContractChain();
    const channel = openChatChannel(chain);
    expect(balance(chain, channel.player("alice").address)).toBe(FUNDS - STAKE);
    const poor = playerNamed("poor");
    fund(chain, poor, STAKE - 1n);
    const options = { sender: poor.address, args: registrationArgs(chain, poor) };
    chain.ok(`${CHANNEL_MODULE}::register_node_entry`, options);
    expect(codeOf(chat(channel, poor, "join"))).toBe(12);
    expect(balance(chain, poor.address)).toBe(STAKE - 1n);
  });

  it("needs a registered node", () => {
    const chain = startTrialChain();
    const alice = playerNamed("alice");
    fund(chain, alice);
    expect(codeOf(game(chain, alice, "open", 0n, 0n))).toBe(16);
  });

  it("needs a state whose type is not generic", () => {
    const chain = startTrialChain();
    expect(codeOf(game(chain, enter(chain, "alice"), "open_generic"))).toBe(21);
  });

  it("finds the labels that its contract gave it", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    game(chain, alice, "open", 0n, 0n);
    const label = (name: string, id = 1n) =>
      chain.ask(`${CHANNEL_MODULE}::get_label`, { args: [arg.u64(id), arg.text(name)] });
    expect(label("world_address").returns).toEqual([arg.address(TRIAL)]);
    expect(codeOf(label("server_address"))).toBe(33);
    expect(codeOf(label("world_address", 9n))).toBe(1);
  });

  it("refuses settings out of range", () => {
    const chain = startTrialChain();
    const sender = TRIAL;
    const run = (name: string, ...args: readonly Uint8Array[]) =>
      codeOf(chain.run(`0x7e57::game::${name}`, { sender, args }));
    const texts = (names: readonly string[]) =>
      encodeBcs((writer) => writer.vector(names, (out, name) => out.string(name)));
    expect(run("set_windows", arg.u64(15_000), arg.u64(15_000))).toBe("EXECUTED");
    expect(run("set_windows", arg.u64(14_999), arg.u64(15_000))).toBe(32);
    expect(run("set_windows", arg.u64(15_000), arg.u64(14_999))).toBe(32);
    expect(run("set_tick", arg.text("0x1::m::on_tick"), arg.u64(10))).toBe("EXECUTED");
    expect(run("set_tick", arg.text("0x1::m::on_tick"), arg.u64(9))).toBe(32);
    expect(run("set_tick", arg.text(""), arg.u64(10))).toBe(32);
    expect(run("set_profile", arg.bytes(ZERO_HASH))).toBe("EXECUTED");
    expect(run("set_profile", arg.bytes(ZERO_HASH.subarray(1)))).toBe(32);
    expect(run("add_labels", texts(["a", "b", "c", "d", "e", "f", "g", "h"]))).toBe("EXECUTED");
    expect(run("add_labels", texts(["a", "b", "c", "d", "e", "f", "g", "h", "i"]))).toBe(32);
    expect(run("add_labels", texts(["a", "a"]))).toBe(32);
    expect(run("add_labels", texts([""]))).toBe(32);
  });
});

describe("joining", () => {
  it("gives ascending seats that are never used again", () => {
    const channel = openChatChannel(startContractChain());
    const bob = join(channel, "bob");
    expect(seatOf(channel, bob).seat).toBe(2n);
    cancel(channel, bob);
    join(channel, "bob");
    expect(seatOf(channel, bob).seat).toBe(3n);
  });

  it("leaves the configuration in force as it is", () => {
    const channel = openChatChannel(startContractChain());
    join(channel, "bob");
    expect(channel.view().configuration).toBe(0n);
    expect(channel.view().members.map(({ standing }) => standing)).toEqual(["admitted", "pending"]);
  });

  it("refuses a second seat, a sixth member, and a channel that is not there", () => {
    const channel = openChatChannel(startContractChain());
    const alice = channel.player("alice");
    expect(codeOf(chat(channel, alice, "join"))).toBe(18);
    for (const name of ["bob", "carol", "dave", "erin"]) join(channel, name);
    expect(codeOf(chat(channel, channel.player("bob"), "join"))).toBe(18);
    const frank = enter(channel.chain, "frank");
    expect(codeOf(chat(channel, frank, "join"))).toBe(19);
    const chain = startTrialChain();
    expect(codeOf(game(chain, enter(chain, "alice"), "join", 1n, 0n))).toBe(1);
  });

  it("counts nobody who was never admitted and is silent", () => {
    const channel = openChatChannel(startContractChain());
    for (const name of ["bob", "carol", "dave", "erin"]) join(channel, name);
    channel.chain.passTime(ALIVE_MS);
    const frank = enter(channel.chain, "frank");
    expect(codeOf(chat(channel, frank, "join"))).toBe(19);
    channel.chain.passTime(1n);
    channel.callOk(channel.player("bob"), "keep_alive_entry", arg.u64s([]));
    expect(codeOf(chat(channel, frank, "join"))).toBe("EXECUTED");
  });

  it("refuses who registered no node", () => {
    const channel = openChatChannel(startContractChain());
    const bob = playerNamed("bob");
    fund(channel.chain, bob);
    expect(codeOf(chat(channel, bob, "join"))).toBe(16);
  });

  it("refuses assets and coins of other types than the channel's", () => {
    const chain = startTrialChain();
    const [alice, bob] = [enter(chain, "alice"), enter(chain, "bob")];
    game(chain, alice, "open", STAKE, 0n);
    expect(codeOf(game(chain, bob, "join_with_wrong_asset", 1n))).toBe(21);
    expect(codeOf(game(chain, bob, "join_with_shells", 1n))).toBe(12);
    expect(codeOf(game(chain, bob, "join", 1n, 5n))).toBe("EXECUTED");
  });

  it("lets the creator bring the assets of its own seat, once", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    game(chain, alice, "open", STAKE, 0n);
    const asset = () =>
      chain.view(`${CHANNEL_MODULE}::get_asset`, {
        typeArgs: ["0x7e57::game::Purse"],
        args: [arg.u64(1), arg.u64(1)],
      });
    expect(asset()).toEqual([arg.bytes(new Uint8Array())]);
    expect(codeOf(game(chain, alice, "join", 1n, 9n))).toBe("EXECUTED");
    expect(asset()).toEqual([arg.bytes(arg.u64(9))]);
    expect(codeOf(game(chain, alice, "join", 1n, 9n))).toBe(18);
    expect(balance(chain, alice.address)).toBe(FUNDS - 2n * STAKE);
  });

  it("stakes in the coin that the channel was created with", () => {
    const chain = startTrialChain();
    const trial = { ...playerNamed("trial"), address: TRIAL };
    fund(chain, trial);
    chain.ok("0x7e57::game::mint_shells", { sender: TRIAL, args: [arg.u64(50)] });
    const alice = enter(chain, "alice");
    expect(codeOf(game(chain, alice, "open_with_shells", 5n))).toBe(12);
    expect(codeOf(game(chain, alice, "open_with_shells", 0n))).toBe("EXECUTED");
    const bob = enter(chain, "bob");
    expect(codeOf(game(chain, bob, "join", 1n, 0n))).toBe(12);
    expect(codeOf(game(chain, bob, "join_with_shells", 1n))).toBe("EXECUTED");
  });
});

/** Takes a join back that nobody admitted, and fetches the stake. */
function cancel(channel: ScriptedChannel, player: Player): void {
  channel.callOk(player, "cancel_join_entry");
  channel.chain.passTime(WINDOW_MS);
  channel.chain.ok(`${CHAT}::chat_session_leave`, {
    sender: player.address,
    args: [arg.u64(GROUP_ID)],
  });
}

describe("taking a join back", () => {
  it("returns everything after the window", () => {
    const channel = openChatChannel(startContractChain());
    const bob = join(channel, "bob");
    expect(codeOf(chat(channel, bob, "leave"))).toBe(28);
    channel.callOk(bob, "cancel_join_entry");
    channel.chain.passTime(WINDOW_MS - 1n);
    expect(codeOf(chat(channel, bob, "leave"))).toBe(28);
    channel.chain.passTime(1n);
    expect(codeOf(chat(channel, bob, "leave"))).toBe("EXECUTED");
    expect(balance(channel.chain, bob.address)).toBe(FUNDS);
    expect(codeOf(chat(channel, bob, "leave"))).toBe(2);
  });

  it("is prevented by whoever shows the admission in time", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    const bob = channel.player("bob");
    channel.callOk(bob, "cancel_join_entry");
    showSteps(channel, [step]);
    channel.chain.passTime(WINDOW_MS);
    expect(codeOf(chat(channel, bob, "leave"))).toBe(28);
    expect(codeOf(channel.call(bob, "cancel_join_entry"))).toBe(18);
  });

  it("is for members only", () => {
    const channel = openChatChannel(startContractChain());
    const bob = enter(channel.chain, "bob");
    expect(codeOf(channel.call(bob, "cancel_join_entry"))).toBe(2);
    expect(codeOf(channel.call(channel.player("alice"), "cancel_join_entry"))).toBe(18);
  });
});

describe("leaving", () => {
  /** Bob joins, is admitted, and leaves by an entry that is not settled yet. */
  function bobHasLeft() {
    const channel = openChatChannel(startContractChain());
    const admission = admit(channel, "bob");
    const [alice] = channel.log.configuration.seats;
    const departure = changeConfiguration(channel, [present(alice, "alice has a seat")]);
    return { channel, steps: [admission, departure], bob: channel.player("bob") };
  }

  it("waits for the settlement that contains it, and then pays once", () => {
    const { channel, steps, bob } = bobHasLeft();
    showSteps(channel, steps);
    expect(channel.view().members.map(({ standing }) => standing)).toEqual(["admitted", "left"]);
    expect(codeOf(chat(channel, bob, "leave"))).toBe(28);
    order(channel.log, []);
    settle(channel, confirm(channel, 1));
    expect(codeOf(chat(channel, bob, "leave"))).toBe("EXECUTED");
    expect(balance(channel.chain, bob.address)).toBe(FUNDS);
    expect(codeOf(chat(channel, bob, "leave"))).toBe(2);
    expect(balance(channel.chain, bob.address)).toBe(FUNDS);
  });

  it("frees the seat for the next", () => {
    const { channel, steps } = bobHasLeft();
    showSteps(channel, steps);
    for (const name of ["carol", "dave", "erin", "frank"]) join(channel, name);
    expect(channel.view().members).toHaveLength(6);
  });

  it("is not for members who are in, nor for strangers", () => {
    const channel = openChatChannel(startContractChain());
    expect(codeOf(chat(channel, channel.player("alice"), "leave"))).toBe(28);
    expect(codeOf(chat(channel, enter(channel.chain, "bob"), "leave"))).toBe(2);
  });

  it("refuses types that are not the channel's", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    game(chain, alice, "open", 0n, 0n);
    game(chain, alice, "close", 1n);
    expect(codeOf(game(chain, alice, "leave_with_wrong_asset", 1n))).toBe(21);
    const without = (coin: string) =>
      codeOf(
        chain.run(`${CHANNEL_MODULE}::leave_without_asset_entry`, {
          sender: alice.address,
          typeArgs: [coin],
          args: [arg.u64(1)],
        }),
      );
    expect(codeOf(game(chain, alice, "leave", 1n))).toBe(39);
    expect(without("0x7e57::game::Shell")).toBe(12);
    expect(without(NATIVE)).toBe("EXECUTED");
  });

  it("without an asset is not for who brought one", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    game(chain, alice, "open", 0n, 3n);
    game(chain, alice, "close", 1n);
    const options = { sender: alice.address, typeArgs: [NATIVE], args: [arg.u64(1)] };
    const left = chain.run(`${CHANNEL_MODULE}::leave_without_asset_entry`, options);
    expect(codeOf(left)).toBe(39);
    expect(codeOf(game(chain, alice, "leave", 1n))).toBe("EXECUTED");
  });
});

describe("closing", () => {
  it("returns the state to its contract, and then every stake", () => {
    const channel = openChatChannel(startContractChain());
    const alice = channel.player("alice");
    expect(codeOf(chat(channel, alice, "close"))).toBe("EXECUTED");
    expect(channel.view().closed).toBe(true);
    const args = [arg.u64(channel.id)];
    channel.chain.ok(`${CHAT}::chat_channel_leave`, { sender: alice.address, args });
    expect(balance(channel.chain, alice.address)).toBe(FUNDS);
    const group = channel.chain.view(`${CHAT}::get_chat_group`, {
      args: [arg.address(makeAddress("0x21")), arg.u64(GROUP_ID)],
    });
    expect(group[0]).toEqual(arg.text("island"));
  });

  it("is refused while somebody else is in, pending or not", () => {
    const channel = openChatChannel(startContractChain());
    join(channel, "bob");
    expect(codeOf(chat(channel, channel.player("alice"), "close"))).toBe(5);
    expect(codeOf(chat(channel, enter(channel.chain, "carol"), "close"))).toBe(2);
  });

  it("is not for who was never admitted, even when alone", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    const bob = channel.log.configuration.seats.slice(1);
    const carol = join(channel, "carol");
    showSteps(channel, [step, changeConfiguration(channel, bob)]);
    channel.log.leader = 2n;
    settle(channel, confirm(channel, 0), [], "bob");
    expect(codeOf(chat(channel, carol, "close"))).toBe(34);
    expect(codeOf(chat(channel, channel.player("bob"), "close"))).toBe(5);
  });

  it("waits until what others left behind is settled", () => {
    const channel = openChatChannel(startContractChain());
    const step = admit(channel, "bob");
    const bob = channel.log.configuration.seats.slice(1);
    showSteps(channel, [step, changeConfiguration(channel, bob)]);
    expect(codeOf(chat(channel, channel.player("bob"), "close"))).toBe(28);
    channel.log.leader = 2n;
    settle(channel, confirm(channel, 0), [], "bob");
    expect(codeOf(chat(channel, channel.player("bob"), "close"))).toBe("EXECUTED");
  });

  it("ends everything", () => {
    const chain = startTrialChain();
    const [alice, bob] = [enter(chain, "alice"), enter(chain, "bob")];
    game(chain, alice, "open", 0n, 0n);
    expect(codeOf(chain.run("0x7e57::game::destroy_caps", { sender: alice.address }))).toBe(28);
    game(chain, alice, "close", 1n);
    expect(codeOf(game(chain, bob, "join", 1n, 0n))).toBe(20);
    expect(codeOf(game(chain, alice, "close", 1n))).toBe(20);
    const alive = chain.run(`${CHANNEL_MODULE}::keep_alive_entry`, {
      sender: alice.address,
      typeArgs: ["0x7e57::game::Board"],
      args: [arg.u64(1), arg.u64s([])],
    });
    expect(codeOf(alive)).toBe(20);
    game(chain, alice, "close", 2n);
    const destroyed = chain.run("0x7e57::game::destroy_caps", { sender: alice.address });
    expect(codeOf(destroyed)).toBe("EXECUTED");
  });

  it("refuses a state type that is not the channel's", () => {
    const chain = startTrialChain();
    const alice = enter(chain, "alice");
    game(chain, alice, "open", 0n, 0n);
    expect(codeOf(game(chain, alice, "close_as_shelf", 1n))).toBe(21);
    const channel = openChatChannel(chain);
    const wrong = chain.run(`${CHANNEL_MODULE}::keep_alive_entry`, {
      sender: alice.address,
      typeArgs: [STATE],
      args: [arg.u64(1), arg.u64s([])],
    });
    expect([codeOf(wrong), channel.view().closed]).toEqual([21, false]);
  });
});
