/**
 * Public door of the channel: what a node is composed of, and the ports and bytes that settlement
 * shares with it.
 */

export { verifyEd25519 } from "#core/ed25519.ts";
export type {
  ChainAnswer,
  ChainChannel,
  ChainDemand,
  ChainEvent,
  ChainExit,
  ChainExits,
  ChainForcedCall,
  ChainForcedCalls,
  ChainMember,
  ChainProposal,
  ChannelSettings,
  ForcedConfiguration,
} from "./chain-view.ts";
export { BATCH_GAS_MAX } from "./codec/limits.ts";
export {
  candidacy,
  configuration,
  decode,
  encode,
  encodeAnswer,
  encodeCallAnswer,
  encodeClaim,
  equivocation,
  exitEvidence,
  fraudEvidence,
  hashChannel,
  hashConfiguration,
  NO_HEADER,
  nodeOwnerMessage,
  punishmentEvidence,
  refOfConfiguration,
  refOfHeader,
  settlementEvidence,
  signedCall,
  silenceEvidence,
} from "./codec.ts";
export type { CallStage, Notice } from "./core/effect.ts";
export {
  CHANNEL_ERRORS,
  type ChannelError,
  type ChannelErrorName,
} from "./core/errors.ts";
export { step } from "./core/machine.ts";
export { DEFAULT_PARAMETERS, MEMBERS_MAX, type Parameters } from "./core/parameters.ts";
export type { Phase } from "./core/phase.ts";
export { restoreMachine } from "./core/recovery.ts";
export type { Machine } from "./core/state.ts";
export { type Status, statusOf } from "./core/status.ts";
export { type Judgement, judge, voidedBy } from "./core/verdict.ts";
export { createDriver, type Driver, type DriverOptions, type Event } from "./driver.ts";
export type {
  AnsweredHeader,
  Candidacy,
  ClaimEvidence,
  ConfigurationStep,
  Confirmation,
  Equivocation,
  ExitEvidence,
  ForcedCallAnswer,
  FraudEvidence,
  PunishmentEvidence,
  SettlementEvidence,
  SilenceEvidence,
} from "./evidence.ts";
export { type ChannelSandbox, createChannelExecutor } from "./executor.ts";
export type {
  Batch,
  Call,
  Certificate,
  Configuration,
  ConfigurationRef,
  Entry,
  Epoch,
  Header,
  HeaderRef,
  Height,
  Millis,
  Receipt,
  Removal,
  Seat,
  SeatId,
  SeatSignature,
  SignedCall,
  SignedHeader,
  SignedRemoval,
  Step,
} from "./messages.ts";
export {
  openBroadcastChannel,
  platformClock,
  platformCrypto,
  platformDefer,
  platformEntropy,
  platformLocks,
} from "./platform.ts";
export {
  type ChannelExecutor,
  type Clock,
  type Entropy,
  type Journal,
  type JournalRecord,
  type PeerId,
  peerIdOf,
  type Settlement,
  type Signer,
  type Transport,
  type TransportListener,
  type Verify,
  type VerifyLater,
} from "./ports.ts";
export { type RememberedSignatures, rememberSignatures } from "./remembered-signatures.ts";
export { openIndexedDbStore } from "./store/indexed-db.ts";
export { createMemoryDisk, createMemoryStore, type MemoryDisk } from "./store/memory.ts";
export type { NodeIdentity, NodeStore } from "./store/node-store.ts";
export { StoreError, type StoreErrorCode } from "./store/store-error.ts";
export { claimIdentity, type OwnerContext, type Ownership } from "./tab/owner.ts";
export { openTabMemory, type TabMemory, type TabStorage } from "./tab/tab-memory.ts";
export { createBroadcastChannelWire } from "./transport/broadcast-channel.ts";
export { createMemoryNetwork, type MemoryNetwork } from "./transport/memory.ts";
export { createPeerTransport } from "./transport/peer-transport.ts";
export { createPortWire, type PortLike, serveWire } from "./transport/port-wire.ts";
export { createSignalling } from "./transport/signalling.ts";
export {
  parseSignallingRequest,
  SIGNALLING_TEXT_MAX,
  type SignallingErrorCode,
  type SignallingNotice,
  type SignallingRequest,
} from "./transport/signalling-message.ts";
export { loadSimplePeer } from "./transport/simple-peer.ts";
export { TransportError, type TransportErrorCode } from "./transport/transport-error.ts";
export { createWebRtcWire } from "./transport/webrtc.ts";
export type { LinkId, Wire, WireListener } from "./transport/wire.ts";
export { createVerifyAhead, type VerifyAhead } from "./verify-ahead.ts";
export { openWebCryptoVerifier } from "./web-crypto-verifier.ts";
