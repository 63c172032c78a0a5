// A compiled executor that must not fall back, beside an interpreter that sees the same calls: what
// one answers the other has to answer.
import { assert, present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import {
  type CallMode,
  chainProfile,
  createInterpreter,
  createMemoryState,
  type ExecutionProfile,
  type Executor,
  internalGas,
  type MemoryState,
  makeAddress,
  type Outcome,
  parseFunctionId,
  type Session,
  UNCHECKED_PUBLISHING,
} from "#sandbox";
import { assembleBytes } from "../../assembler/assembler.ts";
import { createCountedCompiler } from "../../differential/counted-compiler.ts";

export interface CallOptions {
  readonly mode?: CallMode;
  /** Hex of each argument's BCS. */
  readonly args?: readonly string[];
  readonly signers?: readonly string[];
  readonly gasLimit?: number;
  /** Whether the call may be left to the interpreter; else that fails. */
  readonly mayReplay?: boolean;
}

export interface CompiledHarness {
  readonly executor: Executor;
  readonly state: MemoryState;
  /** Publishes a module in the assembler's text. */
  readonly publish: (text: string) => void;
  readonly begin: () => Session;
  /** Runs a call by both executors and keeps what it changed. */
  readonly call: (name: string, options?: CallOptions) => Outcome;
}

const CONTEXT = { uniqueSeed: new Uint8Array(32), chainId: 4 };
const GAS_LIMIT = 100_000_000;

export function createCompiledHarness(changed: Partial<ExecutionProfile> = {}): CompiledHarness {
  const profile = { ...chainProfile(UNCHECKED_PUBLISHING), ...changed };
  const counted = createCountedCompiler(profile);
  const interpreter = createInterpreter(profile);
  const { executor } = counted;
  const state = createMemoryState();
  return {
    executor,
    state,
    begin: () => executor.begin(state, CONTEXT),
    publish(text) {
      const session = executor.begin(state, CONTEXT);
      const owner = makeAddress(present(/module (0x[0-9a-f]+)::/.exec(text)?.[1], "an address"));
      const { status } = session.publish(owner, [assembleBytes(text)], internalGas(GAS_LIMIT));
      assert(status.type === "executed", JSON.stringify(status));
      state.apply(session.changes());
    },
    call(name, options = {}) {
      const call = makeCall(name, options);
      const leftBefore = counted.left.length;
      const session = executor.begin(state, CONTEXT);
      const outcome = session.execute(call);
      const isLeft = counted.left.length > leftBefore;
      assert(!isLeft || options.mayReplay === true, `${name} ran interpreted`);
      const twin = interpreter.begin(state, CONTEXT).execute(call);
      assert(text(outcome) === text(twin), `${text(outcome)} is not ${text(twin)}`);
      state.apply(session.changes());
      return outcome;
    },
  };
}

export function makeCall(name: string, options: CallOptions) {
  return {
    mode: options.mode ?? "function",
    function: present(parseFunctionId(name), "a function's name"),
    typeArgs: [],
    args: (options.args ?? []).map((hex) => present(fromHex(hex), "hex")),
    signers: (options.signers ?? []).map(makeAddress),
    gasLimit: internalGas(options.gasLimit ?? GAS_LIMIT),
  } as const;
}

/** Everything that an outcome says but words for people. */
function text(outcome: Outcome): string {
  return JSON.stringify(outcome, (key, value: unknown) => {
    if (key === "detail") return undefined;
    if (typeof value === "bigint") return `${value}`;
    return value instanceof Uint8Array ? toHex(value) : value;
  });
}
