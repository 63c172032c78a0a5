// The land as a map, seen from above: one layer in full colour, and below it, paler, what lies on
// the ground. For browsers without WebGL, and for whoever wants to see a layer exactly.
import { AIR, LAND_SIDE } from "holdfast";
import { element } from "../../shell/element.ts";
import { initials } from "../../shell/wording.ts";
import { kindOf } from "./kinds.ts";
import type { LandView, LandViewOptions, ShownHero, ShownLand } from "./land-view.ts";
import { blockAt, indexOf, type Place } from "./places.ts";

/** How pale blocks are that lie below the layer, for each layer further down. */
const DEPTH_FADE = 0.16;
const DEPTH_SHOWN = 5;
const FAINT_OPACITY = 0.55;
const BUTTON_OTHER = 2;

export function createLandMap({ onPick, onPoint }: LandViewOptions): LandView {
  const canvas = element("canvas", { class: "land-map" });
  const box = element("div", { class: "land-picture land-picture-map" }, canvas);
  let shown: ShownLand | undefined;
  const draw = () => {
    const context = canvas.getContext("2d");
    if (shown !== undefined && context !== null) drawMap(context, canvas.width, shown);
  };
  const placeAt = ({ clientX, clientY }: PointerEvent): Place | undefined => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const x = Math.floor(((clientX - left) / width) * LAND_SIDE);
    const z = Math.floor(((clientY - top) / height) * LAND_SIDE);
    const isOn = x >= 0 && z >= 0 && x < LAND_SIDE && z < LAND_SIDE;
    return isOn && shown !== undefined ? { x, y: shown.cursor.y, z } : undefined;
  };
  canvas.addEventListener("pointermove", (event) => {
    const at = placeAt(event);
    if (at !== undefined && event.pointerType !== "touch") onPoint({ block: at, beside: at });
  });
  canvas.addEventListener("pointerup", (event) => {
    const at = placeAt(event);
    if (at === undefined) return;
    onPick({ block: at, beside: at, isTaking: event.button === BUTTON_OTHER });
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  const observer = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    const side = Math.floor(Math.min(entry.contentRect.width, entry.contentRect.height));
    canvas.style.width = `${side}px`;
    canvas.width = Math.max(1, Math.round(side * devicePixelRatio));
    canvas.height = canvas.width;
    draw();
  });
  observer.observe(box);
  return {
    element: box,
    show(land) {
      shown = land;
      draw();
    },
    turned: (right, away) => [right, -away],
    dispose: () => observer.disconnect(),
  };
}

function drawMap(context: CanvasRenderingContext2D, width: number, land: ShownLand): void {
  const side = width / LAND_SIDE;
  context.clearRect(0, 0, width, width);
  for (let at = 0; at < LAND_SIDE * LAND_SIDE; at++) {
    const column = { x: at % LAND_SIDE, z: Math.floor(at / LAND_SIDE) };
    drawColumn(context, side, land, column);
  }
  for (const hero of land.heroes) drawHero(context, side, hero, land.cursor.y);
  const { cursor, isInReach } = land;
  context.lineWidth = Math.max(2, side / 12);
  context.strokeStyle = isInReach ? "#ffffff" : "#ff6b5e";
  context.strokeRect(cursor.x * side + 1, cursor.z * side + 1, side - 2, side - 2);
}

/** The layer's block, or the first one below it. */
function drawColumn(
  context: CanvasRenderingContext2D,
  side: number,
  { blocks, faint, cursor }: ShownLand,
  { x, z }: Pick<Place, "x" | "z">,
): void {
  for (let y = cursor.y; y >= 0; y--) {
    const pale = faint.get(indexOf({ x, y, z }));
    const kind = pale ?? blockAt(blocks, { x, y, z });
    if (kind === AIR) continue;
    const depth = Math.min(cursor.y - y, DEPTH_SHOWN);
    context.globalAlpha = (pale === undefined ? 1 : FAINT_OPACITY) * (1 - depth * DEPTH_FADE);
    context.fillStyle = kindOf(kind).colour;
    context.fillRect(x * side, z * side, side - 1, side - 1);
    break;
  }
  context.globalAlpha = 1;
}

function drawHero(
  context: CanvasRenderingContext2D,
  side: number,
  { at, player }: ShownHero,
  layer: number,
): void {
  context.globalAlpha = at.y === layer ? 1 : 0.6;
  context.beginPath();
  context.arc((at.x + 0.5) * side, (at.z + 0.5) * side, side * 0.42, 0, 2 * Math.PI);
  context.fillStyle = `hsl(${player.hue} 55% 38%)`;
  context.fill();
  context.lineWidth = Math.max(1, side / 16);
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.fillStyle = "#ffffff";
  context.font = `600 ${Math.round(side * 0.4)}px ui-sans-serif, system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(initials(player.name), (at.x + 0.5) * side, (at.z + 0.53) * side);
  context.globalAlpha = 1;
}
