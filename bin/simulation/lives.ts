/**
 * The simulation as its commands see it. It stands among the tests, because it watches the core
 * from inside; a published package does not have it.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommandError } from "../command-error.ts";

export interface Life {
  readonly seed: number;
  /** Inputs that machines took. */
  readonly steps: number;
  readonly confirmed: number;
  readonly settlements: number;
  readonly terms: number;
  readonly views: number;
  readonly lives: number;
  readonly isForced: boolean;
  /** What was found, with what every node was doing; undefined when all promises were kept. */
  readonly failure: string | undefined;
}

/** One thing that happened, as one line. */
export type OnLine = (line: string) => void;

export interface Simulation {
  readonly profileNames: readonly string[];
  /** Runs one seed of a profile; the same seed always lives the same life. */
  readonly simulateNamed: (profile: string, seed: number, onLine?: OnLine) => Promise<Life>;
}

const PLACE = new URL("../../test/simulation/lives.ts", import.meta.url);

/** Throws a `CommandError` where this installation does not have the simulation. */
export async function loadSimulation(): Promise<Simulation> {
  const loaded: unknown = existsSync(fileURLToPath(PLACE)) ? await import(PLACE.href) : undefined;
  if (isSimulation(loaded)) return loaded;
  const message = "The simulation belongs to a checkout of the repository, and this is none.";
  throw new CommandError("SIMULATION_MISSING", message);
}

function isSimulation(value: unknown): value is Simulation {
  return (
    typeof value === "object" &&
    value !== null &&
    "profileNames" in value &&
    "simulateNamed" in value
  );
}

/** Reads a whole number that is not negative, or throws a `CommandError`. */
export function readCount(what: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError("SIMULATION_OPTION", `${what}: "${text}" is no whole number.`);
}

/** Throws a `CommandError` unless there is such a profile. */
export function checkProfile({ profileNames }: Simulation, profile: string): void {
  if (profileNames.includes(profile)) return;
  const message = `There is no profile "${profile}". Take one of ${profileNames.join(", ")}.`;
  throw new CommandError("SIMULATION_OPTION", message);
}
