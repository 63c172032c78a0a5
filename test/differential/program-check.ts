/** One generated program through the verifier and every executor, and what such a run is worth. */
import { assembleBytes } from "../assembler/assembler.ts";
import { type Comparison, compareExecutors, type Step } from "./compare-executors.ts";
import { LIBRARY_STATE, type Party, type ProfileName, parties } from "./executors.ts";
import type { PlannedCall } from "./generator/call-plan.ts";
import type { Program } from "./generator/program.ts";

const PUBLISHER = "0xa";

/** Runs a program under its profile on the executors given, or on all. */
export function compareProgram(
  { modules, calls, profile, isIsolated }: Program,
  chosen: (profile: ProfileName) => readonly Party[] = (name) => parties(name, isIsolated),
): Comparison {
  const published = modules.map(
    (text, index): Step => ({
      kind: "publish",
      sender: PUBLISHER,
      bytes: assembleBytes(text),
      continues: index > 0,
    }),
  );
  const made = calls.map((call): Step => ({ kind: "call", ...call }));
  return compareExecutors(
    { steps: [...published, ...made], state: LIBRARY_STATE },
    chosen(profile),
  );
}

/** What is wrong with a program's run; empty when nothing is. */
export function problemsOf(program: Program, comparison: Comparison): readonly string[] {
  const refused = program.modules.flatMap((_, index) => {
    const status = comparison.outcomes[index]?.status;
    if (status?.type === "executed") return [];
    const detail = status?.type === "failed" ? `${status.status} ${status.detail ?? ""}` : "";
    return [`module ${index} is refused: ${detail}`];
  });
  return [...refused, ...comparison.differences];
}

/** Problems with the program that has them; empty without problems. */
export function report(program: Program, problems: readonly string[]): string {
  return problems.length === 0 ? "" : [...problems, programText(program)].join("\n");
}

/** The program in the form of a golden file, ready to be pinned. */
export function programText({ modules, calls, profile }: Program): string {
  return [`//! profile ${profile}`, ...modules, ...calls.map(callText), ""].join("\n");
}

function callText(call: PlannedCall): string {
  const types = call.typeArgs.length === 0 ? "" : `<${call.typeArgs.join(", ")}>`;
  const args = call.args.map((hex) => `x${hex}`).join(", ");
  return [
    `//! call ${call.function}${types}(${args})`,
    ...call.signers.map((signer) => `signer ${signer}`),
    `mode ${call.mode} gas ${call.gasLimit}`,
    ...(call.continues ? ["continues"] : []),
    ...(call.isRolledBack ? ["rolled-back"] : []),
  ].join(" ");
}
