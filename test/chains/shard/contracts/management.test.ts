// Making, filling, running and ending a shard on the root.
import { describe, expect, it } from "vitest";
import type { BcsReader } from "#core/bcs/reader.ts";
import { arg } from "./call.ts";
import { type LedgerChain, outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  beginShard,
  bob,
  COIN,
  configureArgs,
  confirmAll,
  creator,
  deliverAll,
  endEpoch,
  faucet,
  fundOnShard,
  joinAs,
  must,
  node,
  nodes,
  peerArgs,
  SETTINGS,
  SHARD,
  STAKE,
  shardBalance,
  startRoot,
  startWorld,
  withdraw,
} from "./shard-world.ts";
import { mustStake, SMALL } from "./stakes.ts";

const [CANDIDATE, CONSENSUS, QUIT, QUITING] = [0, 1, 2, 3];

function readConfig(reader: BcsReader) {
  const [n, k, c, l] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  const delays = [reader.u32(), reader.u32(), reader.u32()];
  const [epochBlocks, stake, gasPrice, gasLimit] = [
    reader.u64(),
    reader.u64(),
    reader.u64(),
    reader.u64(),
  ];
  return { n, k, c, l, delays, epochBlocks, stake, gasPrice, gasLimit };
}

function shardOf(root: LedgerChain) {
  const reader = root.view("0x30::shard_mgmt::get_shard", arg.u64(SHARD));
  return {
    id: reader.u64(),
    creator: reader.address(),
    state: reader.u8(),
    config: readConfig(reader),
    epoch: reader.u64(),
    epochHeight: reader.u64(),
    peers: reader.vector((inner) => ({
      key: Buffer.from(inner.bytes()).toString("hex"),
      owner: inner.address(),
      networkAddress: inner.string(),
      nodeType: inner.u8(),
    })),
  };
}

function asCreator(root: LedgerChain, name: string, args: readonly Uint8Array[] = []) {
  return root.call(creator.address, `0x30::shard_mgmt::${name}`, args);
}

const ID = [arg.u64(SHARD)];

describe("a shard", () => {
  it("costs its creator a hundred coins, which governance gets, and has the next number", () => {
    const root = startRoot();
    const before = root.balance(creator.address);
    must(asCreator(root, "create_shard"));
    expect(root.balance(creator.address)).toBe(before - 100n * COIN);
    expect(root.view("0x30::governance::balance").u64()).toBe(100n * COIN);
    must(asCreator(root, "create_shard"));
    expect(root.view("0x30::shard_mgmt::get_shard_count").u64()).toBe(2n);
    const pay = [arg.address(bob.address), arg.u64(150n * COIN)];
    must(root.call(faucet.address, "0x30::governance::withdraw", pay));
    expect(root.view("0x30::governance::balance").u64()).toBe(50n * COIN);
  });

  it("goes from created through configured, active and stopping to archived", () => {
    const root = startRoot();
    const state = () => shardOf(root).state;
    must(asCreator(root, "create_shard"));
    expect(state()).toBe(0);
    must(asCreator(root, "configure_shard", configureArgs(SHARD, SMALL)));
    expect(state()).toBe(1);
    for (const peer of nodes.slice(0, 4)) joinAs(root, peer, STAKE);
    must(asCreator(root, "activate_shard", ID));
    expect(state()).toBe(2);
    must(asCreator(root, "stop_shard", ID));
    expect(state()).toBe(3);
    must(root.call(creator.address, "0x30::shard_gas::archive_shard", ID));
    expect(shardOf(root)).toMatchObject({ state: 4, peers: [] });
    // Its nodes have their stakes back.
    must(root.call(node(0).address, "0x30::shard_stake::withdraw_ong", []));
    expect(root.view("0x30::shard_mgmt::get_join_state", ...peerArgs(node(0))).u8()).toBe(4);
  });

  it("has settings, of which some follow from others", () => {
    const root = startRoot();
    must(asCreator(root, "create_shard"));
    const few = { ...SETTINGS, n: 4, k: 4, c: 0, l: 0 };
    must(asCreator(root, "configure_shard", configureArgs(SHARD, few)));
    const delays = [5_000, 5_000, 10];
    const rest = { epochBlocks: 5n, stake: STAKE, gasPrice: 500n, gasLimit: 200_000n };
    expect(shardOf(root).config).toEqual({ n: 4, k: 4, c: 1, l: 64, delays, ...rest });
    // Nobody has joined: they may change.
    const own = { ...SETTINGS, n: 10, k: 10, c: 0, l: 160, gasPrice: 1n, gasLimit: 7n };
    must(asCreator(root, "configure_shard", configureArgs(SHARD, own)));
    const changed = { n: 10, k: 10, c: 3, l: 160, gasPrice: 1n, gasLimit: 7n };
    expect(shardOf(root).config).toMatchObject(changed);
    expect(root.view("0x30::shard_mgmt::get_required", ...ID).u64()).toBe(7n);
  });

  it("gives seats to the first K that join, and its facts for ever", () => {
    const root = startRoot();
    root.blocks(3);
    beginShard(root, SMALL, nodes.slice(0, 6));
    const types = () => shardOf(root).peers.map(({ nodeType }) => nodeType);
    const seats = [CONSENSUS, CONSENSUS, CONSENSUS, CONSENSUS];
    expect(types()).toEqual([...seats, CANDIDATE, CANDIDATE]);
    const readGenesis = () => {
      const reader = root.view("0x30::shard_mgmt::get_genesis", ...ID);
      const places = [reader.u64(), reader.u64(), reader.u64()];
      const config = readConfig(reader);
      const keys = reader.vector((inner) => Buffer.from(inner.bytes()).toString("hex"));
      return { places, config, keys };
    };
    const genesis = readGenesis();
    const time = root.view("0x1::timestamp::now_microseconds").u64();
    expect(genesis.places).toEqual([SHARD, 3n, time]);
    expect(genesis.config).toEqual(shardOf(root).config);
    const first = nodes.slice(0, 4).map(({ publicKey }) => Buffer.from(publicKey).toString("hex"));
    expect(genesis.keys).toEqual(first);
    root.blocks(1);
    must(root.call(node(0).address, "0x30::shard_mgmt::exit_shard", peerArgs(node(0))));
    expect(types()).toEqual([QUIT, CONSENSUS, CONSENSUS, CONSENSUS, CANDIDATE, CANDIDATE]);
    must(root.call(node(4).address, "0x30::shard_mgmt::exit_shard", peerArgs(node(4))));
    expect(types()[4]).toBe(QUITING);
    expect(readGenesis()).toEqual(genesis);
  });

  it("lets a peer in by three steps: it asks, the creator agrees, its owner pays", () => {
    const root = startRoot();
    must(asCreator(root, "create_shard"));
    must(asCreator(root, "configure_shard", configureArgs(SHARD, SMALL)));
    const place = peerArgs(node(0));
    const state = () => root.view("0x30::shard_mgmt::get_join_state", ...place).u8();
    const apply = (owner: typeof alice) => {
      const args = [...place, arg.address(owner.address)];
      must(root.call(node(0).address, "0x30::shard_mgmt::apply_join", args));
    };
    expect(state()).toBe(0);
    apply(bob);
    // Until it is approved it may ask again, for another owner.
    apply(alice);
    expect(state()).toBe(1);
    must(asCreator(root, "approve_join", place));
    expect(state()).toBe(2);
    const before = root.balance(alice.address);
    const join = [...place, arg.text("/dns/a.example"), arg.u64(STAKE)];
    must(root.call(alice.address, "0x30::shard_mgmt::join_shard", join));
    expect(state()).toBe(3);
    expect(root.balance(alice.address)).toBe(before - STAKE);
    const [peer] = shardOf(root).peers;
    expect(peer).toMatchObject({ owner: alice.address, networkAddress: "/dns/a.example" });
    mustStake(root, alice.address, "add_init_pos", node(0), COIN);
  });

  it("lets a peer go at once before it begins, and the next one has its seat", () => {
    const root = startRoot();
    must(asCreator(root, "create_shard"));
    must(asCreator(root, "configure_shard", configureArgs(SHARD, SMALL)));
    for (const peer of nodes.slice(0, 5)) joinAs(root, peer, STAKE);
    const before = root.balance(node(1).address);
    must(root.call(node(1).address, "0x30::shard_mgmt::exit_shard", peerArgs(node(1))));
    must(root.call(node(1).address, "0x30::shard_stake::withdraw_ong", []));
    expect(root.balance(node(1).address)).toBe(before + STAKE);
    expect(shardOf(root).peers.map(({ nodeType }) => nodeType)).toEqual([1, 1, 1, 1]);
    must(asCreator(root, "activate_shard", ID));
  });

  it("that is stopping takes no deposits, and ends when everything has gone back", () => {
    const world = startWorld();
    fundOnShard(world, alice, 30n * COIN);
    must(asCreator(world.root, "stop_shard", ID));
    const args = [arg.u64(SHARD), arg.u64(1n)];
    const more = world.root.call(alice.address, "0x30::shard_gas::deposit_gas", args);
    expect(outcomeOf(more)).toBe("0x30::shard_mgmt 5");
    const archive = () =>
      outcomeOf(world.root.branch().call(creator.address, "0x30::shard_gas::archive_shard", ID));
    expect(archive()).toBe("0x30::shard_gas 16");
    const { gasUsed } = world.shard.ok(alice, "0x30::shard_gas::user_withdraw_gas", [
      arg.u64(20n * COIN),
    ]);
    const request = { shardId: SHARD, height: 1n, user: alice.address, withdrawId: 1n };
    confirmAll(world, [0, 1, 2, 3, 4], { ...request, amount: 20n * COIN });
    confirmAll(world, [0, 1, 2, 3, 4], withdraw(world, alice, 10n * COIN - gasUsed));
    deliverAll(world);
    expect(shardBalance(world)).toBe(gasUsed);
    expect(archive()).toBe("0x30::shard_gas 16");
    endEpoch(world);
    expect(shardBalance(world)).toBe(0n);
    expect(archive()).toBe("EXECUTED");
  });

  it("has an operator over it, who hands the office on", () => {
    const root = startRoot();
    const operator = () => root.view("0x30::governance::get_operator").address();
    expect(operator()).toBe(faucet.address);
    const hand = [arg.address(bob.address)];
    must(root.call(faucet.address, "0x30::governance::change_operator", hand));
    expect(operator()).toBe(bob.address);
    const again = root.call(faucet.address, "0x30::governance::change_operator", hand);
    expect(outcomeOf(again)).toBe("0x30::governance 4");
  });
});
