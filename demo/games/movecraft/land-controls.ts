// Buttons over the land, for whoever has no keyboard at hand: steps, height, and how it is seen.
import { element, setAttribute, setText } from "../../shell/element.ts";
import { type IconName, icon } from "../../shell/icons.ts";
import type { Part } from "../../view/part.ts";
import type { View } from "../../view/view.ts";
import { KEYS_TOLD, type KeyWish } from "./keys.ts";
import type { Viewport } from "./viewport.ts";

const POINTING_TOLD =
  "Click or tap puts what is in hand; the pick, or the other button, takes a block away.";

export interface ControlsOptions {
  readonly viewport: Viewport;
  readonly obey: (wish: KeyWish) => void;
}

export function createLandControls({ viewport, obey }: ControlsOptions): Part<View> {
  const mode = element("button", {
    class: "button button-quiet",
    attributes: { type: "button", "data-testid": "land-mode" },
    onClick() {
      viewport.setMode(viewport.mode === "map" ? "space" : "map");
      showMode();
    },
  });
  const showMode = () => {
    setText(mode, viewport.mode === "map" ? "3D" : "Map");
    mode.disabled = !viewport.hasSpace;
    const why = viewport.hasSpace ? "See the land another way" : "This browser has no WebGL";
    setAttribute(mode, "title", why);
  };
  showMode();
  const another = element("a", {
    class: "button button-quiet",
    text: "Open another player",
    attributes: { target: "_blank", rel: "noopener", "data-testid": "another" },
  });
  const pad = (label: string, picture: IconName, place: string, wish: KeyWish) =>
    element(
      "button",
      {
        class: `tool pad-${place}`,
        attributes: { type: "button", title: label, "aria-label": label },
        onClick: () => obey(wish),
      },
      icon(picture),
    );
  const steps = element(
    "div",
    { class: "walk-pad", attributes: { role: "group", "aria-label": "Walk" } },
    pad("Walk away", "up", "up", { type: "walk", right: 0, away: 1 }),
    pad("Walk left", "left", "left", { type: "walk", right: -1, away: 0 }),
    pad("Walk right", "right", "right", { type: "walk", right: 1, away: 0 }),
    pad("Walk near", "down", "down", { type: "walk", right: 0, away: -1 }),
  );
  const layers = element(
    "div",
    { class: "layer-pad", attributes: { role: "group", "aria-label": "Height of the cursor" } },
    pad("Higher", "plus", "higher", { type: "raise", by: 1 }),
    pad("Lower", "minus", "lower", { type: "raise", by: -1 }),
  );
  const help = element(
    "details",
    { class: "land-help" },
    element("summary", { class: "tool", text: "?", attributes: { "aria-label": "Keys" } }),
    element("p", { text: `${POINTING_TOLD} ${KEYS_TOLD}` }),
  );
  return {
    element: element("div", { class: "land-controls" }, another, mode, help, layers, steps),
    update(view) {
      another.hidden = (view.channel?.members.length ?? 0) > 1;
      setAttribute(another, "href", view.inviteUrl);
    },
  };
}
