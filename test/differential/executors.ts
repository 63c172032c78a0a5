/** The executors that are held against one another, under each of a few profiles. */
import { present } from "#core/assert.ts";
import {
  chainProfile,
  createCompiler,
  createInterpreter,
  createStateTree,
  type ExecutionProfile,
  type Executor,
  internalGas,
  makeAddress,
  restoreSnapshot,
  type StateTree,
  snapshotChunks,
  statusName,
  UNCHECKED_PUBLISHING,
} from "#sandbox";
import { assembleBytes } from "../assembler/assembler.ts";
import { LIBRARY } from "./library.ts";

/** One side of a comparison. */
export interface Party {
  readonly name: string;
  readonly executor: Executor;
  /**
   * Moves its state through a snapshot before every session, so that nothing else is carried on.
   */
  readonly restores: boolean;
}

/**
 * `chain`; `offChain`, without what only chains can do; `tight`, with limits that programs meet.
 */
export type ProfileName = "chain" | "offChain" | "tight";

const CHAIN = chainProfile();

export const PROFILES: Readonly<Record<ProfileName, ExecutionProfile>> = {
  chain: CHAIN,
  offChain: { ...CHAIN, allowsChainOnly: false },
  tight: {
    ...CHAIN,
    limits: {
      memoryWeight: 120,
      touchedKeys: 3,
      touchedBytes: 160,
      valueBytes: 90,
      events: 6,
      eventBytes: 60,
    },
  },
};

const lasting = new Map<ProfileName, readonly Party[]>();

/**
 * The reference first: an interpreter that verifies what is published. It and the compiler live on
 * from program to program, so that what they keep meets other code under the same names.
 * @param isIsolated besides, an interpreter that starts from nothing, and the compiler once more:
 * what it still holds in memory is of a state that is not there any more.
 */
export function parties(name: ProfileName, isIsolated: boolean): readonly Party[] {
  const known = lasting.get(name) ?? lastingParties(name);
  lasting.set(name, known);
  if (!isIsolated) return known;
  const profile = { ...PROFILES[name], publishPolicy: UNCHECKED_PUBLISHING };
  const fresh = { name: "fresh", executor: createInterpreter(profile), restores: true };
  const again = known.filter(({ executor }) => executor.name === "compiled");
  return [...known, ...again.map((party) => ({ ...party, name: "compiled again" })), fresh];
}

function lastingParties(name: ProfileName): readonly Party[] {
  const profile = PROFILES[name];
  const unchecked = { ...profile, publishPolicy: UNCHECKED_PUBLISHING };
  return [
    { name: "interpreter", executor: createInterpreter(profile), restores: false },
    { name: "compiled", executor: createCompiler(unchecked), restores: false },
  ];
}

/** State with the library in it; to be forked. */
export const LIBRARY_STATE: StateTree = libraryState();

function libraryState(): StateTree {
  const state = createStateTree();
  const executor = createInterpreter(CHAIN);
  for (const text of LIBRARY) {
    const session = executor.begin(state, { uniqueSeed: new Uint8Array(32), chainId: 4 });
    const gas = internalGas(1_000_000);
    const outcome = session.publish(makeAddress("0x1"), [assembleBytes(text)], gas);
    const name = statusName(outcome.status);
    if (name !== "EXECUTED") throw new Error(`${name}: ${text}`);
    state.apply(session.changes());
  }
  return state;
}

/** The same state, built from chunks that were checked against its root. */
export function restoredState(state: StateTree): StateTree {
  const restorer = restoreSnapshot(state.root());
  for (const chunk of snapshotChunks(state, 64 * 1024)) {
    const added = restorer.add(chunk);
    if (!added.ok) throw added.error;
  }
  return present(restorer.finish(), "all chunks are in");
}
