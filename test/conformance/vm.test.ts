// Every execution case of the committed conformance corpus, on every executor there is, and proof
// that the comparison can fail.
import { describe, expect, it } from "vitest";
import {
  chainProfile,
  createCompiler,
  createInterpreter,
  createMemoryState,
  type Executor,
} from "#sandbox";
import { type CorpusCase, callsOf, readCases, runCase } from "./vm-corpus.ts";

const CORPUS = new URL("../vectors/vm-conformance", import.meta.url).pathname;
const CASES = readCases(CORPUS);

const EXECUTORS: readonly (readonly [string, () => Executor])[] = [
  ["interpreter", () => createInterpreter(chainProfile())],
  ["compiled code", () => createCompiler(chainProfile())],
];

describe.each(EXECUTORS)("the %s on the conformance corpus", (_name, create) => {
  it.each(CASES.map((corpusCase) => [corpusCase.name, corpusCase] as const))(
    "%s",
    (_case, corpusCase) => {
      expect(runCase(CORPUS, corpusCase, create(), createMemoryState())).toEqual([]);
    },
  );

  it("keeps nothing of one case for the next when an executor is shared", () => {
    const executor = create();
    const failed = CASES.filter(
      (corpusCase) => runCase(CORPUS, corpusCase, executor, createMemoryState()).length > 0,
    );
    expect(failed).toEqual([]);
  });
});

describe("the corpus runner", () => {
  it("has the cases that the corpus promises", () => {
    expect(CASES.length).toBe(472);
    expect(CASES.flatMap(callsOf).length).toBe(506);
  });

  it.each([
    ["another status", { status: "ABORTED" }],
    ["another returned value", { returns: ["00"] }],
    ["a write too many", { writes: { "0x1/0x1::m::S": "00" } }],
    ["an event too many", { events: [{ type: "0x1::m::E", data: "00" }] }],
  ])("notices %s", (_what, change) => {
    const [first] = CASES;
    expect(first).toBeDefined();
    if (first === undefined || "sequence" in first) return;
    const wrong: CorpusCase = { ...first, expect: { ...first.expect, ...change } };
    const executor = createInterpreter(chainProfile());
    expect(runCase(CORPUS, wrong, executor, createMemoryState())).toHaveLength(1);
  });

  it.each([
    ["location", { location: "0x1::other" }],
    ["function", { function: 99 }],
    ["offset", { offset: 99 }],
  ])("notices another %s", (_what, change) => {
    const failing = CASES.find(({ name }) => name === "u8 add overflow");
    expect(failing).toBeDefined();
    if (failing === undefined || "sequence" in failing) return;
    const wrong: CorpusCase = { ...failing, expect: { ...failing.expect, ...change } };
    const executor = createInterpreter(chainProfile());
    expect(runCase(CORPUS, wrong, executor, createMemoryState())).toHaveLength(1);
  });
});
