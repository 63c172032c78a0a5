// Values of the movecraft contract as bytes, and how its blocks are counted.
import { type Address, makeAddress } from "#core/address.ts";
import { assert } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { StateKey } from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { arg } from "./contract-chain.ts";

export const MOVECRAFT = "0x21::movecraft";
export const WORLD = makeAddress("0x21");
export const SIDE = 16;
export const HEIGHT = 32;
export const AIR = 0;
export const BEDROCK = 1;
export const STONE = 2;
export const GRASS = 4;
export const SAND = 5;
export const WOOD = 6;
export const BRICK = 8;
/** Height of the lowest layer of air over a new land's meadow. */
export const MEADOW = 4;
/** Where heroes arrive. */
export const MIDDLE = SIDE / 2;

const TRAVELLER = makeStructTag(`${MOVECRAFT}::Traveller`);

export const LAND_KEY: StateKey = {
  kind: "resource",
  address: WORLD,
  type: makeStructTag(`${MOVECRAFT}::Land`),
};

export function travellerKey(address: Address): StateKey {
  return { kind: "resource", address, type: TRAVELLER };
}

export interface Land {
  readonly id: bigint;
  readonly name: string;
  readonly falling: readonly bigint[];
  readonly ground: readonly Uint8Array[];
  /** The table of changed layers. */
  readonly layers: Address;
}

export function decodeLand(bytes: Uint8Array): Land {
  return decodeBcs(bytes, (reader) => ({
    id: reader.u64(),
    name: reader.string(),
    falling: reader.vector((item) => item.u64()),
    ground: reader.vector((item) => item.bytes().slice()),
    layers: reader.address(),
  }));
}

export function encodeLand(land: Land): Uint8Array {
  return encodeBcs((writer) => {
    writer.u64(land.id).string(land.name);
    writer.vector(land.falling, (out, place) => out.u64(place));
    writer.vector(land.ground, (out, layer) => out.bytes(layer));
    writer.address(land.layers);
  });
}

export function layerKey({ layers }: Land, y: number): StateKey {
  return { kind: "tableItem", handle: layers, key: arg.u64(y) };
}

export interface Traveller {
  readonly name: string;
  readonly at: readonly [x: number, y: number, z: number];
  readonly carried: readonly number[];
}

export function decodeTraveller(bytes: Uint8Array): Traveller {
  return decodeBcs(bytes, (reader) => ({
    name: reader.string(),
    at: [Number(reader.u64()), Number(reader.u64()), Number(reader.u64())],
    carried: reader.vector((item) => Number(item.u64())),
  }));
}

export function blockIn(layer: Uint8Array, x: number, z: number): number {
  if (layer.length === 0) return AIR;
  const block = layer[z * SIDE + x];
  assert(block !== undefined, "a layer has all its blocks");
  return block;
}

/** How many there are of each kind but air, in layers and inventories together. */
export function census(
  layers: readonly Uint8Array[],
  travellers: readonly Traveller[],
): readonly number[] {
  const counts = Array.from({ length: 16 }, () => 0);
  const count = (kind: number, more: number) => {
    counts[kind] = (counts[kind] ?? 0) + more;
  };
  for (const layer of layers) for (const block of layer) count(block, 1);
  for (const { carried } of travellers)
    for (const [kind, more] of carried.entries()) count(kind, more);
  return counts.slice(1);
}
