/**
 * What programs import: touching state, and running natives. Tables, bytes and plain natives work
 * on memory; the few others run as the interpreter runs them, over values copied out of memory.
 */
import { ADDRESS_SIZE } from "../core/address.ts";
import { present } from "../core/assert.ts";
import { CHAIN_ONLY_ABORT } from "../natives/native.ts";
import { failAbort, VmFailure } from "../runtime/failure.ts";
import type { HostCall } from "./host-call.ts";
import { GAS_LEFT, MEMORY_LEFT, NO_ROOT } from "./memory-map.ts";
import { BYTE_NATIVES, runPlain } from "./native-bytes.ts";
import { TABLE_NATIVES } from "./native-tables.ts";
import { runOnValues } from "./native-values.ts";
import type { NativeUse } from "./program-context.ts";
import { ReplaySignal } from "./replay-signal.ts";
import type { Resident } from "./resident.ts";

/** Import `touch`: the resource of an account, by a slot that the call has not touched yet. */
export function touchResource(
  call: HostCall,
  site: number,
  typeNumber: number,
  address: number,
  known: number,
): number {
  const { memory, residents, program } = call;
  readCounters(call);
  try {
    let resident: Resident;
    if (known !== NO_ROOT) {
      resident = residents.atSlot(known);
    } else {
      if (!residents.hasRoom()) throw new ReplaySignal("too many resources for the table");
      const type = present(program?.types.get(typeNumber), "a type of the program");
      resident = residents.addResource(type, memory.bytes.slice(address, address + ADDRESS_SIZE));
    }
    residents.touch(resident, call);
    writeCounters(call);
    return resident.slot;
  } catch (error) {
    throw located(call, site, error);
  }
}

/**
 * Import `native`: runs a native on the arguments at `block` and leaves its results behind them.
 */
export function runNative(call: HostCall, site: number, number: number, block: number): void {
  readCounters(call);
  try {
    const use = present(call.program?.natives[number], "a native of the program");
    runByKind(call, use, block);
    writeCounters(call);
  } catch (error) {
    throw located(call, site, error);
  }
}

function readCounters({ memory, meter }: HostCall): void {
  meter.gasLeft = memory.readSafe(GAS_LEFT);
  meter.memoryLeft = memory.readSafe(MEMORY_LEFT);
}

function writeCounters({ memory, meter }: HostCall): void {
  memory.writeSafe(GAS_LEFT, meter.gasLeft);
  memory.writeSafe(MEMORY_LEFT, meter.memoryLeft);
}

/** Gives a failure its place, and hands over what only the interpreter can decide. */
function located({ program }: HostCall, site: number, error: unknown): unknown {
  if (!(error instanceof VmFailure)) return error;
  // Blocks charge memory ahead of time, so a shortage here may not be one yet.
  if (error.status === "MEMORY_LIMIT_EXCEEDED") return new ReplaySignal(error.message);
  error.location ??= present(program?.sites[site], "a site of the program").location;
  return error;
}

/** What goes wrong inside a native is located at the native, except for running out of gas. */
function runByKind(call: HostCall, use: NativeUse, block: number): void {
  const { native } = use;
  try {
    if (native.chainOnly === true && !call.profile.allowsChainOnly) failAbort(CHAIN_ONLY_ABORT);
    if (native.kind === "plain") {
      runPlain(call, use, native, block);
      return;
    }
    const run = TABLE_NATIVES[native.operation] ?? BYTE_NATIVES[native.operation] ?? runOnValues;
    run(call, use, block);
  } catch (error) {
    if (error instanceof VmFailure && error.status !== "OUT_OF_GAS") {
      const { module, index } = use.callee;
      error.location ??= { module: module.id, functionIndex: index, offset: 0 };
    }
    throw error;
  }
}
