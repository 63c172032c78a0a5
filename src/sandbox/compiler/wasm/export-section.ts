/** The export section: functions only. */
import type { ByteSink } from "./byte-sink.ts";

export interface FunctionExport {
  readonly name: string;
  readonly index: number;
}

const FUNCTION = 0x00;

export function writeExportSection(sink: ByteSink, functions: readonly FunctionExport[]): void {
  sink.unsigned(functions.length);
  for (const { name, index } of functions) sink.name(name).byte(FUNCTION).unsigned(index);
}
