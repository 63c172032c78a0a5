/**
 * What became of a transaction: status, gas, events, changes. A receipt's bytes are what the chain
 * keeps and what a block commits to. Knows nothing of how it came about.
 */
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { type ChangeSet, decodeChangeSet, type Event, encodeChangeSet } from "#core/effects.ts";
import { type GasUnits, gasUnits } from "#core/gas-units.ts";
import { domainHash, HASH_SIZE, type Hash, parseHash } from "#core/hash.ts";
import { formatModuleId, type ModuleId } from "#core/identifier.ts";
import {
  type CodeLocation,
  STATUS_CODES,
  type StatusName,
  statusName,
  type VmStatus,
} from "#core/status.ts";
import { readIdentifier, readTypeTag, writeTypeTag } from "#core/type-tag.ts";
import { type Action, readAction, writeAction } from "./action-trace.ts";

export interface Receipt {
  /** Position among all transactions of the chain, genesis being 0. */
  readonly version: bigint;
  readonly transactionHash: Hash;
  readonly status: VmStatus;
  /** What the payer was charged for. */
  readonly gasUsed: GasUnits;
  /** What ran, in order of beginning; empty for what opens a block and for genesis. */
  readonly actions: readonly Action[];
  readonly events: readonly Event[];
  /** Everything the transaction changed, its fee and sequence number included. */
  readonly changes: ChangeSet;
}

const STATUS_NAMES = new Map<number, StatusName>(
  (Object.keys(STATUS_CODES) as StatusName[]).map((name) => [STATUS_CODES[name], name]),
);

/** What a block's header commits to for one transaction. */
export function receiptHash(receipt: Receipt): Hash {
  return domainHash("Receipt", encodeReceipt(receipt));
}

const encodedReceipts = new WeakMap<Receipt, Uint8Array>();

/** Remembered for the receipt: it is hashed and then stored. Not to be changed. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const known = encodedReceipts.get(receipt);
  if (known !== undefined) return known;
  const encoded = encodeBcs((writer) => writeReceipt(writer, receipt));
  encodedReceipts.set(receipt, encoded);
  return encoded;
}

/** Throws `BcsError`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return decodeBcs(bytes, readReceipt);
}

export function writeReceipt(writer: BcsWriter, receipt: Receipt): void {
  writer.u64(receipt.version).fixed(receipt.transactionHash);
  writeVmStatus(writer, receipt.status);
  writer.u64(receipt.gasUsed);
  writer.vector(receipt.actions, writeAction);
  writer.vector(receipt.events, writeEvent);
  writer.bytes(encodeChangeSet(receipt.changes));
}

export function readReceipt(reader: BcsReader): Receipt {
  return {
    version: reader.u64(),
    transactionHash: readHash(reader),
    status: readVmStatus(reader),
    gasUsed: gasUnits(reader.u64()),
    actions: reader.vector(readAction),
    events: reader.vector(readEvent),
    changes: decodeChangeSet(reader.bytes()),
  };
}

export function readHash(reader: BcsReader): Hash {
  return parseHash(reader.fixed(HASH_SIZE).slice()) ?? reader.fail("BAD_VALUE", "not a hash");
}

export function writeEvent(writer: BcsWriter, event: Event): void {
  writeTypeTag(writer, event.type);
  writer.bytes(event.data);
}

export function readEvent(reader: BcsReader): Event {
  return { type: readTypeTag(reader), data: reader.bytes().slice() };
}

/**
 * BCS: {status code u64, option<abort code u64>, option<location>}; words for people are left out.
 */
export function writeVmStatus(writer: BcsWriter, status: VmStatus): void {
  writer.u64(BigInt(STATUS_CODES[statusName(status)]));
  writer.option(status.type === "aborted" ? status.code : undefined, (out, code) => out.u64(code));
  writer.option(status.type === "executed" ? undefined : status.location, writeLocation);
}

export function readVmStatus(reader: BcsReader): VmStatus {
  const code = Number(reader.u64());
  const name = STATUS_NAMES.get(code) ?? reader.fail("BAD_VALUE", `status ${code}`);
  const abortCode = reader.option((inner) => inner.u64());
  const location = reader.option(readLocation);
  if (name === "EXECUTED") return { type: "executed" };
  if (name !== "ABORTED") {
    return { type: "failed", status: name, ...(location === undefined ? {} : { location }) };
  }
  if (abortCode === undefined || location === undefined) {
    return reader.fail("BAD_VALUE", "an abort has a code and a place");
  }
  return { type: "aborted", code: abortCode, location };
}

function writeLocation(writer: BcsWriter, location: CodeLocation): void {
  writer.address(location.module.address).string(location.module.name);
  writer.u32(location.functionIndex).u32(location.offset);
}

function readLocation(reader: BcsReader): CodeLocation {
  return {
    module: { address: reader.address(), name: readIdentifier(reader) },
    functionIndex: reader.u32(),
    offset: reader.u32(),
  };
}

function abortText(module: ModuleId, code: bigint): string {
  return `Move abort in ${formatModuleId(module)}: 0x${code.toString(16)}`;
}

/** The profile's `vm_status` (section 5). */
export function vmStatusText(status: VmStatus): string {
  switch (status.type) {
    case "executed":
      return "Executed successfully";
    case "aborted":
      return abortText(status.location.module, status.code);
    case "failed": {
      if (status.status === "OUT_OF_GAS") return "Out of gas";
      if (status.location === undefined) return status.status;
      const { module, functionIndex, offset } = status.location;
      const place = `${formatModuleId(module)} function ${functionIndex} at code offset ${offset}`;
      return `Execution failed in ${place} (${status.status})`;
    }
  }
}
