/**
 * Brings a chain up: makes a new one where the store is empty, else takes up the kept one where it
 * stopped, after checking that what is kept is what its newest block commits to.
 */
import { assert, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { parseSecretKey, publicKeyOf, SECRET_KEY_SIZE, signEd25519 } from "#core/ed25519.ts";
import { invertChangeSet } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { createStateTree, makeChangeSet, type StateTree } from "#sandbox";
import { contractModules } from "./contract-modules.ts";
import { createGenesis, faucetSigner } from "./genesis.ts";
import { blockHash } from "./ledger/block.ts";
import type { BlockSigner, ExecutedBlock } from "./ledger/block-execution.ts";
import { type BlockTree, createBlockTree } from "./ledger/block-tree.ts";
import { genesisConfigHash, SLOT_MS_USUAL } from "./ledger/genesis-config.ts";
import { ROOT_CHAIN_ID } from "./ledger/parameters.ts";
import { decodeSignedTransaction } from "./ledger/transaction.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";
import { type VerifiedTransaction, verifySignatures } from "./ledger/validation.ts";
import type {
  ChainIdentity,
  ChainStore,
  Clock,
  Entropy,
  StoredBlock,
  StoredChain,
} from "./ports.ts";
import { rootEnvironment } from "./root/environment.ts";
import { finalHeightOf, type NodeSettings } from "./root/machine.ts";
import type { SignedMark } from "./root/production.ts";
import { ChainStoreError } from "./store/store-error.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;

export interface OpenedChain {
  readonly environment: ExecutionEnvironment;
  readonly signer: BlockSigner;
  readonly genesisHash: Hash;
  readonly identity: ChainIdentity;
  /** From the newest final block on. */
  readonly tree: BlockTree;
  readonly signed: SignedMark | undefined;
}

/**
 * @param start what an empty store begins with; a chain of its own where it is undefined. A store
 *   that keeps another chain is refused.
 *
 * Rejects with `ChainStoreError`, STORE_CORRUPT among others.
 */
export async function openChain(
  store: ChainStore,
  clock: Clock,
  entropy: Entropy,
  settings: NodeSettings,
  start: ChainIdentity | undefined,
): Promise<OpenedChain> {
  const stored = await store.load();
  if (stored === undefined) return beginChain(store, start ?? ownChain(clock, entropy));
  const asked = start && genesisConfigHash(start.config);
  if (asked && !equalBytes(asked, genesisConfigHash(stored.identity.config))) {
    throw new ChainStoreError("STORE_CONFLICT", "another chain is kept here");
  }
  return resumeChain(store, stored, settings);
}

export function storedBlock({ hash, block, receipts }: ExecutedBlock): StoredBlock {
  return { hash, block, receipts };
}

/** A chain of its own: its producer's key is fresh, so no two such chains have one genesis. */
function ownChain(clock: Clock, entropy: Entropy): ChainIdentity {
  const producerSecret = present(parseSecretKey(entropy(SECRET_KEY_SIZE)), "entropy gives bytes");
  return {
    config: {
      chainId: ROOT_CHAIN_ID,
      timestampUs: clock.now() * MICROSECONDS_PER_MILLISECOND + microseconds(entropy),
      producers: [publicKeyOf(producerSecret)],
      slotMs: SLOT_MS_USUAL,
      faucet: faucetSigner().address,
    },
    producerSecret,
  };
}

async function beginChain(store: ChainStore, identity: ChainIdentity): Promise<OpenedChain> {
  const { environment, signer } = workplace(identity);
  const genesis = createGenesis(environment, identity.config, contractModules());
  await store.create(identity, storedBlock(genesis));
  const tree = createBlockTree([genesis]);
  return { environment, signer, identity, genesisHash: genesis.hash, tree, signed: undefined };
}

/**
 * What the clock does not say of the time, by chance: contracts name their chain by its time of
 * birth, and two chains may be born in one millisecond.
 */
function microseconds(entropy: Entropy): bigint {
  const [low = 0, high = 0] = entropy(2);
  return BigInt(low + 256 * high) % MICROSECONDS_PER_MILLISECOND;
}

async function resumeChain(
  store: ChainStore,
  { identity, genesisHash, head, signed, state }: StoredChain,
  settings: NodeSettings,
): Promise<OpenedChain> {
  const { environment, signer } = workplace(identity);
  const newest = createStateTree();
  newest.apply(makeChangeSet(state.map(({ key, value }) => ({ key, op: { type: "new", value } }))));
  const branch = [resumedBlock(head, newest)];
  const finalHeight = finalHeightOf(environment, settings, present(branch[0], "the head"));
  for (let height = head.block.header.height; height > finalHeight; height--) {
    const above = present(branch[0], "the block above");
    const kept = await store.blockAt(height - 1n);
    if (kept === undefined) throw corrupt(`block ${height - 1n} is missing`);
    if (!equalBytes(above.block.header.parent, kept.hash)) {
      throw corrupt(`block ${height} does not follow block ${height - 1n}`);
    }
    branch.unshift(resumedBlock(kept, stateBelow(above)));
  }
  const tree = createBlockTree(branch);
  return { environment, signer, identity, genesisHash, tree, signed };
}

function resumedBlock({ hash, block, receipts }: StoredBlock, state: StateTree): ExecutedBlock {
  const { header, transactions } = block;
  if (!equalBytes(state.root(), header.stateRoot) || !equalBytes(blockHash(header), hash)) {
    throw corrupt(`what is kept does not match block ${header.height}`);
  }
  return { hash, block, receipts, transactions: transactions.map(readTransaction), state };
}

/** The state before a block: its receipts carry the values that they replaced. */
function stateBelow({ receipts, state }: ExecutedBlock): StateTree {
  const below = state.fork();
  for (const { changes } of receipts.toReversed()) below.apply(invertChangeSet(changes));
  return below;
}

function readTransaction(bytes: Uint8Array): VerifiedTransaction {
  const decoded = decodeSignedTransaction(bytes);
  const verified = decoded.ok ? verifySignatures(decoded.value) : decoded;
  if (verified.ok) return verified.value;
  throw corrupt("a kept transaction cannot be read");
}

function corrupt(what: string): ChainStoreError {
  return new ChainStoreError("STORE_CORRUPT", what);
}

function workplace({ config, producerSecret }: ChainIdentity): {
  readonly environment: ExecutionEnvironment;
  readonly signer: BlockSigner;
} {
  assert(config.chainId === ROOT_CHAIN_ID, "this node runs root chains");
  const signer: BlockSigner = {
    publicKey: publicKeyOf(producerSecret),
    sign: (message) => signEd25519(message, producerSecret),
  };
  return { environment: rootEnvironment(config.producers, config.slotMs), signer };
}
