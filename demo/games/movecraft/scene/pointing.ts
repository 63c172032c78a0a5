// What the pointer points at: the block that is hit, and the air before it. A pointer that moves
// while it is pressed turns the camera and picks nothing.
import { AIR } from "holdfast";
import { type Camera, type InstancedMesh, Raycaster, Vector2 } from "three";
import type { LandViewOptions, Pick as Picked } from "../land-view.ts";
import { isInside } from "../places.ts";
import type { BlockMesh } from "./block-mesh.ts";

/** Further than so many pixels is a drag. */
const CLICK_PX_MAX = 5;
const BUTTON_OTHER = 2;

export interface PointingOptions extends LandViewOptions {
  readonly canvas: HTMLCanvasElement;
  readonly camera: Camera;
  readonly blocks: BlockMesh;
}

/** Returns what ends it. */
export function watchPointing(options: PointingOptions): () => void {
  const { canvas, onPick, onPoint } = options;
  let pressed: PointerEvent | undefined;
  const down = (event: PointerEvent) => {
    pressed = event;
  };
  const up = (event: PointerEvent) => {
    const from = pressed;
    pressed = undefined;
    if (from === undefined || isDrag(from, event)) return;
    const hit = pickAt(options, event);
    if (hit !== undefined) onPick({ ...hit, isTaking: event.button === BUTTON_OTHER });
  };
  const move = (event: PointerEvent) => {
    if (pressed !== undefined || event.pointerType === "touch") return;
    const hit = pickAt(options, event);
    if (hit !== undefined) onPoint(hit);
  };
  const noMenu = (event: Event) => event.preventDefault();
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("contextmenu", noMenu);
  return () => {
    canvas.removeEventListener("pointerdown", down);
    canvas.removeEventListener("pointerup", up);
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("contextmenu", noMenu);
  };
}

function isDrag(from: PointerEvent, to: PointerEvent): boolean {
  return Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY) > CLICK_PX_MAX;
}

function pickAt(
  { canvas, camera, blocks }: PointingOptions,
  event: PointerEvent,
): Omit<Picked, "isTaking"> | undefined {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const at = new Vector2(
    ((event.clientX - left) / width) * 2 - 1,
    1 - ((event.clientY - top) / height) * 2,
  );
  const ray = new Raycaster();
  ray.setFromCamera(at, camera);
  const meshes: readonly InstancedMesh[] = [blocks.certain, blocks.faint];
  for (const { object, instanceId, face } of ray.intersectObjects([...meshes], false)) {
    const mesh = meshes.find((one) => one === object);
    if (mesh === undefined || instanceId === undefined || !face) continue;
    const block = blocks.placeOf(mesh, instanceId);
    // What is being taken away is seen, but not there.
    if (block === undefined || blocks.kindAt(block) === AIR) continue;
    const { x, y, z } = face.normal;
    const beside = { x: block.x + x, y: block.y + y, z: block.z + z };
    return { block, beside: isInside(beside) ? beside : block };
  }
  return undefined;
}
