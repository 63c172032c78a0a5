// What a player is typing into a paragraph: goes out whenever the writer pauses, and before the
// paragraph is let go. Knows the contract's limit and nothing else of it.
import { element, setAttribute, setText } from "../../shell/element.ts";

/** What the contract accepts, in bytes of UTF-8; it refuses more by its own code. */
const TEXT_SIZE_MAX = 512;
const WARN_BELOW = 80;
const PAUSE_MS = 350;

const encoder = new TextEncoder();

export interface DraftOptions {
  readonly onPause: (text: string) => void;
  readonly onDone: () => void;
}

export interface Draft {
  readonly element: HTMLTextAreaElement;
  /** How many bytes are left, when they get few. */
  readonly rest: HTMLElement;
  open(text: string): void;
  close(): void;
  /** Sends what was not sent yet, and lets go. */
  finish(): void;
}

export function createDraft({ onPause, onDone }: DraftOptions): Draft {
  const input = element("textarea", {
    class: "paragraph-draft",
    attributes: { rows: "1", "aria-label": "Paragraph", "data-testid": "draft" },
  });
  const rest = element("span", { class: "paragraph-rest", attributes: { "aria-live": "polite" } });
  input.hidden = true;
  let sent = "";
  let pausing: ReturnType<typeof setTimeout> | undefined;

  const left = () => TEXT_SIZE_MAX - encoder.encode(input.value).length;
  const check = () => {
    setText(rest, left() < WARN_BELOW ? `${left()} bytes left` : "");
    setAttribute(rest, "data-over", left() < 0 ? "" : undefined);
  };
  const send = () => {
    clearTimeout(pausing);
    if (input.value === sent || left() < 0) return;
    sent = input.value;
    onPause(sent);
  };
  const finish = () => {
    if (left() < 0) return input.focus();
    send();
    onDone();
  };
  input.addEventListener("input", () => {
    check();
    clearTimeout(pausing);
    pausing = setTimeout(send, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    const isDone = event.key === "Escape" || (event.key === "Enter" && event.ctrlKey);
    if (!isDone) return;
    event.preventDefault();
    finish();
  });
  return {
    element: input,
    rest,
    open(text) {
      sent = text;
      input.value = text;
      input.hidden = false;
      check();
      input.focus();
    },
    close() {
      clearTimeout(pausing);
      input.hidden = true;
      setText(rest, "");
    },
    finish,
  };
}
