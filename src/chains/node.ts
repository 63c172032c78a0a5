/**
 * A chain node: the only loop with IO. Feeds the pure machine with time, transactions and what the
 * store says, runs its effects in order and serves clients. The same node runs in Node, in a worker
 * and in a simulation.
 */
import { assert, assertNever, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { err, type Result } from "#core/result.ts";
import {
  type Answering,
  type AskedNode,
  answerSafely,
  type Ending,
  endingBy,
  settleAdopted,
  stoppedBy,
  submitted,
  type TransactionPlaces,
  transactionBy,
} from "./asked-node.ts";
import type { ChainKind } from "./chain-kind.ts";
import type { ChainStart } from "./chain-start.ts";
import {
  type BlockVerdict,
  createNodeMachine,
  type Effect,
  type Input,
  step,
} from "./core/machine.ts";
import { NODE_SETTINGS, type NodeMachine, type NodeSettings } from "./core/node-machine.ts";
import { faucetPayment } from "./faucet.ts";
import type { AccountSigner } from "./ledger/account-signer.ts";
import type { Block } from "./ledger/block.ts";
import { type HeadChange, heightOf } from "./ledger/block-tree.ts";
import type { ExecutedBlock } from "./ledger/executed-block.ts";
import type { GenesisConfig } from "./ledger/genesis-config.ts";
import { hasReady, somePending } from "./ledger/mempool.ts";
import type { Refusal } from "./ledger/refusal.ts";
import { addressOfKey } from "./ledger/transaction-hash.ts";
import { openChain, storedBlock } from "./node-opening.ts";
import type { ChainStore, Clock, Entropy } from "./ports.ts";
import { answerRead, ledgerInfo } from "./queries.ts";
import type { QuerySource } from "./query-source.ts";
import type { ChainClient } from "./rpc/client.ts";
import { connectLocally } from "./rpc/local-client.ts";
import type { RpcRequest } from "./rpc/messages.ts";
import type { Pipe } from "./rpc/pipe.ts";
import { createRpcServer, type RpcServer } from "./rpc/server.ts";
import { createWaiters, releaseWaiters, settleWaiters, type Waiters } from "./waiters.ts";

/** Bytes of waiting transactions that a new peer is told of. */
const PENDING_SIZE_MAX = 1024 * 1024;
/** Blocks between two prunings. */
const PRUNE_EVERY = 500n;

export interface ChainNodeOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: ChainStore;
  readonly settings?: Partial<NodeSettings>;
  /** Blocks that are kept beside those that are not final; undefined keeps all. */
  readonly keptBlocks?: bigint;
  /** The chain that an empty store begins with; one of the node's own where it is not named. */
  readonly start?: () => Promise<ChainStart>;
}

/** Who passes on to other nodes what this one takes up. */
export interface NodeObserver {
  readonly onHead: (change: HeadChange) => void;
  /** A transaction that the pool did not have. */
  readonly onTransaction: (bytes: Uint8Array) => void;
}

export interface ChainNode extends AskedNode {
  readonly genesisHash: Hash;
  /** Serves the client at the other end until the returned function is called. */
  serve(pipe: Pipe): () => void;
  /** A client in this process. */
  connect(): ChainClient;
  /** The key that this node makes blocks with, in the turns that the chain gives it. */
  readonly producer: PublicKey;
  /** Signs by that key for the producer's account. */
  readonly producerAccount: AccountSigner;
  readonly isProducer: boolean;
  /** The configuration that genesis commits to. */
  readonly config: GenesisConfig;
  /** Hands in a block that a peer has made or passed on. */
  offer(block: Block, isBuiltUpon: boolean): BlockVerdict;
  /**
   * Makes the block that could follow the head now, with `messages` of another chain, for whoever
   * decides on blocks to hand in again. It stands nowhere yet.
   */
  draft(messages: readonly Uint8Array[]): ExecutedBlock;
  /** Whether a block that was made now would hold transactions. */
  hasWork(): boolean;
  /** Signs with the key that blocks are signed with. */
  readonly sign: (message: Uint8Array) => Signature;
  /** Transactions that wait here, for a peer that has just come: 1 MiB at most. */
  pending(): readonly Uint8Array[];
  /** Is told what peers must hear of, until the returned function is called. */
  observe(observer: NodeObserver): () => void;
  /** Stops making blocks and closes the store once it has what is being written. */
  close(): Promise<void>;
}

interface NodeState {
  readonly options: ChainNodeOptions;
  readonly machine: NodeMachine;
  readonly source: QuerySource;
  readonly server: RpcServer;
  readonly waiters: Waiters<Ending>;
  readonly answers: Map<number, (result: Result<Hash, Refusal>) => void>;
  readonly verdicts: Map<number, BlockVerdict>;
  readonly drafts: Map<number, ExecutedBlock>;
  readonly observers: Set<NodeObserver>;
  /** Inputs that came while others were being worked on. */
  readonly inbox: Input[];
  working: boolean;
  lastRequest: number;
  cancelWake: () => void;
  /** What is being written, if anything. */
  writing: Promise<void> | undefined;
  /** Why the node stopped: after a failed write nothing it would say could be trusted. */
  failure: Refusal | undefined;
  closed: boolean;
}

/** Opens the store's chain, or begins one, and runs it. Rejects with `ChainStoreError`. */
export async function createNodeOf(kind: ChainKind, options: ChainNodeOptions): Promise<ChainNode> {
  const { clock, entropy, store } = options;
  const settings = { ...NODE_SETTINGS, ...options.settings };
  const opened = await openChain(store, clock, entropy, settings, kind, options.start);
  const { environment, signer, genesisHash, identity, tree, signed } = opened;
  const machine = createNodeMachine(environment, signer, tree, signed, clock.now(), settings);
  const source = { environment, tree, store, genesisHash };
  const server = createRpcServer(
    clock,
    (request) => answerSafely(state.failure, () => answer(state, request)),
    () => feed(state, { type: "watchers", count: server.watchers() }),
  );
  const state: NodeState = {
    options,
    machine,
    source,
    server,
    waiters: createWaiters(clock),
    answers: new Map(),
    verdicts: new Map(),
    drafts: new Map(),
    observers: new Set(),
    inbox: [],
    working: false,
    lastRequest: 0,
    cancelWake: () => undefined,
    writing: undefined,
    failure: undefined,
    closed: false,
  };
  // A producer that comes back has turns to take though nobody asks it for anything.
  feed(state, { type: "tick", nowMs: clock.now() });
  return {
    genesisHash,
    source,
    config: identity.config,
    producer: signer.publicKey,
    producerAccount: { address: addressOfKey(signer.publicKey), ...signer },
    isProducer: identity.config.producers.some((key) => equalBytes(key, signer.publicKey)),
    offer: (block, isBuiltUpon) => offer(state, block, isBuiltUpon),
    draft: (messages) => draft(state, messages),
    hasWork: () => hasReady(machine.pool),
    sign: signer.sign,
    pending: () => somePending(machine.pool, PENDING_SIZE_MAX),
    observe: (observer) => {
      state.observers.add(observer);
      return () => state.observers.delete(observer);
    },
    ask: (request) => answerSafely(state.failure, () => answer(state, request)),
    serve: (pipe) => server.serve(pipe),
    connect: () => connectLocally(state.server, state.options.clock),
    close: () => close(state),
  };
}

async function close(state: NodeState): Promise<void> {
  if (state.closed) return;
  state.closed = true;
  state.cancelWake();
  releaseWaiters(state.waiters);
  state.server.close();
  await state.writing;
  await state.options.store.close();
}

/**
 * Gives the machine the time and then `input`, and does what it wants done, one input after the
 * other.
 */
function feed(state: NodeState, input: Input): void {
  state.inbox.push({ type: "tick", nowMs: state.options.clock.now() }, input);
  if (state.working) return;
  state.working = true;
  try {
    for (let next = state.inbox.shift(); next !== undefined; next = state.inbox.shift()) {
      if (state.closed || state.failure !== undefined) continue;
      for (const effect of step(state.machine, next)) run(state, effect);
    }
  } finally {
    state.working = false;
  }
}

function run(state: NodeState, effect: Effect): void {
  switch (effect.type) {
    case "answer":
      state.answers.get(effect.request)?.(effect.result);
      state.answers.delete(effect.request);
      return;
    case "judged":
      state.verdicts.set(effect.request, effect.verdict);
      return;
    case "drafted":
      state.drafts.set(effect.request, effect.block);
      return;
    case "pooled":
      for (const { onTransaction } of state.observers) onTransaction(effect.transaction.bytes);
      return;
    case "persist":
      state.writing = persist(state, effect);
      return;
    case "head":
      announce(state, effect.change);
      return;
    case "dropped":
      settleWaiters(state.waiters, effect.hash, err(effect.refusal));
      return;
    case "wake":
      wakeAt(state, effect.atMs);
      return;
    default:
      assertNever(effect);
  }
}

async function persist(
  state: NodeState,
  { change, signed }: Extract<Effect, { readonly type: "persist" }>,
): Promise<void> {
  const { store, keptBlocks } = state.options;
  try {
    await store.extend({
      keptHeight: heightOf(change.common),
      blocks: change.adopted.map(storedBlock),
      ...(signed === undefined ? {} : { signed }),
    });
    const final = heightOf(state.machine.tree.final);
    const isDue = change.adopted.some((block) => heightOf(block) % PRUNE_EVERY === 0n);
    if (keptBlocks !== undefined && final > keptBlocks && isDue) {
      await store.pruneBelow(final - keptBlocks);
    }
    feed(state, { type: "persisted" });
  } catch (error) {
    fail(state, error);
  }
}

/** Stops for good: what could not be written did not happen, and nothing can follow it. */
function fail(state: NodeState, error: unknown): void {
  state.failure = stoppedBy(error);
  state.cancelWake();
  releaseWaiters(state.waiters);
}

function announce(state: NodeState, change: HeadChange): void {
  settleAdopted(state.waiters, change);
  for (const { onHead } of state.observers) onHead(change);
  state.server.announce(ledgerInfo(state.source), heightOf(change.common));
  const count = state.server.watchers();
  if (count !== state.machine.watchers) feed(state, { type: "watchers", count });
}

function wakeAt(state: NodeState, atMs: bigint): void {
  const { clock } = state.options;
  state.cancelWake();
  const delayMs = Number(atMs - clock.now());
  state.cancelWake = clock.after(Math.max(delayMs, 0), () => {
    feed(state, { type: "tick", nowMs: clock.now() });
  });
}

function offer(state: NodeState, block: Block, isBuiltUpon: boolean): BlockVerdict {
  assert(!state.working, "peers hand in blocks between inputs, not out of one's effects");
  state.lastRequest += 1;
  const request = state.lastRequest;
  feed(state, { type: "block", request, block, isBuiltUpon });
  const verdict = state.verdicts.get(request);
  state.verdicts.delete(request);
  // A node that has stopped takes nothing.
  return verdict ?? { type: "unwanted" };
}

function draft(state: NodeState, messages: readonly Uint8Array[]): ExecutedBlock {
  assert(!state.working, "blocks are drafted between inputs, not out of one's effects");
  state.lastRequest += 1;
  const request = state.lastRequest;
  feed(state, { type: "draft", request, messages });
  const made = state.drafts.get(request);
  state.drafts.delete(request);
  return present(made, "a node that runs makes a draft");
}

function submit(state: NodeState, bytes: Uint8Array): Promise<Result<Hash, Refusal>> {
  state.lastRequest += 1;
  const request = state.lastRequest;
  return new Promise((resolve) => {
    state.answers.set(request, resolve);
    feed(state, { type: "submit", request, bytes });
  });
}

function answer(state: NodeState, request: RpcRequest): Promise<Answering> | Answering {
  switch (request.type) {
    case "submit":
      return submitted(submit(state, request.bytes));
    case "fund":
      return fund(state, request);
    case "transaction":
      return transactionBy(placesOf(state), request.hash);
    case "waitTransaction":
      return endingBy(placesOf(state), request.hash, request.timeoutMs);
    default:
      return answerRead(state.source, request);
  }
}

function fund(
  state: NodeState,
  { address, amount }: Extract<RpcRequest, { readonly type: "fund" }>,
): Promise<Answering> | Answering {
  const payment = faucetPayment(state.machine, address, amount);
  return payment.ok ? submitted(submit(state, payment.value)) : payment;
}

function placesOf({ machine, options, waiters }: NodeState): TransactionPlaces {
  return { pool: machine.pool, tree: machine.tree, store: options.store, waiters };
}
