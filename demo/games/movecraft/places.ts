// Places in a land, and the contract's rules about reaching and walking, so that the page can show
// at once what comes of a step. What counts is still what the contract says. Pure.
import { AIR, LAND_HEIGHT, LAND_SIDE } from "holdfast";

export interface Place {
  readonly x: number;
  /** Height, from the floor. */
  readonly y: number;
  readonly z: number;
}

/** Blocks along each axis that a hero reaches. */
export const REACH = 5;

/** Where a place stands among a land's blocks. */
export function indexOf({ x, y, z }: Place): number {
  return (y * LAND_SIDE + z) * LAND_SIDE + x;
}

export function placeOf(index: number): Place {
  const layer = LAND_SIDE * LAND_SIDE;
  const at = index % layer;
  return { x: at % LAND_SIDE, y: Math.floor(index / layer), z: Math.floor(at / LAND_SIDE) };
}

export function isInside({ x, y, z }: Place): boolean {
  const isWithin = (at: number, size: number) => at >= 0 && at < size;
  return isWithin(x, LAND_SIDE) && isWithin(y, LAND_HEIGHT) && isWithin(z, LAND_SIDE);
}

/** The nearest place inside of the land. */
export function clamped({ x, y, z }: Place): Place {
  const within = (at: number, size: number) => Math.min(Math.max(at, 0), size - 1);
  return { x: within(x, LAND_SIDE), y: within(y, LAND_HEIGHT), z: within(z, LAND_SIDE) };
}

/** @returns AIR outside of the land. */
export function blockAt(blocks: Uint8Array, place: Place): number {
  return isInside(place) ? (blocks[indexOf(place)] ?? AIR) : AIR;
}

export function isInReach(hero: Place, place: Place): boolean {
  const axes = [hero.x - place.x, hero.y - place.y, hero.z - place.z];
  return isInside(place) && axes.every((distance) => Math.abs(distance) <= REACH);
}

/** Where a step ends: at most one block up, then down to the ground; undefined where it cannot. */
export function stepTo(blocks: Uint8Array, from: Place, x: number, z: number): Place | undefined {
  const isStep = Math.abs(x - from.x) <= 1 && Math.abs(z - from.z) <= 1;
  if (!isStep || !isInside({ x, y: from.y, z })) return undefined;
  const isSolid = (y: number) => blockAt(blocks, { x, y, z }) !== AIR;
  let { y } = from;
  if (isSolid(y)) {
    y += 1;
    if (y >= LAND_HEIGHT || isSolid(y)) return undefined;
  }
  while (y > 0 && !isSolid(y - 1)) y -= 1;
  return { x, y, z };
}

export function isSame(a: Place, b: Place): boolean {
  return a.x === b.x && a.y === b.y && a.z === b.z;
}
