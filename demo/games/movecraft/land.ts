// The land as a board of the page: the viewport, what lies under the cursor, what is in hand, and
// the moves that come of pointing, keys and buttons.
import { AIR, type MovecraftCalls, type MovecraftChannel, type MovecraftState } from "holdfast";
import { element } from "../../shell/element.ts";
import type { View } from "../../view/view.ts";
import type { GameBoard, GameHost } from "../game.ts";
import { createCursorLine } from "./cursor-line.ts";
import { createInventory } from "./inventory.ts";
import { KEYS_TOLD, type KeyWish, keyWish } from "./keys.ts";
import { createLandControls } from "./land-controls.ts";
import {
  createLandModel,
  type Hero,
  type LandModel,
  type Move,
  type Picture,
} from "./land-model.ts";
import type { Pick as Picked, ShownLand } from "./land-view.ts";
import { createLatestMove } from "./latest-move.ts";
import { clamped, isInReach, isSame, type Place, stepTo } from "./places.ts";
import { hearLand, play } from "./playing.ts";
import { createViewport } from "./viewport.ts";

/** What a hero has in hand first: the first of the bricks. */
const IN_HAND_FIRST = 8;
const CURSOR_FIRST: Place = { x: 9, y: 4, z: 8 };
const TOO_STEEP = "Too steep: nobody climbs two blocks.";

interface Hand {
  inHand: number;
  cursor: Place;
  /** Where the player's hero was last seen: the cursor goes along with it. */
  heroAt: Place | undefined;
}

interface Stay {
  readonly model: LandModel;
  channel: MovecraftChannel | undefined;
  /** The hero was let fall onto the land. */
  hasArrived: boolean;
}

export function createLand(host: GameHost): GameBoard<MovecraftState, MovecraftCalls> {
  let stay: Stay = { model: createLandModel(), channel: undefined, hasArrived: false };
  const hand: Hand = { inHand: IN_HAND_FIRST, cursor: CURSOR_FIRST, heroAt: undefined };
  let picture: Picture | undefined;
  let own: Hero | undefined;

  const latest = createLatestMove();
  const move = (wanted: Move) => {
    const { channel, model } = stay;
    if (channel === undefined) return;
    latest.follow(wanted, play(channel, model, wanted, host));
    host.changed();
  };
  const take = (at: Place) => move({ type: "place", at, kind: AIR });
  const use = (at: Place) => move({ type: "place", at, kind: hand.inHand });
  const walk = (right: number, away: number) => {
    if (own === undefined || picture === undefined) return;
    const [dx, dz] = viewport.turned(right, away);
    const [x, z] = [own.at.x + dx, own.at.z + dz];
    const isPossible = stepTo(picture.blocks, own.at, x, z) !== undefined;
    if (isPossible) move({ type: "walk", x, z });
    else latest.tell(TOO_STEEP);
  };
  const point = (cursor: Place) => {
    hand.cursor = clamped(cursor);
    host.changed();
  };
  const raise = (by: number) => point({ ...hand.cursor, y: hand.cursor.y + by });
  const viewport = createViewport({
    onPick: ({ block, beside, isTaking }: Picked) => {
      if (isTaking || hand.inHand === AIR) take(block);
      else use(beside);
    },
    onPoint: ({ block, beside }) => point(hand.inHand === AIR ? block : beside),
  });
  const obey = (wish: KeyWish) => {
    switch (wish.type) {
      case "walk":
        return walk(wish.right, wish.away);
      case "point": {
        const [dx, dz] = viewport.turned(wish.right, wish.away);
        return point({ x: hand.cursor.x + dx, y: hand.cursor.y, z: hand.cursor.z + dz });
      }
      case "raise":
        return raise(wish.by);
      case "use":
        return use(hand.cursor);
      case "take":
        return take(hand.cursor);
    }
  };
  const inventory = createInventory((kind) => {
    hand.inHand = kind;
    host.changed();
  });
  const cursorLine = createCursorLine();
  const controls = createLandControls({ viewport, obey });
  const board = createBoard(obey, [
    viewport.element,
    cursorLine.element,
    controls.element,
    element("div", { class: "land-bar" }, inventory.element, latest.element),
  ]);

  function see(view: View, seen: Picture): void {
    picture = seen;
    own = seen.heroes.find(({ address }) => host.playerOf(address).isYou);
    if (own !== undefined) follow(hand, own.at);
    arrive(stay, seen, own, view, move);
    const shown = shownLand(seen, hand, own, host);
    viewport.show(shown);
    inventory.update({ carried: own?.carried ?? [], inHand: hand.inHand });
    cursorLine.update(shown);
    controls.update(view);
    latest.update();
  }

  return {
    element: board,
    sit(channel) {
      stay = { model: createLandModel(), channel, hasArrived: false };
      hearLand(channel, stay.model, host);
    },
    rise() {
      stay.channel = undefined;
    },
    isEmpty: () => picture === undefined,
    update(view) {
      board.inert = view.standing.type !== "playing";
      const seen = stay.model.picture(
        view.channel?.heights.confirmed ?? 0n,
        (address) => host.playerOf(address).isYou,
      );
      if (seen !== undefined) see(view, seen);
    },
  };
}

/** The first step, or none: a hero comes down to the ground with it. */
function arrive(
  stay: Stay,
  { blocks }: Picture,
  own: Hero | undefined,
  { standing }: View,
  move: (wanted: Move) => void,
): void {
  if (stay.hasArrived || own === undefined || standing.type !== "playing") return;
  stay.hasArrived = true;
  const { x, z } = own.at;
  const ground = stepTo(blocks, own.at, x, z);
  if (ground !== undefined && !isSame(ground, own.at)) move({ type: "walk", x, z });
}

/** Takes the cursor along with the player's hero, and to its side when it comes down. */
function follow(hand: Hand, at: Place): void {
  const before = hand.heroAt;
  hand.heroAt = at;
  if (before !== undefined && isSame(before, at)) return;
  const isNear = before !== undefined && isInReach(before, hand.cursor);
  const { x, y, z } = hand.cursor;
  hand.cursor = isNear
    ? clamped({ x: x + at.x - before.x, y: y + at.y - before.y, z: z + at.z - before.z })
    : clamped({ x: at.x + 1, y: at.y, z: at.z });
}

function shownLand(
  { blocks, faint, heroes }: Picture,
  { cursor }: Hand,
  own: Hero | undefined,
  host: GameHost,
): ShownLand {
  return {
    blocks,
    faint,
    heroes: heroes.map(({ address, at }) => ({ address, at, player: host.playerOf(address) })),
    cursor,
    isInReach: own !== undefined && isInReach(own.at, cursor),
  };
}

function createBoard(obey: (wish: KeyWish) => void, parts: readonly HTMLElement[]): HTMLElement {
  const [viewport, ...rest] = parts;
  const land = element("section", { class: "land", attributes: { "aria-label": "Land" } });
  if (viewport !== undefined) {
    viewport.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "application",
      "aria-label": `The land. ${KEYS_TOLD}`,
      "data-testid": "land",
    })) {
      viewport.setAttribute(name, value);
    }
    viewport.addEventListener("keydown", (event) => {
      const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
      const wish = isPlain ? keyWish(event.code) : undefined;
      if (wish === undefined) return;
      event.preventDefault();
      obey(wish);
    });
    land.append(viewport);
  }
  land.append(...rest);
  return land;
}
