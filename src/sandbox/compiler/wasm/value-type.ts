/** Types of WebAssembly values and functions, and the type section. */
import type { ByteSink } from "./byte-sink.ts";

export type ValueType = "i32" | "i64";

const VALUE_TYPE_BYTES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e };
const FUNCTION_TYPE = 0x60;

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export function writeValueType(sink: ByteSink, type: ValueType): void {
  sink.byte(VALUE_TYPE_BYTES[type]);
}

/** Text that is equal for equal types. */
export function functionTypeKey({ parameters, results }: FunctionType): string {
  return `${parameters.join()}->${results.join()}`;
}

export function writeTypeSection(sink: ByteSink, types: readonly FunctionType[]): void {
  sink.unsigned(types.length);
  for (const { parameters, results } of types) {
    sink.byte(FUNCTION_TYPE);
    for (const list of [parameters, results]) {
      sink.unsigned(list.length);
      for (const type of list) writeValueType(sink, type);
    }
  }
}
