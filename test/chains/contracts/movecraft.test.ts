// The movecraft contract in the channel: building, walking and what falls.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { CHANNEL_LIMITS } from "#sandbox";
import { refusalOf } from "./abort.ts";
import { arg, startContractChain } from "./contract-chain.ts";
import { startMember } from "./member-sandbox.ts";
import {
  AIR,
  BEDROCK,
  BRICK,
  blockIn,
  census,
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
  SIDE,
  STONE,
  travellerKey,
  WOOD,
  WORLD,
} from "./movecraft-land.ts";
import { enter } from "./player.ts";

const ALICE = makeAddress("0xa11ce");
const BOB = makeAddress("0xb0b");
const LAYERS = makeAddress("0x7ab1e");
/** What a new hero carries of each kind that can be built with. */
const CARRIED = 32;

const INVALID_ARGUMENT = 1 << 16;
const OUT_OF_RANGE = 2 << 16;
const INVALID_STATE = 3 << 16;
const PERMISSION_DENIED = 5 << 16;
const NOT_FOUND = 6 << 16;
const RESOURCE_EXHAUSTED = 9 << 16;

const craft = (category: number, number: number) => `${MOVECRAFT} ${category + number}`;
const hero = (category: number, number: number) => `0x21::hero ${category + number}`;

/** A land as the contract makes it. */
function meadow(): readonly Uint8Array[] {
  const chain = startContractChain();
  const { address: sender } = enter(chain, "maker");
  const args = [arg.address(WORLD), arg.u64(1), arg.text("meadow")];
  chain.ok(`${MOVECRAFT}::land_create`, { sender, args });
  const read = chain.view(`${MOVECRAFT}::get_land`, { args: args.slice(0, 2) });
  const [name, layers] = [present(read[0], "a name"), present(read[1], "layers")];
  const land = [arg.u64(1), name, Uint8Array.of(0), layers, new Uint8Array(32)];
  return decodeLand(Uint8Array.from(land.flatMap((part) => [...part]))).ground;
}

const GROUND = meadow();

/** Alice and bob stand in a land of their own. */
function startPlaying(ground = GROUND) {
  const land = { id: 1n, name: "meadow", falling: [], ground, layers: LAYERS };
  const carried = encodeBcs((writer) => {
    const counts = Array.from({ length: 16 }, (_, kind) => (kind > BEDROCK ? CARRIED : 0));
    writer.vector(counts, (out, count) => out.u64(BigInt(count)));
  });
  const arrived = encodeBcs((writer) => {
    writer
      .string("hero")
      .u64(BigInt(MIDDLE))
      .u64(BigInt(HEIGHT - 1))
      .u64(BigInt(MIDDLE));
  });
  const traveller = Uint8Array.from([...arrived, ...carried]);
  const member = startMember([
    { key: LAND_KEY, op: { type: "new", value: encodeLand(land) } },
    { key: travellerKey(ALICE), op: { type: "new", value: traveller } },
    { key: travellerKey(BOB), op: { type: "new", value: traveller } },
  ]);
  const layer = (y: number) => member.get(layerKey(land, y))?.subarray(2) ?? ground[y];
  const walk = (who: Address, x: number, z: number) =>
    refusalOf(member.call(who, `${MOVECRAFT}::move_hero`, arg.u64(x), arg.u64(z)));
  walk(ALICE, MIDDLE, MIDDLE);
  walk(BOB, MIDDLE, MIDDLE);
  return {
    member,
    walk,
    place: (who: Address, at: readonly number[], block: number) =>
      refusalOf(
        member.call(
          who,
          `${MOVECRAFT}::place_block`,
          ...at.map((one) => arg.u64(one)),
          arg.u8(block),
        ),
      ),
    tick: (tick = 1) => member.tick(`${MOVECRAFT}::on_tick`, tick),
    block: (x: number, y: number, z: number) => blockIn(present(layer(y), "a layer"), x, z),
    layers: () => ground.map((_, y) => present(layer(y), "a layer")),
    traveller: (who: Address) =>
      decodeTraveller(present(member.get(travellerKey(who)), "a traveller")),
    land: () => decodeLand(present(member.get(LAND_KEY), "the land")),
  };
}

describe("a new land", () => {
  it("is a meadow on bedrock, with a dune and a tree", () => {
    const at = (x: number, y: number, z: number) => blockIn(present(GROUND[y], "a layer"), x, z);
    expect(GROUND).toHaveLength(HEIGHT);
    expect([0, 1, 3, MEADOW].map((y) => at(MIDDLE, y, MIDDLE))).toEqual([
      BEDROCK,
      STONE,
      GRASS,
      AIR,
    ]);
    expect([at(0, MEADOW, 0), at(3, MEADOW, 3), at(4, MEADOW, 3)]).toEqual([SAND, SAND, AIR]);
    expect([4, 5, 6].map((y) => at(11, y, 11))).toEqual([WOOD, WOOD, WOOD]);
    expect(encodeLand({ ...startPlaying().land() }).length).toBeLessThan(CHANNEL_LIMITS.valueBytes);
  });

  it("fits one value, however much is built on it", () => {
    const full = Array.from({ length: HEIGHT }, () => new Uint8Array(SIDE * SIDE).fill(STONE));
    const land = { id: 1n, name: "x".repeat(64), falling: [], ground: full, layers: LAYERS };
    expect(encodeLand(land).length).toBeLessThan(CHANNEL_LIMITS.valueBytes);
  });
});

describe("walking", () => {
  it("begins with a fall from the sky, and goes one step at a time", () => {
    const { walk, traveller } = startPlaying();
    expect(traveller(ALICE).at).toEqual([MIDDLE, MEADOW, MIDDLE]);
    expect(walk(ALICE, MIDDLE + 1, MIDDLE - 1)).toBe("EXECUTED");
    expect(traveller(ALICE).at).toEqual([MIDDLE + 1, MEADOW, MIDDLE - 1]);
    expect(walk(ALICE, MIDDLE + 3, MIDDLE - 1)).toBe(hero(INVALID_ARGUMENT, 2));
    expect(walk(ALICE, MIDDLE + 1, MIDDLE + 1)).toBe(hero(INVALID_ARGUMENT, 2));
    expect(walk(ALICE, SIDE, MIDDLE)).toBe(craft(OUT_OF_RANGE, 1));
    expect(walk(ALICE, MIDDLE, SIDE)).toBe(craft(OUT_OF_RANGE, 1));
  });

  it("climbs one block, and no two", () => {
    const { walk, place, traveller } = startPlaying();
    place(ALICE, [MIDDLE + 1, MEADOW, MIDDLE], STONE);
    expect(walk(ALICE, MIDDLE + 1, MIDDLE)).toBe("EXECUTED");
    expect(traveller(ALICE).at).toEqual([MIDDLE + 1, MEADOW + 1, MIDDLE]);
    place(ALICE, [MIDDLE + 2, MEADOW + 1, MIDDLE], STONE);
    place(ALICE, [MIDDLE + 2, MEADOW + 2, MIDDLE], STONE);
    expect(walk(ALICE, MIDDLE + 2, MIDDLE)).toBe(hero(INVALID_STATE, 3));
    expect(walk(BOB, MIDDLE, MIDDLE)).toBe("EXECUTED");
  });

  it("falls into a hole as deep as it is", () => {
    const { walk, place, traveller } = startPlaying();
    for (const y of [3, 2, 1]) place(ALICE, [MIDDLE + 1, y, MIDDLE], AIR);
    walk(ALICE, MIDDLE + 1, MIDDLE);
    expect(traveller(ALICE).at).toEqual([MIDDLE + 1, 1, MIDDLE]);
    expect(walk(ALICE, MIDDLE, MIDDLE)).toBe(hero(INVALID_STATE, 3));
  });

  it("tells where the hero is", () => {
    const { member } = startPlaying();
    const args = [arg.u64(MIDDLE), arg.u64(MIDDLE + 1)];
    const { events } = member.call(ALICE, `${MOVECRAFT}::move_hero`, ...args);
    const expected = encodeBcs((writer) => {
      writer
        .address(ALICE)
        .u64(BigInt(MIDDLE))
        .u64(BigInt(MEADOW))
        .u64(BigInt(MIDDLE + 1));
    });
    expect(events.map(({ data }) => data)).toEqual([expected]);
  });
});

describe("placing blocks", () => {
  it("moves them between the land and the inventory", () => {
    const { place, block, traveller } = startPlaying();
    const at = [MIDDLE + 1, MEADOW, MIDDLE] as const;
    expect(place(ALICE, at, BRICK)).toBe("EXECUTED");
    expect([block(...at), traveller(ALICE).carried[BRICK]]).toEqual([BRICK, CARRIED - 1]);
    expect(place(BOB, at, AIR)).toBe("EXECUTED");
    expect([block(...at), traveller(BOB).carried[BRICK]]).toEqual([AIR, CARRIED + 1]);
    expect(place(BOB, at, AIR)).toBe("EXECUTED");
    expect(traveller(BOB).carried[AIR]).toBe(0);
  });

  it("writes one layer and one traveller, and not the land", () => {
    const { member } = startPlaying();
    const at = [MIDDLE + 1, MEADOW, MIDDLE].map((one) => arg.u64(one));
    const { changes } = member.call(ALICE, `${MOVECRAFT}::place_block`, ...at, arg.u8(BRICK));
    const kinds = changes.map(({ key }) =>
      key.kind === "tableItem" ? `item of ${key.handle}` : key.kind === "resource" && key.address,
    );
    expect(kinds).toEqual([ALICE, `item of ${LAYERS}`]);
  });

  it("refuses what is outside, unknown, taken, fixed, out of reach or used up", () => {
    const { place } = startPlaying();
    const near = [MIDDLE + 1, MEADOW, MIDDLE];
    for (const at of [
      [SIDE, 0, 0],
      [0, HEIGHT, 0],
      [0, 0, SIDE],
    ]) {
      expect(place(ALICE, at, BRICK)).toBe(craft(OUT_OF_RANGE, 1));
    }
    expect(place(ALICE, near, 16)).toBe(craft(INVALID_ARGUMENT, 2));
    expect(place(ALICE, [MIDDLE, MEADOW, MIDDLE], BRICK)).toBe(craft(INVALID_STATE, 3));
    expect(place(ALICE, [MIDDLE, MEADOW - 1, MIDDLE], BRICK)).toBe(craft(INVALID_STATE, 3));
    expect(place(ALICE, [MIDDLE, 0, MIDDLE], AIR)).toBe(craft(PERMISSION_DENIED, 14));
    expect(place(ALICE, near, BEDROCK)).toBe(hero(RESOURCE_EXHAUSTED, 4));
    const far: readonly (readonly [number, number, number])[] = [
      [MIDDLE + 6, MEADOW, MIDDLE],
      [MIDDLE, MEADOW + 6, MIDDLE],
      [MIDDLE, MEADOW, MIDDLE - 6],
    ];
    for (const at of far) expect(place(ALICE, at, BRICK)).toBe(hero(INVALID_ARGUMENT, 2));
    expect(place(ALICE, [MIDDLE + 5, MEADOW, MIDDLE - 5], BRICK)).toBe("EXECUTED");
  });

  it("ends when the last block of a kind is placed", () => {
    const { place, traveller } = startPlaying();
    const places = Array.from({ length: CARRIED + 1 }, (_, at) => {
      return [MIDDLE - 4 + (at % 8), MEADOW + 1 + Math.floor(at / 8), MIDDLE + 1];
    });
    const results = places.map((at) => place(ALICE, at, BRICK));
    expect(results.slice(0, CARRIED).every((result) => result === "EXECUTED")).toBe(true);
    expect(results[CARRIED]).toBe(hero(RESOURCE_EXHAUSTED, 4));
    expect(traveller(ALICE).carried[BRICK]).toBe(0);
  });

  it("is for those who have a hero in this land, and no matter of the chain", () => {
    const { place, walk } = startPlaying();
    const stranger = makeAddress("0xca201");
    expect(place(stranger, [1, 1, 1], AIR)).toBe(craft(NOT_FOUND, 13));
    expect(walk(stranger, 1, 1)).toBe(craft(NOT_FOUND, 13));
    const chain = startContractChain();
    const sender = enter(chain, "alice").address;
    const tried = (name: string, ...args: readonly Uint8Array[]) =>
      refusalOf(chain.run(`${MOVECRAFT}::${name}`, { sender, args }));
    const [one, air] = [arg.u64(1), arg.u8(AIR)];
    expect(tried("place_block", one, one, one, air)).toBe(craft(INVALID_STATE, 4));
    expect(tried("move_hero", one, one)).toBe(craft(INVALID_STATE, 4));
  });

  it("tells who placed what where", () => {
    const { member } = startPlaying();
    const at = [MIDDLE + 1, MEADOW, MIDDLE].map((one) => arg.u64(one));
    const { events } = member.call(ALICE, `${MOVECRAFT}::place_block`, ...at, arg.u8(BRICK));
    const told = Uint8Array.from([...arg.address(ALICE), ...at.flatMap((one) => [...one]), BRICK]);
    expect(events.map(({ data }) => data)).toEqual([told]);
  });
});

describe("sand", () => {
  const [x, z] = [MIDDLE + 1, MIDDLE];

  it("falls one block with each tick until something is below it", () => {
    const { place, tick, block, land } = startPlaying();
    place(ALICE, [x, MEADOW + 3, z], SAND);
    const heights = [];
    for (let count = 1; count <= 4; count++) {
      const { events } = tick(count);
      heights.push(events.length);
    }
    expect(heights).toEqual([1, 1, 1, 0]);
    expect([block(x, MEADOW, z), block(x, MEADOW + 3, z)]).toEqual([SAND, AIR]);
    expect(land().falling).toEqual([]);
  });

  it("comes down with what is on top of it when its floor is taken away", () => {
    const { place, tick, block } = startPlaying();
    place(ALICE, [x, MEADOW, z], STONE);
    place(ALICE, [x, MEADOW + 1, z], SAND);
    place(ALICE, [x, MEADOW + 2, z], SAND);
    expect(tick().events).toEqual([]);
    place(ALICE, [x, MEADOW, z], AIR);
    for (let count = 1; count <= 4; count++) tick(count);
    expect([0, 1, 2].map((up) => block(x, MEADOW + up, z))).toEqual([SAND, SAND, AIR]);
  });

  it("stays where somebody put something below it in time", () => {
    const { place, tick, block, land } = startPlaying();
    place(ALICE, [x, MEADOW + 1, z], SAND);
    place(ALICE, [x, MEADOW, z], STONE);
    expect(tick().events).toEqual([]);
    expect([block(x, MEADOW + 1, z), land().falling.length]).toEqual([SAND, 0]);
  });

  it("does not fall everywhere at once, so that a tick stays within its gas", () => {
    const { place, tick, land } = startPlaying();
    for (let at = 0; at < 20; at++) {
      place(ALICE, [MIDDLE - 5 + (at % 10), MEADOW + 5, MIDDLE + 1 + Math.floor(at / 10)], SAND);
    }
    expect(land().falling).toHaveLength(20);
    expect(tick(1).events).toHaveLength(16);
    expect(land().falling).toHaveLength(20);
    for (let count = 2; count <= 10; count++) tick(count);
    expect(land().falling).toEqual([]);
  });

  it("leaves no trace of a tick in which nothing falls", () => {
    const { tick } = startPlaying();
    const { status, changes } = tick();
    expect([status.type, changes]).toEqual(["executed", []]);
  });
});

describe("blocks", () => {
  it("are neither made nor lost, whatever is done with them", () => {
    const step = fc.record({
      who: fc.constantFrom(ALICE, BOB),
      what: fc.constantFrom("walk", "place", "place", "tick"),
      x: fc.integer({ min: MIDDLE - 3, max: MIDDLE + 3 }),
      y: fc.integer({ min: 0, max: MEADOW + 4 }),
      z: fc.integer({ min: MIDDLE - 3, max: MIDDLE + 3 }),
      block: fc.constantFrom(AIR, AIR, STONE, SAND, SAND),
    });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { place, walk, tick, layers, traveller } = startPlaying();
      const everything = () => census(layers(), [traveller(ALICE), traveller(BOB)]);
      const before = everything();
      for (const { who, what, x, y, z, block } of steps) {
        if (what === "walk") walk(who, x, z);
        else if (what === "place") place(who, [x, y, z], block);
        else tick();
      }
      expect(everything()).toEqual(before);
    });
    fc.assert(property, { numRuns: 12, seed: 7 });
  });
});
