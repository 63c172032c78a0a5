/**
 * The first block of a chain: publishes its contracts and hands the whole supply to the faucet. The
 * same configuration and the same contracts give the same genesis on every node.
 */
import { type Address, makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import type { Event } from "#core/effects.ts";
import { gasUnits, internalGas } from "#core/gas-units.ts";
import { sha2_256 } from "#core/hash.ts";
import {
  formatFunctionId,
  type Identifier,
  type ModuleId,
  parseIdentifier,
} from "#core/identifier.ts";
import { formatVmStatus, isExecuted, statusName } from "#core/status.ts";
import { type Call, createStateTree, type Session } from "#sandbox";
import { type AccountSigner, accountSigner } from "./ledger/account-signer.ts";
import { type BlockOpening, prologueHash } from "./ledger/block.ts";
import { sealGenesis } from "./ledger/block-execution.ts";
import type { ExecutedBlock } from "./ledger/executed-block.ts";
import { genesisFinality } from "./ledger/finality.ts";
import { FRAMEWORK_ADDRESS, genesisCall } from "./ledger/framework.ts";
import { type GenesisConfig, genesisConfigHash } from "./ledger/genesis-config.ts";
import { addressOfKey } from "./ledger/transaction-hash.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";
import { RESOURCE_ADDRESS, resourceGenesisCall } from "./resources/contract.ts";
import {
  rootGenesisCall,
  SHARD_ADDRESS,
  type ShardFacts,
  shardGenesisCall,
} from "./shard/contract.ts";

/** A module that is there from the start. */
export interface GenesisModule {
  readonly id: ModuleId;
  readonly bytes: Uint8Array;
}

const GENESIS_GAS = internalGas(1_000_000_000);
const INITIALIZER = present(parseIdentifier("init_module"), "an identifier");
const NOBODY = makeAddress("0x0");

/** Where a chain stands: by itself, or as a shard that the root has begun. */
export type ChainPlace =
  | { readonly type: "root" }
  | { readonly type: "shard"; readonly facts: ShardFacts };

const ROOT: ChainPlace = { type: "root" };

/**
 * What the root rewards blocks with, a tenth of all there is: enough for thirty years of blocks a
 * second apart. On a shard a reward would be coins that the root does not hold.
 */
const ROOT_RESERVE = 100_000_000_000_000n;
const SHARD_RESERVE = 0n;

/**
 * The faucet of every chain that gives play money away. Its key is public by design: it is the
 * SHA-256 of these words, and whoever has a use for it may have it.
 */
const FAUCET_SEED = "holdfast development faucet";

export function faucetSigner(): AccountSigner {
  return accountSigner(present(parseSecretKey(sha2_256(utf8(FAUCET_SEED))), "a hash is a key"));
}

/**
 * @param config of a shard: its faucet is the address of the shard contracts, which give coins only
 *   for deposits on the root.
 * @param modules in publish order: each after those it depends on or beside them at one address.
 * @param closing what runs behind all that.
 */
export function createGenesis(
  environment: ExecutionEnvironment,
  config: GenesisConfig,
  modules: readonly GenesisModule[],
  place: ChainPlace = ROOT,
  closing: readonly Call[] = [],
): ExecutedBlock {
  const opening = genesisOpening(environment, config);
  const state = createStateTree();
  const transactionHash = prologueHash(opening, []);
  const context = { uniqueSeed: transactionHash, chainId: config.chainId };
  const session = environment.executor.begin(state, context);
  const published = packages(modules).flatMap((contents) => [
    ...publish(session, contents),
    ...initializersOf(contents.address, config, place).flatMap((call) => run(session, call)),
    ...contents.names.flatMap((name) => runInitializer(session, contents.address, name)),
  ]);
  const events = [...published, ...closing.flatMap((call) => run(session, call))];
  const changes = session.changes();
  state.apply(changes);
  const status = { type: "executed" } as const;
  const gasUsed = gasUnits(0n);
  return sealGenesis(
    opening,
    { version: 0n, transactionHash, status, gasUsed, actions: [], events, changes },
    state,
  );
}

/** Genesis has no parent: in its place stands the hash of the configuration. */
function genesisOpening({ parameters }: ExecutionEnvironment, config: GenesisConfig): BlockOpening {
  return {
    chainId: config.chainId,
    height: 0n,
    parent: genesisConfigHash(config),
    timestampUs: config.timestampUs,
    proposer: config.producers[0] === undefined ? NOBODY : addressOfKey(config.producers[0]),
    firstVersion: 0n,
    finality: genesisFinality(parameters, config.timestampUs),
  };
}

/** What gives a package its first state, where it takes more than each module's `init_module`. */
function initializersOf(
  address: Address,
  config: GenesisConfig,
  place: ChainPlace,
): readonly Call[] {
  const isShard = place.type === "shard";
  switch (address) {
    case FRAMEWORK_ADDRESS:
      return [genesisCall(config, isShard ? SHARD_ADDRESS : RESOURCE_ADDRESS)];
    case RESOURCE_ADDRESS: {
      const named = config.producers.map((key) => ({ address: addressOfKey(key), key }));
      const reserve = isShard ? SHARD_RESERVE : ROOT_RESERVE;
      return [resourceGenesisCall(config.faucet, named, reserve)];
    }
    case SHARD_ADDRESS:
      return [isShard ? shardGenesisCall(place.facts) : rootGenesisCall(config.faucet)];
    default:
      return [];
  }
}

function publish(session: Session, { address, bytecode }: Package): readonly Event[] {
  const { status, events } = session.publish(address, bytecode, GENESIS_GAS);
  assert(isExecuted(status), `genesis publishes ${address}: ${formatVmStatus(status)}`);
  return events;
}

function run(session: Session, call: Call): readonly Event[] {
  const { status, events } = session.execute(call);
  assert(isExecuted(status), `${formatFunctionId(call.function)}: ${formatVmStatus(status)}`);
  return events;
}

/** Runs a module's `init_module`, which a module may have for the moment of its publication. */
function runInitializer(session: Session, address: Address, name: Identifier): readonly Event[] {
  const call: Call = {
    mode: "system",
    function: { module: { address, name }, name: INITIALIZER },
    typeArgs: [],
    args: [],
    signers: [address],
    gasLimit: GENESIS_GAS,
  };
  const { status, events } = session.execute(call);
  if (statusName(status) === "FUNCTION_RESOLUTION_FAILURE") return [];
  assert(isExecuted(status), `${formatFunctionId(call.function)}: ${formatVmStatus(status)}`);
  return events;
}

interface Package {
  readonly address: Address;
  readonly names: Identifier[];
  readonly bytecode: Uint8Array[];
}

/** Runs of modules of one address, in publish order. */
function packages(modules: readonly GenesisModule[]): readonly Package[] {
  const runs: Package[] = [];
  for (const { id, bytes } of modules) {
    const last = runs.at(-1);
    if (last !== undefined && last.address === id.address) {
      last.names.push(id.name);
      last.bytecode.push(bytes);
    } else {
      runs.push({ address: id.address, names: [id.name], bytecode: [bytes] });
    }
  }
  return runs;
}
