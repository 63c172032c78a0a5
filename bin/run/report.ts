/**
 * What a run did, as JSON and as text. Bytes are hex of BCS; values beside them where they read.
 */
import {
  type CallTrace,
  type Change,
  type Event,
  formatFunctionId,
  formatModuleId,
  formatTypeTag,
  newValue,
  type Outcome,
  oldValue,
  statusName,
} from "#sandbox";
import { toHex } from "../hex.ts";
import type { ModuleFiles } from "../modules/module-file.ts";
import type { PreparedCall } from "./callee.ts";
import type { EngineName } from "./options.ts";
import { traceJson, traceText } from "./trace-output.ts";
import { type Json, keyJson, keyText, valueJson, valueText } from "./value-output.ts";

export interface RunReport {
  readonly prepared: PreparedCall;
  readonly modules: ModuleFiles;
  readonly engine: EngineName;
  readonly outcome: Outcome;
  readonly trace: CallTrace | undefined;
}

type Value = { readonly bytes: Uint8Array; readonly json: Json; readonly text: string };

export function reportJson(report: RunReport): Json {
  const { prepared, engine, outcome, trace } = report;
  const { status, gasUsed, events, changes } = outcome;
  return {
    function: formatFunctionId(prepared.call.function),
    mode: prepared.call.mode,
    engine,
    status: statusName(status),
    ...statusJson(report),
    gas: gasUsed,
    returns: returnValues(report).map(({ bytes }) => toHex(bytes)),
    values: returnValues(report).map(({ json }) => json),
    events: events.map((event) => ({
      type: formatTypeTag(event.type),
      data: toHex(event.data),
      value: eventValue(report, event).json,
    })),
    changes: changes.map((change) => changeJson(report, change)),
    ...(trace === undefined ? {} : { trace: traceJson(trace) }),
  };
}

/** Abort code, place and detail, as far as the status has them. */
function statusJson({ outcome: { status }, modules }: RunReport): Record<string, Json> {
  if (status.type === "executed") return {};
  const { location } = status;
  const place = location && {
    location: formatModuleId(location.module),
    functionIndex: location.functionIndex,
    functionName: functionName(modules, location) ?? null,
    offset: location.offset,
  };
  if (status.type === "aborted") return { abortCode: String(status.code), ...place };
  return {
    ...(status.subStatus === undefined ? {} : { subStatus: status.subStatus }),
    ...place,
    ...(status.detail === undefined ? {} : { detail: status.detail }),
  };
}

type Location = NonNullable<Exclude<Outcome["status"], { type: "executed" }>["location"]>;

function functionName(modules: ModuleFiles, { module, functionIndex }: Location) {
  return modules.get(formatModuleId(module))?.abi.functions[functionIndex]?.name;
}

function changeJson(report: RunReport, change: Change): Json {
  const [before, after] = [oldValue(change.op), newValue(change.op)];
  return {
    key: keyJson(change.key),
    op: change.op.type,
    ...(before === undefined ? {} : { old: toHex(before) }),
    ...(after === undefined ? {} : { new: toHex(after) }),
    ...(after === undefined ? {} : { value: storedValue(report, change, after).json }),
  };
}

export function reportText(report: RunReport): string {
  const { outcome, trace, prepared } = report;
  const lines = [
    ...(trace === undefined ? [] : [traceText(trace), ""]),
    `${formatFunctionId(prepared.call.function)}: ${statusText(report)}`,
    `gas      ${outcome.gasUsed}${codeGasText(report)}`,
    ...returnValues(report).map(({ text }) => `returns  ${text}`),
    ...outcome.events.map(
      (event) => `event    ${formatTypeTag(event.type)} ${eventValue(report, event).text}`,
    ),
    ...outcome.changes.map((change) => `change   ${changeText(report, change)}`),
  ];
  return lines.join("\n");
}

/** What is not in the trace: the call itself, its arguments, what it wrote. */
function codeGasText({ trace }: RunReport): string {
  if (trace === undefined) return "";
  const inCode = trace.calls.reduce((sum, { total }) => sum + total.gas, 0);
  return ` (${inCode} in code; the rest for the call, its arguments and what it wrote)`;
}

function statusText({ outcome: { status }, modules }: RunReport): string {
  if (status.type === "executed") return "executed";
  const { location } = status;
  const code = status.type === "aborted" ? `ABORTED with ${status.code}` : status.status;
  const name = location && (functionName(modules, location) ?? `#${location.functionIndex}`);
  const place = location
    ? ` in ${formatModuleId(location.module)}::${name} at offset ${location.offset}`
    : "";
  const hasDetail = status.type === "failed" && status.detail !== undefined;
  return `${code}${place}${hasDetail ? ` (${status.detail})` : ""}`;
}

function changeText(report: RunReport, change: Change): string {
  const after = newValue(change.op);
  const value = after === undefined ? "" : ` = ${storedValue(report, change, after).text}`;
  return `${change.op.type} ${keyText(change.key)}${value}`;
}

function returnValues({ outcome: { returns }, prepared }: RunReport): readonly Value[] {
  const { call, types } = prepared;
  const decoded = types.decodeReturns(call.function, call.typeArgs, returns);
  return returns.map((bytes, index) => {
    const value = decoded.ok ? decoded.value[index] : undefined;
    return value === undefined
      ? unread(bytes)
      : { bytes, json: valueJson(value), text: valueText(value) };
  });
}

function eventValue({ prepared }: RunReport, { type, data }: Event): Value {
  return read(prepared, type, data);
}

/** A table item's own type is not known from its key. */
function storedValue({ prepared }: RunReport, { key }: Change, bytes: Uint8Array): Value {
  if (key.kind !== "resource") return unread(bytes);
  return read(prepared, { kind: "struct", struct: key.type }, bytes);
}

function read({ types }: PreparedCall, type: Event["type"], bytes: Uint8Array): Value {
  const decoded = types.decode(type, bytes);
  if (!decoded.ok) return unread(bytes);
  return { bytes, json: valueJson(decoded.value), text: valueText(decoded.value) };
}

function unread(bytes: Uint8Array): Value {
  return { bytes, json: null, text: `0x${toHex(bytes)}` };
}
