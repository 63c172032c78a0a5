/**
 * The core's port to the sandbox: runs calls of the pinned contract over the channel's state, and
 * keeps the state's versions as cheap forks. The sandbox comes in from outside; knows no rule of
 * the protocol.
 */
import type { Address } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type ChangeSet, EMPTY_CHANGE_SET, type StateKey, stateKeyText } from "#core/effects.ts";
import { gasUnits, toGasUnits, toInternalGas } from "#core/gas-units.ts";
import { domainHash, type Hash } from "#core/hash.ts";
import type { FunctionId } from "#core/identifier.ts";
import type { VmStatus } from "#core/status.ts";
import type { Executor, Call as SandboxCall, StateStore } from "#sandbox";
import { CALL_PENDING_SIZE_MAX } from "./codec/limits.ts";
import { settledSize } from "./codec/settled-size.ts";
import type { StateProof } from "./evidence.ts";
import type { Call, Receipt } from "./messages.ts";
import { type ChannelExecutor, type EntryContext, makeStateMark, type StateMark } from "./ports.ts";

/** A state that can be copied at no cost. */
export interface ForkableState<State> extends StateStore {
  fork(): State;
}

export interface ChannelSandbox<State extends ForkableState<State>> {
  /** Under the channel's profile: pinned modules, channel limits. */
  readonly executor: Executor;
  readonly chainId: number;
  /** The contract's tick, for channels that have one. */
  readonly onTick: FunctionId;
  readonly createState: () => State;
  /** The state in chunks that check against its root. */
  readonly snapshot: (state: State) => Iterable<Uint8Array>;
  /** The multiproof of these keys, held or not. */
  readonly prove: (state: State, keys: readonly StateKey[]) => StateProof;
  /** Undefined unless the chunks hash to the root. */
  readonly restore: (root: Hash, chunks: readonly Uint8Array[]) => State | undefined;
}

const SEED_DOMAIN = "EntrySeed";

/** What no settlement could ever bring to the chain fails where it is called (SPEC.md EX14). */
function tooMuch(size: number): VmStatus {
  const detail = `changes of ${size} bytes, and a settlement carries ${CALL_PENDING_SIZE_MAX}`;
  return { type: "failed", status: "IO_LIMIT_REACHED", detail };
}

/** @param initial what is there at height 0: the contract's state. */
export function createChannelExecutor<State extends ForkableState<State>>(
  sandbox: ChannelSandbox<State>,
  initial: ChangeSet = EMPTY_CHANGE_SET,
): ChannelExecutor {
  let state = sandbox.createState();
  state.apply(initial);
  let noted: Map<string, StateKey> | undefined;
  const note = (key: StateKey) => noted?.set(stateKeyText(key), key);
  const marks = new Map<StateMark, State>();
  let marksCount = 0;

  function run(call: SandboxCall, context: EntryContext): Receipt {
    const { channel, height } = context;
    const place = encodeBcs((writer) => writer.u64(height));
    const session = sandbox.executor.begin(state, {
      uniqueSeed: domainHash(SEED_DOMAIN, channel, place),
      chainId: sandbox.chainId,
    });
    const { status, gasUsed, events, changes, touched } = session.execute(call);
    for (const { key } of touched) note(key);
    const size = settledSize(changes);
    if (size > CALL_PENDING_SIZE_MAX) {
      return { status: tooMuch(size), gasUsed: toGasUnits(gasUsed), events: [], changes: [] };
    }
    state.apply(changes);
    return { status, gasUsed: toGasUnits(gasUsed), events, changes };
  }

  return {
    execute: (call: Call, sender: Address, context) =>
      run(
        {
          mode: "entry",
          function: call.function,
          typeArgs: call.typeArgs,
          args: call.args,
          signers: [sender],
          gasLimit: toInternalGas(gasUnits(call.maxGas)),
        },
        context,
      ),
    tick: (tick, maxGas, context) =>
      run(
        {
          mode: "function",
          function: sandbox.onTick,
          typeArgs: [],
          args: [context.time, tick].map((value) => encodeBcs((writer) => writer.u64(value))),
          signers: [],
          gasLimit: toInternalGas(gasUnits(maxGas)),
        },
        context,
      ),
    apply(changes) {
      for (const { key } of changes) note(key);
      state.apply(changes);
    },
    read(key: StateKey) {
      note(key);
      return state.get(key);
    },
    record() {
      const keys = new Map<string, StateKey>();
      noted = keys;
      return () => {
        noted = undefined;
        return [...keys.values()];
      };
    },
    stateRoot: () => state.root(),
    mark() {
      const mark = makeStateMark(++marksCount);
      marks.set(mark, state.fork());
      return mark;
    },
    rollback(mark) {
      state = present(marks.get(mark), "a mark in use").fork();
    },
    release(mark) {
      assert(marks.delete(mark), "a mark is released once");
    },
    prove: (keys) => sandbox.prove(state, keys),
    snapshot: () => sandbox.snapshot(state),
    restore(root, chunks) {
      const restored = sandbox.restore(root, chunks);
      if (restored === undefined) return false;
      state = restored;
      return true;
    },
  };
}
