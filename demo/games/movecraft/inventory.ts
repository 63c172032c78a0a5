// What the player's hero carries, and what it has in hand: one kind of block, or nothing, with
// which it takes blocks away.
import { AIR } from "holdfast";
import { element, setAttribute, setText } from "../../shell/element.ts";
import { icon } from "../../shell/icons.ts";
import type { Part } from "../../view/part.ts";
import { CARRIED_KINDS, kindOf } from "./kinds.ts";

export interface ShownInventory {
  /** By kind. */
  readonly carried: readonly number[];
  readonly inHand: number;
}

/** @param onTake is told what is taken in hand: a kind, or AIR */
export function createInventory(onTake: (kind: number) => void): Part<ShownInventory> {
  const slots = [AIR, ...CARRIED_KINDS].map((kind) => createSlot(kind, onTake));
  const bar = element(
    "fieldset",
    { class: "inventory" },
    element("legend", { class: "visually-hidden", text: "In hand" }),
    ...slots.map(({ slot }) => slot),
  );
  let shownInHand: number | undefined;
  return {
    element: bar,
    update({ carried, inHand }) {
      if (inHand !== shownInHand) {
        shownInHand = inHand;
        showInBar(bar, slots.find(({ kind }) => kind === inHand)?.slot);
      }
      for (const { kind, slot, input, count } of slots) {
        const left = kind === AIR ? undefined : (carried[kind] ?? 0);
        if (input.checked !== (kind === inHand)) input.checked = kind === inHand;
        setText(count, left === undefined ? "" : String(left));
        setAttribute(slot, "data-none", left === 0 ? "" : undefined);
      }
    },
  };
}

/** On a phone there are more kinds than fit beside each other. */
function showInBar(bar: HTMLElement, slot: HTMLElement | undefined): void {
  if (slot === undefined) return;
  const left = slot.offsetLeft - bar.offsetLeft;
  const right = left + slot.offsetWidth;
  if (left >= bar.scrollLeft && right <= bar.scrollLeft + bar.clientWidth) return;
  bar.scrollLeft = left - (bar.clientWidth - slot.offsetWidth) / 2;
}

function createSlot(kind: number, onTake: (kind: number) => void) {
  const name = kind === AIR ? "Take away" : kindOf(kind).name;
  const input = element("input", {
    attributes: { type: "radio", name: "in-hand", value: String(kind), "aria-label": name },
  });
  input.addEventListener("change", () => onTake(kind));
  const swatch = element("span", { class: "slot-swatch" });
  if (kind === AIR) swatch.append(icon("pick"));
  else swatch.style.background = kindOf(kind).colour;
  const count = element("span", { class: "slot-count" });
  const slot = element(
    "label",
    { class: "slot", attributes: { title: name, "data-testid": `slot-${kind}` } },
    input,
    swatch,
    count,
  );
  return { kind, slot, input, count };
}
