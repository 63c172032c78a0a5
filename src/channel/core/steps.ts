/**
 * Proofs of the changes of configuration since the chain's, for whoever does not follow the log
 * (SPEC.md CF8, CF16, CF17).
 */
import { assert } from "#core/assert.ts";
import { CONFIGURATION_STEPS_MAX } from "../codec/limits.ts";
import type { Candidacy, ConfigurationStep } from "../evidence.ts";
import type { Certificate, Configuration } from "../messages.ts";
import { command } from "./commands.ts";
import { compareRefs, findPoint, type Log } from "./log.ts";
import { bestCertified, inForce } from "./members.ts";
import { MEMBERS_MAX } from "./parameters.ts";
import type { Machine } from "./state.ts";

/** Steps that one command to the chain carries at most: with five seats, about 24 KiB of them. */
const STEPS_CARRIED_MAX = 8;
/** Steps that the chain lacks at which the leader posts them by themselves. */
const STEPS_UNKNOWN_MAX = 4;
/** Steps that the chain lacks at which the leader admits and suspends nobody. */
const STEPS_AHEAD_MAX = 32;

assert(
  STEPS_AHEAD_MAX + MEMBERS_MAX < CONFIGURATION_STEPS_MAX,
  "what the chain lacks fits a base, leaves included",
);

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

/**
 * {@link stepsTo} where one command can carry them. Otherwise undefined, and the first of them are
 * given to the chain by themselves (SPEC.md CF16).
 */
export function carriedSteps(
  machine: Machine,
  configuration: Pick<Configuration, "number">,
): readonly ConfigurationStep[] | undefined {
  const steps = stepsTo(machine, configuration);
  if (steps.length <= STEPS_CARRIED_MAX) return steps;
  post(machine, steps);
  return undefined;
}

/** Keeps the chain from falling behind the log's changes of configuration (SPEC.md CF17). */
export function postSteps(machine: Machine): void {
  const steps = stepsTo(machine, inForce(machine));
  if (machine.leadership !== undefined && steps.length >= STEPS_UNKNOWN_MAX) post(machine, steps);
}

/** The chain lacks so many steps that nobody may be admitted or suspended until it has some. */
export function isFarAhead(machine: Machine): boolean {
  return stepsTo(machine, inForce(machine)).length >= STEPS_AHEAD_MAX;
}

function post(machine: Machine, steps: readonly ConfigurationStep[]): void {
  const candidacy = { steps: steps.slice(0, STEPS_CARRIED_MAX) };
  command(machine, "postCertificate/steps", { type: "postCertificate", candidacy });
}

/** Forgets the steps that the chain has adopted: nobody needs their proof any more. */
export function dropKnownSteps({ log, chain }: Machine): void {
  const { number } = chain.configuration;
  const [first] = log.steps;
  if (first === undefined || first.configuration.number > number) return;
  log.steps = log.steps.filter((step) => step.configuration.number > number);
}

/**
 * This node's highest certificate for the chain, unless the chain knows one as high, or cannot
 * check it before it has more steps than one command carries.
 */
export function ownCandidacy(machine: Machine): Candidacy {
  const best = bestCertified(machine);
  const { fence } = machine.chain;
  const all = stepsTo(machine, inForce(machine));
  const steps = all.slice(0, STEPS_CARRIED_MAX);
  const isKnown = best.certificate === undefined || compareRefs(best.ref, fence) <= 0;
  if (isKnown || steps.length < all.length) return { steps };
  return { certificate: best.certificate, steps };
}
