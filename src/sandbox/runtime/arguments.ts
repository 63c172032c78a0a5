/**
 * What may be called from outside, and how bytes become its arguments. An entry point takes signers
 * first, then values of a few types in strict BCS; a `String` goes through `0x1::string::utf8`, so
 * malformed text aborts there.
 */
import type { Address } from "../core/address.ts";
import { makeAddress } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import { type FunctionId, parseIdentifier } from "../core/identifier.ts";
import type { Call, CallMode } from "../execution.ts";
import { fail } from "./failure.ts";
import type { ResolvedFunction } from "./machine-model.ts";
import { isReference, type RuntimeType, type StructType } from "./types.ts";
import { decodeValue, encodeValue } from "./values/bcs.ts";
import type { Container, Value } from "./values/value.ts";
import { slotsOf } from "./values/walk.ts";

const STRING_TYPE = "String";
const STRING_MODULE = "0x1::string";

/** `0x1::string::utf8`. */
export const UTF8_FUNCTION: FunctionId = makeUtf8Function();

function makeUtf8Function(): FunctionId {
  const [string, utf8] = [parseIdentifier("string"), parseIdentifier("utf8")];
  assert(string !== undefined && utf8 !== undefined, "names of the standard library");
  return { module: { address: makeAddress("0x1"), name: string }, name: utf8 };
}

/** Refuses functions that the mode may not call. */
export function checkCallable(mode: CallMode, callee: ResolvedFunction): void {
  const { definition, returns, parameters } = callee;
  switch (mode) {
    case "entry": {
      if (!definition.isEntry) fail("INVALID_MAIN_FUNCTION_SIGNATURE", "not an entry function");
      if (returns.length > 0) fail("INVALID_MAIN_FUNCTION_SIGNATURE", "an entry returns nothing");
      const rest = parameters.slice(signerCount(parameters));
      if (!rest.every(isEntryArgument)) {
        fail("INVALID_MAIN_FUNCTION_SIGNATURE", "a parameter that no transaction can fill");
      }
      return;
    }
    case "function":
      if (definition.visibility !== "public") {
        fail("FUNCTION_RESOLUTION_FAILURE", "only public functions are called from outside");
      }
      return;
    case "system":
  }
}

/** Leading parameters that take a signer, by value or reference. */
export function signerCount(parameters: readonly RuntimeType[]): number {
  const end = parameters.findIndex(
    (type) => (isReference(type) ? type.target : type).kind !== "signer",
  );
  return end < 0 ? parameters.length : end;
}

/** Of the structs only `String` may be sent, alone or in vectors. */
function isEntryArgument(type: RuntimeType): boolean {
  switch (type.kind) {
    case "vector":
      return isEntryArgument(type.element);
    case "struct":
      return isString(type);
    case "signer":
    case "reference":
    case "mutableReference":
      return false;
    default:
      return true;
  }
}

function isString({ definition }: StructType): boolean {
  return definition.name === STRING_TYPE && definition.module.key === STRING_MODULE;
}

/** Makes a `String` of bytes by running the library's own check. */
export type MakeString = (bytes: Value) => Value;

/**
 * The arguments of a call. Fails with `NUMBER_OF_SIGNER_ARGUMENTS_MISMATCH`,
 * `NUMBER_OF_ARGUMENTS_MISMATCH` or `FAILED_TO_DESERIALIZE_ARGUMENT`; or as `makeString` fails.
 */
export function makeArguments(
  call: Call,
  callee: ResolvedFunction,
  makeString: MakeString,
): readonly Value[] {
  const { parameters } = callee;
  const signers = signerCount(parameters);
  if (signers > 0 && call.signers.length !== signers) {
    fail(
      "NUMBER_OF_SIGNER_ARGUMENTS_MISMATCH",
      `${call.signers.length} signers for ${signers} parameters`,
    );
  }
  const rest = parameters.slice(signers);
  if (call.args.length !== rest.length) {
    fail("NUMBER_OF_ARGUMENTS_MISMATCH", `${call.args.length} arguments for ${rest.length}`);
  }
  const values = rest.map((type, index) => {
    const bytes = call.args[index] ?? new Uint8Array();
    return makeArgument(type, bytes, index, call.mode === "entry" ? makeString : undefined);
  });
  const signerValues = parameters
    .slice(0, signers)
    .map((type, index) => signerValue(type, call.signers[index]));
  return [...signerValues, ...values];
}

function signerValue(type: RuntimeType, address: Address | undefined): Value {
  assert(address !== undefined, "signers were counted");
  return isReference(type) ? referenceTo(address) : address;
}

function makeArgument(
  type: RuntimeType,
  bytes: Uint8Array,
  index: number,
  makeString: MakeString | undefined,
): Value {
  const taken = isReference(type) ? type.target : type;
  const value = decodeValue(taken, bytes);
  if (value === undefined || holdsSigner(taken)) {
    return fail("FAILED_TO_DESERIALIZE_ARGUMENT", `argument ${index} is not of its type`);
  }
  const checked = makeString === undefined ? value : withStrings(taken, value, makeString);
  return isReference(type) ? referenceTo(checked) : checked;
}

/** Only the host makes signers; bytes never do. */
function holdsSigner(type: RuntimeType): boolean {
  if (type.kind === "signer") return true;
  return type.kind === "vector" && holdsSigner(type.element);
}

function withStrings(type: RuntimeType, value: Value, makeString: MakeString): Value {
  if (type.kind === "struct") return makeString(slotsOf(value)[0] ?? []);
  if (type.kind !== "vector" || type.element.kind === "u8") return value;
  const { element } = type;
  return slotsOf(value).map((slot) => withStrings(element, slot, makeString));
}

function referenceTo(value: Value): Value {
  const container: Container = [value];
  return { container, index: 0, root: undefined };
}

/** BCS of what a function returned; of a reference what it names. */
export function encodeReturns(
  returns: readonly RuntimeType[],
  values: readonly Value[],
): readonly Uint8Array[] {
  return returns.map((type, index) => {
    const value = values[index];
    if (!isReference(type)) return encodeValue(type, value);
    assert(typeof value === "object" && !Array.isArray(value), "a reference is returned");
    return encodeValue(type.target, value.container[value.index]);
  });
}
