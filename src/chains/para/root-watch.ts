/**
 * Watches the root chain's branch for what was sent to it and for what the nodes agree on. It goes
 * on while no blocks are made of it, so that a chain that waits for the consensus hears of it. What
 * is agreed on counts for good when the root chain cannot undo the block that says so.
 */
import type { Agreed } from "./contract.ts";
import { agreedIn } from "./filter.ts";
import type { RootAccess } from "./root-access.ts";
import type { RootBlock, RootPlace } from "./root-block.ts";
import { nextEntry } from "./root-log.ts";
import type { Title } from "./title.ts";

/** Root blocks that are remembered beside those that may be undone. */
const REMEMBERED = 16;

export interface RootWatchHandlers {
  readonly onAdded: (block: RootBlock, isCatchingUp: boolean) => void;
  readonly onRemoved: (place: RootPlace) => void;
  /** The newest height that the branch says is agreed on. */
  readonly onConsensus: (agreed: Agreed) => void;
  /** The root chain cannot undo it any more. */
  readonly onAgreed: (agreed: Agreed) => void;
}

export interface RootWatch {
  /** Follows the branch to its newest block. Rejects when the root node does not answer. */
  follow(): Promise<void>;
  /** Something that the branch said at its present head. */
  note(agreed: Agreed): void;
}

interface Fact {
  readonly agreed: Agreed;
  readonly rootHeight: bigint;
}

interface WatchState {
  readonly title: Title;
  readonly root: RootAccess;
  readonly handlers: RootWatchHandlers;
  /** Blocks between the watch and the root's head beyond which it is catching up. */
  readonly lagMax: bigint;
  /** Where the branch was followed, oldest first. */
  places: readonly RootPlace[];
  facts: readonly Fact[];
}

/** Begins at the newest root block; rejects when the root node does not answer. */
export async function createRootWatch(
  title: Title,
  root: RootAccess,
  lagMax: bigint,
  handlers: RootWatchHandlers,
): Promise<RootWatch> {
  const { place } = await root.head();
  const state: WatchState = { title, root, handlers, lagMax, places: [place], facts: [] };
  return {
    follow: () => follow(state),
    note: (agreed) => noteFact(state, agreed),
  };
}

async function follow(state: WatchState): Promise<void> {
  const { root } = state;
  for (;;) {
    const entry = await nextEntry(root, state.places);
    if (entry.type === "add") {
      const head = await root.head();
      add(state, entry.block, head.place.height - entry.block.place.height > state.lagMax);
    } else if (entry.type === "remove") {
      await remove(state);
    } else break;
  }
  settle(state, (await root.head()).finalHeight);
}

function add(state: WatchState, block: RootBlock, isCatchingUp: boolean): void {
  const { title, handlers } = state;
  const places = [...state.places, block.place];
  const final = places.findLastIndex(({ height }) => height <= block.finalHeight);
  state.places = places.slice(Math.max(final - REMEMBERED, 0));
  handlers.onAdded(block, isCatchingUp);
  const agreed = agreedIn(title, block);
  if (agreed === undefined) return;
  noteFact(state, agreed);
  handlers.onConsensus(agreed);
}

async function remove(state: WatchState): Promise<void> {
  const { root, handlers, places } = state;
  const place = places.at(-1);
  if (place === undefined) return;
  state.facts = state.facts.filter(({ rootHeight }) => rootHeight < place.height);
  handlers.onRemoved(place);
  // A branch that was left further down than is remembered is watched from its end.
  state.places = places.length > 1 ? places.slice(0, -1) : [(await root.head()).place];
}

function noteFact(state: WatchState, agreed: Agreed): void {
  const rootHeight = state.places.at(-1)?.height ?? 0n;
  state.facts = [...state.facts, { agreed, rootHeight }];
}

/** Says the newest of what is agreed on and final. */
function settle(state: WatchState, finalHeight: bigint): void {
  const settled = state.facts.findLast(({ rootHeight }) => rootHeight <= finalHeight);
  state.facts = state.facts.filter(({ rootHeight }) => rootHeight > finalHeight);
  if (settled !== undefined) state.handlers.onAgreed(settled.agreed);
}
