/**
 * Certificates: checking them, remembering the highest, and what they confirm (SPEC.md CE1 to CE5).
 */
import { equalBytes } from "#core/bytes.ts";
import { ackMessage, refOfConfiguration } from "../codec.ts";
import type { Ack, Certificate, Configuration } from "../messages.ts";
import { sameConfiguration, seatOf } from "./configuration.ts";
import { confirmedBy } from "./confirmation.ts";
import { noteAcks } from "./disproof.ts";
import { persist } from "./emit.ts";
import { compareRefs, findPoint, type Point, pointAt, setCertificate } from "./log.ts";
import { isQuorum } from "./quorum.ts";
import type { Machine } from "./state.ts";
import { noteStep } from "./steps.ts";

/** The ack that certifies a header. */
export function ackFor(machine: Machine, point: Point): Ack {
  const { channel } = machine.facts;
  return {
    channel,
    configuration: refOfConfiguration(channel, point.configuration),
    header: point.ref,
  };
}

/** Acks of a quorum of that configuration, each seat once. */
export function isValidCertificate(
  machine: Machine,
  certificate: Certificate,
  configuration: Configuration,
): boolean {
  const { ack, signatures } = certificate;
  const { channel } = machine.facts;
  if (!equalBytes(ack.channel, channel)) return false;
  if (!sameConfiguration(ack.configuration, refOfConfiguration(channel, configuration))) {
    return false;
  }
  if (!isQuorum(signatures.length, configuration.seats.length)) return false;
  const message = ackMessage(ack);
  return signatures.every(({ seat, signature }, index) => {
    const before = signatures[index - 1];
    const key = seatOf(configuration, seat)?.nodeKey;
    if (key === undefined || (before !== undefined && before.seat >= seat)) return false;
    return machine.tools.verify(message, signature, key);
  });
}

/**
 * Takes a certificate for a header in the log; returns false for an invalid one or one of a header
 * elsewhere, which is not remembered: whoever names a certificate as its highest must hold what it
 * certifies.
 */
export function learnCertificate(
  machine: Machine,
  certificate: Certificate,
  isCarried = false,
): boolean {
  const { log } = machine;
  const point = findPoint(log, certificate.ack.header);
  if (point === undefined) {
    noteAcks(machine, certificate);
    return false;
  }
  if (point.certificate !== undefined || point === log.base) return true;
  if (!isValidCertificate(machine, certificate, point.configuration)) return false;
  setCertificate(log, certificate);
  if (!isCarried) persist(machine, { type: "certificate", certificate });
  noteCertified(machine, certificate);
  return true;
}

/** Raises what is highest and what is confirmed. */
export function noteCertified(machine: Machine, certificate: Certificate): void {
  const { log } = machine;
  const { header: ref } = certificate.ack;
  if (compareRefs(ref, log.highest.ref) > 0) log.highest = { ref, certificate };
  noteStep(log, certificate);
  const header = findPoint(log, ref)?.header?.header;
  const number = header === undefined ? 0n : confirmedBy(header);
  if (number > log.confirmed) log.confirmed = number;
}

/** The highest height that is known to be confirmed. */
export function confirmedHeight({ log }: Machine): bigint {
  return pointAt(log, log.confirmed)?.height ?? log.base.height;
}
