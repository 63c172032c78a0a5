/**
 * The canonical bytes of everything the channel signs, orders, sends and proves; see `codec/` and
 * SPEC.md "Bytes".
 */
export { batch } from "./codec/batch.ts";
export { bundlePart, follows, isInBundle, makeBundle } from "./codec/bundle.ts";
export {
  ackMessage,
  bundleMessage,
  type ChannelIdentity,
  callMessage,
  departureMessage,
  hashCall,
  hashChangeSet,
  hashChannel,
  hashConfiguration,
  hashDeparture,
  hashEntries,
  hashEvents,
  hashHeader,
  hashReceipts,
  hashStep,
  headerMessage,
  heartbeatMessage,
  NO_HEADER,
  nodeOwnerMessage,
  refOfConfiguration,
  refOfHeader,
  refusalMessage,
  removalMessage,
  viewChangeMessage,
} from "./codec/digest.ts";
export {
  candidacy,
  configurationStep,
  dataAnswer,
  encodeAnswer,
  encodeCallAnswer,
  encodeClaim,
  equivocation,
  exitEvidence,
  fraudEvidence,
  punishmentEvidence,
  settlementEvidence,
  silenceEvidence,
} from "./codec/evidence.ts";
export type { Codec } from "./codec/fields.ts";
export {
  ack,
  bundle,
  bundledCall,
  call,
  certificate,
  configuration,
  decode,
  encode,
  entry,
  header,
  removal,
  signedCall,
  signedHeader,
  signedRemoval,
  signedViewChange,
  stateProof,
  step,
  viewChange,
} from "./codec/objects.ts";
export { decodeMessage, encodeMessage, type MalformedMessage } from "./codec/wire.ts";
