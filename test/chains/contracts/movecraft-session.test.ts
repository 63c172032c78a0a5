// The movecraft contract on chain: worlds, heroes, sessions, and what settling and closing bring
// back of what the channel's own code has built.
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import type { Change, StateKey } from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { proveKeys } from "#sandbox";
import { encode, encodeClaim, exitEvidence } from "../../../src/channel/codec.ts";
import { codeOf, refusalOf } from "./abort.ts";
import { arg, type ContractChain, startContractChain } from "./contract-chain.ts";
import { type MemberSandbox, startMember } from "./member-sandbox.ts";
import {
  AIR,
  BRICK,
  blockIn,
  decodeLand,
  decodeTraveller,
  encodeLand,
  GRASS,
  HEIGHT,
  LAND_KEY,
  layerKey,
  MEADOW,
  MIDDLE,
  MOVECRAFT,
  SAND,
  travellerKey,
  WORLD,
} from "./movecraft-land.ts";
import { enter, type Player } from "./player.ts";
import { seatRecord, seatRecordKey } from "./purse-game.ts";
import {
  changeConfiguration,
  confirm,
  noteSettled,
  order,
  propose,
  type ScriptedChannel,
  scriptChannel,
  seatOf,
  setState,
  settlementData,
  showSteps,
  voteAll,
} from "./scripted-channel.ts";

const LAND = 5;
const STAKE = 10_000n;
const TRAVELLER = `${MOVECRAFT}::Traveller`;
const PARKED = makeStructTag(`0x0::channel::Parked<${TRAVELLER}>`);
const LAND_ARGS = [arg.address(WORLD), arg.u64(LAND)];

const INVALID_ARGUMENT = 1 << 16;
const INVALID_STATE = 3 << 16;
const NOT_FOUND = 6 << 16;
const ALREADY_EXISTS = 8 << 16;
const BAD_PROOF = 38;

const refused = (category: number, number: number) => `${MOVECRAFT} ${category + number}`;

function run(
  chain: ContractChain,
  { address: sender }: Pick<Player, "address">,
  name: string,
  ...args: readonly Uint8Array[]
): string {
  return refusalOf(chain.run(`${MOVECRAFT}::${name}`, { sender, args }));
}

/** Somebody with a hero. */
function enterWithHero(chain: ContractChain, name: string): Player {
  const player = enter(chain, name);
  expect(run(chain, player, "game_account_create", arg.text(name))).toBe("EXECUTED");
  return player;
}

function createLand(chain: ContractChain, by: Player, id = LAND, name = "meadow"): string {
  return run(chain, by, "land_create", arg.address(WORLD), arg.u64(id), arg.text(name));
}

function heroAtHome(chain: ContractChain, { address }: Player) {
  const read = chain.view(`${MOVECRAFT}::get_hero`, { args: [arg.address(address)] });
  const carried = decodeBcs(present(read[2], "three values"), (reader) =>
    reader.vector((item) => Number(item.u64())),
  );
  return { isHome: read[0]?.[0] === 1, carried };
}

describe("worlds and heroes", () => {
  it("refuse what is not there, twice there, or badly named", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice");
    expect(run(chain, alice, "world_create")).toBe("EXECUTED");
    expect(run(chain, alice, "world_create")).toBe(refused(ALREADY_EXISTS, 6));
    const nowhere = arg.address(makeAddress("0x77"));
    const inNowhere = [nowhere, arg.u64(9), arg.text("meadow")];
    expect(run(chain, alice, "land_create", ...inNowhere)).toBe(refused(NOT_FOUND, 5));
    expect(createLand(chain, alice)).toBe("EXECUTED");
    expect(createLand(chain, alice)).toBe(refused(ALREADY_EXISTS, 8));
    for (const name of ["", "x".repeat(65)]) {
      const bad = `0x21::hero ${INVALID_ARGUMENT + 1}`;
      expect(createLand(chain, alice, 6, name)).toBe(bad);
      expect(run(chain, alice, "game_account_create", arg.text(name))).toBe(bad);
    }
    const read = (...args: readonly Uint8Array[]) =>
      refusalOf(chain.ask(`${MOVECRAFT}::get_land`, { args }));
    expect(read(arg.address(WORLD), arg.u64(6))).toBe(refused(NOT_FOUND, 7));
    expect(read(nowhere, arg.u64(LAND))).toBe(refused(NOT_FOUND, 5));
    const hero = chain.ask(`${MOVECRAFT}::get_hero`, { args: [arg.address(alice.address)] });
    expect(refusalOf(hero)).toBe(refused(NOT_FOUND, 10));
    expect(run(chain, alice, "game_account_create", arg.text("Alice"))).toBe("EXECUTED");
    expect(run(chain, alice, "game_account_create", arg.text("Alice"))).toBe(
      refused(ALREADY_EXISTS, 11),
    );
    expect(heroAtHome(chain, alice).isHome).toBe(true);
  });
});

describe("a session", () => {
  it("needs a land, a hero at home, and a stake of one coin", () => {
    const chain = startContractChain();
    const alice = enter(chain, "alice");
    const create = () => run(chain, alice, "land_session_create", ...LAND_ARGS);
    expect(create()).toBe(refused(NOT_FOUND, 7));
    const nowhere = [arg.address(makeAddress("0x77")), arg.u64(LAND)];
    expect(run(chain, alice, "land_session_create", ...nowhere)).toBe(refused(NOT_FOUND, 5));
    createLand(chain, alice);
    expect(create()).toBe(refused(NOT_FOUND, 10));
    run(chain, alice, "game_account_create", arg.text("Alice"));
    expect(create()).toBe("EXECUTED");
    expect(create()).toBe(refused(NOT_FOUND, 7));
    createLand(chain, alice, 6);
    const other = run(chain, alice, "land_session_create", arg.address(WORLD), arg.u64(6));
    expect(other).toBe(refused(INVALID_STATE, 12));
    expect(heroAtHome(chain, alice)).toEqual({ isHome: false, carried: [] });
    const channel = scriptChannel(chain, 1n, `${MOVECRAFT}::Land`, alice);
    expect(channel.view().members.map(({ stake }) => stake)).toEqual([STAKE]);
    const label = [arg.u64(1), arg.text("world_address")];
    const named = chain.view("0x20::state_channel::get_label", { args: label });
    expect(named).toEqual([arg.address(WORLD)]);
    expect(chain.view(`${MOVECRAFT}::has_session`, { args: [arg.u64(LAND)] })).toEqual([
      Uint8Array.of(1),
    ]);
  });

  it("is joined with a hero, which who has none is given on the way", () => {
    const chain = startContractChain();
    const [alice, bob] = [enterWithHero(chain, "alice"), enter(chain, "bob")];
    createLand(chain, alice);
    run(chain, alice, "land_session_create_with_stake", ...LAND_ARGS, arg.u64(7));
    const join = () => run(chain, bob, "land_session_join", arg.u64(LAND));
    expect(join()).toBe(refused(NOT_FOUND, 10));
    const come = () => run(chain, bob, "land_session_enter", arg.u64(LAND), arg.text("Bob"));
    expect(come()).toBe("EXECUTED");
    expect(join()).toBe(refused(INVALID_STATE, 12));
    expect(come()).toBe(refused(INVALID_STATE, 12));
    const options = { typeArgs: [TRAVELLER], args: [arg.u64(1), arg.u64(2)] };
    const [asset] = chain.view("0x20::state_channel::get_asset", options);
    const bytes = decodeBcs(present(asset, "a view returns"), (reader) => reader.bytes().slice());
    const arrived = [MIDDLE, HEIGHT - 1, MIDDLE];
    expect(decodeTraveller(bytes)).toMatchObject({ name: "Bob", at: arrived });
  });

  it("that is not there refuses everything", () => {
    const chain = startContractChain();
    const alice = enterWithHero(chain, "alice");
    const missing = refused(NOT_FOUND, 9);
    for (const name of ["land_session_join", "land_session_leave", "land_session_close"]) {
      expect([name, run(chain, alice, name, arg.u64(9))]).toEqual([name, missing]);
    }
    expect(run(chain, alice, "land_session_enter", arg.u64(9), arg.text("A"))).toBe(missing);
    expect(run(chain, alice, "land_settlement", arg.u64(9), arg.u64(1))).toBe(missing);
    // What only the channel can tell.
    const layers = chain.ask(`${MOVECRAFT}::land_layers`, {});
    expect(refusalOf(layers)).toBe(refused(INVALID_STATE, 4));
    const hero = chain.ask(`${MOVECRAFT}::traveller`, { args: [arg.address(alice.address)] });
    expect(refusalOf(hero)).toBe(refused(NOT_FOUND, 13));
    expect(run(chain, alice, "land_channel_leave", arg.u64(9))).toBe("0x20::registry 1");
  });
});

interface Session {
  readonly channel: ScriptedChannel;
  readonly member: MemberSandbox;
  readonly alice: Player;
  readonly bob: Player;
}

function traveller(channel: ScriptedChannel, seat: number): Uint8Array {
  const options = { typeArgs: [TRAVELLER], args: [arg.u64(channel.id), arg.u64(seat)] };
  const [asset] = channel.chain.view("0x20::state_channel::get_asset", options);
  return decodeBcs(present(asset, "a view returns"), (reader) => reader.bytes().slice());
}

/** Alice and bob are in a land, admitted, and have fallen from the sky. */
function startSession(): Session {
  const chain = startContractChain();
  const [alice, bob] = [enterWithHero(chain, "alice"), enterWithHero(chain, "bob")];
  createLand(chain, alice);
  run(chain, alice, "land_session_create", ...LAND_ARGS);
  const channel = scriptChannel(chain, 1n, `${MOVECRAFT}::Land`, alice);
  channel.players.set("bob", bob);
  run(chain, bob, "land_session_join", arg.u64(LAND));
  const seats = [...channel.log.configuration.seats, seatOf(channel, bob)];
  showSteps(channel, [changeConfiguration(channel, seats)]);
  const admitted = [alice, bob].map(({ address }, index): Change => {
    const value = traveller(channel, index + 1);
    return { key: travellerKey(address), op: { type: "new", value } };
  });
  order(channel.log, admitted);
  const state: Change = { key: LAND_KEY, op: { type: "new", value: channel.stateOnChain() } };
  const session = { channel, member: startMember([state, ...admitted]), alice, bob };
  for (const player of [alice, bob]) play(session, player, "move_hero", MIDDLE, MIDDLE);
  return session;
}

function play({ channel, member }: Session, by: Player, name: string, ...numbers: number[]): void {
  const last = name === "place_block" ? [arg.u8(numbers.pop() ?? AIR)] : [];
  const args = [...numbers.map((number) => arg.u64(number)), ...last];
  const played = member.call(by.address, `${MOVECRAFT}::${name}`, ...args);
  expect([name, refusalOf(played)]).toEqual([name, "EXECUTED"]);
  order(channel.log, played.changes);
}

function tick({ channel, member }: Session, count: number): void {
  order(channel.log, member.tick(`${MOVECRAFT}::on_tick`, count).changes);
}

function pass({ channel }: Session): bigint {
  const proposal = propose(channel, confirm(channel, Number(channel.log.height)));
  voteAll(channel, proposal);
  return proposal;
}

function settle(session: Session): string {
  const { channel, bob } = session;
  const args = [arg.u64(channel.id), arg.u64(pass(session))];
  const ended = run(channel.chain, bob, "land_settlement", ...args);
  if (ended === "EXECUTED") noteSettled(channel);
  return ended;
}

/** What leaving orders: the traveller goes out of reach. */
function park({ channel, member }: Session, owner: Address): void {
  const value = present(member.get(travellerKey(owner)), "a traveller");
  const parked: StateKey = { kind: "resource", address: owner, type: PARKED };
  order(channel.log, [
    { key: travellerKey(owner), op: { type: "delete", old: value } },
    { key: parked, op: { type: "new", value } },
  ]);
}

/** Has the log speak of a change that the contract's code never made. */
function spoilChanges({ channel }: Session, change: Change): void {
  channel.log.changes = [change];
  channel.log.height += 1n;
}

const SITE = [MIDDLE + 1, MEADOW, MIDDLE] as const;

describe("a settlement of a land", () => {
  it("brings land, changed layers and travellers onto the chain, once and again", () => {
    const session = startSession();
    const { channel, member, alice, bob } = session;
    play(session, alice, "place_block", ...SITE, BRICK);
    play(session, bob, "place_block", MIDDLE, MEADOW + 3, MIDDLE + 1, SAND);
    expect(decodeLand(present(member.get(LAND_KEY), "the land")).falling).toHaveLength(1);
    expect(settle(session)).toBe("EXECUTED");
    const agrees = () => {
      expect(channel.stateOnChain()).toEqual(member.get(LAND_KEY));
      expect(traveller(channel, 1)).toEqual(member.get(travellerKey(alice.address)));
      expect(traveller(channel, 2)).toEqual(member.get(travellerKey(bob.address)));
      const land = decodeLand(channel.stateOnChain());
      for (let y = 0; y < HEIGHT; y++) {
        const key = layerKey(land, y);
        expect(channel.chain.state.get(key)).toEqual(member.get(key));
      }
    };
    agrees();
    for (let count = 1; count <= 4; count++) tick(session, count);
    play(session, bob, "place_block", ...SITE, AIR);
    expect(settle(session)).toBe("EXECUTED");
    agrees();
    expect(decodeTraveller(traveller(channel, 2)).carried[BRICK]).toBe(33);
  });

  it("leaves heroes and land as they are when the session ends", () => {
    const session = startSession();
    const { channel, alice, bob } = session;
    const { chain } = channel;
    play(session, alice, "place_block", ...SITE, BRICK);
    play(session, bob, "place_block", MIDDLE, MEADOW - 1, MIDDLE + 1, AIR);
    const leave = (player: Player) => {
      const left = { sender: player.address, args: [arg.u64(LAND)] };
      return codeOf(chain.run(`${MOVECRAFT}::land_session_leave`, left));
    };
    expect(leave(bob)).toBe(28);
    park(session, bob.address);
    const [first] = channel.log.configuration.seats;
    showSteps(channel, [changeConfiguration(channel, [present(first, "alice's seat")])]);
    expect(leave(bob)).toBe(28);
    const args = [arg.u64(1), arg.u64(pass(session))];
    expect(run(chain, alice, "land_settlement", ...args)).toBe("EXECUTED");
    expect(leave(bob)).toBe("EXECUTED");
    expect(heroAtHome(chain, bob).carried[GRASS]).toBe(33);
    expect(run(chain, alice, "land_session_close", arg.u64(LAND))).toBe("EXECUTED");
    expect(leave(alice)).toBe(refused(NOT_FOUND, 9));
    expect(run(chain, alice, "land_channel_leave", arg.u64(1))).toBe("EXECUTED");
    expect(heroAtHome(chain, alice).carried[BRICK]).toBe(31);
    const [, layers] = chain.view(`${MOVECRAFT}::get_land`, { args: LAND_ARGS });
    const ground = decodeBcs(present(layers, "layers"), (reader) =>
      reader.vector((item) => item.bytes().slice()),
    );
    expect(blockIn(present(ground[SITE[1]], "a layer"), SITE[0], SITE[2])).toBe(BRICK);
    expect(blockIn(present(ground[MEADOW - 1], "a layer"), MIDDLE, MIDDLE + 1)).toBe(AIR);
    // Who comes next finds the land as it was left, with no layer changed yet.
    expect(run(chain, bob, "land_session_create", ...LAND_ARGS)).toBe("EXECUTED");
    const options = { typeArgs: [`${MOVECRAFT}::Land`], args: [arg.u64(2)] };
    const [state] = chain.view("0x20::state_channel::get_state", options);
    const land = decodeLand(decodeBcs(present(state, "a state"), (reader) => reader.bytes()));
    expect(land.ground).toEqual(ground);
    for (let y = 0; y < HEIGHT; y++) expect(chain.state.get(layerKey(land, y))).toBeUndefined();
  });

  it("refuses another land, and a name or ground that changed", () => {
    const land = (session: Session) => decodeLand(session.channel.stateOnChain());
    const cases: readonly [(session: Session) => void, string][] = [
      [
        (session) => setState(session.channel, encodeLand({ ...land(session), id: 6n })),
        refused(INVALID_ARGUMENT, 15),
      ],
      [
        (session) => setState(session.channel, encodeLand({ ...land(session), name: "other" })),
        "0x20::lending 31",
      ],
      [
        (session) => setState(session.channel, encodeLand({ ...land(session), ground: [] })),
        "0x20::lending 31",
      ],
    ];
    for (const [spoil, expected] of cases) {
      const session = startSession();
      spoil(session);
      expect(settle(session)).toBe(expected);
    }
  });

  it("has no settlement that starts from a layer other than the settled one", () => {
    const session = startSession();
    const { channel, alice } = session;
    play(session, alice, "place_block", ...SITE, BRICK);
    expect(settle(session)).toBe("EXECUTED");
    const key = layerKey(decodeLand(channel.stateOnChain()), MEADOW);
    const [old, value] = [BRICK, GRASS].map((block) => arg.bytes(new Uint8Array(256).fill(block)));
    const change = { old: present(old, "bytes"), value: present(value, "bytes") };
    spoilChanges(session, { key, op: { type: "modify", ...change } });
    const data = arg.bytes(settlementData(channel, confirm(channel, 1)));
    const proposed = channel.call(alice, "create_proposal_entry", arg.u8(1), data);
    expect(codeOf(proposed)).toBe(BAD_PROOF);
  });
});

describe("who leaves a land alone", () => {
  it("takes hero and inventory home as they were confirmed, once", () => {
    const session = startSession();
    const { channel, bob } = session;
    const { chain } = channel;
    play(session, bob, "place_block", ...SITE, BRICK);
    const record = seatRecord(bob, "active");
    order(channel.log, [{ key: seatRecordKey(2n), op: { type: "new", value: record } }]);
    const checkpoint = confirm(channel, Number(channel.log.height));
    const state = channel.log.state.fork();
    const exits = (name: string, type: string, ...args: readonly Uint8Array[]) =>
      refusalOf(
        chain.run(`0x20::exit::${name}`, {
          sender: bob.address,
          typeArgs: [type],
          args: [arg.u64(channel.id), arg.u64(2), ...args],
        }),
      );
    const shown = arg.bytes(encode(exitEvidence, { checkpoint, steps: [] }));
    expect(exits("open_exit_entry", `${MOVECRAFT}::Land`, shown)).toBe("EXECUTED");
    chain.passTime(15_000n);
    expect(exits("finish_exit_entry", "0x1::aptos_coin::AptosCoin")).toBe("EXECUTED");
    const parked: StateKey = { kind: "resource", address: bob.address, type: PARKED };
    const evidence = encodeClaim({
      seat: 2n,
      assetType: makeStructTag(TRAVELLER),
      record,
      held: present(state.get(travellerKey(bob.address)), "a traveller"),
      proof: proveKeys(state, [seatRecordKey(2n), travellerKey(bob.address), parked]),
    });
    const args = [arg.u64(channel.id), arg.u64(2), arg.bytes(evidence)];
    const claim = () => {
      const options = { sender: bob.address, args };
      return refusalOf(chain.run("0x21::land_claim::land_channel_claim", options));
    };
    expect(claim()).toBe("EXECUTED");
    expect(heroAtHome(chain, bob).carried[BRICK]).toBe(31);
    expect(claim()).toBe("0x20::exit_record 62");
    const land = [arg.address(WORLD), arg.u64(LAND + 1)];
    expect(createLand(chain, bob, LAND + 1)).toBe("EXECUTED");
    expect(run(chain, bob, "land_session_create", ...land)).toBe("EXECUTED");
  });
});
