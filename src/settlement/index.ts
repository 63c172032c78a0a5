/** Public door of settlement: adapters that settle channels on chains, and what they need. */
export {
  createSettlementAdapter,
  type MemberKeys,
  type SettlementAdapter,
  type SettlementAdapterOptions,
} from "./adapter.ts";
export { type AptosLinkOptions, aptosLink } from "./adapters/aptos/link.ts";
export type { Fetch } from "./adapters/aptos/rest.ts";
export { rootAccess } from "./adapters/embedded/access.ts";
export { rootLink } from "./adapters/embedded/link.ts";
export {
  type ChannelModule,
  type LoadedChannel,
  loadChannel,
} from "./adapters/embedded/loading.ts";
export { balanceOf, fundFromFaucet } from "./adapters/embedded/wallet.ts";
export type { FinalityLevel } from "./adapters/para/finality.ts";
export {
  type ParaLink,
  type ParaLinkOptions,
  paraLink,
} from "./adapters/para/link.ts";
export type { ShardAccess } from "./adapters/shard/access.ts";
export { type ShardLink, type ShardLinkOptions, shardLink } from "./adapters/shard/link.ts";
export type {
  BlockEvents,
  BlockSummary,
  CallFate,
  CallSigner,
  CallStatus,
  ChainAccess,
  ChainLink,
  ChainReader,
  CommittedCall,
  EntryCall,
  EventPlace,
  Handover,
  PlacedEvent,
  SignedCall,
  TransactionSummary,
} from "./chain-access.ts";
export type { SharedStake } from "./contract/shared-stake.ts";
export type { DappBinding } from "./dapp.ts";
export { CHAT_SERVER, type ChatGroupChoice, chatDapp } from "./dapps/chat.ts";
export { EDITOR_DRIVE, editorDapp, type FileChoice } from "./dapps/editor.ts";
export { type LandChoice, MOVECRAFT_WORLD, movecraftDapp } from "./dapps/movecraft.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
export type { PurseTerms } from "./purse.ts";
export { type ChainAddress, servedLink } from "./served-link.ts";
export {
  type ContractRefusalCode,
  SettlementError,
  type SettlementErrorCode,
} from "./settlement-error.ts";
export type { Staking } from "./staking.ts";
