/**
 * The client's side of a pipe to a node. Requests are harmless to repeat, so a request that gets no
 * answer is sent again until its time is up: a node that restarts or moves to another tab is only
 * slow. Knows no chain rules.
 */
import type { Address } from "#core/address.ts";
import type { Hash } from "#core/hash.ts";
import type { FunctionId, ModuleId } from "#core/identifier.ts";
import type { StatusName } from "#core/status.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";
import type { Block } from "../ledger/block.ts";
import type { AccountView } from "../ledger/framework.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { Refusal, RefusalCode } from "../ledger/refusal.ts";
import type { Clock } from "../ports.ts";
import { decodeWith, encodeWith } from "./codec.ts";
import {
  type ClientMessage,
  type CommittedTransaction,
  clientMessageCodec,
  type EventCursor,
  type LedgerInfo,
  type LocatedEvent,
  type NodeMessage,
  nodeMessageCodec,
  type RpcAnswer,
  type RpcRequest,
} from "./messages.ts";
import type { Pipe } from "./pipe.ts";

const RESEND_AFTER_MS = 2_500;
const REQUEST_TIMEOUT_MS = 20_000;
/** How long a node is asked to hold one `waitTransaction`. */
const WAIT_STEP_MS = 1_000;
/** A subscription is renewed so often: the node may be another one by now. */
const RENEW_SUBSCRIPTION_MS = 5_000;
const REQUEST_ID_MAX = 0xffff_ffff;

export type ChainErrorCode = RefusalCode | "chain_timeout" | "chain_closed";

/** A request that the chain refused or that got no answer. */
export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly code: ChainErrorCode;
  /** The validation status behind a `vm_error`. */
  readonly status: StatusName | undefined;

  constructor(code: ChainErrorCode, message: string, status?: StatusName) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface ViewCall {
  readonly function: FunctionId;
  readonly typeArgs?: readonly TypeTag[];
  readonly args?: readonly Uint8Array[];
}

export type HeadListener = (ledger: LedgerInfo, commonHeight: bigint) => void;

/** Every method rejects with {@link ChainError}; what is merely absent is undefined. */
export interface ChainClient {
  ledger(): Promise<LedgerInfo>;
  /** Hands in a signed transaction; resolves when it waits in the pool. */
  submit(bytes: Uint8Array): Promise<Hash>;
  /** The committed transaction, "pending", or undefined when the node does not know it. */
  transaction(hash: Hash): Promise<CommittedTransaction | "pending" | undefined>;
  /** Resolves when it is committed; rejects when it is dropped, unknown or `timeoutMs` is over. */
  waitForTransaction(hash: Hash, timeoutMs: number): Promise<CommittedTransaction>;
  account(address: Address): Promise<AccountView & { readonly exists: boolean }>;
  /** BCS of what a function returns over the state at `version`, the newest without one. */
  view(call: ViewCall, version?: bigint): Promise<readonly Uint8Array[]>;
  resource(address: Address, type: StructTag): Promise<Uint8Array | undefined>;
  resources(
    address: Address,
    after: StructTag | undefined,
    limit: number,
  ): Promise<readonly { readonly resourceType: StructTag; readonly value: Uint8Array }[]>;
  tableItem(handle: Address, key: Uint8Array): Promise<Uint8Array | undefined>;
  module(module: ModuleId): Promise<Uint8Array | undefined>;
  block(height: bigint): Promise<ChainBlock | undefined>;
  events(
    module: ModuleId | undefined,
    from: EventCursor,
    limit: number,
  ): Promise<{ readonly events: readonly LocatedEvent[]; readonly next: EventCursor }>;
  /** Tries a transaction that nobody has signed; rejects where it would be refused. */
  simulate(bytes: Uint8Array): Promise<SimulatedTransaction>;
  /** Asks the faucet; resolves with the hash of its payment. */
  fund(address: Address, amount: bigint): Promise<Hash>;
  /**
   * Calls back with every new head until the returned function is called. Blocks above
   * `commonHeight` were replaced, where there were any: what a client has read of them is void,
   * unless it was final.
   */
  onHead(listener: HeadListener): () => void;
  close(): void;
}

/** What would come of a transaction. */
export interface SimulatedTransaction {
  readonly receipt: Receipt;
  /** Gas units of everything that ran, charged or not: 2 us each. */
  readonly gasTaken: bigint;
  readonly ram: readonly {
    readonly account: Address;
    readonly isInTables: boolean;
    readonly isGrowth: boolean;
    readonly bytes: bigint;
  }[];
}

export interface ChainBlock {
  readonly hash: Hash;
  readonly block: Block;
  readonly receipts: readonly Receipt[];
}

interface Waiting {
  readonly message: Uint8Array;
  readonly resolve: (answer: RpcAnswer) => void;
  readonly reject: (error: ChainError) => void;
  readonly deadlineMs: bigint;
  cancel: () => void;
}

interface ClientState {
  readonly pipe: Pipe;
  readonly clock: Clock;
  readonly waiting: Map<number, Waiting>;
  readonly listeners: Set<HeadListener>;
  lastId: number;
  closed: boolean;
  cancelRenewal: () => void;
}

export function createChainClient(pipe: Pipe, clock: Clock): ChainClient {
  const state: ClientState = {
    pipe,
    clock,
    waiting: new Map(),
    listeners: new Set(),
    lastId: 0,
    closed: false,
    cancelRenewal: () => undefined,
  };
  pipe.listen((message) => receive(state, message));
  const ask = (request: RpcRequest) => send(state, request);
  return {
    ledger: async () => (await expecting(ask({ type: "ledger" }), "ledger")).ledger,
    submit: async (bytes) => (await expecting(ask({ type: "submit", bytes }), "submitted")).hash,
    transaction: (hash) => transaction(ask({ type: "transaction", hash })),
    waitForTransaction: (hash, timeoutMs) => waitForTransaction(state, hash, timeoutMs),
    account: (address) => expecting(ask({ type: "account", address }), "account"),
    view: async ({ function: { module, name }, typeArgs = [], args = [] }, version) => {
      const call = { module, name, typeArgs, args };
      return (await expecting(ask({ type: "view", call, version }), "values")).values;
    },
    resource: (address, resourceType) =>
      value(ask({ type: "resource", address, resourceType }), "resource_not_found"),
    resources: async (address, after, limit) =>
      (await expecting(ask({ type: "resources", address, after, limit }), "resources")).resources,
    tableItem: (handle, key) =>
      value(ask({ type: "tableItem", handle, key }), "table_item_not_found"),
    module: (module) => value(ask({ type: "module", module }), "module_not_found"),
    block: (height) =>
      absent(expecting(ask({ type: "block", height }), "block"), "block_not_found"),
    events: (module, from, limit) =>
      expecting(ask({ type: "events", module, from, limit }), "events"),
    fund: async (address, amount) =>
      (await expecting(ask({ type: "fund", address, amount }), "submitted")).hash,
    simulate: (bytes) => expecting(ask({ type: "simulate", bytes }), "simulated"),
    onHead: (listener) => subscribe(state, listener),
    close: () => close(state),
  };
}

type AnswerOf<T extends RpcAnswer["type"]> = Extract<RpcAnswer, { readonly type: T }>;

async function expecting<T extends RpcAnswer["type"]>(
  answering: Promise<RpcAnswer>,
  type: T,
): Promise<AnswerOf<T>> {
  const answer = await answering;
  if (isAnswer(answer, type)) return answer;
  throw new ChainError("internal_error", `The node answered ${answer.type} instead of ${type}.`);
}

function isAnswer<T extends RpcAnswer["type"]>(answer: RpcAnswer, type: T): answer is AnswerOf<T> {
  return answer.type === type;
}

/** Turns one refusal into undefined. */
async function absent<T>(asking: Promise<T>, code: RefusalCode): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ChainError && error.code === code) return undefined;
    throw error;
  }
}

async function value(
  asking: Promise<RpcAnswer>,
  code: RefusalCode,
): Promise<Uint8Array | undefined> {
  return (await absent(expecting(asking, "value"), code))?.value;
}

async function transaction(
  asking: Promise<RpcAnswer>,
): Promise<CommittedTransaction | "pending" | undefined> {
  const answer = await absent(asking, "transaction_not_found");
  if (answer === undefined || answer.type === "committed") return answer;
  await expecting(Promise.resolve(answer), "pending");
  return "pending";
}

async function waitForTransaction(
  state: ClientState,
  hash: Hash,
  timeoutMs: number,
): Promise<CommittedTransaction> {
  const deadlineMs = state.clock.now() + BigInt(timeoutMs);
  for (;;) {
    const answer = await send(state, { type: "waitTransaction", hash, timeoutMs: WAIT_STEP_MS });
    if (answer.type === "committed") return answer;
    if (state.clock.now() >= deadlineMs) {
      throw new ChainError("chain_timeout", "The transaction is still waiting for a block.");
    }
  }
}

function send(state: ClientState, request: RpcRequest): Promise<RpcAnswer> {
  if (state.closed) return Promise.reject(closedError());
  state.lastId = state.lastId === REQUEST_ID_MAX ? 1 : state.lastId + 1;
  const id = state.lastId;
  const message: ClientMessage = { id, request };
  return new Promise((resolve, reject) => {
    const waiting: Waiting = {
      message: encodeWith(clientMessageCodec, message),
      resolve,
      reject,
      deadlineMs: state.clock.now() + BigInt(REQUEST_TIMEOUT_MS),
      cancel: () => undefined,
    };
    state.waiting.set(id, waiting);
    post(state, id, waiting);
  });
}

/** Sends a request, and again after a while, until its deadline. */
function post(state: ClientState, id: number, waiting: Waiting): void {
  state.pipe.post(waiting.message);
  waiting.cancel = state.clock.after(RESEND_AFTER_MS, () => {
    if (state.clock.now() < waiting.deadlineMs) {
      post(state, id, waiting);
      return;
    }
    state.waiting.delete(id);
    waiting.reject(new ChainError("chain_timeout", "The chain node does not answer."));
  });
}

function receive(state: ClientState, bytes: Uint8Array): void {
  const decoded = decodeWith(nodeMessageCodec, bytes);
  // A pipe may be shared with others' messages; what is none of ours is none of our business.
  if (decoded.ok && !state.closed) handle(state, decoded.value);
}

function handle(state: ClientState, message: NodeMessage): void {
  if (message.type === "head") {
    for (const listener of state.listeners) listener(message.ledger, message.commonHeight);
    return;
  }
  const waiting = state.waiting.get(message.id);
  if (waiting === undefined) return;
  state.waiting.delete(message.id);
  waiting.cancel();
  if (message.type === "answer") waiting.resolve(message.answer);
  else waiting.reject(refusalError(message.refusal));
}

function refusalError({ code, message, status }: Refusal): ChainError {
  return new ChainError(code, message, status);
}

function subscribe(state: ClientState, listener: HeadListener): () => void {
  state.listeners.add(listener);
  if (state.listeners.size === 1) renewSubscription(state);
  return () => {
    state.listeners.delete(listener);
    if (state.listeners.size === 0) state.cancelRenewal();
  };
}

function renewSubscription(state: ClientState): void {
  if (state.closed || state.listeners.size === 0) return;
  state.cancelRenewal = state.clock.after(RENEW_SUBSCRIPTION_MS, () => renewSubscription(state));
  // Nothing to do about a refusal or silence but to ask again, which the timer does.
  send(state, { type: "subscribe" }).catch(() => undefined);
}

function close(state: ClientState): void {
  if (state.closed) return;
  state.closed = true;
  state.cancelRenewal();
  state.listeners.clear();
  for (const waiting of state.waiting.values()) {
    waiting.cancel();
    waiting.reject(closedError());
  }
  state.waiting.clear();
  state.pipe.close();
}

function closedError(): ChainError {
  return new ChainError("chain_closed", "This connection to the chain was closed.");
}
