// What the keys do on the land. Pure: from a key to a wish.

export type KeyWish =
  /** One step, as the player sees it. */
  | { readonly type: "walk" | "point"; readonly right: number; readonly away: number }
  | { readonly type: "raise"; readonly by: number }
  | { readonly type: "use" }
  | { readonly type: "take" };

const RIGHT = { right: 1, away: 0 } as const;
const LEFT = { right: -1, away: 0 } as const;
const AWAY = { right: 0, away: 1 } as const;
const NEAR = { right: 0, away: -1 } as const;

/** By the key's place on the keyboard, so that other layouts walk with the same fingers. */
const WISHES: Readonly<Record<string, KeyWish>> = {
  KeyW: { type: "walk", ...AWAY },
  KeyA: { type: "walk", ...LEFT },
  KeyS: { type: "walk", ...NEAR },
  KeyD: { type: "walk", ...RIGHT },
  ArrowUp: { type: "point", ...AWAY },
  ArrowLeft: { type: "point", ...LEFT },
  ArrowDown: { type: "point", ...NEAR },
  ArrowRight: { type: "point", ...RIGHT },
  PageUp: { type: "raise", by: 1 },
  PageDown: { type: "raise", by: -1 },
  KeyE: { type: "raise", by: 1 },
  KeyQ: { type: "raise", by: -1 },
  Enter: { type: "use" },
  Space: { type: "use" },
  Delete: { type: "take" },
  Backspace: { type: "take" },
};

export function keyWish(code: string): KeyWish | undefined {
  return WISHES[code];
}

export const KEYS_TOLD =
  "W A S D walk. Arrows point, Page Up and Page Down change the height. Enter uses what is in " +
  "hand, Delete takes a block away.";
