/** The three bench contracts on an executor, and the same calls for the hand-written reducers. */
import {
  type Address,
  addressToBytes,
  type Call,
  type ChangeSet,
  createMemoryState,
  type Executor,
  type MemoryState,
  makeAddress,
  type Outcome,
  parseFunctionId,
  type Session,
} from "#sandbox";
import {
  AMPLE_GAS,
  bigintText,
  CONTEXT,
  contractModules,
  type Fixtures,
  libraryModules,
  publishAll,
  u64Bytes,
} from "./fixtures.ts";

export const PLAYER: Address = makeAddress("0xabc");

const HOME = "0xbe";
const LIBRARY_HOME = "0x1";
const LAND_SIZE = 32;
const TEXT_SIZE = 40;

/** A function of a bench contract and its arguments at each turn. */
export interface Move {
  readonly function: string;
  readonly args: (turn: number) => readonly Uint8Array[];
}

const PLAYER_BYTES = addressToBytes(PLAYER);
const TEXT = Uint8Array.of(TEXT_SIZE, ...new Uint8Array(TEXT_SIZE).fill(0x61));

const NO_ARGUMENTS: readonly Uint8Array[] = [];
const POST_ARGUMENTS: readonly Uint8Array[] = [PLAYER_BYTES, TEXT];

export const MOVES = {
  inc: { function: "counter::inc", args: () => NO_ARGUMENTS },
  post: { function: "chat::post", args: () => POST_ARGUMENTS },
  placeBlock: { function: "movecraft::place_block", args: placeArguments },
} as const satisfies Record<string, Move>;

const COORDINATES = Array.from({ length: LAND_SIZE }, (_, value) => u64Bytes(BigInt(value)));
const AIR = Uint8Array.of(0);
const STONE = Uint8Array.of(1);

/** Fills the land block by block, then clears it again, and so on. */
function placeArguments(turn: number): readonly Uint8Array[] {
  const place = turn % LAND_SIZE ** 3;
  const isFilling = Math.floor(turn / LAND_SIZE ** 3) % 2 === 0;
  const coordinate = (value: number) => COORDINATES[value % LAND_SIZE] ?? AIR;
  return [
    coordinate(place),
    coordinate(Math.floor(place / LAND_SIZE)),
    coordinate(Math.floor(place / LAND_SIZE ** 2)),
    isFilling ? STONE : AIR,
  ];
}

const NO_TYPES: Call["typeArgs"] = [];
const SIGNERS: readonly Address[] = [PLAYER];

const functionIds = new Map<string, NonNullable<ReturnType<typeof parseFunctionId>>>();

export function callOf(move: Pick<Move, "function">, args: readonly Uint8Array[]): Call {
  const known = functionIds.get(move.function);
  const id = known ?? parseFunctionId(`${HOME}::${move.function}`);
  if (id === undefined) throw new Error(`${move.function} is no function`);
  functionIds.set(move.function, id);
  return {
    mode: "entry",
    function: id,
    typeArgs: NO_TYPES,
    args,
    signers: SIGNERS,
    gasLimit: AMPLE_GAS,
  };
}

/** A state with library, contracts, and what the player has created with them. */
export function contractState(fixtures: Fixtures, executor: Executor): MemoryState {
  const state = publishedState(fixtures, executor);
  state.apply(createdThings(executor, state));
  return state;
}

/** What the player creates with the contracts: all that their moves need to find. */
export function createdThings(executor: Executor, state: MemoryState): ChangeSet {
  const session = executor.begin(state, CONTEXT);
  for (const contract of ["counter", "chat", "movecraft"]) {
    execute(session, callOf({ function: `${contract}::create` }, []));
  }
  return session.changes();
}

/** A state with library and contracts. */
export function publishedState(fixtures: Fixtures, executor: Executor): MemoryState {
  const state = createMemoryState();
  publishAll(executor, state, LIBRARY_HOME, libraryModules(fixtures));
  publishAll(executor, state, HOME, contractModules(fixtures));
  return state;
}

/** Runs a call that must succeed. Its change set is encoded then, if compiled code could do it. */
export function execute(session: Session, call: Call): Outcome {
  const outcome = session.execute(call);
  if (outcome.status.type === "executed") return outcome;
  throw new Error(JSON.stringify(outcome.status, bigintText));
}
