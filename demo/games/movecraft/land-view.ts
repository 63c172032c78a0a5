// What every way of showing a land has in common: the land in space, and the land as a map.
import type { PlayerView } from "../../view/player.ts";
import type { Picture } from "./land-model.ts";
import type { Place } from "./places.ts";

export interface ShownHero {
  readonly address: string;
  readonly player: PlayerView;
  readonly at: Place;
}

export interface ShownLand extends Omit<Picture, "heroes"> {
  readonly heroes: readonly ShownHero[];
  /** Where the next block would go, and whether the player's hero gets there. */
  readonly cursor: Place;
  readonly isInReach: boolean;
}

/** What a player points at. */
export interface Pick {
  /** The block that was hit; air where a map was. */
  readonly block: Place;
  /** The air before it, where another one could stand. */
  readonly beside: Place;
  /** The pointer's other button: take away, whatever tool is in hand. */
  readonly isTaking: boolean;
}

export interface LandViewOptions {
  readonly onPick: (pick: Pick) => void;
  readonly onPoint: (pick: Omit<Pick, "isTaking">) => void;
}

export interface LandView {
  readonly element: HTMLElement;
  show(land: ShownLand): void;
  /** A step as the player sees it, turned into one along the land's axes. */
  turned(right: number, away: number): readonly [x: number, z: number];
  dispose(): void;
}
