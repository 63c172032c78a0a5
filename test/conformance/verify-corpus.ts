/**
 * Judges a corpus of modules by everything that publishing checks. The form is described in the
 * corpus README.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "#core/assert.ts";
import {
  type CompiledModule,
  deserializeModule,
  type ModuleId,
  makeAddress,
  moduleKey,
  verifyPublish,
} from "#sandbox";
import { selfId } from "../../src/sandbox/binary-format/module-view.ts";

export interface VerifyRow {
  readonly file: string;
  readonly expect: string;
  readonly accept?: readonly string[];
  readonly kind: "assembled" | "mutation" | "compiled";
}

export interface Verdict {
  readonly row: VerifyRow;
  /** `OK` or the status of the refusal. */
  readonly status: string;
  /** Where and why, for people. */
  readonly detail: string;
  /** Accepted or refused as expected. */
  readonly agrees: boolean;
  /** The status is one of those expected. */
  readonly statusAgrees: boolean;
  readonly passes: boolean;
  readonly milliseconds: number;
}

export interface VerifyReport {
  readonly verify: number;
  readonly verifyPassed: number;
  /** Share of mutated modules whose status agrees, 0 to 1. */
  readonly mutationStatusShare: number;
  readonly failures: readonly Verdict[];
}

/** A module that takes longer fails, whatever the verdict. */
const MILLISECONDS_MAX = 3000;
const PUBLISHER = makeAddress("0x1");
/** In force before any module is judged. */
const STANDARD_LIBRARY = ["signer", "event", "hash", "bcs", "vector", "option", "string"];

/** Undefined for a corpus without modules to judge. */
export function runVerifyCorpus(directory: string): VerifyReport | undefined {
  if (!existsSync(join(directory, "verify.json"))) return undefined;
  const verdicts = judgeAll(directory);
  const mutations = verdicts.filter(({ row }) => row.kind === "mutation");
  const passed = verdicts.filter(({ passes }) => passes);
  return {
    verify: verdicts.length,
    verifyPassed: passed.length,
    mutationStatusShare:
      mutations.filter(({ statusAgrees }) => statusAgrees).length / Math.max(1, mutations.length),
    failures: verdicts.filter(({ passes }) => !passes),
  };
}

export function judgeAll(directory: string): Verdict[] {
  const rows: VerifyRow[] = JSON.parse(readFileSync(join(directory, "verify.json"), "utf8"));
  const inForce = readStandardLibrary(directory);
  return rows.map((row) => judge(directory, inForce, row));
}

type Modules = ReadonlyMap<string, CompiledModule>;

function judge(directory: string, inForce: Modules, row: VerifyRow): Verdict {
  const bytes = new Uint8Array(readFileSync(join(directory, row.file)));
  const start = performance.now();
  const result = verifyPublish({
    sender: PUBLISHER,
    modules: [bytes],
    resolve: (id: ModuleId) => inForce.get(moduleKey(id)),
    // The corpus leaves it open which natives there are.
    natives: { has: () => true },
  });
  const milliseconds = performance.now() - start;
  const status = result.ok ? "OK" : result.error.status;
  const accepted = [row.expect, ...(row.accept ?? [])];
  const agrees = accepted.some((expected) => (expected === "OK") === result.ok);
  const statusAgrees = accepted.includes(status);
  const isSound = status !== "VERIFIER_INVARIANT_VIOLATION" && milliseconds < MILLISECONDS_MAX;
  const passes = agrees && isSound && (statusAgrees || row.kind === "mutation");
  const detail = result.ok ? "" : result.error.detail;
  return { row, status, detail, agrees, statusAgrees, passes, milliseconds };
}

function readStandardLibrary(directory: string): Modules {
  return new Map(
    STANDARD_LIBRARY.map((name) => {
      const bytes = readFileSync(join(directory, "modules", `${name}.mv`));
      const read = deserializeModule(new Uint8Array(bytes));
      assert(read.ok, `${name} is a module`);
      return [moduleKey(selfId(read.value)), read.value];
    }),
  );
}
