/**
 * Brings a chain up: makes a new one where the store is empty, else takes up the kept one where it
 * stopped, after checking that what is kept is what its newest block commits to.
 */
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { parseSecretKey, publicKeyOf, SECRET_KEY_SIZE, signEd25519 } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { createStateTree, makeChangeSet } from "#sandbox";
import { contractModules } from "./contract-modules.ts";
import { createGenesis, faucetSigner } from "./genesis.ts";
import { blockHash } from "./ledger/block.ts";
import type { BlockSigner, ExecutedBlock } from "./ledger/block-execution.ts";
import { ROOT_CHAIN_ID } from "./ledger/parameters.ts";
import { decodeSignedTransaction } from "./ledger/transaction.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";
import type {
  ChainIdentity,
  ChainStore,
  Clock,
  Entropy,
  StoredBlock,
  StoredChain,
} from "./ports.ts";
import { rootEnvironment } from "./root/environment.ts";
import { ChainStoreError } from "./store/store-error.ts";

const MICROSECONDS_PER_MILLISECOND = 1_000n;

export interface OpenedChain {
  readonly environment: ExecutionEnvironment;
  readonly signer: BlockSigner;
  readonly genesisHash: Hash;
  readonly head: ExecutedBlock;
}

/** Rejects with `ChainStoreError`, STORE_CORRUPT among others. */
export async function openChain(
  store: ChainStore,
  clock: Clock,
  entropy: Entropy,
): Promise<OpenedChain> {
  const stored = await store.load();
  return stored === undefined ? beginChain(store, clock, entropy) : resumeChain(stored);
}

export function storedBlock({ hash, block, receipts }: ExecutedBlock): StoredBlock {
  return { hash, block, receipts };
}

/** A chain of its own: its producer's key is fresh, so no two such chains have one genesis. */
async function beginChain(store: ChainStore, clock: Clock, entropy: Entropy): Promise<OpenedChain> {
  const producerSecret = present(parseSecretKey(entropy(SECRET_KEY_SIZE)), "entropy gives bytes");
  const identity: ChainIdentity = {
    config: {
      chainId: ROOT_CHAIN_ID,
      timestampUs: clock.now() * MICROSECONDS_PER_MILLISECOND + microseconds(entropy),
      producers: [publicKeyOf(producerSecret)],
      faucet: faucetSigner().address,
    },
    producerSecret,
  };
  const environment = rootEnvironment(identity.config.producers);
  const genesis = createGenesis(environment, identity.config, contractModules());
  await store.create(identity, storedBlock(genesis));
  const signer = signerOf(identity);
  return { environment, signer, genesisHash: genesis.hash, head: genesis };
}

/**
 * What the clock does not say of the time, by chance: contracts name their chain by its time of
 * birth, and two chains may be born in one millisecond.
 */
function microseconds(entropy: Entropy): bigint {
  const [low = 0, high = 0] = entropy(2);
  return BigInt(low + 256 * high) % MICROSECONDS_PER_MILLISECOND;
}

function resumeChain({ identity, genesisHash, head, state }: StoredChain): OpenedChain {
  const tree = createStateTree();
  tree.apply(makeChangeSet(state.map(({ key, value }) => ({ key, op: { type: "new", value } }))));
  const { header, transactions } = head.block;
  if (!equalBytes(tree.root(), header.stateRoot) || !equalBytes(blockHash(header), head.hash)) {
    const what = `what is kept does not match block ${header.height}`;
    throw new ChainStoreError("STORE_CORRUPT", what);
  }
  const decoded = transactions.map((bytes) => {
    const transaction = decodeSignedTransaction(bytes);
    if (transaction.ok) return transaction.value;
    throw new ChainStoreError("STORE_CORRUPT", `block ${header.height} holds no transactions`);
  });
  return {
    environment: rootEnvironment(identity.config.producers),
    signer: signerOf(identity),
    genesisHash,
    head: { ...head, transactions: decoded, state: tree },
  };
}

function signerOf({ producerSecret }: ChainIdentity): BlockSigner {
  return {
    publicKey: publicKeyOf(producerSecret),
    sign: (message) => signEd25519(message, producerSecret),
  };
}
