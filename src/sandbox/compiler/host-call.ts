/** A call of compiled code as the host sees it. */
import type { EventLog } from "../runtime/event-log.ts";
import type { SessionView } from "../runtime/session.ts";
import type { Encoder } from "./codec.ts";
import type { LinearMemory } from "./linear-memory.ts";
import type { CompiledProgram } from "./program-compiler.ts";
import type { Residents, TouchMeter } from "./residents.ts";

/** One for each session, used for one call after another. */
export interface HostCall extends TouchMeter {
  readonly memory: LinearMemory;
  readonly residents: Residents;
  readonly encoder: Encoder;
  readonly view: SessionView;
  /** See `Residents.nextStretch`. */
  stretch: number;
  events: EventLog;
  /** The program that runs: the entry function's, or that of a check of its arguments. */
  program: CompiledProgram | undefined;
}
