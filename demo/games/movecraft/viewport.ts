// Where the land is seen: in space where the browser has WebGL, else as a map; and as a map for
// whoever prefers it. What draws in space is loaded here, and only when it can draw.
import { element } from "../../shell/element.ts";
import { createLandMap } from "./land-map.ts";
import type { LandView, LandViewOptions, ShownLand } from "./land-view.ts";

export type Mode = "space" | "map";

export interface Viewport {
  readonly element: HTMLElement;
  /** Whether there can be more than a map. */
  readonly hasSpace: boolean;
  readonly mode: Mode;
  setMode(mode: Mode): void;
  show(land: ShownLand): void;
  turned(right: number, away: number): readonly [x: number, z: number];
}

export function createViewport(options: LandViewOptions): Viewport {
  const hasSpace = hasWebGl();
  const box = element("div", { class: "land-viewport" });
  let view: LandView | undefined;
  let shown: ShownLand | undefined;
  let mode: Mode = hasSpace ? "space" : "map";

  function replace(next: LandView): void {
    view?.dispose();
    view = next;
    box.replaceChildren(next.element);
    if (shown !== undefined) next.show(shown);
  }

  async function open(): Promise<void> {
    box.dataset["mode"] = mode;
    if (mode === "map") return replace(createLandMap(options));
    const { createLandScene } = await import("./scene/land-scene.ts");
    if (mode === "space") replace(createLandScene(options));
  }

  void open();
  return {
    element: box,
    hasSpace,
    get mode() {
      return mode;
    },
    setMode(wanted) {
      if (wanted === mode || (wanted === "space" && !hasSpace)) return;
      mode = wanted;
      void open();
    },
    show(land) {
      shown = land;
      view?.show(land);
    },
    turned: (right, away) => view?.turned(right, away) ?? [right, -away],
  };
}

function hasWebGl(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  // Browsers allow only so many at a time.
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
