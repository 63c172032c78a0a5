/**
 * `bench tx`: whole transactions against hand-written reducers, what a first touch costs, loading,
 * and memory.
 */
import {
  type Address,
  addressToBytes,
  chainProfile,
  createCompiler,
  type Executor,
  encodeChangeSet,
  encodedChanges,
  type MemoryState,
  makeAddress,
  makeStructTag,
  type StateKey,
  type StateReader,
} from "#sandbox";
import {
  callOf,
  contractState,
  createdThings,
  execute,
  MOVES,
  type Move,
  PLAYER,
  publishedState,
} from "./contracts.ts";
import { CONTEXT, type Fixtures } from "./fixtures.ts";
import type { LoadTimes } from "./loading.ts";
import { compareMs, median } from "./measure.ts";
import {
  CHAT_REDUCER,
  COUNTER_REDUCER,
  createOutput,
  landReducer,
  type Output,
  type Reducer,
} from "./reducers.ts";

export interface TxMetrics {
  readonly counter_ratio: number;
  readonly counter_per_s: number;
  readonly reducer_per_s: number;
  readonly chat_ratio: number;
  readonly place_block_ratio: number;
  readonly first_touch_ratio: number;
  readonly cold_load_ms: number;
  readonly cached_load_ms: number;
  readonly heap_growth_bytes: number;
}

export interface TxBenchOptions {
  readonly rounds: number;
  readonly warmUps: number;
  /** Transactions of one round. */
  readonly batch: number;
  /** Fresh threads that load everything. */
  readonly loads: number;
  /** Transactions of the memory test. */
  readonly longRun: number;
}

const LAND = makeStructTag("0xbe::movecraft::Land");

/** What a bench needs of where it runs. */
export interface BenchHost {
  readonly fixtures: Fixtures;
  /** Runs {@link measureLoading} in a thread that has run nothing yet. */
  load(things: Uint8Array): Promise<LoadTimes>;
  /** Bytes that live objects and WebAssembly memories take, behind a collection. */
  readonly memoryInUse: () => Promise<number>;
}

export async function benchTx(host: BenchHost, options: TxBenchOptions): Promise<TxMetrics> {
  const loading = await loadRepeatedly(host, options);
  const executor = createCompiler(chainProfile());
  const state = contractState(host.fixtures, executor);
  const counter = compare(executor, state, MOVES.inc, COUNTER_REDUCER, options);
  const chat = compare(executor, state, MOVES.post, CHAT_REDUCER, options);
  const handle = state.get({ kind: "resource", address: PLAYER, type: LAND });
  const land = landReducer(handle ?? new Uint8Array());
  const placed = compare(executor, state, MOVES.placeBlock, land, options);
  return {
    counter_ratio: counter.ratio,
    counter_per_s: counter.perSecond,
    reducer_per_s: counter.reducerPerSecond,
    chat_ratio: chat.ratio,
    place_block_ratio: placed.ratio,
    first_touch_ratio: firstTouchRatio(host.fixtures, options),
    ...loading,
    heap_growth_bytes: await heapGrowth(host, executor, state, options.longRun),
  };
}

/** The reducer does more at a time, so that neither side is too short to be timed fairly. */
const REDUCER_BATCHES = 8;

interface Comparison {
  readonly ratio: number;
  readonly perSecond: number;
  readonly reducerPerSecond: number;
}

/**
 * A batch of moves by the executor, in one session, against the same batch by the reducer. Both
 * leave each change set encoded in a buffer of theirs.
 */
function compare<State>(
  executor: Executor,
  state: MemoryState,
  move: Move,
  reducer: Reducer<State>,
  { rounds, warmUps, batch }: TxBenchOptions,
): Comparison {
  const output = createOutput();
  const resident = reducer.create(PLAYER);
  checkAgreement(executor, state, move, reducer);
  let [turn, reducerTurn] = [0, 0];
  const [ours = 0, theirs = 0] = compareMs(
    [
      () => {
        const session = executor.begin(state, CONTEXT);
        for (let index = 0; index < batch; index++) {
          execute(session, callOf(move, move.args(turn)));
          turn += 1;
        }
        state.apply(session.changes());
      },
      () => {
        for (let index = 0; index < batch * REDUCER_BATCHES; index++) {
          reducer.apply(resident, PLAYER, move.args(reducerTurn), output);
          reducerTurn += 1;
        }
      },
    ],
    { rounds, warmUps },
  );
  const perSecond = (ms: number) => Math.round((batch / ms) * 1000);
  const theirsEach = theirs / REDUCER_BATCHES;
  return {
    ratio: ours / theirsEach,
    perSecond: perSecond(ours),
    reducerPerSecond: perSecond(theirsEach),
  };
}

const AGREEMENT_COUNT = 40;

/** The reducer writes what the contract writes, or comparing them means nothing. */
function checkAgreement<State>(
  executor: Executor,
  state: MemoryState,
  move: Move,
  reducer: Reducer<State>,
): void {
  const resident = reducer.create(PLAYER);
  const session = executor.begin(state, CONTEXT);
  const output = createOutput();
  for (let turn = 0; turn < AGREEMENT_COUNT; turn++) {
    const args = move.args(turn);
    const changes = encodedChanges(execute(session, callOf(move, args)));
    reducer.apply(resident, PLAYER, args, output);
    if (!isOutput(changes, output)) throw new Error(`${move.function}: turn ${turn} differs`);
  }
}

function isOutput(changes: Uint8Array, { bytes, at }: Output): boolean {
  return changes.length === at && changes.every((byte, index) => byte === bytes[index]);
}

const SMALL_ROOM_COUNT = 10;
const LARGE_ROOM_COUNT = 10_000;

/** What a first touch of a 100-byte resource costs in a state of 1 MB, against one of 1 kB. */
function firstTouchRatio(fixtures: Fixtures, { rounds, warmUps, batch }: TxBenchOptions): number {
  const sides = [SMALL_ROOM_COUNT, LARGE_ROOM_COUNT].map((count) =>
    roomToucher(fixtures, count, batch),
  );
  const [small = 1, large = 1] = compareMs(sides, { rounds, warmUps });
  return large / small;
}

/**
 * Posts to 10,000 rooms, one after another, of which the state holds `roomCount`: the reader shows
 * one of these for each of the others. Its bytes were never seen before, so every touch is a first.
 */
function roomToucher(fixtures: Fixtures, roomCount: number, batch: number): () => void {
  const executor = createCompiler(chainProfile());
  const state = contractState(fixtures, executor);
  const rooms = Array.from({ length: LARGE_ROOM_COUNT }, (_, index) =>
    makeAddress(`0x${index + 1}`),
  );
  createRooms(executor, state, rooms.slice(0, roomCount));
  const shown = new Map<Address, StateKey>(
    rooms.map((room, index) => {
      const address = rooms[index % roomCount] ?? room;
      return [room, { kind: "resource", address, type: ROOM }];
    }),
  );
  const fresh: StateReader = {
    get(key) {
      const actual = key.kind === "resource" ? shown.get(key.address) : undefined;
      return actual === undefined ? state.get(key) : state.get(actual)?.slice();
    },
  };
  const addresses = rooms.map(addressToBytes);
  let turn = 0;
  return () => {
    const session = executor.begin(fresh, CONTEXT);
    for (let index = 0; index < batch; index++) {
      const mark = session.mark();
      const room = addresses[(turn * 7919) % LARGE_ROOM_COUNT] ?? TEXT;
      execute(session, callOf(MOVES.post, [room, TEXT]));
      session.rollback(mark);
      turn += 1;
    }
  };
}

const ROOM = makeStructTag("0xbe::chat::Room");
/** Makes a room with one message take 100 bytes. */
const TEXT = Uint8Array.of(50, ...new Uint8Array(50).fill(0x61));

function createRooms(executor: Executor, state: MemoryState, rooms: readonly Address[]): void {
  const session = executor.begin(state, CONTEXT);
  for (const room of rooms) {
    execute(session, { ...callOf({ function: "chat::create" }, []), signers: [room] });
    execute(session, callOf(MOVES.post, [addressToBytes(room), TEXT]));
  }
  state.apply(session.changes());
}

async function loadRepeatedly(host: BenchHost, { loads }: TxBenchOptions) {
  const executor = createCompiler(chainProfile());
  const state = publishedState(host.fixtures, executor);
  const things = encodeChangeSet(createdThings(executor, state));
  const times: LoadTimes[] = [];
  for (let round = 0; round < loads; round++) times.push(await host.load(things));
  return {
    cold_load_ms: median(times.map(({ coldMs }) => coldMs)),
    cached_load_ms: median(times.map(({ cachedMs }) => cachedMs)),
  };
}

/** How much more memory is held after many transactions than after some. */
async function heapGrowth(
  { memoryInUse }: BenchHost,
  executor: Executor,
  state: MemoryState,
  count: number,
): Promise<number> {
  const step = 1000;
  const runMany = (total: number) => {
    for (let done = 0; done < total; done += step) {
      const session = executor.begin(state, CONTEXT);
      for (let index = 0; index < step; index++) execute(session, callOf(MOVES.inc, []));
      state.apply(session.changes());
    }
  };
  runMany(Math.ceil(count / 10));
  const before = await memoryInUse();
  runMany(count);
  return (await memoryInUse()) - before;
}
