/** Views and table items: what the REST profile reads by POST (section 3). */
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { toGasUnits } from "#core/gas-units.ts";
import { type FunctionId, formatFunctionId, parseFunctionId } from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isExecuted } from "#core/status.ts";
import { parseTypeTag, type TypeTag } from "#core/type-tag.ts";
import type { Refusal } from "../ledger/refusal.ts";
import { type EntryFunctionCall, readEntryFunction } from "../ledger/transaction.ts";
import { runView } from "../queries.ts";
import { type FunctionTypes, functionTypes } from "./abi-json.ts";
import { type Api, type Call, executeInTurn, readAddress, stateOf } from "./api.ts";
import { type Answering, isList, isRecord, type JsonValue, parseJson, refuse } from "./message.ts";
import { jsonToValue, valueToJson } from "./move-json.ts";
import { statusText } from "./status-text.ts";

const VIEW_FUNCTION = "application/x.aptos.view_function+bcs";

export async function postView(api: Api, call: Call): Promise<Answering> {
  const asked = readViewCall(api, call);
  if (!asked.ok) return asked;
  const { function: callee, typeArgs } = asked.value;
  const known = viewTypes(api, callee, typeArgs);
  if (!known.ok) return known;
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const { environment } = api.node.source;
  const { state } = dated.value;
  const ran = await executeInTurn(api, () => runView(environment, state, asked.value));
  if (!ran.ok) return ran;
  const { status, returns, gasUsed } = ran.value;
  if (!isExecuted(status)) {
    const why = statusText(api.reading.modules, status);
    return refuse("invalid_input", `The view ${formatFunctionId(callee)} fails: ${why}.`);
  }
  const json: JsonValue[] = [];
  for (const [index, bytes] of returns.entries()) {
    const type = known.value.returns[index];
    const value = type && valueToJson(api.reading.types, type, bytes);
    if (value?.ok !== true) {
      return refuse("internal_error", `What ${formatFunctionId(callee)} returns cannot be read.`);
    }
    json.push(value.value);
  }
  return ok({ json, headers: { "x-aptos-gas-used": toGasUnits(gasUsed).toString() } });
}

function viewTypes(
  api: Api,
  callee: FunctionId,
  typeArgs: readonly TypeTag[],
): Result<FunctionTypes, Refusal> {
  const name = formatFunctionId(callee);
  const bytecode = api.reading.modules.get(callee.module);
  if (bytecode === undefined) return refuse("invalid_input", `There is no function ${name}.`);
  const known = functionTypes(bytecode, callee, typeArgs);
  if (known === undefined || known.typeParameterCount !== typeArgs.length) {
    return refuse("invalid_input", `There is no function ${name} for these type arguments.`);
  }
  if (!known.isView) return refuse("invalid_input", `${name} is not marked as a view.`);
  return ok(known);
}

function readViewCall(api: Api, { request }: Call): Result<EntryFunctionCall, Refusal> {
  if (request.headers["content-type"]?.split(";")[0]?.trim() === VIEW_FUNCTION) {
    try {
      return ok(decodeBcs(request.body, readEntryFunction));
    } catch (error) {
      if (!(error instanceof BcsError)) throw error;
      return refuse("invalid_input", `The view function cannot be read: ${error.message}.`);
    }
  }
  return readJsonCall(api, parseJson(request.body));
}

/** `{function, type_arguments, arguments}`. */
function readJsonCall(api: Api, json: JsonValue | undefined): Result<EntryFunctionCall, Refusal> {
  if (!isRecord(json)) return refuse("invalid_input", "The body is no JSON object.");
  const { function: text, type_arguments: types = [], arguments: values = [] } = json;
  const callee = typeof text === "string" ? parseFunctionId(text) : undefined;
  if (callee === undefined) return refuse("invalid_input", "`function` names no function.");
  const typeArgs = isList(types) ? types.map(typeOf) : [undefined];
  if (!typeArgs.every((tag) => tag !== undefined)) {
    return refuse("invalid_input", "`type_arguments` is no list of types.");
  }
  if (!isList(values)) return refuse("invalid_input", "`arguments` is no list.");
  const known = viewTypes(api, callee, typeArgs);
  if (!known.ok) return known;
  const { parameters } = known.value;
  if (parameters.length !== values.length) {
    const message = `${values.length} arguments for ${parameters.length} parameters.`;
    return refuse("invalid_input", message);
  }
  const args: Uint8Array[] = [];
  for (const [index, type] of parameters.entries()) {
    const bytes = jsonToValue(api.reading.types, type, values[index] ?? null);
    if (!bytes.ok) return refuse("invalid_input", `Argument ${index}: ${bytes.error}.`);
    args.push(bytes.value);
  }
  return ok({ function: callee, typeArgs, args });
}

function typeOf(json: JsonValue | undefined): TypeTag | undefined {
  return typeof json === "string" ? parseTypeTag(json) : undefined;
}

/** `{key_type, value_type, key}`, answered with the bare value. */
export async function postTableItem(api: Api, call: Call): Promise<Answering> {
  const handle = readAddress(call.path[1]);
  if (!handle.ok) return handle;
  const json = parseJson(call.request.body);
  if (!isRecord(json)) return refuse("invalid_input", "The body is no JSON object.");
  const [keyType, valueType] = [typeOf(json["key_type"]), typeOf(json["value_type"])];
  if (keyType === undefined || valueType === undefined) {
    return refuse("invalid_input", "`key_type` and `value_type` must be types.");
  }
  const { types } = api.reading;
  const key = jsonToValue(types, keyType, json["key"] ?? null);
  if (!key.ok) return refuse("invalid_input", `The key: ${key.error}.`);
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const { state } = dated.value;
  const bytes = state.get({ kind: "tableItem", handle: handle.value, key: key.value });
  if (bytes === undefined) {
    const message = `The table ${handle.value} holds nothing under this key.`;
    return refuse("table_item_not_found", message);
  }
  const value = valueToJson(types, valueType, bytes);
  return value.ok
    ? ok({ json: value.value })
    : err({ code: "invalid_input", message: `The item is no such value: ${value.error}.` });
}
