/**
 * Public door of the sandbox: executors, their vocabulary, and the core types that everybody
 * shares.
 */
export type { BinaryError } from "./binary-format/binary-error.ts";
export { deserializeModule } from "./binary-format/deserializer.ts";
export { disassembleInstruction } from "./binary-format/disassembly.ts";
export type { CompiledModule } from "./binary-format/file-format.ts";
export { dependenciesOf } from "./binary-format/module-view.ts";
export { serializeModule } from "./binary-format/serializer.ts";
export { createCompiler } from "./compiler/compiler-executor.ts";
export { encodedChanges } from "./compiler/hot-outcome.ts";
export {
  type Address,
  addressFromBytes,
  addressToBytes,
  formatAddress,
  makeAddress,
  parseAddress,
} from "./core/address.ts";
export { BcsWriter } from "./core/bcs/writer.ts";
export {
  type Change,
  type ChangeSet,
  composeChangeSets,
  decodeChangeSet,
  EMPTY_CHANGE_SET,
  type Event,
  encodeChangeSet,
  encodeStateKey,
  invertChangeSet,
  makeChangeSet,
  newValue,
  type Op,
  oldValue,
  opBetween,
  type StateKey,
  writeChangeSet,
} from "./core/effects.ts";
export {
  type GasUnits,
  gasUnits,
  type InternalGas,
  internalGas,
  toGasUnits,
  toInternalGas,
} from "./core/gas-units.ts";
export {
  type FunctionId,
  formatFunctionId,
  formatModuleId,
  type Identifier,
  type ModuleId,
  moduleKey,
  parseFunctionId,
  parseIdentifier,
  parseModuleId,
} from "./core/identifier.ts";
// Proofs about lists (steps, headers) for whoever judges evidence.
export { MerkleError, type MerkleErrorCode } from "./core/merkle/merkle-error.ts";
export { MerkleLog } from "./core/merkle/merkle-log.ts";
export {
  type ConsistencyProof,
  decodeConsistencyProof,
  decodeMerklePath,
  encodeConsistencyProof,
  encodeMerklePath,
  type MerkleCommitment,
  verifyConsistency,
  verifyMerklePath,
} from "./core/merkle/merkle-proof.ts";
export {
  type CodeLocation,
  formatVmStatus,
  isExecuted,
  STATUS_CODES,
  type StatusName,
  statusName,
  type VmStatus,
} from "./core/status.ts";
export {
  formatStructTag,
  formatTypeTag,
  makeStructTag,
  parseStructTag,
  parseTypeTag,
  type StructTag,
  type TypeTag,
} from "./core/type-tag.ts";
export { createExecutor } from "./default-executor.ts";
export type {
  Call,
  CallMode,
  Executor,
  Outcome,
  Session,
  StateReader,
  StateStore,
  Touch,
  TransactionContext,
} from "./execution.ts";
export { GAS_SCHEDULE, type GasSchedule } from "./gas/schedule.ts";
export { INLINE_REQUEST, NOTIFY_REQUEST } from "./natives/action.ts";
export {
  aborted,
  type NativeFunction,
  type NativeResult,
  type PlainNative,
  type PlainValue,
  returned,
} from "./natives/native.ts";
export { createNativeRegistry, type NativeRegistry, STANDARD_NATIVES } from "./natives/registry.ts";
export { type AbiError, abiOf, type ModuleAbi } from "./runtime/abi.ts";
export {
  chainProfile,
  channelProfile,
  type ExecutionProfile,
} from "./runtime/execution-profile.ts";
export { createInterpreter } from "./runtime/interpreter-executor.ts";
export type { TypeLayout } from "./runtime/layout.ts";
export { CHAIN_LIMITS, CHANNEL_LIMITS, type ExecutionLimits } from "./runtime/limits.ts";
export {
  listedModules,
  type PublishPolicy,
  UNCHECKED_PUBLISHING,
  VERIFIED_PUBLISHING,
} from "./runtime/publish.ts";
export {
  type ArgumentValue,
  bcsArgument,
  createTypeReader,
  type TypeReadError,
  type TypeReader,
} from "./runtime/type-reader.ts";
export { type JsValue, VARIANT_KEY } from "./runtime/values/js.ts";
export {
  type AccountContents,
  type Accounts,
  type ChangeChannel,
  MoveSandbox,
  type RunOptions,
  type RunResult,
  type SandboxOptions,
  type Snapshot,
} from "./sandbox.ts";
export { SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";
export { type AccountChange, type AccountChanges } from "./sandbox-input.ts";
export {
  decodeMultiproof,
  encodeMultiproof,
  MULTIPROOF_KEYS_MAX,
  type Multiproof,
} from "./state/multiproof.ts";
export {
  decodeStateProof,
  encodeStateProof,
  proveStateKey,
  type StateProof,
  verifyStateProof,
} from "./state/proof.ts";
export {
  computeRootAfterChanges,
  openProvenState,
  type ProvenState,
  proveKeys,
  type TouchedValue,
} from "./state/proven-state.ts";
export {
  SNAPSHOT_CHUNK_SIZE_MAX,
  SNAPSHOT_CHUNK_SIZE_MIN,
  snapshotChunks,
} from "./state/snapshot.ts";
export { restoreSnapshot, type SnapshotRestorer } from "./state/snapshot-restore.ts";
export { StateError, type StateErrorCode } from "./state/state-error.ts";
export { hashStateKey, hashStateValue } from "./state/state-hash.ts";
export {
  createStateTree,
  type StateTree,
} from "./state/state-tree.ts";
export { createMemoryState, type MemoryState } from "./storage/memory.ts";
export {
  type ModuleSource,
  modulesOfState,
  type PinnedModule,
  pinnedModules,
} from "./storage/module-source.ts";
export type {
  CallTrace,
  StorageAccess,
  StorageOperation,
  TraceCost,
  TracedCall,
  TracedValue,
  TraceEnd,
  TraceStep,
} from "./trace/call-trace.ts";
export { createTracer, type Tracer } from "./trace/tracing-interpreter.ts";
export { PRODUCTION_CONFIG, type VerifierConfig } from "./verifier/config.ts";
export {
  formatVerificationError,
  type VerificationError,
  type VerificationLocation,
} from "./verifier/error.ts";
export { type PublishError, verifyPublish } from "./verifier/publish.ts";
