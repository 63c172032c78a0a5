/**
 * Checking proofs of changes of configuration that somebody else kept (SPEC.md CF8, SY3), as the
 * contract checks them.
 */
import { equalBytes } from "#core/bytes.ts";
import { refOfConfiguration, refOfHeader } from "../codec.ts";
import type { ConfigurationStep } from "../evidence.ts";
import {
  type Certificate,
  type Configuration,
  compareEpochs,
  type SignedHeader,
} from "../messages.ts";
import { isValidCertificate } from "./certificates.ts";
import { sameConfiguration } from "./configuration.ts";
import { sameRef } from "./log.ts";
import type { Machine } from "./state.ts";

/**
 * The steps beyond the chain's configuration, each proved under one that is known before it: the
 * base's, the chain's, or that of an earlier step. One that is not spoils all of them.
 */
export function provedSteps(
  machine: Machine,
  base: Configuration,
  steps: readonly ConfigurationStep[],
): readonly ConfigurationStep[] {
  const { chain } = machine;
  const known: Configuration[] = [base, chain.configuration];
  if (chain.forced !== undefined) known.push(chain.forced.configuration);
  const needed = steps.filter(({ configuration }) => {
    return configuration.number > chain.configuration.number;
  });
  let last = chain.configuration.number;
  for (const step of needed) {
    const { configuration } = step;
    const isNext = configuration.number > last;
    if (!isNext || !known.some((before) => isProof(machine, before, step))) return [];
    known.push(configuration);
    last = configuration.number;
  }
  return needed;
}

/** Two certificates under `before` for headers of one epoch that name the change. */
function isProof(machine: Machine, before: Configuration, step: ConfigurationStep): boolean {
  const { configuration, header, certificate, confirming, confirmingCertificate } = step;
  const { justify, epoch } = confirming.header;
  return (
    configuration.number === before.number + 1n &&
    isUnder(machine, before, configuration, header, certificate) &&
    isUnder(machine, before, configuration, confirming, confirmingCertificate) &&
    sameRef(justify, refOfHeader(header.header)) &&
    compareEpochs(header.header.epoch, epoch) === 0
  );
}

function isUnder(
  machine: Machine,
  before: Configuration,
  next: Configuration,
  { header }: SignedHeader,
  certificate: Certificate,
): boolean {
  const { channel } = machine.facts;
  return (
    equalBytes(header.channel, channel) &&
    sameConfiguration(header.configuration, refOfConfiguration(channel, before)) &&
    sameConfiguration(header.next, refOfConfiguration(channel, next)) &&
    sameRef(certificate.ack.header, refOfHeader(header)) &&
    isValidCertificate(machine, certificate, before)
  );
}
