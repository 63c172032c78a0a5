/**
 * Proofs of the changes of configuration since the chain's, for whoever does not follow the log
 * (SPEC.md CF8).
 */
import type { Certificate, Configuration } from "../messages.ts";
import type { Candidacy, ConfigurationStep } from "../ports.ts";
import { compareRefs, findPoint, type Log } from "./log.ts";
import { bestCertified, inForce } from "./members.ts";
import type { Machine } from "./state.ts";

/** Remembers the proof when the certificate of a header confirms the change that waits at it. */
export function noteStep(log: Log, certificate: Certificate): void {
  const confirming = findPoint(log, certificate.ack.header);
  if (confirming?.provesChange !== true || confirming.header === undefined) return;
  const justified = findPoint(log, confirming.header.header.justify);
  const last = log.steps.at(-1)?.configuration.number;
  if (last !== undefined && last >= confirming.next.number) return;
  if (justified?.header === undefined || justified.certificate === undefined) return;
  log.steps.push({
    configuration: confirming.next,
    header: justified.header,
    certificate: justified.certificate,
    confirming: confirming.header,
    confirmingCertificate: certificate,
  });
}

/** How `configuration` was reached from the chain's. */
export function stepsTo(
  { log, chain }: Machine,
  configuration: Pick<Configuration, "number">,
): readonly ConfigurationStep[] {
  return log.steps.filter(
    (step) =>
      step.configuration.number > chain.configuration.number &&
      step.configuration.number <= configuration.number,
  );
}

/** This node's highest certificate for the chain, unless the chain knows one as high. */
export function ownCandidacy(machine: Machine): Candidacy {
  const best = bestCertified(machine);
  const { fence } = machine.chain;
  const steps = stepsTo(machine, inForce(machine));
  if (best.certificate === undefined || compareRefs(best.ref, fence) <= 0) return { steps };
  return { certificate: best.certificate, steps };
}
