// A long text of which only the ends are shown, with a button that copies all of it.

import type { Part } from "../view/part.ts";
import { element, setAttribute, setText } from "./element.ts";
import { icon } from "./icons.ts";
import { shortHex } from "./wording.ts";

const COPIED_MS = 1_500;

/** @param label what it is, for whoever does not see it: "hash of the block" */
export function createCopyable(label: string): Part<string> {
  let whole = "";
  const shown = element("code", { class: "copyable-text" });
  const button = element(
    "button",
    {
      class: "copy",
      attributes: { type: "button", title: `Copy the ${label}`, "aria-label": `Copy the ${label}` },
      onClick: () => void copy(),
    },
    icon("copy"),
  );
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(whole);
      tell("check");
    } catch {
      // Forbidden by the browser: the text can still be marked where it is shown whole.
      tell("warning");
    }
  }
  function tell(picture: "check" | "warning"): void {
    button.replaceChildren(icon(picture));
    setTimeout(() => button.replaceChildren(icon("copy")), COPIED_MS);
  }
  return {
    element: element("span", { class: "copyable" }, shown, button),
    update(text) {
      whole = text;
      setText(shown, shortHex(text));
      setAttribute(shown, "title", text);
    },
  };
}
