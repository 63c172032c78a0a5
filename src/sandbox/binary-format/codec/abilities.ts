/** Ability sets and type parameters. */
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import { ABILITIES_ALL, type AbilitySet, type StructTypeParameter } from "../file-format.ts";
import { TYPE_PARAMETER_COUNT_MAX } from "../limits.ts";
import { readList } from "./codec.ts";

/** Bits beyond the four abilities are refused as too large. */
export function readAbilities(reader: ByteReader): AbilitySet {
  return reader.uleb128(ABILITIES_ALL, "ability set");
}

export function writeAbilities(writer: BcsWriter, abilities: AbilitySet): void {
  writer.uleb128(abilities);
}

export function readFunctionTypeParameters(reader: ByteReader): AbilitySet[] {
  return readList(reader, TYPE_PARAMETER_COUNT_MAX, "type parameter count", readAbilities);
}

export function readStructTypeParameters(reader: ByteReader): StructTypeParameter[] {
  return readList(reader, TYPE_PARAMETER_COUNT_MAX, "type parameter count", (entry) => ({
    constraints: readAbilities(entry),
    isPhantom: entry.uleb128(1, "phantom flag") === 1,
  }));
}

export function writeStructTypeParameter(writer: BcsWriter, parameter: StructTypeParameter): void {
  writeAbilities(writer, parameter.constraints);
  writer.uleb128(parameter.isPhantom ? 1 : 0);
}
