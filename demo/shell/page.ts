// The page: puts the parts together and brings them up to date. Draws at most once a frame.
import { createConversation } from "../chat/conversation.ts";
import { createExplorer } from "../explorer/explorer.ts";
import { createInspector } from "../inspector/inspector.ts";
import { element, setAttribute } from "./element.ts";
import { createHeader } from "./header.ts";
import { createToasts, type Toasts } from "./toasts.ts";
import type { Actions, View } from "./view-model.ts";

export interface Page {
  readonly toasts: Toasts;
  show(view: View): void;
}

export function createPage(host: HTMLElement, actions: Actions): Page {
  const header = createHeader(actions);
  const conversation = createConversation(actions);
  const inspector = createInspector();
  const explorer = createExplorer();
  const toasts = createToasts();
  const parts = [header, conversation, inspector, explorer];
  host.replaceChildren(
    header.element,
    element("main", { class: "main" }, conversation.element, inspector.element),
    explorer.element,
    toasts.element,
  );
  let waiting: View | undefined;
  const draw = () => {
    const view = waiting;
    waiting = undefined;
    if (view === undefined) return;
    setAttribute(host, "data-state", view.standing.type);
    document.title = `${view.room} · Holdfast`;
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
