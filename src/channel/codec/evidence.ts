/** The bytes of what proposals and commands carry to the chain: SPEC.md "Evidence". */
import { encodeBcs } from "#core/bcs/writer.ts";
import { readStateKey, writeStateKey } from "#core/effects.ts";
import { encodeStructTag } from "#core/type-tag.ts";
import type {
  AnsweredHeader,
  Candidacy,
  ClaimEvidence,
  ConfigurationStep,
  Confirmation,
  Descendant,
  Equivocation,
  ExitEvidence,
  ForcedCallAnswer,
  FraudEvidence,
  PunishmentEvidence,
  SettlementEvidence,
  SilenceEvidence,
  TouchedValue,
} from "../evidence.ts";
import { byteString, type Codec, hash, list, optional, struct, u32, u64 } from "./fields.ts";
import {
  BATCH_ENTRIES_MAX,
  BATCH_ENTRIES_SIZE_MAX,
  CONFIGURATION_STEPS_MAX,
  DEMANDED_HEADERS_MAX,
  DESCENDANTS_MAX,
  PEAKS_MAX,
  SEATS_MAX,
  STEP_ENTRIES_MAX,
  TOUCHED_KEYS_MAX,
  VALUE_SIZE_MAX,
} from "./limits.ts";
import {
  accumulator,
  certificate,
  changeSet,
  configuration,
  encode,
  entries,
  entry,
  header,
  signedHeader,
  signedRemoval,
  stateProof,
  step,
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
export function encodeClaim({ assetType, record, held, parked, proof }: ClaimEvidence): Uint8Array {
  return encodeBcs((writer) => {
    writer.bytes(encodeStructTag(assetType));
    writer.option(record, (out, value) => out.bytes(value));
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

const touchedValue: Codec<TouchedValue> = struct<TouchedValue>()([
  ["key", { write: writeStateKey, read: readStateKey }],
  ["value", optional(byteString(VALUE_SIZE_MAX))],
]);

const answered: Codec<AnsweredHeader> = struct<AnsweredHeader>()([
  ["header", signedHeader],
  ["path", list(hash, PEAKS_MAX)],
  [
    "steps",
    list(
      struct<AnsweredHeader["steps"][number]>()([
        ["step", step],
        ["entries", byteString(BATCH_ENTRIES_SIZE_MAX)],
      ]),
      BATCH_ENTRIES_MAX,
    ),
  ],
]);

/** What answers a demand for data: DataAnswer. */
export const dataAnswer: Codec<readonly AnsweredHeader[]> = list(answered, DEMANDED_HEADERS_MAX);

export function encodeAnswer(answer: readonly AnsweredHeader[]): Uint8Array {
  return encode(dataAnswer, answer);
}

const callAnswer: Codec<Omit<ForcedCallAnswer, "seat">> = struct<Omit<ForcedCallAnswer, "seat">>()([
  ["header", header],
  ["certificate", certificate],
  ["steps", configurationSteps],
  ["record", byteString(VALUE_SIZE_MAX)],
  ["proof", stateProof],
]);

/** CallAnswer. The seat is not part of it: the command names it. */
export function encodeCallAnswer(answer: ForcedCallAnswer): Uint8Array {
  return encode(callAnswer, answer);
}

const descendant: Codec<Descendant> = struct<Descendant>()([
  ["header", header],
  ["path", list(hash, PEAKS_MAX)],
]);

export const fraudEvidence: Codec<FraudEvidence> = struct<FraudEvidence>()([
  ["accused", u64],
  ["header", signedHeader],
  ["acks", optional(certificate)],
  ["parent", optional(header)],
  ["pending", optional(configuration)],
  ["history", optional(accumulator)],
  ["batchSteps", steps],
  ["index", u32],
  ["entries", list(entry, STEP_ENTRIES_MAX)],
  ["unread", optional(byteString(BATCH_ENTRIES_SIZE_MAX))],
  ["touched", list(touchedValue, TOUCHED_KEYS_MAX)],
  ["proof", stateProof],
  ["descent", list(descendant, DESCENDANTS_MAX)],
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
