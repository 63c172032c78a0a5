// A state, an executor and short ways to publish, call and read, for tests of the sandbox.
import { present } from "#core/assert.ts";
import { fromHex } from "#core/bytes.ts";
import {
  type CallMode,
  chainProfile,
  createInterpreter,
  createMemoryState,
  type ExecutionProfile,
  internalGas,
  type MemoryState,
  makeAddress,
  type Outcome,
  parseFunctionId,
  parseTypeTag,
  type Session,
  UNCHECKED_PUBLISHING,
} from "#sandbox";
import { buildBytes, type ModuleText } from "./module-builder.ts";

export const GAS_LIMIT = 100_000_000;

export interface CallOptions {
  readonly mode?: CallMode;
  readonly typeArgs?: readonly string[];
  /** Hex of each argument's BCS. */
  readonly args?: readonly string[];
  readonly signers?: readonly string[];
  readonly gasLimit?: number;
}

export interface Harness {
  readonly state: MemoryState;
  publish(...modules: readonly ModuleText[]): void;
  begin(seed?: number): Session;
  /** Runs one call in a session of its own and keeps what it changed. */
  call(fn: string, options?: CallOptions): Outcome;
}

/** Publishes without a verifier, so that tests can run what no verifier lets through. */
export function createHarness(profile: Partial<ExecutionProfile> = {}): Harness {
  const state = createMemoryState();
  const executor = createInterpreter({ ...chainProfile(UNCHECKED_PUBLISHING), ...profile });
  const begin = (seed = 0) =>
    executor.begin(state, { uniqueSeed: new Uint8Array(32).fill(seed), chainId: 4 });
  return {
    state,
    begin,
    publish(...modules) {
      for (const text of modules) {
        const session = begin();
        const bytes = buildBytes(text);
        const owner = makeAddress(text.address ?? "0x1");
        const outcome = session.publish(owner, [bytes], internalGas(GAS_LIMIT));
        if (outcome.status.type !== "executed") throw new Error(JSON.stringify(outcome.status));
        state.apply(session.changes());
      }
    },
    call(fn, options) {
      const session = begin();
      const outcome = execute(session, fn, options);
      state.apply(session.changes());
      return outcome;
    },
  };
}

export function execute(session: Session, fn: string, options: CallOptions = {}): Outcome {
  const { mode = "function", typeArgs = [], args = [], signers = [] } = options;
  return session.execute({
    mode,
    function: present(parseFunctionId(fn), "a function's name"),
    typeArgs: typeArgs.map((text) => present(parseTypeTag(text), "a type")),
    args: args.map((text) => present(fromHex(text), "hex")),
    signers: signers.map(makeAddress),
    gasLimit: internalGas(options.gasLimit ?? GAS_LIMIT),
  });
}
