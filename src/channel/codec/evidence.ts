/** The bytes of what proposals and commands carry to the chain: SPEC.md "Evidence". */
import { encodeBcs } from "#core/bcs/writer.ts";
import { encodeStructTag } from "#core/type-tag.ts";
import type {
  Candidacy,
  ClaimEvidence,
  ConfigurationStep,
  Confirmation,
  Equivocation,
  ExitEvidence,
  PunishmentEvidence,
  SettlementEvidence,
  SilenceEvidence,
} from "../ports.ts";
import { type Codec, list, optional, struct, u64 } from "./fields.ts";
import { CONFIGURATION_STEPS_MAX, SEATS_MAX } from "./limits.ts";
import {
  certificate,
  changeSet,
  configuration,
  entries,
  signedHeader,
  signedRemoval,
  stateProof,
  steps,
} from "./objects.ts";

export const configurationStep: Codec<ConfigurationStep> = struct<ConfigurationStep>()([
  ["configuration", configuration],
  ["header", signedHeader],
  ["certificate", certificate],
  ["confirming", signedHeader],
  ["confirmingCertificate", certificate],
]);

export const configurationSteps: Codec<readonly ConfigurationStep[]> = list(
  configurationStep,
  CONFIGURATION_STEPS_MAX,
);

export const candidacy: Codec<Candidacy> = struct<Candidacy>()([
  ["certificate", optional(certificate)],
  ["steps", configurationSteps],
]);

const confirmation: Codec<Confirmation> = struct<Confirmation>()([
  ["header", signedHeader],
  ["certificate", certificate],
  ["confirming", signedHeader],
  ["confirmingCertificate", certificate],
]);

export const exitEvidence: Codec<ExitEvidence> = struct<ExitEvidence>()([
  ["checkpoint", optional(confirmation)],
  ["steps", configurationSteps],
]);

/** The seat is not part of it: the chain knows whose claim it is. */
export function encodeClaim({ assetType, held, parked, proof }: ClaimEvidence): Uint8Array {
  return encodeBcs((writer) => {
    writer.bytes(encodeStructTag(assetType));
    writer.option(held, (out, value) => out.bytes(value));
    writer.option(parked, (out, value) => out.bytes(value));
    stateProof.write(writer, proof);
  });
}

export const settlementEvidence: Codec<SettlementEvidence> = struct<SettlementEvidence>()([
  ["fromHeight", u64],
  ["toHeight", u64],
  ["changes", changeSet],
  ["header", signedHeader],
  ["certificate", certificate],
  ["confirming", signedHeader],
  ["confirmingCertificate", certificate],
  ["steps", configurationSteps],
  ["proof", stateProof],
]);

export const punishmentEvidence: Codec<PunishmentEvidence> = struct<PunishmentEvidence>()([
  ["accused", u64],
  ["header", signedHeader],
  ["previous", optional(signedHeader)],
  ["entries", entries],
  ["batchSteps", steps],
  ["steps", configurationSteps],
]);

export const equivocation: Codec<Equivocation> = struct<Equivocation>()([
  ["accused", u64],
  ["first", signedHeader],
  ["second", signedHeader],
]);

export const silenceEvidence: Codec<SilenceEvidence> = struct<SilenceEvidence>()([
  ["removals", list(signedRemoval, SEATS_MAX)],
  ["certificate", optional(certificate)],
  ["steps", configurationSteps],
]);
