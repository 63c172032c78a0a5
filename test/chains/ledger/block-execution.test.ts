// What one node makes, every node accepts; whatever is altered on the way, every node refuses.
import { describe, expect, it } from "vitest";
import { faucetSigner, signTransaction } from "#chains";
import { assert, present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { parseSignature, signEd25519 } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { contractModules } from "../../../src/chains/contract-modules.ts";
import { rootEnvironment } from "../../../src/chains/core/environment.ts";
import { createGenesis } from "../../../src/chains/genesis.ts";
import {
  type Block,
  type BlockHeader,
  blockSigningMessage,
  decodeBlock,
  encodeBlock,
} from "../../../src/chains/ledger/block.ts";
import {
  type BlockSigner,
  executeBlock,
  produceBlock,
} from "../../../src/chains/ledger/block-execution.ts";
import type { ExecutedBlock } from "../../../src/chains/ledger/executed-block.ts";
import { decodeReceipt, encodeReceipt } from "../../../src/chains/ledger/receipt.ts";
import type { SignedTransaction } from "../../../src/chains/ledger/transaction.ts";
import type { ExecutionEnvironment } from "../../../src/chains/ledger/user-transaction.ts";
import {
  type VerifiedTransaction,
  verifySignatures,
} from "../../../src/chains/ledger/validation.ts";
import { accountNamed, rawTransaction, START_MS, secretNamed, transferTo } from "../fixture.ts";

const START_US = START_MS * 1_000n;
const BLOCK_US = 1_000_000n;
const secret = secretNamed("producer");
const producer: BlockSigner = {
  publicKey: accountNamed("producer").publicKey,
  sign: (message) => signEd25519(message, secret),
};
const faucet = faucetSigner();
const alice = accountNamed("alice");
const bob = accountNamed("bob");

function environment(): ExecutionEnvironment {
  return rootEnvironment([producer.publicKey]);
}

function genesis(of: ExecutionEnvironment = environment()): ExecutedBlock {
  const config = {
    chainId: 4,
    timestampUs: START_US,
    producers: [producer.publicKey],
    slotMs: 1_000,
    faucet: faucet.address,
  };
  return createGenesis(of, config, contractModules());
}

function verified(transaction: SignedTransaction): VerifiedTransaction {
  const result = verifySignatures(transaction);
  assert(result.ok, "a test signs well");
  return result.value;
}

const payments = [
  transferTo(faucet, 0n, alice.address, 1_000_000n),
  transferTo(faucet, 1n, bob.address, 5n),
  transferTo(alice, 0n, bob.address, 10n ** 9n),
].map(verified);

function firstBlock(): { parent: ExecutedBlock; child: ExecutedBlock } {
  const parent = genesis();
  const time = START_US + BLOCK_US;
  return { parent, child: produceBlock(environment(), parent, time, producer, payments).block };
}

describe("a block", () => {
  it("is the same for whoever makes it from the same parent", () => {
    const [first, second] = [firstBlock().child, firstBlock().child];
    expect(toHex(first.hash)).toBe(toHex(second.hash));
    expect(first.receipts.map(({ status }) => status.type)).toEqual([
      "executed",
      "executed",
      "executed",
      "aborted",
    ]);
  });

  it("is accepted by a node that executes it anew, with the same receipts and state", () => {
    const { parent, child } = firstBlock();
    const read = executeBlock(environment(), parent, decodeBlock(encodeBlock(child.block)));
    assert(read.ok, "an honest block");
    expect(read.value.receipts).toEqual(child.receipts);
    expect(toHex(read.value.state.root())).toBe(toHex(child.state.root()));
  });

  it("leaves its parent's state alone", () => {
    const { parent, child } = firstBlock();
    expect(toHex(parent.state.root())).toBe(toHex(parent.block.header.stateRoot));
    expect(toHex(child.state.root())).not.toBe(toHex(parent.state.root()));
  });

  it("can be built on twice: two branches of one parent do not disturb each other", () => {
    const { parent } = firstBlock();
    const time = START_US + BLOCK_US;
    const empty = produceBlock(environment(), parent, time, producer, []).block;
    const full = produceBlock(environment(), parent, time, producer, payments).block;
    const later = time + BLOCK_US;
    const afterEmpty = produceBlock(environment(), empty, later, producer, payments).block;
    expect(afterEmpty.transactions.length).toBe(3);
    expect(toHex(full.hash)).toBe(toHex(firstBlock().child.hash));
  });

  it("has receipts that survive being written down", () => {
    for (const receipt of firstBlock().child.receipts) {
      expect(decodeReceipt(encodeReceipt(receipt))).toEqual(receipt);
    }
  });

  it("leaves out what cannot stand in it and says why", () => {
    const parent = genesis();
    const time = START_US + BLOCK_US;
    const gap = verified(transferTo(faucet, 5n, bob.address, 1n));
    const expired = verified(
      transferTo(faucet, 0n, bob.address, 1n, { expirationSecs: time / 1_000_000n }),
    );
    const made = produceBlock(environment(), parent, time, producer, [gap, expired]);
    expect(made.block.transactions).toEqual([]);
    expect(made.discarded.map(({ refusal }) => refusal.status)).toEqual([
      "SEQUENCE_NUMBER_TOO_NEW",
      "TRANSACTION_EXPIRED",
    ]);
  });

  it("takes no more than its gas allows", () => {
    const of = environment();
    const narrow: ExecutionEnvironment = {
      ...of,
      parameters: { ...of.parameters, maxBlockGas: gasUnits(150_000n) },
    };
    const parent = genesis(of);
    const time = START_US + BLOCK_US;
    const wide = { maxGas: gasUnits(149_950n) };
    const two = [
      verified(transferTo(faucet, 0n, bob.address, 1n, wide)),
      verified(transferTo(faucet, 1n, bob.address, 1n, wide)),
    ];
    const made = produceBlock(narrow, parent, time, producer, two);
    expect(made.block.transactions.length).toBe(1);
    expect(made.discarded).toEqual([]);
    const whole = produceBlock(of, parent, time, producer, two).block;
    const read = executeBlock(narrow, parent, whole.block);
    expect(read).toMatchObject({ ok: false, error: { code: "WRONG_TRANSACTION" } });
  });

  it("charges a transaction that runs out of gas for all it allowed", () => {
    const of = environment();
    const parameters = { ...of.parameters, minTransactionGas: gasUnits(101n) };
    const time = START_US + BLOCK_US;
    const terms = { maxGas: gasUnits(101n) };
    const target = "0x1::aptos_account::register";
    const types = ["0x1::aptos_coin::AptosCoin"];
    const raw = rawTransaction(faucet.address, 0n, target, [], terms, types);
    const starved = verified(signTransaction(raw, faucet));
    const { block } = produceBlock({ ...of, parameters }, genesis(), time, producer, [starved]);
    const receipt = present(block.receipts[1], "a receipt");
    expect(receipt.status).toMatchObject({ type: "failed", status: "OUT_OF_GAS" });
    expect(receipt.gasUsed).toBe(101n);
    expect(receipt.events.map(({ type }) => formatTypeTag(type))).toEqual([
      "0x1::coin::CoinWithdraw",
    ]);
  });
});

describe("a block that was altered is refused", () => {
  /** The block with another header, signed again by its producer. */
  function resigned(block: Block, changes: Partial<BlockHeader>): Block {
    const header = { ...block.header, ...changes };
    return { ...block, header, signature: producer.sign(blockSigningMessage(header)) };
  }

  const cases: [string, string, (block: Block) => Block][] = [
    ["its parent", "WRONG_PARENT", (block) => resigned(block, { parent: ZERO_HASH })],
    [
      "its time to its parent's",
      "WRONG_TIME",
      (block) => resigned(block, { timestampUs: START_US }),
    ],
    ["its proposer", "WRONG_PROPOSER", (block) => resigned(block, { proposer: bob.address })],
    [
      "its signature",
      "WRONG_SIGNATURE",
      (block) => ({
        ...block,
        signature: present(parseSignature(new Uint8Array(64)), "a signature"),
      }),
    ],
    ["its height", "WRONG_HEADER", (block) => resigned(block, { height: 9n })],
    ["its chain", "WRONG_HEADER", (block) => resigned(block, { chainId: 5 })],
    ["its first version", "WRONG_HEADER", (block) => resigned(block, { firstVersion: 9n })],
    ["its count", "WRONG_HEADER", (block) => resigned(block, { transactionCount: 9 })],
    ["its state root", "WRONG_HEADER", (block) => resigned(block, { stateRoot: ZERO_HASH })],
    ["its receipts", "WRONG_HEADER", (block) => resigned(block, { receiptsRoot: ZERO_HASH })],
    [
      "its transactions' root",
      "WRONG_HEADER",
      (block) => resigned(block, { transactionsRoot: ZERO_HASH }),
    ],
    [
      "the order of its transactions",
      "WRONG_TRANSACTION",
      (block) => ({ ...block, transactions: block.transactions.toReversed() }),
    ],
    [
      "by one transaction left out",
      "WRONG_HEADER",
      (block) => ({ ...block, transactions: block.transactions.slice(0, -1) }),
    ],
    [
      "by one transaction twice",
      "WRONG_TRANSACTION",
      (block) => ({ ...block, transactions: [...block.transactions, ...block.transactions] }),
    ],
    [
      "by bytes that are no transaction",
      "WRONG_TRANSACTION",
      (block) => ({ ...block, transactions: [Uint8Array.of(1)] }),
    ],
  ];

  it.each(cases)("in %s: %s", (_what, code, alter) => {
    const { parent, child } = firstBlock();
    const read = executeBlock(environment(), parent, alter(child.block));
    expect(read).toMatchObject({ ok: false, error: { code } });
  });
});

describe("genesis", () => {
  it("is the same for the same configuration and another for any other", () => {
    const of = environment();
    const config = {
      chainId: 4,
      timestampUs: START_US,
      producers: [producer.publicKey],
      slotMs: 1_000,
      faucet: faucet.address,
    };
    const hash = (changes: object) =>
      toHex(createGenesis(of, { ...config, ...changes }, contractModules()).hash);
    const hashes = [
      hash({}),
      hash({ chainId: 5 }),
      hash({ timestampUs: START_US + 1n }),
      hash({ producers: [alice.publicKey] }),
      hash({ faucet: bob.address }),
      hash({ slotMs: 999 }),
    ];
    expect(new Set(hashes).size).toBe(6);
    expect(hash({})).toBe(hashes[0]);
  });
});
