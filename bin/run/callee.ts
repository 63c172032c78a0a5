/** Finds the function to run and fits types, signers and arguments to it. */
import {
  bcsArgument,
  type Call,
  createTypeReader,
  type FunctionId,
  formatFunctionId,
  formatModuleId,
  internalGas,
  type ModuleAbi,
  pinnedModules,
  type TypeReader,
  type TypeTag,
} from "#sandbox";
import { CommandError, type CommandErrorCode } from "../command-error.ts";
import { fromHex } from "../hex.ts";
import type { ModuleFiles } from "../modules/module-file.ts";
import { readArgument, TextError } from "./argument-text.ts";
import type { ArgumentInput, RunRequest } from "./options.ts";
import { nearest } from "./suggestion.ts";
import { readType } from "./type-text.ts";

type FunctionAbi = ModuleAbi["functions"][number];

export interface PreparedCall {
  readonly call: Call;
  readonly abi: FunctionAbi;
  /** Reads and writes values under the modules of this run. */
  readonly types: TypeReader;
}

/** @throws CommandError for whatever of the request does not fit the function. */
export function prepareCall(request: RunRequest, modules: ModuleFiles): PreparedCall {
  const { callee, gasLimit, signers } = request;
  const abi = findFunction(callee, modules);
  const pinned = [...modules.values()].map(({ abi: { id }, bytes }) => ({ id, bytes }));
  const types = createTypeReader(pinnedModules(pinned));
  const typeArgs = readTypeArguments(request.typeArgs, abi, types);
  checkSigners(signers.length, abi);
  const args = readArguments(request.args, callee, typeArgs, abi, types);
  const mode = types.modeOf(callee);
  const call: Call = {
    mode,
    function: callee,
    typeArgs,
    args,
    signers,
    gasLimit: internalGas(gasLimit),
  };
  return { call, abi, types };
}

/** The function's name and types, as Move writes them. */
export function signature({ name, typeParameters, parameters, returns }: FunctionAbi): string {
  const types = typeParameters.map((_, index) => `T${index}`).join(", ");
  const result = returns.length === 0 ? "" : `: ${returns.join(", ")}`;
  return `${name}${types === "" ? "" : `<${types}>`}(${parameters.join(", ")})${result}`;
}

/** How many of a function's first parameters take a signer. */
function signerCount({ parameters }: FunctionAbi): number {
  const end = parameters.findIndex((type) => type !== "signer" && type !== "&signer");
  return end < 0 ? parameters.length : end;
}

/** A function without signers may be run by anybody. */
function checkSigners(given: number, abi: FunctionAbi): void {
  const taken = signerCount(abi);
  if (taken === 0 || given === taken) return;
  const message =
    `${signature(abi)} takes ${taken} signer${taken === 1 ? "" : "s"}, and ${given} ` +
    "were named; name each by --signer 0x….";
  throw new CommandError("SIGNER_COUNT", message);
}

function findFunction(callee: FunctionId, modules: ModuleFiles): FunctionAbi {
  const name = formatModuleId(callee.module);
  const file = modules.get(name);
  if (file === undefined) {
    const message = `there is no module ${name}${suggestion(name, [...modules.keys()])}.`;
    throw new CommandError("FUNCTION_UNKNOWN", message);
  }
  const { functions } = file.abi;
  const found = functions.find((abi) => abi.name === callee.name);
  if (found !== undefined) return found;
  const callable = functions.filter(
    ({ visibility, isEntry }) => visibility === "public" || isEntry,
  );
  const names = callable.map((abi) => abi.name);
  const message = `there is no ${formatFunctionId(callee)}${suggestion(callee.name, names)}.`;
  throw new CommandError("FUNCTION_UNKNOWN", message);
}

/** What may have been meant; else what there is. */
function suggestion(text: string, known: readonly string[]): string {
  const near = nearest(text, known);
  if (near.length > 0) return `; did you mean ${near.join(" or ")}`;
  if (known.length === 0) return "; nothing there can be called";
  const rest = known.length - NAMES_SHOWN_MAX;
  const shown = known.slice(0, NAMES_SHOWN_MAX).join(", ");
  return `; there is ${shown}${rest > 0 ? ` and ${rest} more` : ""}`;
}

const NAMES_SHOWN_MAX = 12;

function readTypeArguments(
  texts: readonly string[],
  abi: FunctionAbi,
  types: TypeReader,
): readonly TypeTag[] {
  const count = abi.typeParameters.length;
  if (texts.length !== count) {
    const message = `${signature(abi)} takes ${count} type arguments, not ${texts.length}.`;
    throw new CommandError("TYPE_COUNT", message);
  }
  return texts.map((text, index) => {
    const where = `type argument ${index + 1}`;
    const tag = reading("TYPE_INVALID", where, text, () => readType(text));
    const layout = types.layoutOf(tag);
    if (layout.ok) return tag;
    const { status, detail } = layout.error;
    throw new CommandError("TYPE_UNKNOWN", `${where}, "${text}": ${detail} (${status}).`);
  });
}

function readArguments(
  inputs: readonly ArgumentInput[],
  callee: FunctionId,
  typeArgs: readonly TypeTag[],
  abi: FunctionAbi,
  types: TypeReader,
): readonly Uint8Array[] {
  const parameters = abi.parameters.slice(signerCount(abi));
  if (inputs.length !== parameters.length) {
    const takes = parameters.length === 0 ? "none" : parameters.join(", ");
    const message =
      `${signature(abi)} takes ${parameters.length} arguments behind its signers, ` +
      `not ${inputs.length}: ${takes}.`;
    throw new CommandError("ARGUMENT_COUNT", message);
  }
  const values = inputs.map(({ form, text }, index) => {
    const where = `argument ${index + 1} (${parameters[index] ?? ""})`;
    if (form === "bcs") return bcsArgument(readHex(where, text));
    return reading("ARGUMENT_INVALID", where, text, () => readArgument(text));
  });
  const encoded = types.encodeArguments(callee, typeArgs, values);
  if (encoded.ok) return encoded.value;
  const { status, detail } = encoded.error;
  const counted = detail.replace(/^argument (\d+)/, (_, at) => `argument ${Number(at) + 1}`);
  const message = `${counted} (${status}); ${signature(abi)} takes ${parameters.join(", ")}.`;
  throw new CommandError("ARGUMENT_TYPE", message);
}

function readHex(where: string, text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes !== undefined) return bytes;
  const message = `${where}, "${text}": BCS is an even run of hex digits.`;
  throw new CommandError("ARGUMENT_INVALID", message);
}

function reading<T>(code: CommandErrorCode, where: string, text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const message = `${where}, "${text}", column ${error.column}: ${error.message}.`;
    throw new CommandError(code, message, error);
  }
}
