/**
 * The sandbox as a game developer meets it: accounts in, calls by name, JavaScript values, change
 * sets out. One handle owns one state; everything it does it does through an executor and the state
 * tree. Knows no channel and no chain.
 */

import { BcsWriter } from "./core/bcs/writer.ts";
import { toHexPrefixed } from "./core/bytes.ts";
import { type ChangeSet, type Event, makeChangeSet, opBetween } from "./core/effects.ts";
import { type InternalGas, internalGas } from "./core/gas-units.ts";
import { domainHash, parseHash } from "./core/hash.ts";
import type { FunctionId } from "./core/identifier.ts";
import { formatVmStatus, type VmStatus } from "./core/status.ts";
import type { TypeTag } from "./core/type-tag.ts";
import { createExecutor } from "./default-executor.ts";
import type { Call, CallMode, Executor, Outcome, Session } from "./execution.ts";
import { chainProfile } from "./runtime/execution-profile.ts";
import { type ArgumentValue, createTypeReader, type TypeReader } from "./runtime/type-reader.ts";
import type { JsValue } from "./runtime/values/js.ts";
import { SandboxError } from "./sandbox-error.ts";
import {
  type AccountChanges,
  addressFrom,
  type BytesInput,
  bytesFrom,
  changesByAccount,
  functionFrom,
  structFrom,
  typeFrom,
} from "./sandbox-input.ts";
import { snapshotChunks } from "./state/snapshot.ts";
import { restoreSnapshot } from "./state/snapshot-restore.ts";
import { createStateTree, type StateTree } from "./state/state-tree.ts";
import { modulesOfState } from "./storage/module-source.ts";

export interface SandboxOptions {
  /** Default: {@link createExecutor} under a chain's profile, which verifies what is published. */
  readonly executor?: Executor;
  readonly chainId?: number;
  /** Where {@link MoveSandbox.loadAccountsFromChain} gets the accounts of a state channel. */
  readonly loadAccounts?: (stateChannelId: string) => Promise<Accounts> | Accounts;
  /**
   * Accepted for callers that keep files; the state lives in memory, `snapshot` and `restore` move
   * it.
   */
  readonly storage_dir?: string;
}

/** Contents of one account. */
export interface AccountContents {
  /** BCS by type: `{"0x1::counter::Counter": "0500000000000000"}`. */
  readonly resources?: Readonly<Record<string, BytesInput>>;
  /** Bytecode, in any order. */
  readonly modules?: readonly BytesInput[];
}

/** Accounts by address. */
export type Accounts = Readonly<Record<string, AccountContents>>;

export interface RunOptions {
  /** Who signs: fills the leading signer parameters. */
  readonly signer?: string | readonly string[];
  readonly gasLimit?: number;
  /** Default: `entry` for entry functions without returns, else `function`. */
  readonly mode?: CallMode;
}

export interface RunResult {
  readonly status: VmStatus;
  /** One line for people. */
  readonly message: string;
  readonly changeSet: ChangeSet;
  /** {@link changeSet} under the name it has in the specification. */
  readonly change_sets: ChangeSet;
  /** The resources of the change set by address and type. */
  readonly accounts: AccountChanges;
  readonly events: readonly Event[];
  readonly gas: InternalGas;
  /** What a function that is no entry point returned. */
  readonly returns: readonly JsValue[];
}

export type ChangeListener = (changes: ChangeSet) => void;

/** The running end of a subscription. */
export interface ChangeChannel {
  /**
   * Calls `listener` with every change set from the snapshot on. Returns a function that stops it.
   */
  on(event: "change_set", listener: ChangeListener): () => void;
  close(): void;
}

/** A whole state: chunks that check against the root, and the root as hex. */
export interface Snapshot {
  readonly root: string;
  readonly chunks: readonly Uint8Array[];
}

const DEFAULT_CHAIN_ID = 4;
const DEFAULT_GAS_LIMIT = 1_000_000_000;
const SNAPSHOT_CHUNK_SIZE = 256 * 1024;

/**
 * One state, and calls of Move functions upon it by name. Wrong use throws a {@link SandboxError};
 * what a program came to, an abort included, is in the answer's `status`.
 */
export class MoveSandbox {
  readonly #options: SandboxOptions;
  readonly #executor: Executor;
  readonly #types: TypeReader;
  readonly #listeners = new Set<ChangeListener>();
  #state: StateTree = createStateTree();
  #runCount = 0;

  /**
   * @param _fileSystem taken for callers that pass one, and not used: nothing is kept in files.
   * @example
   * const sandbox = new MoveSandbox(wasmfs, { storage_dir: "/workspace/storage_dir" });
   */
  constructor(_fileSystem?: unknown, options: SandboxOptions = {}) {
    this.#options = options;
    this.#executor = options.executor ?? createExecutor(chainProfile());
    this.#types = createTypeReader({
      get: (id) => modulesOfState(this.#state).get(id),
    });
  }

  /** The accounts of a state channel, by the function given to the constructor. */
  async loadAccountsFromChain(stateChannelId: string): Promise<Accounts> {
    const { loadAccounts } = this.#options;
    if (loadAccounts === undefined) {
      throw new SandboxError("SANDBOX_NO_SOURCE", "give `loadAccounts` to the constructor");
    }
    return loadAccounts(stateChannelId);
  }

  /** {@link loadAccountsFromChain} under the name it has in the specification. */
  load_accounts_from_chain(stateChannelId: string): Promise<Accounts> {
    return this.loadAccountsFromChain(stateChannelId);
  }

  /**
   * Writes accounts into the state: modules first, through the publish policy, then resources. All
   * or nothing. Resources that are not named stay.
   */
  setAccounts(accounts: Accounts): void {
    const session = this.#begin();
    publishInOrder(session, accounts);
    const modules = session.changes();
    const resources = Object.entries(accounts).flatMap(([address, { resources = {} }]) =>
      Object.entries(resources).flatMap(([type, bytes]) => {
        const key = {
          kind: "resource",
          address: addressFrom(address),
          type: structFrom(type),
        } as const;
        const op = opBetween(this.#state.get(key), bytesFrom(bytes));
        return op === undefined ? [] : [{ key, op }];
      }),
    );
    this.#commit(makeChangeSet([...modules, ...resources]));
  }

  /**
   * Runs a function. What it does to the state stays if it succeeds; otherwise nothing stays and
   * `status` says why.
   *
   * @param fn `0x1::module::function`.
   * @param args behind the signers: JavaScript values, or BCS through `bcsArgument`.
   * @throws SandboxError for names, types and arguments that cannot be read.
   * @example
   * const { change_sets, events } = sandbox.run("0x1::token::mint", [], [7n], { signer: "0x1" });
   */
  run(
    fn: string,
    tyArgs: readonly string[] = [],
    args: readonly ArgumentValue[] = [],
    options: RunOptions = {},
  ): RunResult {
    const session = this.#begin();
    const result = this.#call(session, fn, tyArgs, args, options);
    if (result.status.type === "executed") this.#commit(result.changeSet);
    return result;
  }

  /** Runs a function and forgets what it did: for reading. */
  view(fn: string, tyArgs: readonly string[] = [], args: readonly ArgumentValue[] = []): RunResult {
    return this.#call(this.#begin(), fn, tyArgs, args, { mode: "function" });
  }

  /** Publishes modules of one address together. */
  publish(sender: string, modules: readonly BytesInput[]): RunResult {
    const session = this.#begin();
    const limit = internalGas(DEFAULT_GAS_LIMIT);
    const outcome = session.publish(addressFrom(sender), modules.map(bytesFrom), limit);
    if (outcome.status.type === "executed") this.#commit(outcome.changes);
    return runResult(outcome, []);
  }

  /** A resource as a JavaScript value; undefined where there is none. */
  resource(address: string, type: string): JsValue | undefined {
    const struct = structFrom(type);
    const bytes = this.#state.get({
      kind: "resource",
      address: addressFrom(address),
      type: struct,
    });
    if (bytes === undefined) return undefined;
    const value = this.#types.decode({ kind: "struct", struct }, bytes);
    if (!value.ok) throw new SandboxError("SANDBOX_BAD_TYPE", value.error.detail);
    return value.value;
  }

  /** The state as of now, and a channel that tells every change set from here on. */
  subscribe(): { readonly snapshot: Snapshot; readonly ch: ChangeChannel } {
    const own = new Set<ChangeListener>();
    const stop = (listener: ChangeListener) => {
      own.delete(listener);
      this.#listeners.delete(listener);
    };
    const ch: ChangeChannel = {
      on: (_event, listener) => {
        // Wrapped, so that one function given twice is called twice and stopped once.
        const heard: ChangeListener = (changes) => listener(changes);
        own.add(heard);
        this.#listeners.add(heard);
        return () => stop(heard);
      },
      close: () => [...own].forEach(stop),
    };
    return { snapshot: this.snapshot(), ch };
  }

  snapshot(): Snapshot {
    const root = toHexPrefixed(this.#state.root());
    return { root, chunks: [...snapshotChunks(this.#state, SNAPSHOT_CHUNK_SIZE)] };
  }

  /**
   * Replaces the state by a snapshot, checked against its root. Listeners hear of later changes
   * only.
   */
  restore({ root, chunks }: Snapshot): void {
    const hash = parseHash(bytesFrom(root));
    if (hash === undefined) throw new SandboxError("SANDBOX_BAD_SNAPSHOT", "a root has 32 bytes");
    const restorer = restoreSnapshot(hash);
    for (const chunk of chunks) {
      const added = restorer.add(chunk);
      if (!added.ok) {
        throw new SandboxError("SANDBOX_BAD_SNAPSHOT", added.error.message, added.error);
      }
    }
    if (!restorer.complete) throw new SandboxError("SANDBOX_BAD_SNAPSHOT", "chunks are missing");
    this.#state = restorer.finish();
  }

  /** The commitment to the whole state, hex behind `0x`. */
  stateRoot(): string {
    return toHexPrefixed(this.#state.root());
  }

  #begin(): Session {
    this.#runCount += 1;
    const count = new BcsWriter().u64(BigInt(this.#runCount)).finish();
    const uniqueSeed = domainHash("SandboxRun", this.#state.root(), count);
    const chainId = this.#options.chainId ?? DEFAULT_CHAIN_ID;
    return this.#executor.begin(this.#state, { uniqueSeed, chainId });
  }

  #call(
    session: Session,
    fn: string,
    tyArgs: readonly string[],
    args: readonly ArgumentValue[],
    options: RunOptions,
  ): RunResult {
    const callee = functionFrom(fn);
    const typeArgs = tyArgs.map(typeFrom);
    const encoded = this.#types.encodeArguments(callee, typeArgs, args);
    if (!encoded.ok) {
      throw new SandboxError(
        "SANDBOX_BAD_ARGUMENT",
        `${encoded.error.status}: ${encoded.error.detail}`,
      );
    }
    const { signer = [], gasLimit = DEFAULT_GAS_LIMIT } = options;
    const call: Call = {
      mode: options.mode ?? this.#types.modeOf(callee),
      function: callee,
      typeArgs,
      args: encoded.value,
      signers: (typeof signer === "string" ? [signer] : signer).map(addressFrom),
      gasLimit: internalGas(gasLimit),
    };
    const outcome = session.execute(call);
    return runResult(outcome, this.#decodeReturns(callee, typeArgs, outcome));
  }

  #decodeReturns(
    callee: FunctionId,
    typeArgs: readonly TypeTag[],
    { returns }: Outcome,
  ): readonly JsValue[] {
    if (returns.length === 0) return [];
    const decoded = this.#types.decodeReturns(callee, typeArgs, returns);
    if (!decoded.ok) throw new SandboxError("SANDBOX_BAD_TYPE", decoded.error.detail);
    return decoded.value;
  }

  #commit(changes: ChangeSet): void {
    this.#state.apply(changes);
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes);
  }
}

function runResult(outcome: Outcome, returns: readonly JsValue[]): RunResult {
  const { status, changes, events, gasUsed } = outcome;
  return {
    status,
    message: formatVmStatus(status),
    changeSet: changes,
    change_sets: changes,
    accounts: changesByAccount(changes),
    events,
    gas: gasUsed,
    returns,
  };
}

/** Publishes accounts' modules, those first whose dependencies are there already. */
function publishInOrder(session: Session, accounts: Accounts): void {
  let waiting = Object.entries(accounts).filter(([, { modules = [] }]) => modules.length > 0);
  while (waiting.length > 0) {
    const refused: string[] = [];
    const next = waiting.filter(([address, { modules = [] }]) => {
      const limit = internalGas(Number.MAX_SAFE_INTEGER);
      const { status } = session.publish(addressFrom(address), modules.map(bytesFrom), limit);
      if (status.type === "executed") return false;
      refused.push(`${address}: ${formatVmStatus(status)}`);
      return true;
    });
    if (next.length === waiting.length) {
      throw new SandboxError("SANDBOX_NOT_PUBLISHED", refused.join("; "));
    }
    waiting = next;
  }
}
