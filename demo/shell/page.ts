// The page: puts the parts together and brings them up to date. Draws at most once a frame.
import { createExplorer } from "../explorer/explorer.ts";
import type { AnyBoard } from "../games/game.ts";
import { GAMES } from "../games/games.ts";
import { createInspector } from "../inspector/inspector.ts";
import type { Actions } from "../view/actions.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { element, setAttribute } from "./element.ts";
import { createHeader } from "./header.ts";
import { createStanding } from "./standing.ts";
import { createToasts, type Toasts } from "./toasts.ts";

export interface Page {
  readonly toasts: Toasts;
  show(view: View): void;
}

export function createPage(host: HTMLElement, actions: Actions, board: AnyBoard): Page {
  const header = createHeader(actions);
  const stage = createStage(board, actions);
  const inspector = createInspector();
  const explorer = createExplorer(actions);
  const toasts = createToasts();
  const parts = [header, stage, inspector, explorer];
  host.replaceChildren(
    header.element,
    element("main", { class: "main" }, stage.element, inspector.element),
    explorer.element,
    toasts.element,
  );
  let waiting: View | undefined;
  const draw = () => {
    const view = waiting;
    waiting = undefined;
    if (view === undefined) return;
    setAttribute(host, "data-state", view.standing.type);
    document.title = `${view.room} · ${GAMES[view.game].title} · Holdfast`;
    for (const part of parts) part.update(view);
  };
  return {
    toasts,
    show(view) {
      // A hidden tab draws no frames, and yet has to show where it stands when it is looked at.
      if (waiting === undefined) {
        if (document.hidden) setTimeout(draw, 0);
        else requestAnimationFrame(draw);
      }
      waiting = view;
    },
  };
}

/** The game, and what stands in its place or below it while this tab does not play. */
function createStage(board: AnyBoard, actions: Actions): Part<View> {
  const standing = createStanding(actions);
  const stage = element("div", { class: "game" }, board.element, standing.element);
  return {
    element: stage,
    update(view) {
      board.update(view);
      standing.update(view);
      setAttribute(stage, "data-state", view.standing.type);
      setAttribute(stage, "data-empty", board.isEmpty() ? "" : undefined);
    },
  };
}
