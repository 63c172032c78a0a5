// The chain seen closer, in a window over the page: blocks and what is in them, the room's channel
// with what is voted on, accounts with their RAM, shards with their gas.
import { createProposalList } from "../inspector/proposals.ts";
import { element, setText } from "../shell/element.ts";
import { problemLines } from "../shell/toasts.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { createBlockList } from "./block-list.ts";
import {
  accountName,
  accountRow,
  channelRows,
  pricesText,
  shardRow,
  shardsText,
} from "./chain-facts.ts";
import { createFactTable } from "./fact-table.ts";

export interface ExplorerDialog extends Part<View> {
  open(): void;
}

/** @param onOpen is told when somebody begins and ends to look */
export function createExplorerDialog(onOpen: (isOpen: boolean) => void): ExplorerDialog {
  const trouble = element("div", { class: "explored-trouble", attributes: { role: "alert" } });
  const parts = [createBlocks(), createChannel(), createAccounts(), createShards()];
  const close = element("button", {
    class: "button button-quiet",
    text: "Close",
    attributes: { value: "close", "data-testid": "explorer-close" },
  });
  const place = element("p", { class: "honesty" });
  const dialog = element(
    "dialog",
    {
      class: "dialog explored",
      attributes: { "aria-label": "Chain explorer", "data-testid": "explorer" },
    },
    element(
      "form",
      { class: "explored-title", attributes: { method: "dialog" } },
      element("div", {}, element("h2", { text: "The chain" }), place),
      close,
    ),
    trouble,
    element(
      "div",
      { class: "explored-parts", attributes: { tabindex: "0", "aria-label": "What it holds" } },
      ...parts.map((part) => part.element),
    ),
  );
  dialog.addEventListener("close", () => onOpen(false));
  let shownCode: string | undefined;
  return {
    element: dialog,
    open() {
      dialog.showModal();
      onOpen(true);
    },
    update(view) {
      if (!dialog.open) return;
      const { url, trouble: problem } = view.chain;
      setText(place, url === undefined ? "Embedded in this browser." : `Served at ${url}.`);
      if (problem?.code !== shownCode) {
        shownCode = problem?.code;
        trouble.replaceChildren(...(problem === undefined ? [] : problemLines(problem)));
      }
      for (const part of parts) part.update(view);
    },
  };
}

function section(title: string, ...children: readonly Node[]): HTMLElement {
  return element(
    "section",
    { class: "explored-part", attributes: { "aria-label": title } },
    element("h3", { text: title }),
    ...children,
  );
}

/** What an account is called on this page: a player's name, a package's, or its address. */
function namesIn(view: View): (address: string) => string {
  const players = new Map(view.players.map(({ address, name }) => [address, name]));
  return (address) => accountName(address, (known) => players.get(known));
}

function createBlocks(): Part<View> {
  const list = createBlockList();
  const waiting = element("p", { class: "panel-empty", text: "Asking the chain…" });
  const part = section("Latest blocks", waiting, list.element);
  return {
    element: part,
    update(view) {
      const blocks = view.chain.details?.blocks ?? [];
      waiting.hidden = blocks.length > 0;
      list.update({ blocks, nameOf: namesIn(view) });
    },
  };
}

function createChannel(): Part<View> {
  const table = createFactTable(["What", "Value"], "The room's channel on chain", "chain-channel");
  const none = element("p", { class: "panel-empty", text: "The chain has no channel for it yet." });
  const proposals = createProposalList();
  const part = section(
    "This room's channel",
    none,
    table.element,
    element("h3", { text: "Proposals and votes" }),
    proposals.element,
  );
  return {
    element: part,
    update(view) {
      const rows = channelRows(view.chain, view.channel);
      none.hidden = rows.length > 0;
      table.element.hidden = rows.length === 0;
      table.update({ rows });
      proposals.update(view);
    },
  };
}

function createAccounts(): Part<View> {
  const table = createFactTable(
    ["Account", "Coins", "RAM", "Staked"],
    "Coins and RAM of the players' accounts",
    "chain-accounts",
  );
  const prices = element("p", { class: "facts", attributes: { "data-testid": "chain-prices" } });
  return {
    element: section("Accounts", table.element, prices),
    update(view) {
      const { details } = view.chain;
      if (details === undefined) return;
      const nameOf = namesIn(view);
      const rows = details.accounts.map((one) => accountRow(one, nameOf(one.address)));
      table.update({ rows });
      setText(prices, pricesText(details.prices));
    },
  };
}

function createShards(): Part<View> {
  const table = createFactTable(
    ["Shard", "State", "Creator", "Epoch", "Peers", "Gas"],
    "Shards of this chain",
    "chain-shards",
  );
  const none = element("p", { class: "panel-empty", attributes: { "data-testid": "no-shards" } });
  return {
    element: section("Shards", none, table.element),
    update(view) {
      const { details } = view.chain;
      if (details === undefined) return;
      const text = shardsText(details.shards, details.shardId);
      setText(none, text);
      none.hidden = text === "";
      table.element.hidden = text !== "";
      const nameOf = namesIn(view);
      table.update({
        rows: (details.shards ?? []).map((shard) => shardRow(shard, nameOf(shard.creator))),
      });
    },
  };
}
