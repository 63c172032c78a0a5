/** A trace on the way out: an indented line for every call and access, or the same as JSON. */
import type { CallTrace, StorageAccess, TracedCall, TracedValue, TraceEnd } from "#sandbox";
import { type Json, keyJson, keyText, valueJson, valueText } from "./value-output.ts";

const INDENT = "  ";
/** Characters of one value that are shown in a line. */
const VALUE_TEXT_MAX = 60;

/** Lines for people: what was called, what it cost and touched, and how it ended. */
export function traceText({ calls, omittedSteps }: CallTrace): string {
  const lines = calls.flatMap((call) => callLines(call, ""));
  if (omittedSteps > 0) lines.push(`… and ${omittedSteps} calls and accesses more`);
  return lines.join("\n");
}

function callLines(call: TracedCall, indent: string): readonly string[] {
  const args = call.args.map(tracedText).join(", ");
  const inner = `${indent}${INDENT}`;
  return [
    `${indent}${call.function}(${args})  ${costText(call)}`,
    ...call.steps.flatMap((step) =>
      step.type === "call" ? callLines(step.call, inner) : [`${inner}${accessText(step.access)}`],
    ),
    `${inner}${endText(call.end)}`,
  ];
}

function costText({ isNative, own, total }: TracedCall): string {
  if (isNative) return `native, ${total.gas} gas`;
  const calls = total.gas !== own.gas || total.instructions !== own.instructions;
  const share = calls ? ` (own ${own.instructions}, ${own.gas})` : "";
  return `${total.instructions} instructions, ${total.gas} gas${share}`;
}

function accessText({ mode, operation, key }: StorageAccess): string {
  return `${mode === "read" ? "reads" : "writes"} ${keyText(key)}, by ${operation}`;
}

function endText(end: TraceEnd): string {
  switch (end.type) {
    case "returned":
      return end.values.length === 0
        ? "returns"
        : `returns ${end.values.map(tracedText).join(", ")}`;
    case "aborted":
      return `aborts with ${end.code}${placeText(end.offset)}`;
    case "failed":
      return `fails: ${end.status}${placeText(end.offset)}${detailText(end.detail)}`;
    case "unwound":
      return "is unwound";
  }
}

function detailText(detail: string): string {
  return detail === "" ? "" : `, ${detail}`;
}

function placeText(offset: number | undefined): string {
  return offset === undefined ? "" : ` at offset ${offset}`;
}

function tracedText({ type, value }: TracedValue): string {
  if (value === undefined) return `a large ${type}`;
  const text = valueText(value);
  const shown = text.length > VALUE_TEXT_MAX ? `${text.slice(0, VALUE_TEXT_MAX)}…` : text;
  return type.startsWith("&") ? `${type.startsWith("&mut") ? "&mut " : "&"}${shown}` : shown;
}

export function traceJson({ calls, omittedSteps }: CallTrace): Json {
  return { calls: calls.map(callJson), omittedSteps };
}

function callJson(call: TracedCall): Json {
  const { own, total } = call;
  return {
    function: call.function,
    native: call.isNative,
    args: call.args.map(tracedJson),
    instructions: total.instructions,
    gas: total.gas,
    own: { instructions: own.instructions, gas: own.gas },
    steps: call.steps.map((step) =>
      step.type === "call" ? { call: callJson(step.call) } : { access: accessJson(step.access) },
    ),
    end: endJson(call.end),
  };
}

function accessJson({ operation, mode, key }: StorageAccess): Json {
  return { operation, mode, key: keyJson(key) };
}

function endJson(end: TraceEnd): Json {
  switch (end.type) {
    case "returned":
      return { type: end.type, values: end.values.map(tracedJson) };
    case "aborted":
      return { type: end.type, code: String(end.code), offset: end.offset ?? null };
    case "failed":
      return { type: end.type, status: end.status, detail: end.detail, offset: end.offset ?? null };
    case "unwound":
      return { type: end.type };
  }
}

function tracedJson({ type, value }: TracedValue): Json {
  return value === undefined ? { type } : { type, value: valueJson(value) };
}
