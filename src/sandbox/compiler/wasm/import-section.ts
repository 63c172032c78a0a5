/** The import section: one memory, shared by all programs of an executor, and host functions. */
import type { ByteSink } from "./byte-sink.ts";

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly typeIndex: number;
}

export interface MemoryImport {
  readonly module: string;
  readonly name: string;
  /** In pages of 65,536 bytes. */
  readonly pagesMin: number;
}

const FUNCTION = 0x00;
const MEMORY = 0x02;
const NO_MAXIMUM = 0x00;

export function writeImportSection(
  sink: ByteSink,
  memory: MemoryImport,
  functions: readonly FunctionImport[],
): void {
  sink.unsigned(functions.length + 1);
  sink.name(memory.module).name(memory.name).byte(MEMORY).byte(NO_MAXIMUM);
  sink.unsigned(memory.pagesMin);
  for (const { module, name, typeIndex } of functions) {
    sink.name(module).name(name).byte(FUNCTION).unsigned(typeIndex);
  }
}
