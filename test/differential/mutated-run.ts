/** Mutated modules of the corpus in the place of the sound ones, under the corpus' own calls. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "#core/assert.ts";
import { moduleKey } from "#core/identifier.ts";
import {
  type CompiledModule,
  chainProfile,
  createCompiler,
  createInterpreter,
  createStateTree,
  deserializeModule,
  formatModuleId,
  makeAddress,
  STANDARD_NATIVES,
} from "#sandbox";
import { selfId } from "../../src/sandbox/binary-format/module-view.ts";
import { verifyPublish } from "../../src/sandbox/verifier/publish.ts";
import { type CorpusCase, callsOf, readCases } from "../conformance/vm-corpus.ts";
import { type Comparison, compareExecutors, type Run, type Step } from "./compare-executors.ts";
import type { Party } from "./executors.ts";

const CORPUS = join(import.meta.dirname, "../vectors/vm-conformance");
const CASES = readCases(CORPUS);
const GAS_LIMIT = 100_000;
/** Cases that one mutated module is run under. */
const CASES_MAX = 4;
const PUBLISHER = "0x1";

/** Both verify: what depends on a mutated module may not fit it any more. */
const PARTIES: readonly Party[] = [
  { name: "interpreter", executor: createInterpreter(chainProfile()), restores: false },
  { name: "compiled", executor: createCompiler(chainProfile()), restores: false },
];

interface CorpusModule {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly module: CompiledModule;
}

const MODULES: ReadonlyMap<string, CorpusModule> = readModules();

function readModules(): ReadonlyMap<string, CorpusModule> {
  const files = new Set(CASES.flatMap(({ modules }) => modules));
  return new Map(
    [...files].map((file) => {
      const bytes = new Uint8Array(readFileSync(join(CORPUS, "modules", file)));
      const read = deserializeModule(bytes);
      const module = present(read.ok ? read.value : undefined, "the corpus can be read");
      return [moduleKey(selfId(module)), { file, bytes, module }];
    }),
  );
}

/** The module if the verifier lets it take the place of one of the corpus. */
export function acceptedModule(bytes: Uint8Array): CompiledModule | undefined {
  const read = deserializeModule(bytes);
  if (!read.ok) return undefined;
  const verified = verifyPublish({
    sender: makeAddress(PUBLISHER),
    modules: [bytes],
    resolve: (id) => {
      const key = moduleKey(id);
      const isItself = moduleKey(selfId(read.value)) === key;
      return isItself ? undefined : MODULES.get(key)?.module;
    },
    natives: { has: (module, name) => STANDARD_NATIVES.has(`${formatModuleId(module)}::${name}`) },
  });
  return verified.ok ? verified.value[0] : undefined;
}

/** @param start which of the module's cases to begin with. */
export function compareMutated(
  module: CompiledModule,
  bytes: Uint8Array,
  start: number,
  parties: readonly Party[] = PARTIES,
): Comparison[] {
  const original = MODULES.get(moduleKey(selfId(module)));
  if (original === undefined) return [];
  const cases = CASES.filter(({ modules }) => modules.includes(original.file));
  return cases
    .map((_, index) => present(cases[(start + index) % cases.length], "a case"))
    .slice(0, CASES_MAX)
    .map((corpusCase) => compareExecutors(runOf(corpusCase, original.file, bytes), parties));
}

function runOf(corpusCase: CorpusCase, file: string, replaced: Uint8Array): Run {
  const modules = corpusCase.modules.map(
    (name): Step => ({
      kind: "publish",
      sender: PUBLISHER,
      bytes: name === file ? replaced : bytesOf(name),
      continues: true,
    }),
  );
  const calls = callsOf(corpusCase).map(
    (call): Step => ({
      kind: "call",
      mode: call.mode,
      function: call.function,
      typeArgs: call.typeArgs,
      args: call.args,
      signers: call.signer === null ? [] : [call.signer],
      gasLimit: Math.min(call.gasLimit ?? GAS_LIMIT, GAS_LIMIT),
      continues: false,
      isRolledBack: false,
    }),
  );
  return { steps: [...modules, ...calls], state: createStateTree() };
}

function bytesOf(file: string): Uint8Array {
  const found = [...MODULES.values()].find((module) => module.file === file);
  return present(found, "a module of the corpus").bytes;
}
