// Short messages over the page: errors by their code, with what happened, who caused it and what to
// do, and good news. Errors stay until they are dismissed or others push them out.

import type { Problem } from "../view/problem.ts";
import { element } from "./element.ts";

const TOASTS_MAX = 3;
const NOTE_MS = 5_000;

export interface Toasts {
  readonly element: HTMLElement;
  showProblem(problem: Problem): void;
  showNote(text: string): void;
}

export function createToasts(): Toasts {
  const stack = element("div", {
    class: "toasts",
    attributes: { role: "region", "aria-label": "Notices", "aria-live": "polite" },
  });
  const show = (toast: HTMLElement) => {
    stack.append(toast);
    while (stack.childElementCount > TOASTS_MAX) stack.firstElementChild?.remove();
  };
  return {
    element: stack,
    showProblem(problem) {
      // The same again takes the place of what was said before.
      for (const toast of Array.from(stack.children)) {
        if (isAbout(toast, problem)) toast.remove();
      }
      show(problemToast(problem));
    },
    showNote(text) {
      const toast = element("div", {
        class: "toast toast-note",
        text,
        attributes: { "data-testid": "note" },
      });
      show(toast);
      setTimeout(() => toast.remove(), NOTE_MS);
    },
  };
}

function problemToast(problem: Problem): HTMLElement {
  const toast = element(
    "div",
    {
      class: "toast toast-problem",
      attributes: { role: "alert", "data-testid": "problem", "data-code": problem.code },
    },
    element("button", {
      class: "toast-dismiss",
      text: "×",
      attributes: { type: "button", "aria-label": "Dismiss" },
      onClick: () => toast.remove(),
    }),
    ...problemLines(problem),
  );
  return toast;
}

function isAbout(toast: Element, { code, what }: Problem): boolean {
  const isSameCode = toast.getAttribute("data-code") === code;
  return isSameCode && toast.querySelector(".problem-what")?.textContent === what;
}

/** A problem in full: what happened, who caused it, what to do, and the code to look it up by. */
export function problemLines(problem: Problem): HTMLElement[] {
  return [
    element("p", { class: "problem-what", text: problem.what }),
    element("p", { class: "problem-who", text: problem.who }),
    element("p", { class: "problem-remedy", text: problem.remedy }),
    element("p", { class: "problem-code", text: problem.code }),
  ];
}
