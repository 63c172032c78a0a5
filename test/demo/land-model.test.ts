// The land of MoveCraft as a tab has it: certain blocks, uncertain ones, and its own moves.
import { AIR, type ChannelEntry, LAND_HEIGHT, LAND_SIDE, type Traveller } from "holdfast";
import type { JsValue } from "holdfast/sandbox";
import { describe, expect, it } from "vitest";
import { createLandModel, type LandModel } from "../../demo/games/movecraft/land-model.ts";
import {
  clamped,
  indexOf,
  isInReach,
  type Place,
  placeOf,
  stepTo,
} from "../../demo/games/movecraft/places.ts";
import { testCall } from "./calls.ts";

const [STONE, SAND, BRICK] = [2, 5, 8];
const YOU = "0x1";
const GROUND = 1;
const SITE: Place = { x: 9, y: GROUND, z: 8 };
const isOwn = (address: string) => address === YOU;

/** A floor of stone, and air above it. */
function meadow(): Uint8Array {
  const blocks = new Uint8Array(LAND_SIDE * LAND_SIDE * LAND_HEIGHT);
  return blocks.fill(STONE, 0, LAND_SIDE * LAND_SIDE);
}

function hero(at: readonly [number, number, number]): Traveller {
  return { name: "Hero", at, carried: [0, 0, 32, 32, 32, 32, 32, 32, 32] };
}

function modelOf(blocks = meadow()): LandModel {
  const model = createLandModel();
  model.beginReading()(blocks, new Map([[YOU, hero([8, GROUND, 8])]]));
  return model;
}

function entry(height: bigint, type: string, data: JsValue): ChannelEntry {
  return {
    height,
    type: "call",
    seat: 1n,
    address: YOU,
    outcome: { ok: true },
    events: [{ type: `0x21::${type}`, data }],
    time: 0,
  };
}

function placed(height: bigint, { x, y, z }: Place, block: number): ChannelEntry {
  const [bx, by, bz] = [x, y, z].map(BigInt) as [bigint, bigint, bigint];
  return entry(height, "movecraft::BlockPlaced", { hero: YOU, x: bx, y: by, z: bz, block });
}

describe("a block of this tab's", () => {
  it("stands at once, faintly, and is no longer carried", () => {
    const model = modelOf();
    model.follow({ type: "place", at: SITE, kind: BRICK }, testCall().handle);
    const seen = model.picture(0n, isOwn);
    expect(seen?.blocks[indexOf(SITE)]).toBe(BRICK);
    expect(seen?.faint.get(indexOf(SITE))).toBe(BRICK);
    expect(seen?.heroes[0]?.carried[BRICK]).toBe(31);
  });

  it("stays between its execution and the reading that has it, then is what was read", async () => {
    const model = modelOf();
    const call = testCall();
    model.follow({ type: "place", at: SITE, kind: BRICK }, call.handle);
    const early = model.beginReading();
    await call.reach("verified");
    early(meadow(), new Map());
    expect(model.picture(0n, isOwn)?.blocks[indexOf(SITE)]).toBe(BRICK);
    const built = meadow();
    built[indexOf(SITE)] = SAND;
    model.beginReading()(built, new Map());
    expect(model.picture(0n, isOwn)?.blocks[indexOf(SITE)]).toBe(SAND);
  });

  it("goes away again where the contract refuses it", async () => {
    const model = modelOf();
    const call = testCall();
    model.follow({ type: "place", at: SITE, kind: BRICK }, call.handle);
    await call.refuse(new Error("taken"));
    const seen = model.picture(0n, isOwn);
    expect(seen?.blocks[indexOf(SITE)]).toBe(AIR);
    expect(seen?.heroes[0]?.carried[BRICK]).toBe(32);
  });

  it("shows what is being taken away, as what it was, until it is", () => {
    const floor = { ...SITE, y: 0 };
    const model = modelOf();
    model.follow({ type: "place", at: floor, kind: AIR }, testCall().handle);
    const seen = model.picture(0n, isOwn);
    expect(seen?.blocks[indexOf(floor)]).toBe(AIR);
    expect(seen?.faint.get(indexOf(floor))).toBe(STONE);
    expect(seen?.heroes[0]?.carried[STONE]).toBe(33);
  });
});

describe("a block of anybody's", () => {
  it("is faint until its entry is confirmed", () => {
    const model = modelOf();
    model.readEntries([placed(5n, SITE, BRICK)]);
    expect(model.picture(4n, isOwn)?.faint.get(indexOf(SITE))).toBe(BRICK);
    expect(model.picture(5n, isOwn)?.faint.size).toBe(0);
  });

  it("is forgotten where its entry becomes void", () => {
    const model = modelOf();
    model.readEntries([placed(5n, SITE, BRICK), placed(6n, { ...SITE, z: 9 }, BRICK)]);
    model.revert(5n);
    expect([...(model.picture(4n, isOwn)?.faint.keys() ?? [])]).toEqual([indexOf(SITE)]);
  });

  it("is faint too where it fell, as what stood above", () => {
    const blocks = meadow();
    blocks[indexOf({ ...SITE, y: 3 })] = SAND;
    const model = modelOf(blocks);
    model.readEntries([entry(5n, "terrain::BlockFell", { x: 9n, y: 2n, z: 8n })]);
    expect(model.picture(4n, isOwn)?.faint).toEqual(new Map([[indexOf({ ...SITE, y: 2 }), SAND]]));
  });

  it("is nothing to a land that was not read yet", () => {
    expect(createLandModel().picture(0n, isOwn)).toBeUndefined();
  });
});

describe("this tab's hero", () => {
  it("is shown where its steps lead, before anybody has ordered them", () => {
    const model = modelOf();
    model.follow({ type: "walk", x: 9, z: 8 }, testCall().handle);
    model.follow({ type: "walk", x: 9, z: 9 }, testCall().handle);
    expect(model.picture(0n, isOwn)?.heroes[0]?.at).toEqual({ x: 9, y: GROUND, z: 9 });
  });
});

describe("a step", () => {
  const from: Place = { x: 8, y: GROUND, z: 8 };

  it("goes up one block, not two, and down to the ground", () => {
    const blocks = meadow();
    blocks[indexOf(SITE)] = BRICK;
    expect(stepTo(blocks, from, 9, 8)).toEqual({ x: 9, y: 2, z: 8 });
    blocks[indexOf({ ...SITE, y: 2 })] = BRICK;
    expect(stepTo(blocks, from, 9, 8)).toBeUndefined();
    expect(stepTo(blocks, { ...from, y: 31 }, 8, 8)).toEqual(from);
  });

  it("is one block long and stays in the land", () => {
    expect(stepTo(meadow(), from, 10, 8)).toBeUndefined();
    expect(stepTo(meadow(), { x: 0, y: 1, z: 0 }, -1, 0)).toBeUndefined();
  });
});

describe("places", () => {
  it("are what their index says, for every block of a land", () => {
    for (let index = 0; index < LAND_SIDE * LAND_SIDE * LAND_HEIGHT; index++) {
      expect(indexOf(placeOf(index))).toBe(index);
    }
  });

  it("are within reach up to five blocks along each axis", () => {
    const at = { x: 8, y: 4, z: 8 };
    expect(isInReach(at, { x: 13, y: 9, z: 3 })).toBe(true);
    expect(isInReach(at, { x: 14, y: 4, z: 8 })).toBe(false);
    expect(isInReach({ x: 0, y: 0, z: 0 }, { x: -1, y: 0, z: 0 })).toBe(false);
    expect(clamped({ x: -3, y: 40, z: 16 })).toEqual({ x: 0, y: 31, z: 15 });
  });
});
