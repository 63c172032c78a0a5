/** The custom section `name`: names of functions, for stack traces and listings. */
import { ByteSink } from "./byte-sink.ts";

export interface FunctionName {
  readonly index: number;
  readonly name: string;
}

const FUNCTION_NAMES = 1;

/** @param names ascending by index. */
export function writeNameSection(sink: ByteSink, names: readonly FunctionName[]): void {
  const map = new ByteSink();
  map.unsigned(names.length);
  for (const { index, name } of names) map.unsigned(index).name(name);
  sink.name("name").byte(FUNCTION_NAMES).sized(map.view());
}
