// The land in space, by WebGL: a camera that turns around the player's hero, and pointing at
// blocks. Draws when something has changed, and not otherwise.
import { LAND_SIDE } from "holdfast";
import {
  BoxGeometry,
  Color,
  DirectionalLight,
  EdgesGeometry,
  HemisphereLight,
  LineBasicMaterial,
  LineSegments,
  PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { element } from "../../../shell/element.ts";
import type { LandView, LandViewOptions, ShownLand } from "../land-view.ts";
import { type BlockMesh, createBlockMesh } from "./block-mesh.ts";
import { createHeroMesh, type HeroMesh } from "./hero-mesh.ts";
import { watchPointing } from "./pointing.ts";

const MIDDLE = LAND_SIDE / 2;
/** Where the camera begins, from the hero. */
const VIEWPOINT = new Vector3(-7, 8, 12);
const SKY_LIGHT = "#cfe3ee";
const SKY_DARK = "#0f1a22";
const REACHED = "#ffffff";
const OUT_OF_REACH = "#ff6b5e";
const DISTANCE_MIN = 4;
const DISTANCE_MAX = 48;
const PIXEL_RATIO_MAX = 2;

interface Stage {
  readonly renderer: WebGLRenderer;
  readonly scene: Scene;
  readonly camera: PerspectiveCamera;
  readonly controls: OrbitControls;
  readonly blocks: BlockMesh;
  readonly heroes: HeroMesh;
  readonly cursor: LineSegments<EdgesGeometry, LineBasicMaterial>;
}

/** Throws where there is no WebGL. */
export function createLandScene(options: LandViewOptions): LandView {
  const renderer = new WebGLRenderer({ antialias: true });
  const stage = createStage(renderer);
  const { scene, camera, controls, blocks, heroes, cursor } = stage;
  const canvas = renderer.domElement;
  canvas.classList.add("land-canvas");
  const box = element("div", { class: "land-picture" }, canvas, heroes.names);
  let target: Vector3 | undefined;
  let shownHeroes = "";
  let shownCursor = "";
  let frame: number | undefined;
  const draw = () => {
    frame = undefined;
    renderer.render(scene, camera);
    heroes.placeNames(camera, box.clientWidth, box.clientHeight);
  };
  const redraw = () => {
    frame ??= requestAnimationFrame(draw);
  };
  const stopWatching = [
    watchSize(box, stage, redraw),
    watchTheme(scene, redraw),
    watchPointing({ canvas, camera, blocks, ...options }),
  ];
  controls.addEventListener("change", redraw);
  return {
    element: box,
    show(land) {
      // Drawing is the dearest thing on the page where there is no graphics card, and shadows are
      // half of it: the cursor throws none.
      const heroesKey = JSON.stringify(land.heroes, keyOf);
      const cursorKey = JSON.stringify([land.cursor, land.isInReach]);
      const isMoved = blocks.show(land) || heroesKey !== shownHeroes;
      if (!isMoved && cursorKey === shownCursor) return;
      shownHeroes = heroesKey;
      shownCursor = cursorKey;
      if (isMoved) renderer.shadowMap.needsUpdate = true;
      heroes.show(land.heroes);
      showCursor(cursor, land);
      target = followHero(stage, land, target);
      redraw();
    },
    turned: (right, away) => turnedBy(controls.getAzimuthalAngle(), right, away),
    dispose() {
      if (frame !== undefined) cancelAnimationFrame(frame);
      for (const stop of stopWatching) stop();
      for (const one of [controls, blocks, heroes, cursor.geometry, cursor.material, renderer]) {
        one.dispose();
      }
    },
  };
}

/** Seats are bigints. */
function keyOf(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function createStage(renderer: WebGLRenderer): Stage {
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.autoUpdate = false;
  const scene = new Scene();
  const camera = new PerspectiveCamera(50, 1, 0.1, 200);
  const controls = new OrbitControls(camera, renderer.domElement);
  controls.maxPolarAngle = Math.PI / 2 - 0.05;
  controls.minDistance = DISTANCE_MIN;
  controls.maxDistance = DISTANCE_MAX;
  controls.enablePan = false;
  const blocks = createBlockMesh();
  const heroes = createHeroMesh();
  const edges = new EdgesGeometry(new BoxGeometry(1.02, 1.02, 1.02));
  const cursor = new LineSegments(edges, new LineBasicMaterial({ color: REACHED }));
  scene.add(blocks.certain, blocks.faint, heroes.group, cursor, ...createLights());
  return { renderer, scene, camera, controls, blocks, heroes, cursor };
}

function createLights(): readonly (
  | HemisphereLight
  | DirectionalLight
  | DirectionalLight["target"]
)[] {
  const sky = new HemisphereLight("#ffffff", "#a89c8c", 2.3);
  const sun = new DirectionalLight("#fff3dc", 1.9);
  sun.position.set(MIDDLE + 14, 34, MIDDLE + 8);
  sun.target.position.set(MIDDLE, 4, MIDDLE);
  sun.castShadow = true;
  sun.shadow.mapSize.set(1024, 1024);
  sun.shadow.bias = -0.002;
  Object.assign(sun.shadow.camera, { left: -16, right: 16, top: 16, bottom: -16, far: 80 });
  return [sky, sun, sun.target];
}

function showCursor(cursor: Stage["cursor"], { cursor: at, isInReach }: ShownLand): void {
  cursor.position.set(at.x + 0.5, at.y + 0.5, at.z + 0.5);
  cursor.material.color.set(isInReach ? REACHED : OUT_OF_REACH);
}

/** Takes the camera along with the player's hero; returns where it looks. */
function followHero(
  { camera, controls }: Stage,
  { heroes }: ShownLand,
  target: Vector3 | undefined,
): Vector3 | undefined {
  const own = heroes.find(({ player }) => player.isYou);
  if (own === undefined) {
    if (target === undefined) lookAt(camera, controls, new Vector3(MIDDLE, 4, MIDDLE));
    return target;
  }
  const next = new Vector3(own.at.x + 0.5, own.at.y + 0.5, own.at.z + 0.5);
  if (target === undefined) lookAt(camera, controls, next);
  else if (!target.equals(next)) {
    camera.position.add(next.clone().sub(target));
    controls.target.copy(next);
    controls.update();
  }
  return next;
}

function lookAt(camera: PerspectiveCamera, controls: OrbitControls, at: Vector3): void {
  camera.position.copy(at).add(VIEWPOINT);
  controls.target.copy(at);
  controls.update();
}

/** To the nearest quarter, for heroes walk along the axes. */
function turnedBy(angle: number, right: number, away: number): readonly [x: number, z: number] {
  const quarters = ((Math.round(angle / (Math.PI / 2)) % 4) + 4) % 4;
  const steps: readonly (readonly [number, number])[] = [
    [right, -away],
    [-away, -right],
    [-right, away],
    [away, right],
  ];
  return steps[quarters] ?? [right, -away];
}

function watchSize(box: HTMLElement, { renderer, camera }: Stage, redraw: () => void): () => void {
  const observer = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = box;
    if (width === 0 || height === 0) return;
    renderer.setPixelRatio(Math.min(devicePixelRatio, PIXEL_RATIO_MAX));
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    redraw();
  });
  observer.observe(box);
  return () => observer.disconnect();
}

function watchTheme(scene: Scene, redraw: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    scene.background = new Color(dark.matches ? SKY_DARK : SKY_LIGHT);
    redraw();
  };
  paint();
  dark.addEventListener("change", paint);
  return () => dark.removeEventListener("change", paint);
}
