// The chain below the channel: its newest blocks, and what it holds about this channel.
import { element, setAttribute, setText } from "../shell/element.ts";
import { icon } from "../shell/icons.ts";
import { keyedList } from "../shell/keyed-list.ts";
import { amount, plural, shortHex, timeToTheSecond } from "../shell/wording.ts";
import type { Actions } from "../view/actions.ts";
import type { BlockView } from "../view/chain.ts";
import type { Part } from "../view/part.ts";
import type { View } from "../view/view.ts";
import { createExplorerDialog } from "./explorer-dialog.ts";

const EMBEDDED =
  "Embedded in this browser: as honest as the browser that hosts it, and its coins are play money.";

export function createExplorer(actions: Actions): Part<View> {
  const dialog = createExplorerDialog((isOpen) => actions.explore(isOpen));
  const open = element(
    "button",
    {
      class: "button button-quiet explorer-open",
      attributes: { type: "button", "data-testid": "explore" },
      onClick: () => dialog.open(),
    },
    icon("search"),
    element("span", { text: "Explore" }),
  );
  const blocks = keyedList<BlockView>(
    element("ol", { class: "blocks", attributes: { "aria-label": "Latest blocks" } }),
    { key: ({ height }) => String(height), create: createBlock },
  );
  const channel = element("p", { class: "on-chain", attributes: { "data-testid": "on-chain" } });
  const stored = element("p", { class: "on-chain", attributes: { "data-testid": "stored" } });
  const place = element("p", { class: "honesty", attributes: { "data-testid": "chain-place" } });
  const title = element("h2", { class: "explorer-title" });
  title.append(icon("anchor"), "On the chain");
  const strip = element(
    "footer",
    { class: "explorer", attributes: { "aria-label": "Chain explorer" } },
    element("div", { class: "explorer-head" }, title, place),
    blocks.element,
    element("div", { class: "explorer-channel" }, channel, stored),
    open,
    dialog.element,
  );
  return {
    element: strip,
    update(view) {
      const { chain } = view;
      dialog.update(view);
      blocks.update(chain.blocks);
      setText(place, chain.url === undefined ? EMBEDDED : elsewhere(chain.url));
      setAttribute(channel, "data-settled", String(chain.settledHeight ?? ""));
      setText(channel, channelText(view));
      const line = chain.storedLine;
      setAttribute(stored, "data-count", String(line?.count ?? ""));
      setText(stored, line?.text ?? "");
      setAttribute(stored, "title", line?.text);
      blocks.element.hidden = chain.blocks.length === 0;
    },
  };
}

function createBlock(): Part<BlockView> {
  const height = element("strong");
  const detail = element("span");
  const card = element("li", { class: "block" }, height, detail);
  return {
    element: card,
    update(block) {
      setText(height, `#${block.height}`);
      setText(
        detail,
        block.transactionsCount === 0 ? "empty" : plural(block.transactionsCount, "transaction"),
      );
      setAttribute(card, "data-empty", block.transactionsCount === 0 ? "" : undefined);
      setAttribute(card, "title", `${block.hash} at ${timeToTheSecond(block.atMs)}`);
    },
  };
}

function elsewhere(url: string): string {
  return `Served at ${url}. Its coins come from a faucet, and are play money.`;
}

function channelText({ chain, standing }: View): string {
  if (chain.isSilent) return "Nothing was heard of the chain yet.";
  if (chain.settledHeight === undefined) {
    return standing.type === "refused"
      ? "This tab looks at no channel, for it is in none."
      : "The chain has no channel for this room yet.";
  }
  const root = chain.stateRoot === undefined ? "" : `, state root ${shortHex(chain.stateRoot)}`;
  const escrow = chain.escrow === undefined ? "" : `, ${amount(chain.escrow)} in escrow`;
  return `Settled up to move ${chain.settledHeight}${root}${escrow}.`;
}
