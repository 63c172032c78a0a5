// The strip on top: which room this is, who leads, what is at stake, and what a player can do.

import { GAMES } from "../games/games.ts";
import type { Actions } from "../view/actions.ts";
import { GAME_NAMES } from "../view/game-name.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { element, setAttribute, setText } from "./element.ts";
import { icon } from "./icons.ts";
import { createLeaving } from "./leaving.ts";
import { createMenu } from "./menu.ts";
import { amount } from "./wording.ts";

export function createHeader(actions: Actions): Part<View> {
  const room = element("h1", { class: "room", attributes: { "data-testid": "room" } });
  const leader = element("span", { attributes: { "data-testid": "leader" } });
  const stake = element("strong", { attributes: { "data-testid": "stake" } });
  const balance = element("strong", { attributes: { "data-testid": "balance" } });
  const money = element(
    "p",
    {
      class: "money",
      attributes: { title: "These coins come from a faucet: they are worth nothing." },
    },
    element("span", {}, "at stake ", stake),
    element("span", {}, "purse ", balance),
    element("em", { text: "play money" }),
  );
  const invite = element(
    "button",
    {
      class: "button button-quiet",
      attributes: {
        type: "button",
        "data-testid": "invite",
        "aria-label": "Copy invite link",
        title: "Copy invite link",
      },
      onClick: () => actions.invite(),
    },
    icon("link"),
    element("span", { class: "button-label", text: "Copy invite link" }),
  );
  const settings = element(
    "button",
    {
      class: "button button-quiet",
      attributes: {
        type: "button",
        "data-testid": "chain-settings",
        "aria-label": "Chain",
        title: "Which chain this room settles on",
      },
      onClick: () => actions.chooseChain(),
    },
    icon("block"),
    element("span", { class: "button-label", text: "Chain" }),
  );
  const games = createGames();
  const requests = createLeaving(actions);
  const trouble = createTrouble(actions);
  const bar = element(
    "header",
    { class: "header" },
    brand(),
    games.element,
    element("div", { class: "header-room" }, room, element("p", { class: "lead" }, leader)),
    money,
    element(
      "div",
      { class: "header-buttons" },
      invite,
      settings,
      trouble.element,
      requests.more,
      requests.settle,
    ),
  );
  return {
    element: bar,
    update(view) {
      const isPlaying = view.standing.type === "playing";
      games.update(view);
      setText(room, view.room);
      setText(leader, leaderText(view));
      setText(stake, amount(view.stake));
      setText(balance, view.balance === undefined ? "…" : amount(view.balance));
      requests.update(view, isPlaying);
      trouble.update(view);
    },
  };
}

function brand(): HTMLElement {
  const mark = element("span", { class: "brand-mark" });
  mark.append(icon("anchor"));
  return element("div", { class: "brand" }, mark, element("span", { text: "Holdfast" }));
}

/** The games, each at the same table's place in it: a seat that is left there stays. */
function createGames(): Part<View> {
  const links = GAME_NAMES.map((name) => {
    const { title, hint } = GAMES[name];
    return {
      name,
      link: element("a", {
        text: title,
        attributes: { title: hint, "data-testid": `game-${name}` },
      }),
    };
  });
  return {
    element: element(
      "nav",
      { class: "games", attributes: { "aria-label": "Games" } },
      ...links.map(({ link }) => link),
    ),
    update({ game, gameUrls }) {
      for (const { name, link } of links) {
        setAttribute(link, "href", gameUrls[name]);
        setAttribute(link, "aria-current", name === game ? "page" : undefined);
      }
    },
  };
}

function leaderText({ standing, channel, busy }: View): string {
  if (standing.type === "starting") {
    return busy.includes("leave") || busy.includes("exit") ? "Leaving…" : "Taking a seat…";
  }
  if (standing.type === "stopped") return "This tab's node has stopped";
  if (standing.type !== "playing") return "You are not at the table";
  const leader = channel?.leader;
  if (leader === undefined) return "Nobody leads at the moment";
  return leader.isYou ? "You lead" : `${leader.name} leads`;
}

/** Things that go wrong in the world, at the press of a button. */
function createTrouble(actions: Actions) {
  let isCheating = false;
  let isOffline = false;
  const menu = createMenu("Trouble", "trouble-menu", [
    {
      label: "Cheat",
      hint: "Loads an altered contract into this tab's sandbox",
      testId: "cheat",
      choose: () => actions.setCheating(!isCheating),
    },
    {
      label: "Cut the network",
      hint: "This tab neither hears nor speaks; the chain stays in reach",
      testId: "cut",
      choose: () => actions.setOffline(!isOffline),
    },
    {
      label: "Crash",
      hint: "Ends this tab's node without a goodbye",
      testId: "crash",
      choose: () => actions.crash(),
    },
  ]);
  const label = (testId: string) =>
    menu.entries.get(testId)?.querySelector<HTMLElement>(".menu-label");
  return {
    element: menu.element,
    update(view: View) {
      ({ isCheating, isOffline } = view.trouble);
      const entry = menu.entries.get("cheat");
      if (entry !== undefined) entry.hidden = !view.trouble.canCheat;
      const cheat = label("cheat");
      const cut = label("cut");
      if (cheat) setText(cheat, isCheating ? "Play by the rules again" : "Cheat");
      if (cut) setText(cut, isOffline ? "Mend the network" : "Cut the network");
      menu.setIdle(view.standing.type !== "playing");
      setAttribute(menu.element, "data-active", isCheating || isOffline ? "" : undefined);
    },
  };
}
