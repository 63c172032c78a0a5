// What stands below the game, or in its place, while this tab does not play:
// starting, refused, banned, gone, closed, crashed. Always says why and what can be done.

import type { Actions } from "../view/actions.ts";
import type { Part } from "../view/part.ts";
import type { Standing, View } from "../view/view.ts";
import { element, setAttribute } from "./element.ts";
import { problemLines } from "./toasts.ts";
import { amount, timeToTheSecond } from "./wording.ts";

/** What a refusal is about, by its code's name. */
const REFUSALS: Readonly<Record<string, string>> = {
  ADDRESS_INVALID: "That link is broken",
  SIGNALLING_UNREACHABLE: "The signalling server is out of reach",
  CHAIN_UNREACHABLE: "The chain is out of reach",
  CHAIN_INVALID: "That is no chain",
  CHANNEL_FULL: "The channel is full",
  BANNED: "This tab is banned",
};

const STOPPED = "The others notice its silence; if it led, they choose another leader.";

export function createStanding(actions: Actions): Part<View> {
  const card = element("section", {
    class: "standing",
    attributes: { "data-testid": "standing", "aria-live": "polite" },
  });
  let shown = "";
  return {
    element: card,
    update(view) {
      setAttribute(card, "data-state", view.standing.type);
      const balance = view.balance === undefined ? undefined : amount(view.balance);
      const key = JSON.stringify([view.standing, balance], (_, value: unknown) =>
        typeof value === "bigint" ? String(value) : value,
      );
      if (key === shown) return;
      shown = key;
      card.replaceChildren(...contentOf(view.standing, balance, actions));
    },
  };
}

function contentOf(standing: Standing, balance: string | undefined, actions: Actions): Node[] {
  switch (standing.type) {
    case "starting":
      return [
        element("div", { class: "progress", attributes: { role: "progressbar" } }),
        element("h2", { text: "One moment" }),
        element("p", { text: standing.step }),
      ];
    case "playing":
      return [];
    case "refused":
      return [
        element("h2", { text: REFUSALS[standing.problem.name] ?? "This tab could not sit down" }),
        ...problemLines(standing.problem),
        restartButton("Try again", actions),
      ];
    case "banned":
      return [
        element("h2", { text: "Banned" }),
        element("p", {
          text: `The others executed your moves again, proved them wrong and voted you out. ${fine(
            standing.fined,
          )}`,
        }),
        element("p", {
          text: `You may join again at ${timeToTheSecond(standing.untilMs)}.`,
          attributes: { "data-testid": "banned-until", "data-until": String(standing.untilMs) },
        }),
        restartButton("Join again", actions),
      ];
    case "left":
      return [
        element("h2", { text: "You have left the channel" }),
        returned(standing.returned, balance),
        restartButton("Join again", actions),
      ];
    case "closed":
      return [
        element("h2", { text: "The channel is closed" }),
        element("p", { text: "What was settled last stays on the chain." }),
        returned(standing.returned, balance),
        restartButton("Open a new one", actions),
      ];
    case "stopped":
      return [
        element("h2", { text: "This tab's node has stopped" }),
        ...(standing.problem === undefined
          ? [element("p", { text: STOPPED })]
          : problemLines(standing.problem)),
        restartButton("Start it again", actions),
      ];
  }
}

function fine(fined: bigint): string {
  if (fined === 0n) return "There is no fine between two players.";
  return `Your stake of ${amount(fined)} is forfeited.`;
}

function returned(units: bigint, balance: string | undefined): HTMLElement {
  const purse = balance === undefined ? "" : ` Your purse holds ${balance}.`;
  return element("p", {
    text: `The chain returned your stake of ${amount(units)} (play money).${purse}`,
    attributes: { "data-testid": "returned", "data-units": String(units) },
  });
}

function restartButton(label: string, actions: Actions): HTMLElement {
  return element("button", {
    class: "button button-primary",
    text: label,
    attributes: { type: "button", "data-testid": "restart" },
    onClick: () => actions.restart(),
  });
}
