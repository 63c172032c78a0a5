/**
 * Constants are numbers, booleans, addresses or vectors of them, in canonical BCS of exactly their
 * type.
 */
import type { CompiledModule, SignatureToken } from "../binary-format/file-format.ts";
import { BcsError, type BcsReader, decodeBcs } from "../core/bcs/reader.ts";
import { refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

export function verifyConstants(module: CompiledModule, meter: Meter): void {
  for (const [index, { type, data }] of module.constants.entries()) {
    charge(meter, 1 + data.length);
    if (!isConstantType(type)) {
      refuseEntry("constants", index, "INVALID_CONSTANT_TYPE", `a constant of kind ${type.kind}`);
    }
    try {
      decodeBcs(data, (reader) => readValue(reader, type));
    } catch (error) {
      if (!(error instanceof BcsError)) throw error;
      refuseEntry("constants", index, "MALFORMED_CONSTANT_DATA", error.message);
    }
  }
}

function isConstantType(type: SignatureToken): boolean {
  switch (type.kind) {
    case "bool":
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
    case "address":
      return true;
    case "vector":
      return isConstantType(type.element);
    default:
      return false;
  }
}

/** Reads one value and forgets it. */
function readValue(reader: BcsReader, type: SignatureToken): void {
  switch (type.kind) {
    case "bool":
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
    case "address":
      reader[type.kind]();
      break;
    case "vector": {
      const length = reader.length(1);
      for (let element = 0; element < length; element++) readValue(reader, type.element);
      break;
    }
    default:
      reader.fail("BAD_VALUE", `${type.kind} has no constants`);
  }
}
