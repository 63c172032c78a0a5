// The land's blocks: two instanced meshes, one of what is certain and one, translucent, of what is
// not. Only blocks with a free side are drawn.
import { AIR, LAND_HEIGHT, LAND_SIDE } from "holdfast";
import {
  BoxGeometry,
  CanvasTexture,
  Color,
  InstancedMesh,
  Matrix4,
  MeshLambertMaterial,
  NearestFilter,
  SRGBColorSpace,
} from "three";
import { kindOf } from "../kinds.ts";
import type { Picture } from "../land-model.ts";
import { blockAt, indexOf, type Place, placeOf } from "../places.ts";

const BLOCKS_MAX = LAND_SIDE * LAND_SIDE * LAND_HEIGHT;
const FAINT_OPACITY = 0.55;
/** Faint blocks stand a little proud, so that one around another is seen. */
const FAINT_SCALE = 1.01;
const TEXTURE_SIDE = 16;
/** How much lighter or darker blocks of one kind are than each other. */
const VARIATION = 0.06;

const NEIGHBOURS: readonly Place[] = [
  { x: 1, y: 0, z: 0 },
  { x: -1, y: 0, z: 0 },
  { x: 0, y: 1, z: 0 },
  { x: 0, y: -1, z: 0 },
  { x: 0, y: 0, z: 1 },
  { x: 0, y: 0, z: -1 },
];

export interface BlockMesh {
  readonly certain: InstancedMesh;
  readonly faint: InstancedMesh;
  /** Returns whether anything has changed. */
  show(picture: Pick<Picture, "blocks" | "faint">): boolean;
  /** Which place an instance stands for. */
  placeOf(mesh: InstancedMesh, instance: number): Place | undefined;
  kindAt(place: Place): number;
  dispose(): void;
}

export function createBlockMesh(): BlockMesh {
  const geometry = new BoxGeometry(1, 1, 1);
  const map = createTexture();
  const solid = new MeshLambertMaterial({ map });
  const glassy = new MeshLambertMaterial({ map, transparent: true, opacity: FAINT_OPACITY });
  const certain = new InstancedMesh(geometry, solid, BLOCKS_MAX);
  const faint = new InstancedMesh(geometry, glassy, BLOCKS_MAX);
  certain.castShadow = true;
  certain.receiveShadow = true;
  const places = new Map<InstancedMesh, readonly number[]>();
  let shown: Pick<Picture, "blocks" | "faint"> | undefined;
  return {
    certain,
    faint,
    show(picture) {
      if (shown !== undefined && isSamePicture(shown, picture)) return false;
      shown = picture;
      const solids = exposed(picture);
      places.set(certain, solids);
      places.set(faint, [...picture.faint.keys()]);
      fill(certain, solids, 1, (index) => picture.blocks[index] ?? AIR);
      const kindAt = (index: number) => picture.faint.get(index) ?? AIR;
      fill(faint, [...picture.faint.keys()], FAINT_SCALE, kindAt);
      return true;
    },
    placeOf(mesh, instance) {
      const index = places.get(mesh)?.[instance];
      return index === undefined ? undefined : placeOf(index);
    },
    kindAt: (place) => (shown === undefined ? AIR : blockAt(shown.blocks, place)),
    dispose() {
      for (const one of [geometry, map, solid, glassy, certain, faint]) one.dispose();
    },
  };
}

function fill(
  mesh: InstancedMesh,
  indices: readonly number[],
  scale: number,
  kindAt: (index: number) => number,
): void {
  const matrix = new Matrix4();
  const colour = new Color();
  for (const [instance, index] of indices.entries()) {
    const { x, y, z } = placeOf(index);
    matrix.makeScale(scale, scale, scale).setPosition(x + 0.5, y + 0.5, z + 0.5);
    mesh.setMatrixAt(instance, matrix);
    const shade = 1 + VARIATION * (((index * 7919) % 13) / 6 - 1);
    mesh.setColorAt(instance, colour.set(kindOf(kindAt(index)).colour).multiplyScalar(shade));
  }
  mesh.count = indices.length;
  mesh.instanceMatrix.needsUpdate = true;
  if (mesh.instanceColor !== null) mesh.instanceColor.needsUpdate = true;
  mesh.computeBoundingSphere();
}

/** Certain blocks with a side that can be seen. */
function exposed({ blocks, faint }: Pick<Picture, "blocks" | "faint">): number[] {
  const isOpen = (place: Place) => blockAt(blocks, place) === AIR || faint.has(indexOf(place));
  const found: number[] = [];
  for (const [index, kind] of blocks.entries()) {
    if (kind === AIR || faint.has(index)) continue;
    const { x, y, z } = placeOf(index);
    const besides = NEIGHBOURS.map((side) => ({ x: x + side.x, y: y + side.y, z: z + side.z }));
    if (besides.some(isOpen)) found.push(index);
  }
  return found;
}

function isSamePicture(
  a: Pick<Picture, "blocks" | "faint">,
  b: Pick<Picture, "blocks" | "faint">,
): boolean {
  if (a.faint.size !== b.faint.size) return false;
  for (const [index, kind] of a.faint) if (b.faint.get(index) !== kind) return false;
  return a.blocks.every((kind, index) => kind === b.blocks[index]);
}

/** A block's face: a darker edge, and some grain. Takes the colour of its block. */
function createTexture(): CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = TEXTURE_SIDE;
  canvas.height = TEXTURE_SIDE;
  const context = canvas.getContext("2d");
  for (let at = 0; at < TEXTURE_SIDE * TEXTURE_SIDE; at++) {
    const [x, y] = [at % TEXTURE_SIDE, Math.floor(at / TEXTURE_SIDE)];
    const isEdge = x === 0 || y === 0 || x === TEXTURE_SIDE - 1 || y === TEXTURE_SIDE - 1;
    const light = isEdge ? 84 : 100 - ((x * 31 + y * 17 + x * y * 7) % 9);
    if (context !== null) context.fillStyle = `hsl(0 0% ${light}%)`;
    context?.fillRect(x, y, 1, 1);
  }
  const texture = new CanvasTexture(canvas);
  texture.magFilter = NearestFilter;
  texture.colorSpace = SRGBColorSpace;
  return texture;
}
