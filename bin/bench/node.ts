// The node as it is served, its chain in a file: transactions a second against the sandbox's own
// work on them and one signature check each, and blocks a second.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import {
  type AccountSigner,
  accountSigner,
  type ChainNode,
  createChainNode,
  decodeSignedTransaction,
  faucetSigner,
  NODE_SETTINGS,
  type NodeSettings,
  readProducerSecret,
  type SignedTransaction,
  signTransaction,
  systemClock,
  systemEntropy,
  verifySignatures,
} from "#chains";
import { openSqliteStore } from "#chains-node";
import { chainProfile, createExecutor, gasUnits, internalGas, parseFunctionId } from "#sandbox";
import { CONTEXT, u64Bytes } from "./fixtures.ts";
import { median } from "./measure.ts";

const FUNDS = 1_000_000_000n;
const MAX_GAS = 20_000n;
const LIFETIME_SECS = 3_600n;
const CHAIN_ID = 4;
/** As much as a pool holds of one account. */
const PER_ACCOUNT = 50;
const CALL_GAS = internalGas(1_000_000_000);
const WAIT_MS = 60_000;

export interface NodeBenchOptions {
  /** Transactions in one round. */
  readonly transactions: number;
  readonly rounds: number;
  /** Blocks that are made for their own sake. */
  readonly blocks: number;
}

export interface NodeMetrics {
  readonly node_ratio: number;
  readonly tx_per_s: number;
  readonly blocks_per_s: number;
}

export async function benchNode(options: NodeBenchOptions): Promise<NodeMetrics> {
  const rates = await withNode(NODE_SETTINGS, (node) => measureTransactions(node, options));
  const hurried = { ...NODE_SETTINGS, blockIntervalMs: 0n };
  const blocks_per_s = await withNode(hurried, (node) => blocksPerSecond(node, options.blocks));
  return { ...rates, blocks_per_s };
}

/** Does `work` with a node of a chain of its own, which is kept in a file. */
async function withNode<T>(
  settings: NodeSettings,
  work: (node: ChainNode) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const store = openSqliteStore(join(folder, "root.sqlite"));
  const node = await createChainNode({
    clock: systemClock,
    entropy: systemEntropy,
    store,
    settings,
  });
  try {
    return await work(node);
  } finally {
    await node.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureTransactions(
  node: ChainNode,
  { transactions, rounds }: NodeBenchOptions,
): Promise<Omit<NodeMetrics, "blocks_per_s">> {
  const count = Math.ceil(transactions / PER_ACCOUNT);
  const payers = Array.from({ length: count }, (_, index) => payer(index));
  await fundAll(node, payers);
  const [nodeMs, sandboxMs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const batch = payments(payers, round, transactions);
    const reference = referenceMs(node, batch);
    const served = await servedMs(node, batch);
    // The first round compiles and warms; it counts for neither side.
    if (round === 0) continue;
    sandboxMs.push(reference);
    nodeMs.push(served);
  }
  const served = median(nodeMs);
  return {
    node_ratio: median(sandboxMs) / served,
    tx_per_s: (transactions / served) * 1_000,
  };
}

function payer(index: number): AccountSigner {
  const secret = readProducerSecret((index + 1).toString(16).padStart(64, "0"));
  if (secret === undefined) throw new TypeError("32 bytes are a key");
  return accountSigner(secret);
}

function payment(from: AccountSigner, number: bigint, to: AccountSigner, amount: bigint) {
  const call = parseFunctionId("0x1::aptos_account::transfer");
  if (call === undefined) throw new TypeError("a function has a name");
  return signTransaction(
    {
      sender: from.address,
      sequenceNumber: number,
      payload: {
        type: "entryFunction",
        call: { function: call, typeArgs: [], args: [addressBytes(to), u64Bytes(amount)] },
      },
      maxGas: gasUnits(MAX_GAS),
      gasUnitPrice: 1n,
      expirationSecs: systemClock.now() / 1_000n + LIFETIME_SECS,
      chainId: CHAIN_ID,
    },
    from,
  );
}

function addressBytes({ address }: AccountSigner): Uint8Array {
  return new Uint8Array(Buffer.from(address.slice(2).padStart(64, "0"), "hex"));
}

async function fundAll(node: ChainNode, payers: readonly AccountSigner[]): Promise<void> {
  const faucet = faucetSigner();
  for (let first = 0; first < payers.length; first += PER_ACCOUNT) {
    const group = payers.slice(first, first + PER_ACCOUNT);
    const batch = group.map((to, index) => payment(faucet, BigInt(first + index), to, FUNDS));
    await servedMs(node, batch);
  }
}

/** Payments of a round, each payer's in the order of its numbers. */
function payments(
  payers: readonly AccountSigner[],
  round: number,
  total: number,
): readonly SignedTransaction[] {
  const each = Math.ceil(total / payers.length);
  return payers.flatMap((from, index) => {
    const to = payers[(index + 1) % payers.length] ?? from;
    return Array.from({ length: each }, (_, place) =>
      payment(from, BigInt(round * each + place), to, 1n),
    );
  });
}

/** Time until the last of them is in a block that is on disk. */
async function servedMs(node: ChainNode, batch: readonly SignedTransaction[]): Promise<number> {
  const start = performance.now();
  for (const { bytes } of batch) {
    const answer = await node.ask({ type: "submit", bytes });
    if (!answer.ok) throw new Error(`the node refuses: ${answer.error.message}`);
  }
  for (const { hash } of batch.toReversed()) {
    const done = await node.ask({ type: "waitTransaction", hash, timeoutMs: WAIT_MS });
    if (!done.ok || done.value.type !== "committed") throw new Error("a payment is lost");
  }
  return performance.now() - start;
}

/** The same calls over the same state, without a chain around them. */
function referenceMs(node: ChainNode, batch: readonly SignedTransaction[]): number {
  const executor = createExecutor(chainProfile());
  const state = node.source.tree.head.state.fork();
  const start = performance.now();
  for (const { bytes } of batch) {
    const decoded = decodeSignedTransaction(bytes);
    const verified = decoded.ok ? verifySignatures(decoded.value) : decoded;
    if (!verified.ok) throw new Error("the bench signs well");
    const { raw, signers } = verified.value;
    const session = executor.begin(state, CONTEXT);
    const { status } = session.execute({
      mode: "entry",
      ...raw.payload.call,
      signers: [signers.sender],
      gasLimit: CALL_GAS,
    });
    if (status.type !== "executed") throw new Error("a payment fails in the sandbox");
    state.apply(session.changes());
  }
  state.root();
  return performance.now() - start;
}

/** One payment a block, so that each block stands for itself. */
async function blocksPerSecond(node: ChainNode, blocks: number): Promise<number> {
  const [from, to] = [payer(1_000_000), payer(1_000_001)];
  await fundOne(node, from);
  const start = performance.now();
  for (let number = 0; number < blocks; number++) {
    await servedMs(node, [payment(from, BigInt(number), to, 1n)]);
  }
  return (blocks / (performance.now() - start)) * 1_000;
}

async function fundOne(node: ChainNode, to: AccountSigner): Promise<void> {
  const funded = await node.ask({ type: "fund", address: to.address, amount: FUNDS });
  if (!funded.ok || funded.value.type !== "submitted") throw new Error("the faucet refuses");
  const { hash } = funded.value;
  await node.ask({ type: "waitTransaction", hash, timeoutMs: WAIT_MS });
}
