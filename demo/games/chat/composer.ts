// Where a player types. Enter sends; the text stays until it has been handed to the node.
import { element, setText } from "../../shell/element.ts";
import { icon } from "../../shell/icons.ts";
import type { Part } from "../../view/part.ts";
import type { View } from "../../view/view.ts";

/** What the contract accepts, in bytes of UTF-8; it refuses more by its own code. */
export const TEXT_SIZE_MAX = 280;
/** The rest is shown from here on. */
const WARN_BELOW = 60;

const encoder = new TextEncoder();

/** @param say takes what the player has written */
export function createComposer(say: (text: string) => void): Part<View> {
  const input = element("input", {
    class: "composer-input",
    attributes: {
      id: "composer",
      type: "text",
      autocomplete: "off",
      placeholder: "Write to everybody…",
      "data-testid": "composer",
    },
  });
  const rest = element("span", { class: "composer-rest", attributes: { "aria-live": "polite" } });
  const send = element(
    "button",
    {
      class: "button button-primary composer-send",
      attributes: { type: "submit", "data-testid": "send", "aria-label": "Send" },
    },
    icon("send"),
  );
  const label = element("label", {
    class: "visually-hidden",
    text: "Message",
    attributes: { for: "composer" },
  });
  const form = element("form", { class: "composer" }, label, input, rest, send);
  let isPlaying = false;
  const check = () => {
    const left = TEXT_SIZE_MAX - encoder.encode(input.value).length;
    setText(rest, left < WARN_BELOW ? String(left) : "");
    send.disabled = !isPlaying || input.value.trim() === "" || left < 0;
  };
  input.addEventListener("input", check);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check();
    if (send.disabled) return;
    say(input.value.trim());
    input.value = "";
    check();
  });
  return {
    element: form,
    update(view) {
      isPlaying = view.standing.type === "playing";
      input.disabled = !isPlaying;
      check();
    },
  };
}
