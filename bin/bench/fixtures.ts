/**
 * Reads what the benches run: compiled modules, workloads, the reference module. Part of a
 * checkout, not of the package.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Executor,
  internalGas,
  type MemoryState,
  makeAddress,
  type TransactionContext,
} from "#sandbox";
import { CommandError } from "../command-error.ts";

const VECTORS = new URL("../../test/vectors/vm-bench/", import.meta.url);
const FRAMEWORK = new URL("../../src/chains/contracts/framework/bytecode/", import.meta.url);

/** More gas than any bench uses. */
export const AMPLE_GAS = internalGas(1_000_000_000_000);

/** Fixed, as everything else a bench runs on. */
export const CONTEXT: TransactionContext = { uniqueSeed: new Uint8Array(32), chainId: 4 };

export function readFixture(path: string, base: URL = VECTORS): Uint8Array<ArrayBuffer> {
  const url = new URL(path, base);
  if (!existsSync(fileURLToPath(url))) {
    throw new CommandError(
      "BENCH_FILES_MISSING",
      `${path} is not there; benches run in a checkout only`,
    );
  }
  return new Uint8Array(readFileSync(url));
}

/** One of the fourteen workloads. */
export interface Workload {
  readonly name: string;
  readonly arg: number;
  readonly checksum: string;
  readonly function: string;
}

export function readWorkloads(): readonly Workload[] {
  const text = new TextDecoder().decode(readFixture("workloads.json"));
  return JSON.parse(text) as readonly Workload[];
}

/** The modules of the workloads, in publish order. */
export function workloadModules(): readonly Uint8Array[] {
  const names = "signer hash bcs vector micro sieve queens voxel orderbook runner".split(" ");
  return names.map((name) => readFixture(`modules/${name}.mv`));
}

const LIBRARY =
  "vector signer error hash option bcs string type_info event table table_with_length".split(" ");

/** The library modules that the bench contracts need, in publish order. */
export function libraryModules(): readonly Uint8Array[] {
  return LIBRARY.map((name) => readFixture(`${name}.mv`, FRAMEWORK));
}

/** The bench contracts: counter, chat, movecraft. */
export function contractModules(): readonly Uint8Array[] {
  return ["counter", "chat", "movecraft"].map((name) => readFixture(`contracts/${name}.mv`));
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
