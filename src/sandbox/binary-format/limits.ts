/**
 * The largest numbers the binary format can carry, by what they count. They bound what a reader
 * accepts before anything is allocated. Source: the Aptos lineage's format, versions 5 to 7.
 * Verification limits are stricter and live with the verifier.
 */
import { assert } from "../core/assert.ts";
import { IDENTIFIER_SIZE_MAX } from "../core/identifier.ts";

/** Tables in one module. */
export const TABLE_COUNT_MAX = 255;
/** Bytes before or in a table. */
export const TABLE_SIZE_MAX = 0xffff_ffff;
/** Positions in any table. */
export const TABLE_INDEX_MAX = 0xffff;
/** Types in one signature. */
export const SIGNATURE_LENGTH_MAX = 255;
/** Type constructors above one another, the innermost type included. */
export const SIGNATURE_TOKEN_DEPTH_MAX = 256;
/** Type parameters of a definition, and arguments of an instantiation. */
export const TYPE_PARAMETER_COUNT_MAX = 255;
export const TYPE_PARAMETER_INDEX_MAX = 0xffff;
/** Bytes of a constant. */
export const CONSTANT_SIZE_MAX = 0xffff;
export const METADATA_KEY_SIZE_MAX = 1023;
export const METADATA_VALUE_SIZE_MAX = 0xffff;
/** Structs that one function acquires. */
export const ACQUIRES_COUNT_MAX = 255;
/** Fields of a struct or of one variant. */
export const FIELD_COUNT_MAX = 255;
export const FIELD_INDEX_MAX = 255;
export const VARIANT_COUNT_MAX = 127;
export const VARIANT_INDEX_MAX = 127;
export const ACCESS_SPECIFIER_COUNT_MAX = 64;
/** Instructions of one function. */
export const CODE_LENGTH_MAX = 0xffff;
export const CODE_OFFSET_MAX = 0xffff;
export const LOCAL_INDEX_MAX = 255;
export const NAME_SIZE_MAX = IDENTIFIER_SIZE_MAX;

assert(CODE_LENGTH_MAX <= CODE_OFFSET_MAX, "every instruction can be branched to");
assert(VARIANT_COUNT_MAX - 1 <= VARIANT_INDEX_MAX, "every variant can be named");
assert(FIELD_COUNT_MAX - 1 <= FIELD_INDEX_MAX, "every field can be named");
