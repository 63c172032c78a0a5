// The newest blocks, each with what is in it: who called what, how that went, and what it cost.
import { createCopyable } from "../shell/copyable.ts";
import { element, setAttribute, setText } from "../shell/element.ts";
import { keyedList } from "../shell/keyed-list.ts";
import type { Part } from "../shell/view-model.ts";
import { amount, plural, timeToTheSecond } from "../shell/wording.ts";
import type { BlockDetails, TransactionView } from "./chain-details.ts";

export interface ShownBlocks {
  readonly blocks: readonly BlockDetails[];
  /** What an account is called. */
  readonly nameOf: (address: string) => string;
}

interface ShownTransaction {
  readonly transaction: TransactionView;
  readonly sender: string;
}

interface ShownBlock {
  readonly block: BlockDetails;
  readonly nameOf: ShownBlocks["nameOf"];
}

export function createBlockList(): Part<ShownBlocks> {
  const list = keyedList<ShownBlock>(
    element("ol", { class: "explored-blocks", attributes: { "aria-label": "Blocks" } }),
    { key: ({ block }) => block.hash, create: createBlock },
  );
  return {
    element: list.element,
    update: ({ blocks, nameOf }) => list.update(blocks.map((block) => ({ block, nameOf }))),
  };
}

function createBlock(): Part<ShownBlock> {
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
    update({ block, nameOf }) {
      setAttribute(row, "data-empty", block.transactionsCount === 0 ? "" : undefined);
      setText(height, `Block ${block.height}`);
      setText(time, timeToTheSecond(block.atMs));
      const isEmpty = block.transactionsCount === 0;
      setText(count, isEmpty ? "empty" : plural(block.transactionsCount, "transaction"));
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
