/**
 * Public door of the chains: the node that runs the root chain, its clients, and what they
 * exchange.
 */
export { type ChainStart, type Founding, foundChain, joinChain } from "./chain-start.ts";
export { contractModules } from "./contract-modules.ts";
export { NODE_SETTINGS, type NodeSettings } from "./core/node-machine.ts";
export { createMemoryJournal, type Journal } from "./cross-chain/journal.ts";
export { openEmbeddedChain } from "./embedded.ts";
export { createGenesis, faucetSigner } from "./genesis.ts";
export { createFaucetApi } from "./http/faucet-api.ts";
export { createIndexerApi } from "./http/indexer-api.ts";
export type { HttpRequest, HttpResponse } from "./http/message.ts";
export type { Metric } from "./http/metrics.ts";
export { type Operations, withOperations } from "./http/operations-api.ts";
export { createRestApi, type HttpHandler } from "./http/router.ts";
export { type AccountSigner, accountSigner, signTransaction } from "./ledger/account-signer.ts";
export { type Block, type BlockHeader, blockHash } from "./ledger/block.ts";
export type { GenesisConfig } from "./ledger/genesis-config.ts";
export { ROOT_CHAIN_ID } from "./ledger/parameters.ts";
export { type Receipt, vmStatusText } from "./ledger/receipt.ts";
export type { Refusal, RefusalCode } from "./ledger/refusal.ts";
export {
  decodeSignedTransaction,
  type EntryFunctionCall,
  type RawTransaction,
  type SignedTransaction,
} from "./ledger/transaction.ts";
export { addressOfKey } from "./ledger/transaction-hash.ts";
export { type VerifiedTransaction, verifySignatures } from "./ledger/validation.ts";
export {
  type ClosureError,
  type ClosureErrorCode,
  executionProfileHash,
  loadModuleClosure,
} from "./module-closure.ts";
export type { ChainNode, ChainNodeOptions } from "./node.ts";
export { nodeMetrics } from "./node-metrics.ts";
export type { Alarm, AlarmCode } from "./para/commit/alarm.ts";
export type { WalletState } from "./para/commit/machine.ts";
export { PARA_CHAIN_ID_BASE, type ParaConfig, paraConfig } from "./para/config.ts";
export { beginParaChain, hasParaGroup, type ParaFounding, provideFor } from "./para/founding.ts";
export { paraMetrics } from "./para/metrics.ts";
export {
  createParaNode,
  type ParaNode,
  type ParaNodeOptions,
  type ParaStanding,
} from "./para/node.ts";
export { type RootAccess, rootAccess } from "./para/root-access.ts";
export { PARA_SETTINGS, type ParaSettings } from "./para/settings.ts";
export { parseTitle, type Title } from "./para/title.ts";
export { keyWallet, lockableWallet, type Wallet } from "./para/wallet.ts";
export { keepDialled } from "./peer/dialer.ts";
export type { Dial, PeerLink } from "./peer/link.ts";
export { createPeerNetwork, type PeerNetwork } from "./peer/network.ts";
export { PeerError, type PeerErrorCode } from "./peer/peer-error.ts";
export { systemClock, systemEntropy } from "./platform.ts";
export type { ChainIdentity, ChainStore, Clock, Entropy } from "./ports.ts";
export {
  newProducerSecret,
  type ProducerKey,
  type ProducerSecret,
  producerKeyOf,
  producerKeyText,
  producerSecretText,
  readProducerKeys,
  readProducerSecret,
} from "./producer-key.ts";
export {
  type AccountResources,
  accountResources,
  formatAccountResources,
  type RamVote,
} from "./resources/account.ts";
export { adviceFor, describeEstimate, formatCoins } from "./resources/advice.ts";
export {
  type PreparedTransaction,
  prepareTransaction,
  type RamNeed,
  type ResourceEstimate,
} from "./resources/estimate.ts";
export { createChainNode } from "./root-node.ts";
export {
  type ChainBlock,
  type ChainClient,
  ChainError,
  type ChainErrorCode,
  createChainClient,
  type SimulatedTransaction,
  type ViewCall,
} from "./rpc/client.ts";
export type {
  CommittedTransaction,
  EventCursor,
  LedgerInfo,
  LocatedEvent,
} from "./rpc/messages.ts";
export { type Pipe, pipePair, portPipe } from "./rpc/pipe.ts";
export type { Evidence } from "./shard/consensus/evidence.ts";
export { beginShard, type Founded, type Founders, joinShard } from "./shard/founding.ts";
export { findViolations, shardHealth, shardMetrics } from "./shard/health.ts";
export {
  type AppliedPlace,
  checkApplied,
  checkFigures,
  checkPayments,
  type Payment,
  type RootFigures,
  readRootFigures,
  readShardFigures,
  type ShardAccount,
  type ShardFigures,
  type Violation,
} from "./shard/invariants.ts";
export {
  createShardNode,
  foundShard,
  type ShardNode,
  type ShardNodeOptions,
  type ShardStanding,
} from "./shard/node.ts";
export { openIndexedDbStore } from "./store/indexed-db.ts";
export { createMemoryStore } from "./store/memory.ts";
export { ChainStoreError, type ChainStoreErrorCode } from "./store/store-error.ts";
export { createEmbeddedNode } from "./worker/embedded-node.ts";
