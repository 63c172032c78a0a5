/**
 * `npm run fuzz [-- TARGET…] [--seconds N] [--seed S]`: runs fuzz targets, each for so long, and
 * prints the seed and the shrunk input of the first finding. Exits non-zero on a finding.
 */
import fc from "fast-check";
import { mutatedCode } from "../differential/code-mutations.ts";
import { compareExecutors } from "../differential/compare-executors.ts";
import { LIBRARY_STATE, type ProfileName, parties } from "../differential/executors.ts";
import { PROGRAM_GENES } from "../differential/generator/genes.ts";
import { buildProgram } from "../differential/generator/program.ts";
import { LEDGER_STEPS, OPENING } from "../differential/ledger-runs.ts";
import { acceptedModule, compareMutated } from "../differential/mutated-run.ts";
import { compareProgram, problemsOf, programText } from "../differential/program-check.ts";
import { scriptArguments } from "../script-arguments.ts";
import { HOSTILE_CALL, problemOfCall } from "./hostile-inputs.ts";
import { examine, SOUND_MODULES } from "./hostile-modules.ts";
import { HOSTILE_CHUNKS, problemOfChunks } from "./hostile-snapshots.ts";
import { hostileBytes } from "./module-mutations.ts";

interface Finding {
  readonly error: string;
  /** The shrunk input, in a form that can be run again. */
  readonly input: string;
}

/** Looks at so many inputs from a seed, up to the first finding. */
type Target = (seed: number, runs: number) => Finding | undefined;

/** @param problemOf says what is wrong with an input, if anything is. */
function target<T>(
  inputs: fc.Arbitrary<T>,
  problemOf: (input: T) => string | undefined,
  print: (input: T) => string,
): Target {
  return (seed, numRuns) => {
    const property = fc.property(inputs, (input) => {
      const problem = problemOf(input);
      if (problem !== undefined) throw new Error(problem);
    });
    const { failed, counterexample, errorInstance } = fc.check(property, { seed, numRuns });
    if (!failed) return undefined;
    const [input] = counterexample ?? [];
    return { error: String(errorInstance), input: input === undefined ? "" : print(input) };
  };
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const TARGETS: Readonly<Record<string, Target>> = {
  modules: target(
    hostileBytes(SOUND_MODULES),
    (bytes) => {
      const { status, problem } = examine(bytes);
      return problem === undefined ? undefined : `${status}: ${problem}`;
    },
    toHex,
  ),
  programs: target(
    PROGRAM_GENES,
    (genes) => {
      const program = buildProgram(genes);
      return joined(problemsOf(program, compareProgram(program)));
    },
    (genes) => programText(buildProgram(genes)),
  ),
  mutants: target(
    fc.tuple(fc.oneof(mutatedCode(SOUND_MODULES), hostileBytes(SOUND_MODULES)), fc.nat()),
    ([bytes, start]) => {
      const module = acceptedModule(bytes);
      if (module === undefined) return undefined;
      return joined(compareMutated(module, bytes, start).flatMap(({ differences }) => differences));
    },
    ([bytes, start]) => `${toHex(bytes)} from case ${start}`,
  ),
  repeated: target(
    fc.tuple(LEDGER_STEPS, fc.boolean(), fc.constantFrom<ProfileName>("chain", "tight")),
    ([steps, looksLate, profile]) => {
      const run = { steps: [...OPENING, ...steps], state: LIBRARY_STATE, looksLate };
      return joined(compareExecutors(run, parties(profile, false)).differences);
    },
    (input) => JSON.stringify(input),
  ),
  calls: target(HOSTILE_CALL, problemOfCall, (call) => JSON.stringify(call, bytesText)),
  snapshots: target(HOSTILE_CHUNKS, problemOfChunks, (chunks) => chunks.map(toHex).join(" ")),
};

function bytesText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

function joined(problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : problems.join("\n");
}

const RUNS_PER_SEED = 1000;
const SECONDS_DEFAULT = 60;

const USAGE = `npm run fuzz -- [${Object.keys(TARGETS).join("|")}]… [--seconds N] [--seed S]`;

process.exitCode = main();

function main(): number {
  const asked = scriptArguments(USAGE, {
    options: { seconds: { type: "string" }, seed: { type: "string" } },
    allowPositionals: true,
  });
  if (!asked.ok) {
    console.error(asked.error);
    return 2;
  }
  const { values, positionals } = asked.value;
  const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
  const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
  const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
  const unknown = names.filter((name) => !(name in TARGETS));
  if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(firstSeed)) {
    console.error(`usage: ${USAGE}`);
    return 2;
  }
  return names.every((name) => run(name, seconds, firstSeed)) ? 0 : 1;
}

function run(name: string, seconds: number, firstSeed: number): boolean {
  const search = TARGETS[name];
  const end = performance.now() + 1000 * seconds;
  let seed = firstSeed;
  for (; search !== undefined && performance.now() < end; seed++) {
    const finding = search(seed, RUNS_PER_SEED);
    if (finding === undefined) continue;
    console.log(`${name}: finding with --seed ${seed}`);
    console.log(finding.error);
    console.log(finding.input);
    return false;
  }
  console.log(
    `${name}: ${(seed - firstSeed) * RUNS_PER_SEED} inputs from seed ${firstSeed}, no finding`,
  );
  return true;
}
