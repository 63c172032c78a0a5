/**
 * `npm run conformance -- DIR [--json]`: runs a corpus laid out like the VM conformance set. The
 * last line of output is one JSON object with `--json`. Exits non-zero when a case fails.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  chainProfile,
  createCompiler,
  createInterpreter,
  createMemoryState,
  type Executor,
} from "#sandbox";
import { scriptArguments } from "../script-arguments.ts";
import { runVerifyCorpus } from "./verify-corpus.ts";
import { type CorpusCase, readCases, runCase } from "./vm-corpus.ts";

const FAILURES_SHOWN = 20;

/** Every executor must pass every case. */
const EXECUTORS = [
  () => createInterpreter(chainProfile()),
  () => createCompiler(chainProfile()),
] as const;

const USAGE = "npm run conformance -- DIR [--json]";

process.exitCode = main();

function main(): number {
  const asked = scriptArguments(USAGE, {
    options: { json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  if (!asked.ok) {
    console.error(asked.error);
    return 2;
  }
  const [directory, ...rest] = asked.value.positionals;
  if (directory === undefined || rest.length > 0) {
    console.error(`usage: ${USAGE}`);
    return 2;
  }
  if (!existsSync(join(directory, "cases.json"))) {
    console.error(`CORPUS_MISSING: there is no cases.json in ${directory}; name a corpus's folder`);
    return 2;
  }
  return run(directory, asked.value.values.json);
}

function differencesOn(
  corpus: string,
  corpusCase: CorpusCase,
  executor: Executor,
): readonly string[] {
  const named = (line: string) => `${executor.name}: ${line}`;
  try {
    return runCase(corpus, corpusCase, executor, createMemoryState()).map(named);
  } catch (error) {
    return [named(`threw ${error instanceof Error ? error.stack : String(error)}`)];
  }
}

function run(corpus: string, json: boolean): number {
  const cases = readCases(corpus);
  const failures: string[] = [];
  for (const corpusCase of cases) {
    const differences = EXECUTORS.flatMap((create) => differencesOn(corpus, corpusCase, create()));
    if (differences.length === 0) continue;
    failures.push(corpusCase.name);
    if (!json) console.log(`${corpusCase.name}\n  ${differences.join("\n  ")}`);
  }
  const passed = cases.length - failures.length;
  const verdicts = runVerifyCorpus(corpus);
  for (const { row, status, detail } of verdicts?.failures ?? []) {
    failures.push(row.file);
    if (!json) console.log(`${row.file}\n  is ${status} (${detail}), expected ${row.expect}`);
  }
  const report = {
    cases: cases.length,
    passed,
    verify: verdicts?.verify ?? null,
    verifyPassed: verdicts?.verifyPassed ?? null,
    mutationStatusShare: verdicts?.mutationStatusShare ?? null,
    failures: failures.slice(0, FAILURES_SHOWN),
  };
  console.log(json ? JSON.stringify(report) : summary(report));
  return failures.length === 0 ? 0 : 1;
}

function summary(report: {
  readonly cases: number;
  readonly passed: number;
  readonly verify: number | null;
  readonly verifyPassed: number | null;
}): string {
  const cases = `${report.passed} of ${report.cases} cases pass`;
  return report.verify === null
    ? cases
    : `${cases}; ${report.verifyPassed} of ${report.verify} modules are judged as expected`;
}
