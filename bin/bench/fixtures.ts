/**
 * What the benches run: compiled modules, workloads, the reference module. Part of a checkout, not
 * of the package. Whoever runs a bench brings the bytes: from files, or over the network.
 */
import {
  type Executor,
  internalGas,
  type MemoryState,
  makeAddress,
  type TransactionContext,
} from "#sandbox";

/** Bytes by the path of their file, counted from the repository's root. */
export interface Fixtures {
  readonly read: (path: string) => Uint8Array<ArrayBuffer>;
}

const VECTORS = "test/vectors/vm-bench";
const FRAMEWORK = "src/chains/contracts/framework/bytecode";

/** More gas than any bench uses. */
export const AMPLE_GAS = internalGas(1_000_000_000_000);

/** Fixed, as everything else a bench runs on. */
export const CONTEXT: TransactionContext = { uniqueSeed: new Uint8Array(32), chainId: 4 };

/** One of the fourteen workloads. */
export interface Workload {
  readonly name: string;
  readonly arg: number;
  readonly checksum: string;
  readonly function: string;
}

export function readWorkloads({ read }: Fixtures): readonly Workload[] {
  const text = new TextDecoder().decode(read(WORKLOADS));
  return JSON.parse(text) as readonly Workload[];
}

const WORKLOADS = `${VECTORS}/workloads.json`;
const REFERENCE = `${VECTORS}/reference.wasm`;

const WORKLOAD_MODULES = paths(
  `${VECTORS}/modules`,
  "signer hash bcs vector micro sieve queens voxel orderbook runner",
);
const LIBRARY = paths(
  FRAMEWORK,
  "vector signer error hash option bcs string type_info event table table_with_length",
);
const CONTRACTS = paths(`${VECTORS}/contracts`, "counter chat movecraft");

/** Everything that a bench may read. */
export const FIXTURE_PATHS: readonly string[] = [
  WORKLOADS,
  REFERENCE,
  ...WORKLOAD_MODULES,
  ...LIBRARY,
  ...CONTRACTS,
];

function paths(folder: string, names: string): readonly string[] {
  return names.split(" ").map((name) => `${folder}/${name}.mv`);
}

/** The reference in WebAssembly. */
export function referenceModule({ read }: Fixtures): Uint8Array<ArrayBuffer> {
  return read(REFERENCE);
}

/** The modules of the workloads, in publish order. */
export function workloadModules({ read }: Fixtures): readonly Uint8Array[] {
  return WORKLOAD_MODULES.map(read);
}

/** The library modules that the bench contracts need, in publish order. */
export function libraryModules({ read }: Fixtures): readonly Uint8Array[] {
  return LIBRARY.map(read);
}

/** The bench contracts: counter, chat, movecraft. */
export function contractModules({ read }: Fixtures): readonly Uint8Array[] {
  return CONTRACTS.map(read);
}

/** Publishes modules of one address together. */
export function publishAll(
  executor: Executor,
  state: MemoryState,
  publisher: string,
  modules: readonly Uint8Array[],
): void {
  const session = executor.begin(state, CONTEXT);
  const { status } = session.publish(makeAddress(publisher), modules, AMPLE_GAS);
  if (status.type !== "executed") {
    throw new Error(`a bench module was refused: ${JSON.stringify(status, bigintText)}`);
  }
  state.apply(session.changes());
}

/** BCS of a u64. */
export function u64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** For `JSON.stringify`. */
export function bigintText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
