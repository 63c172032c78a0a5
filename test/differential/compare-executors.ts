/**
 * The oracle: runs one sequence of publications and calls on several executors and says where they
 * part. Agreement is about all that an outcome holds, what a session changed, and the state's root.
 */
import { assert, present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import {
  type Call,
  internalGas,
  makeAddress,
  type Outcome,
  parseFunctionId,
  parseTypeTag,
  type Session,
  type StateTree,
} from "#sandbox";
import { type Party, restoredState } from "./executors.ts";
import type { PlannedCall } from "./generator/call-plan.ts";
import { changeSetText, describeOutcome, isBroken } from "./outcome-text.ts";

/** One thing that is done. A step `continues` in the session of the step before it. */
export type Step =
  | {
      readonly kind: "publish";
      readonly sender: string;
      readonly bytes: Uint8Array;
      readonly continues: boolean;
    }
  | ({ readonly kind: "call" } & PlannedCall);

export interface Run {
  readonly steps: readonly Step[];
  /** Where it begins; not changed. */
  readonly state: StateTree;
  /** Looks at outcomes only when everything is over, instead of at once. */
  readonly looksLate?: boolean;
}

export interface Comparison {
  /** One line each; empty when all parties agree and nothing broke. */
  readonly differences: readonly string[];
  /** Of the first party, one for each step. */
  readonly outcomes: readonly Outcome[];
  /** Hex of the state's root at the end, as the first party has it. */
  readonly root: string;
}

const PUBLISH_GAS = 10_000_000;

/** @param parties the first one is the reference. */
export function compareExecutors(run: Run, parties: readonly Party[]): Comparison {
  const differences: string[] = [];
  const [reference, ...others] = parties.map((party) => ({ party, ...trace(party, run) }));
  assert(reference !== undefined, "there is a reference");
  for (const { party, lines } of others) {
    const from = lines.findIndex((line, index) => line !== reference.lines[index]);
    if (from < 0 && lines.length === reference.lines.length) continue;
    const at = from < 0 ? Math.min(lines.length, reference.lines.length) : from;
    const [theirs, ours] = [lines[at], reference.lines[at]];
    differences.push(
      `${party.name} and ${reference.party.name} part:`,
      `  ${party.name}: ${theirs ?? "nothing more"}`,
      `  ${reference.party.name}: ${ours ?? "nothing more"}`,
    );
  }
  for (const [index, outcome] of reference.outcomes.entries()) {
    if (!isBroken(outcome)) continue;
    differences.push(`step ${index} broke: ${describeOutcome(outcome)[0] ?? ""}`);
  }
  return { differences, outcomes: reference.outcomes, root: reference.root };
}

interface Trace {
  readonly lines: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly root: string;
}

/** All that one party says about the run. */
function trace(party: Party, { steps, state, looksLate = false }: Run): Trace {
  const lines: string[] = [];
  const look = (outcome: Outcome, index: number, step: Step) => {
    const name = step.kind === "call" ? step.function : "publish";
    for (const line of describeOutcome(outcome)) lines.push(`step ${index} ${name}: ${line}`);
  };
  const outcomes: Outcome[] = [];
  let tree = state.fork();
  let session: Session | undefined;
  const begin = (index: number): Session => {
    if (party.restores) tree = restoredState(tree);
    const uniqueSeed = new Uint8Array(32).fill(index);
    return party.executor.begin(tree, { uniqueSeed, chainId: 4 });
  };
  const finish = (open: Session, step: string) => {
    const changes = open.changes();
    lines.push(`session before ${step}: ${changeSetText(changes)}`);
    tree.apply(changes);
    lines.push(`root before ${step}: ${toHex(tree.root())}`);
  };
  for (const [index, step] of steps.entries()) {
    if (session !== undefined && !step.continues) {
      finish(session, `step ${index}`);
      session = undefined;
    }
    session ??= begin(index);
    const outcome = take(session, step);
    outcomes.push(outcome);
    if (!looksLate) look(outcome, index, step);
  }
  if (session !== undefined) finish(session, "the end");
  if (looksLate) {
    for (const [index, step] of steps.entries()) look(present(outcomes[index], "ran"), index, step);
  }
  return { lines, outcomes, root: toHex(tree.root()) };
}

function take(session: Session, step: Step): Outcome {
  if (step.kind === "publish") {
    return session.publish(makeAddress(step.sender), [step.bytes], internalGas(PUBLISH_GAS));
  }
  const mark = session.mark();
  const outcome = session.execute(callOf(step));
  if (step.isRolledBack) session.rollback(mark);
  return outcome;
}

function callOf(planned: PlannedCall): Call {
  return {
    mode: planned.mode,
    function: present(parseFunctionId(planned.function), "a function's name"),
    typeArgs: planned.typeArgs.map((text) => present(parseTypeTag(text), "a type")),
    args: planned.args.map((text) => present(fromHex(text), "hex")),
    signers: planned.signers.map(makeAddress),
    gasLimit: internalGas(planned.gasLimit),
  };
}
