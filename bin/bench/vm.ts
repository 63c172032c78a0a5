/**
 * `bench vm`: compiled code against the reference on fourteen workloads, the interpreter beside it
 * for scale.
 */
import {
  type Call,
  chainProfile,
  createCompiler,
  createInterpreter,
  createMemoryState,
  type Executor,
  type MemoryState,
  makeAddress,
  newValue,
  parseFunctionId,
} from "#sandbox";
import {
  AMPLE_GAS,
  bigintText,
  CONTEXT,
  type Fixtures,
  publishAll,
  readWorkloads,
  u64Bytes,
  type Workload,
  workloadModules,
} from "./fixtures.ts";
import { compareMs, geometricMean, timeMs } from "./measure.ts";
import { loadReference } from "./reference.ts";

export interface VmMetrics {
  /** Of compiled to reference time, over all workloads but the hashes. */
  readonly geomean_ratio: number;
  readonly worst_ratio: number;
  /** The worse of the two hashes. */
  readonly sha_ratio: number;
  readonly workloads: Readonly<Record<string, WorkloadTimes>>;
}

interface WorkloadTimes {
  readonly compiled_ms: number;
  readonly reference_ms: number;
  readonly interpreter_ms: number;
}

export interface VmBenchOptions {
  readonly rounds: number;
  readonly warmUps: number;
  /** Replaces each workload's argument; checksums are then compared between the executors only. */
  readonly argument?: (workload: Workload) => number;
}

const OWNER = "0x1";
const HASHES = ["sha2", "sha3"];

export function benchVm(
  fixtures: Fixtures,
  { rounds, warmUps, argument }: VmBenchOptions,
): VmMetrics {
  const reference = loadReference(fixtures);
  const compiled = prepare(fixtures, createCompiler(chainProfile()));
  const interpreted = prepare(fixtures, createInterpreter(chainProfile()));
  const workloads: Record<string, WorkloadTimes> = {};
  for (const workload of readWorkloads(fixtures)) {
    const size = argument?.(workload) ?? workload.arg;
    const sum = compiled(workload, size);
    if (argument === undefined && sum !== workload.checksum) {
      throw new Error(`${workload.name} gives ${sum} instead of ${workload.checksum}`);
    }
    const [compiledMs = 0, referenceMs = 0] = compareMs(
      [() => compiled(workload, size), () => reference(workload.name, BigInt(size))],
      { rounds, warmUps },
    );
    let interpretedSum = "";
    const interpreterMs = timeMs(() => {
      interpretedSum = interpreted(workload, size);
    });
    if (interpretedSum !== sum) throw new Error(`${workload.name}: the executors disagree`);
    workloads[workload.name] = {
      compiled_ms: compiledMs,
      reference_ms: referenceMs,
      interpreter_ms: interpreterMs,
    };
  }
  return { ...summary(workloads), workloads };
}

function summary(workloads: Readonly<Record<string, WorkloadTimes>>) {
  const ratios = Object.entries(workloads).map(([name, times]) => ({
    name,
    ratio: times.compiled_ms / times.reference_ms,
  }));
  const code = ratios.filter(({ name }) => !HASHES.includes(name)).map(({ ratio }) => ratio);
  const hashes = ratios.filter(({ name }) => HASHES.includes(name)).map(({ ratio }) => ratio);
  return {
    geomean_ratio: geometricMean(code),
    worst_ratio: Math.max(...code),
    sha_ratio: Math.max(...hashes),
  };
}

/** Runs a workload from empty storage and returns its checksum. */
type Run = (workload: Workload, argument: number) => string;

function prepare(fixtures: Fixtures, executor: Executor): Run {
  const state = createMemoryState();
  publishAll(executor, state, OWNER, workloadModules(fixtures));
  const calls = new Map<string, Call>();
  return (workload, argument) => {
    const key = `${workload.name} ${argument}`;
    const call = calls.get(key) ?? makeCall(workload, argument);
    calls.set(key, call);
    return runOnce(executor, state, call);
  };
}

function makeCall(workload: Workload, argument: number): Call {
  const id = parseFunctionId(workload.function);
  if (id === undefined) throw new Error(`${workload.function} is no function`);
  return {
    mode: "entry",
    function: id,
    typeArgs: [],
    args: [u64Bytes(BigInt(argument))],
    signers: [makeAddress(OWNER)],
    gasLimit: AMPLE_GAS,
  };
}

function runOnce(executor: Executor, state: MemoryState, call: Call): string {
  const { status, changes } = executor.begin(state, CONTEXT).execute(call);
  const sum = changes.find(({ key }) => key.kind === "resource" && key.type.name === "Sum");
  const value = sum === undefined ? undefined : newValue(sum.op);
  if (value === undefined) throw new Error(JSON.stringify(status, bigintText));
  return String(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
}
