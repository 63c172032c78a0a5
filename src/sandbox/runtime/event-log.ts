/** Events of one call, in order, within the profile's limits. */
import type { Event } from "../core/effects.ts";
import { fail } from "./failure.ts";
import type { ExecutionLimits } from "./limits.ts";

export interface EventLog {
  readonly events: Event[];
  readonly limits: ExecutionLimits;
}

export function createEventLog(limits: ExecutionLimits): EventLog {
  return { events: [], limits };
}

export function appendEvent({ events, limits }: EventLog, event: Event): void {
  if (events.length === limits.events) {
    fail("EXECUTION_LIMIT_REACHED", `over ${limits.events} events in a call`);
  }
  if (event.data.length > limits.eventBytes) {
    fail("EXECUTION_LIMIT_REACHED", `an event of over ${limits.eventBytes} bytes`);
  }
  events.push(event);
}
