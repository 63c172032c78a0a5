// The newest blocks, each with what is in it: who called what, how that went, and what it cost.
import { createCopyable } from "../shell/copyable.ts";
import { element, setAttribute, setText } from "../shell/element.ts";
import { keyedList } from "../shell/keyed-list.ts";
import { amount, plural, timeToTheSecond } from "../shell/wording.ts";
import type { BlockDetails, TransactionView } from "../view/chain.ts";
import type { Part } from "../view/part.ts";

export interface ShownBlocks {
  readonly blocks: readonly BlockDetails[];
  /** What an account is called. */
  readonly nameOf: (address: string) => string;
}

interface ShownTransaction {
  readonly transaction: TransactionView;
  readonly sender: string;
}

/** A block with what is in it, or several that follow each other with nothing in them. */
export type BlockItem =
  | { readonly type: "block"; readonly block: BlockDetails }
  | { readonly type: "empty"; readonly first: BlockDetails; readonly last: BlockDetails };

interface ShownItem {
  readonly item: BlockItem;
  readonly nameOf: ShownBlocks["nameOf"];
}

/** @param blocks newest first */
export function foldEmpty(blocks: readonly BlockDetails[]): readonly BlockItem[] {
  const items: BlockItem[] = [];
  for (const block of blocks) {
    const before = items.at(-1);
    if (block.transactionsCount > 0) items.push({ type: "block", block });
    else if (before?.type === "empty") items[items.length - 1] = { ...before, first: block };
    else items.push({ type: "empty", first: block, last: block });
  }
  return items;
}

function keyOf(item: BlockItem): string {
  // A run of empty blocks grows at its newer end.
  return item.type === "block" ? item.block.hash : `empty-${item.first.hash}`;
}

export function createBlockList(): Part<ShownBlocks> {
  const list = keyedList<ShownItem>(
    element("ol", { class: "explored-blocks", attributes: { "aria-label": "Blocks" } }),
    { key: ({ item }) => keyOf(item), create: createItem },
  );
  return {
    element: list.element,
    update: ({ blocks, nameOf }) =>
      list.update(foldEmpty(blocks).map((item) => ({ item, nameOf }))),
  };
}

function createItem({ item }: ShownItem): Part<ShownItem> {
  return item.type === "empty" ? createEmpty() : createBlock();
}

function createEmpty(): Part<ShownItem> {
  const heights = element("strong");
  const row = element(
    "li",
    { class: "explored-block", attributes: { "data-empty": "" } },
    element("div", { class: "explored-head" }, heights, element("span", { text: "empty" })),
  );
  return {
    element: row,
    update({ item }) {
      if (item.type !== "empty") return;
      const { first, last } = item;
      const isOne = first.height === last.height;
      setText(
        heights,
        isOne ? `Block ${first.height}` : `Blocks ${first.height} to ${last.height}`,
      );
    },
  };
}

function createBlock(): Part<ShownItem> {
  const height = element("strong");
  const time = element("time");
  const count = element("span");
  const hash = createCopyable("hash of the block");
  const transactions = keyedList<ShownTransaction>(element("ol", { class: "transactions" }), {
    key: ({ transaction }) => transaction.hash,
    create: createTransaction,
  });
  const row = element(
    "li",
    { class: "explored-block", attributes: { "data-testid": "block" } },
    element("div", { class: "explored-head" }, height, time, count, hash.element),
    transactions.element,
  );
  return {
    element: row,
    update({ item, nameOf }) {
      if (item.type !== "block") return;
      const { block } = item;
      setText(height, `Block ${block.height}`);
      setText(time, timeToTheSecond(block.atMs));
      setText(count, plural(block.transactionsCount, "transaction"));
      hash.update(block.hash);
      transactions.update(
        block.transactions.map((transaction) => {
          return { transaction, sender: nameOf(transaction.sender) };
        }),
      );
    },
  };
}

function createTransaction(): Part<ShownTransaction> {
  const sender = element("span", { class: "transaction-sender" });
  const called = element("code", { class: "transaction-call" });
  const outcome = element("span", { class: "transaction-outcome" });
  const gas = element("span", { class: "transaction-gas" });
  const hash = createCopyable("hash of the transaction");
  const row = element(
    "li",
    { class: "transaction", attributes: { "data-testid": "transaction" } },
    sender,
    called,
    element("span", { class: "transaction-foot" }, outcome, gas, hash.element),
  );
  return {
    element: row,
    update({ transaction, sender: name }) {
      setText(sender, name);
      setAttribute(sender, "title", transaction.sender);
      setText(called, transaction.function ?? "no single function");
      setAttribute(row, "data-failed", transaction.isExecuted ? undefined : "");
      setText(outcome, transaction.isExecuted ? "executed" : transaction.status);
      setText(gas, `${amount(transaction.gasUsed)} gas`);
      hash.update(transaction.hash);
    },
  };
}
