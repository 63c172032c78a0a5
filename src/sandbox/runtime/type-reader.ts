/**
 * Types and bytes for people: layouts, JavaScript values of stored bytes, arguments from JavaScript
 * values. Works over any source of modules, apart from all execution.
 */
import type { FunctionId } from "../core/identifier.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { StatusName } from "../core/status.ts";
import type { TypeTag } from "../core/type-tag.ts";
import type { ModuleSource } from "../storage/module-source.ts";
import { signerCount } from "./arguments.ts";
import { typesOfSignature } from "./closed-types.ts";
import { entryAt, fail, VmFailure } from "./failure.ts";
import { layoutOfType, type TypeLayout } from "./layout.ts";
import { createLoader, findFunction, handleOfFunction, type Loader, loadType } from "./loader.ts";
import { createProgram, PROGRAM_SIZE_MAX } from "./program.ts";
import { isReference, type RuntimeType } from "./types.ts";
import { decodeValue, encodeValue } from "./values/bcs.ts";
import { fromJs, type JsValue, toJs } from "./values/js.ts";

/** Why something could not be read; the status is the one execution would end with. */
export interface TypeReadError {
  readonly status: StatusName;
  readonly detail: string;
}

type Answer<T> = Result<T, TypeReadError>;

export interface TypeReader {
  /** Names and types of what a type is made of. */
  layoutOf(tag: TypeTag): Answer<TypeLayout>;
  /** A stored value as a JavaScript value. */
  decode(tag: TypeTag, bytes: Uint8Array): Answer<JsValue>;
  /** BCS of a JavaScript value. */
  encode(tag: TypeTag, value: JsValue): Answer<Uint8Array>;
  /** How a function is called from outside: `entry` for entry functions that return nothing. */
  modeOf(callee: FunctionId): "entry" | "function";
  /** BCS of every argument behind the signers. */
  encodeArguments(
    callee: FunctionId,
    typeArgs: readonly TypeTag[],
    args: readonly ArgumentValue[],
  ): Answer<readonly Uint8Array[]>;
  /** The arguments behind the signers, as JavaScript values. */
  decodeArguments(
    callee: FunctionId,
    typeArgs: readonly TypeTag[],
    args: readonly Uint8Array[],
  ): Answer<readonly JsValue[]>;
  /** What a function returned, as JavaScript values. */
  decodeReturns(
    callee: FunctionId,
    typeArgs: readonly TypeTag[],
    returns: readonly Uint8Array[],
  ): Answer<readonly JsValue[]>;
}

const BCS_ARGUMENT: unique symbol = Symbol("bcs");

/** An argument whose bytes are taken as they are. */
export interface BcsArgument {
  readonly [BCS_ARGUMENT]: Uint8Array;
}

export type ArgumentValue = JsValue | BcsArgument;

/** An argument that is BCS already, where a JavaScript value would stand. */
export function bcsArgument(bytes: Uint8Array): BcsArgument {
  return { [BCS_ARGUMENT]: bytes };
}

/** Reads by the modules of `source` as they are at each question. */
export function createTypeReader(source: ModuleSource): TypeReader {
  let program = createProgram();

  /** Every question is answered under the code in force when it is asked. */
  function ask<T>(question: (loader: Loader) => T): Answer<T> {
    if (program.made.count > PROGRAM_SIZE_MAX) program = createProgram();
    try {
      return ok(question(createLoader(program, source)));
    } catch (error) {
      if (!(error instanceof VmFailure)) throw error;
      return err({ status: error.status, detail: error.message });
    }
  }

  return {
    layoutOf: (tag) => ask((loader) => layoutOfType(loadType(loader, tag))),
    decode: (tag, bytes) => ask((loader) => decodeJs(loadType(loader, tag), bytes)),
    encode: (tag, value) => ask((loader) => encodeJs(loadType(loader, tag), value)),
    modeOf(callee) {
      const isEntry = ask((loader) => isPlainEntry(loader, callee));
      return isEntry.ok && isEntry.value ? "entry" : "function";
    },
    encodeArguments: (callee, typeArgs, args) =>
      ask((loader) => encodeArguments(signatureOf(loader, callee, typeArgs).parameters, args)),
    decodeArguments: (callee, typeArgs, args) =>
      ask((loader) => {
        const { parameters } = signatureOf(loader, callee, typeArgs);
        const types = parameters.slice(signerCount(parameters));
        return args.map((bytes, index) => decodeJs(entryAt(types, index, "parameter"), bytes));
      }),
    decodeReturns: (callee, typeArgs, returns) =>
      ask((loader) => {
        const types = signatureOf(loader, callee, typeArgs).returns;
        return returns.map((bytes, index) => decodeJs(entryAt(types, index, "return"), bytes));
      }),
  };
}

function isPlainEntry(loader: Loader, callee: FunctionId): boolean {
  const { module, index } = findFunction(loader, callee);
  const { returns } = handleOfFunction(module, index);
  const definition = entryAt(module.module.functionDefinitions, index, "function definition");
  return definition.isEntry && entryAt(module.module.signatures, returns, "signature").length === 0;
}

function signatureOf(loader: Loader, callee: FunctionId, typeArgs: readonly TypeTag[]) {
  const { module, index } = findFunction(loader, callee);
  const handle = handleOfFunction(module, index);
  const types = typeArgs.map((tag) => loadType(loader, tag));
  return {
    parameters: typesOfSignature(module, handle.parameters, types),
    returns: typesOfSignature(module, handle.returns, types),
  };
}

function encodeArguments(
  parameters: readonly RuntimeType[],
  args: readonly ArgumentValue[],
): readonly Uint8Array[] {
  const rest = parameters.slice(signerCount(parameters));
  if (rest.length !== args.length) {
    fail("NUMBER_OF_ARGUMENTS_MISMATCH", `${args.length} arguments for ${rest.length} parameters`);
  }
  return args.map((arg, index) => {
    if (isBcsArgument(arg)) return arg[BCS_ARGUMENT];
    return encodeJs(entryAt(rest, index, "parameter"), arg, `argument ${index}`);
  });
}

function isBcsArgument(arg: ArgumentValue): arg is BcsArgument {
  return typeof arg === "object" && arg !== null && BCS_ARGUMENT in arg;
}

function encodeJs(type: RuntimeType, value: JsValue, path?: string): Uint8Array {
  const taken = behindReference(type);
  return encodeValue(taken, fromJs(taken, value, path));
}

function decodeJs(type: RuntimeType, bytes: Uint8Array): JsValue {
  const taken = behindReference(type);
  const value = decodeValue(taken, bytes);
  if (value === undefined) return fail("VALUE_DESERIALIZATION_ERROR", "bytes of another type");
  return toJs(taken, value);
}

function behindReference(type: RuntimeType): RuntimeType {
  return isReference(type) ? type.target : type;
}
