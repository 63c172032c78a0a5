/**
 * A node of a parallel chain: follows a root node's branch, commits what it built, brings
 * transactions to the root chain, and serves clients. Composes what does these; any number of nodes
 * run in one process, under simulation too.
 */
import type { Hash } from "#core/hash.ts";
import { err } from "#core/result.ts";
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
} from "../asked-node.ts";
import { accountSigner } from "../ledger/account-signer.ts";
import type { Discarded } from "../ledger/block-execution.ts";
import { type HeadChange, heightOf } from "../ledger/block-tree.ts";
import { type Refusal, refusal } from "../ledger/refusal.ts";
import type { ChainStore, Clock, Entropy } from "../ports.ts";
import { answerRead, ledgerInfo } from "../queries.ts";
import type { QuerySource } from "../query-source.ts";
import type { ChainClient } from "../rpc/client.ts";
import { connectLocally } from "../rpc/local-client.ts";
import type { RpcRequest } from "../rpc/messages.ts";
import type { Pipe } from "../rpc/pipe.ts";
import { createRpcServer, type RpcServer } from "../rpc/server.ts";
import { createWaiters, releaseWaiters, settleWaiters, type Waiters } from "../waiters.ts";
import { type ChainDriver, createChainDriver } from "./chain/driver.ts";
import { type ChainMachine, createChainMachine, standing } from "./chain/machine.ts";
import type { Alarm, AlarmCode } from "./commit/alarm.ts";
import { type CommitDriver, createCommitDriver } from "./commit/driver.ts";
import { finishedHeight } from "./commit/machine.ts";
import type { ParaConfig } from "./config.ts";
import type { Agreed } from "./contract.ts";
import { openParaChain } from "./opening.ts";
import { createRelayDriver, type RelayDriver } from "./relay/driver.ts";
import type { RootAccess } from "./root-access.ts";
import type { RootPlace } from "./root-block.ts";
import { createRootWatch, type RootWatch } from "./root-watch.ts";
import { PARA_SETTINGS, type ParaSettings } from "./settings.ts";
import { keyWallet, type Wallet } from "./wallet.ts";

/** How often the root chain is looked at when it says nothing. */
const POLL_MS = 1_000;

export interface ParaNodeOptions {
  readonly config: ParaConfig;
  readonly root: RootAccess;
  /** Holds the key of this node's account in the title's group. */
  readonly wallet: Wallet;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: ChainStore;
  readonly settings?: Partial<ParaSettings>;
  readonly keptBlocks?: bigint;
  /** Is told of every new head and every alarm that begins or ends. */
  readonly onChange?: () => void;
}

/** Where a node stands, for whoever runs it. */
export interface ParaStanding {
  readonly height: bigint;
  readonly root: RootPlace;
  /** Undefined before the nodes agree on anything. */
  readonly consensus: bigint | undefined;
  /** The highest height whose status the root chain has taken; -1 where none is known. */
  readonly finished: bigint;
  /** By code. */
  readonly alarms: readonly Alarm[];
}

export interface ParaNode extends AskedNode {
  readonly genesisHash: Hash;
  readonly config: ParaConfig;
  /** Whose coins on the root chain pay for bringing transactions there. */
  readonly relay: Wallet["address"];
  standing(): ParaStanding;
  /** Serves the client at the other end until the returned function is called. */
  serve(pipe: Pipe): () => void;
  /** A client in this process. */
  connect(): ChainClient;
  close(): Promise<void>;
}

interface NodeState {
  readonly options: ParaNodeOptions;
  readonly machine: ChainMachine;
  readonly source: QuerySource;
  readonly chain: ChainDriver;
  readonly commits: CommitDriver;
  readonly relay: RelayDriver;
  readonly watch: RootWatch;
  readonly server: RpcServer;
  readonly waiters: Waiters<Ending>;
  readonly alarms: Map<AlarmCode, Alarm>;
  cancelPoll: () => void;
  stopListening: () => void;
  /** The round of following under way, and whether another one is asked for. */
  round: Promise<void> | undefined;
  isAskedAgain: boolean;
  failure: Refusal | undefined;
  closed: boolean;
}

/**
 * Opens the store's chain, or begins it, and runs it. Rejects as {@link openParaChain} does: the
 * caller may try again when the root node answers.
 */
export async function createParaNode(options: ParaNodeOptions): Promise<ParaNode> {
  const { config, root, store, entropy } = options;
  const { title } = config;
  const settings = { ...PARA_SETTINGS, ...options.settings };
  const opened = await openParaChain(store, config, root, entropy);
  const { environment, tree, trail, rootFinalHeight, genesisHash } = opened;
  const machine = createChainMachine(config, environment, settings, tree, trail, rootFinalHeight);
  const watch = await createRootWatch(title, root, settings.emptyBlockInterval, {
    onAdded: (block, isCatchingUp) => {
      state.commits.feed({ type: "rootAdded", block, isCatchingUp });
      state.relay.feed({ type: "rootAdded", block, isCatchingUp });
    },
    onRemoved: (place) => {
      state.commits.feed({ type: "rootRemoved", place });
      state.relay.feed({ type: "rootRemoved", rootHeight: place.height });
    },
    onConsensus: (agreed) => {
      state.commits.feed({ type: "consensus", height: agreed.height, isRootSynced: true });
      state.chain.feed({ type: "consensus", height: agreed.height });
    },
    onAgreed: (agreed) => state.chain.feed({ type: "agreed", agreed }),
  });
  const wallet = keyWallet(accountSigner(opened.relaySecret));
  const state = assemble(options, settings, machine, watch, wallet, genesisHash);
  return {
    genesisHash,
    config,
    relay: wallet.address,
    source: state.source,
    standing: () => standingOf(state),
    ask: (request) => answerSafely(state.failure, () => answer(state, request)),
    serve: (pipe) => state.server.serve(pipe),
    connect: () => connectLocally(state.server, state.options.clock),
    close: () => close(state),
  };
}

function assemble(
  options: ParaNodeOptions,
  settings: ParaSettings,
  machine: ChainMachine,
  watch: RootWatch,
  relayWallet: Wallet,
  genesisHash: Hash,
): NodeState {
  const { config, root, wallet, clock, store, keptBlocks } = options;
  const { title } = config;
  const { environment, tree } = machine;
  const shared = { title, root, clock, store, settings };
  const state: NodeState = {
    options,
    machine,
    watch,
    source: { environment, tree, store, genesisHash },
    chain: createChainDriver({
      machine,
      root,
      store,
      keptBlocks,
      onHead: (change, discarded) => followHead(state, change, discarded),
      onStanding: (rootHeight) => state.relay.feed({ type: "passed", rootHeight }),
      onFailure: (error) => fail(state, error),
    }),
    commits: createCommitDriver({
      ...shared,
      wallet,
      head: heightOf(tree.head),
      onAlarm: (alarm) => hearAlarm(state, alarm),
      onConsensus: (agreed) => hearConsensus(state, agreed),
    }),
    relay: createRelayDriver({
      ...shared,
      wallet: relayWallet,
      environment,
      tree,
      onDropped: (hash, refused) => settleWaiters(state.waiters, hash, err(refused)),
    }),
    server: createRpcServer(
      clock,
      (request) => answerSafely(state.failure, () => answer(state, request)),
      () => undefined,
    ),
    waiters: createWaiters(clock),
    alarms: new Map(),
    cancelPoll: () => undefined,
    stopListening: () => undefined,
    round: undefined,
    isAskedAgain: false,
    failure: undefined,
    closed: false,
  };
  state.stopListening = root.onHead(() => look(state));
  poll(state);
  return state;
}

function poll(state: NodeState): void {
  const { clock } = state.options;
  look(state);
  state.cancelPoll = clock.after(POLL_MS, () => {
    state.relay.feed({ type: "tick", nowMs: clock.now() });
    poll(state);
  });
}

/** Follows the root chain, and once more when it is asked to meanwhile. */
function look(state: NodeState): void {
  if (state.closed || state.failure !== undefined) return;
  if (state.round !== undefined) {
    state.isAskedAgain = true;
    return;
  }
  state.isAskedAgain = false;
  state.round = lookOnce(state).finally(() => {
    state.round = undefined;
    if (state.isAskedAgain) look(state);
  });
}

async function lookOnce(state: NodeState): Promise<void> {
  try {
    await state.watch.follow();
    const standstill = await state.chain.follow();
    setAlarm(state, "ROOT_UNREACHABLE", undefined);
    setAlarm(state, "ROOT_FOREIGN", standstill === "foreign" ? FOREIGN : undefined);
    setAlarm(state, "PRODUCTION_HALTED", standstill === "halted" ? HALTED : undefined);
    setAlarm(state, "CONSENSUS_DIFFERS", state.machine.differs ? DIFFERS : undefined);
  } catch {
    setAlarm(state, "ROOT_UNREACHABLE", UNREACHABLE);
  }
}

const UNREACHABLE = "The root node does not answer; start it, or name another.";
const FOREIGN = "The root node is on another branch than this chain's; name another root node.";
const HALTED = "Too many blocks wait for a consensus, so no more are made; see to the other nodes.";
const DIFFERS = "The nodes agree on another block than this node's; begin its data anew.";

function setAlarm(state: NodeState, code: AlarmCode, message: string | undefined): void {
  if (state.alarms.get(code)?.message === message) return;
  if (message === undefined) state.alarms.delete(code);
  else state.alarms.set(code, { code, message });
  state.options.onChange?.();
}

const COMMIT_ALARMS: readonly AlarmCode[] = ["WALLET_LOCKED", "WALLET_EMPTY", "COMMIT_REFUSED"];

function hearAlarm(state: NodeState, alarm: Alarm | undefined): void {
  for (const code of COMMIT_ALARMS) {
    setAlarm(state, code, alarm?.code === code ? alarm.message : undefined);
  }
}

function hearConsensus(state: NodeState, agreed: Agreed | undefined): void {
  state.chain.feed({ type: "consensus", height: agreed?.height });
  if (agreed !== undefined) state.watch.note(agreed);
  look(state);
}

function followHead(state: NodeState, change: HeadChange, discarded: readonly Discarded[]): void {
  const { commits, relay, waiters, server, source, machine } = state;
  const common = heightOf(change.common);
  const cut = change.abandoned.length > 0 ? common : undefined;
  commits.feed({ type: "head", height: heightOf(machine.tree.head), cut });
  relay.feed({ type: "head", change, discarded });
  settleAdopted(waiters, change);
  server.announce(ledgerInfo(source), common);
  state.options.onChange?.();
}

function fail(state: NodeState, error: unknown): void {
  state.failure = stoppedBy(error);
  state.cancelPoll();
  state.commits.close();
  state.relay.close();
  releaseWaiters(state.waiters);
}

function standingOf({ machine, commits, alarms }: NodeState): ParaStanding {
  return {
    height: heightOf(machine.tree.head),
    root: standing(machine),
    consensus: machine.consensus,
    finished: finishedHeight(commits.machine),
    alarms: [...alarms.values()].sort((a, b) => (a.code < b.code ? -1 : 1)),
  };
}

async function close(state: NodeState): Promise<void> {
  if (state.closed) return;
  state.closed = true;
  state.cancelPoll();
  state.stopListening();
  state.chain.close();
  state.commits.close();
  state.relay.close();
  releaseWaiters(state.waiters);
  state.server.close();
  await state.chain.written();
  await state.options.store.close();
}

function answer(state: NodeState, request: RpcRequest): Promise<Answering> | Answering {
  switch (request.type) {
    case "submit":
      return submitted(state.relay.submit(request.bytes));
    case "fund":
      return err(refusal("invalid_input", "Coins come from the root chain: transfer some here."));
    case "transaction":
      return transactionBy(placesOf(state), request.hash);
    case "waitTransaction":
      return endingBy(placesOf(state), request.hash, request.timeoutMs);
    default:
      return answerRead(state.source, request);
  }
}

function placesOf({ relay, options, source, waiters }: NodeState): TransactionPlaces {
  return { pool: relay.machine.pool, tree: source.tree, store: options.store, waiters };
}
