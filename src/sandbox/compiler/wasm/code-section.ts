/**
 * The function and code sections: which type each function has, its locals and its instructions.
 */
import { ByteSink } from "./byte-sink.ts";
import { type ValueType, writeValueType } from "./value-type.ts";

export interface FunctionBody {
  readonly typeIndex: number;
  /** Behind the parameters. */
  readonly locals: readonly ValueType[];
  /** Ends with the `end` of the function. */
  readonly code: Uint8Array;
}

export function writeFunctionSection(sink: ByteSink, bodies: readonly FunctionBody[]): void {
  sink.unsigned(bodies.length);
  for (const { typeIndex } of bodies) sink.unsigned(typeIndex);
}

export function writeCodeSection(sink: ByteSink, bodies: readonly FunctionBody[]): void {
  sink.unsigned(bodies.length);
  for (const { locals, code } of bodies) {
    const body = new ByteSink();
    const runs = runsOf(locals);
    body.unsigned(runs.length);
    for (const { type, count } of runs) {
      body.unsigned(count);
      writeValueType(body, type);
    }
    sink.sized(body.fixed(code).view());
  }
}

interface Run {
  readonly type: ValueType;
  count: number;
}

/** Locals as the format writes them: a count for each run of one type. */
function runsOf(locals: readonly ValueType[]): readonly Run[] {
  const runs: Run[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count += 1;
    else runs.push({ type, count: 1 });
  }
  return runs;
}
