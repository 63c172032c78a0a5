/**
 * Brings a chain up: makes a new one where the store is empty, else takes up the kept one where it
 * stopped, after checking that what is kept is what its newest block commits to.
 */
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { keyPairOf } from "#core/ed25519.ts";
import { invertChangeSet } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { createStateTree, makeChangeSet, type StateTree } from "#sandbox";
import type { ChainKind } from "./chain-kind.ts";
import { type ChainStart, foundChain } from "./chain-start.ts";
import { finalHeightOf } from "./core/machine.ts";
import type { NodeSettings, SignedMark } from "./core/node-machine.ts";
import { createGenesis } from "./genesis.ts";
import { blockHash } from "./ledger/block.ts";
import type { BlockSigner } from "./ledger/block-execution.ts";
import { type BlockTree, createBlockTree } from "./ledger/block-tree.ts";
import type { ExecutedBlock } from "./ledger/executed-block.ts";
import { decodeSignedTransaction } from "./ledger/transaction.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";
import { type VerifiedTransaction, verifySignatures } from "./ledger/validation.ts";
import { PeerError } from "./peer/peer-error.ts";
import type {
  ChainIdentity,
  ChainStore,
  Clock,
  Entropy,
  StoredBlock,
  StoredChain,
} from "./ports.ts";
import { ChainStoreError } from "./store/store-error.ts";

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
 * @param start is asked only where nothing is kept; a chain of the node's own is begun without it.
 *
 * Rejects with `ChainStoreError`, STORE_CORRUPT among others, and with `PeerError` OTHER_CONTRACTS.
 */
export async function openChain(
  store: ChainStore,
  clock: Clock,
  entropy: Entropy,
  settings: NodeSettings,
  kind: ChainKind,
  start: () => Promise<ChainStart> = () => Promise.resolve(foundChain(clock, entropy)),
): Promise<OpenedChain> {
  const stored = await store.load();
  return stored === undefined
    ? beginChain(store, await start(), kind)
    : resumeChain(store, stored, settings, kind);
}

export function storedBlock({ hash, block, receipts }: ExecutedBlock): StoredBlock {
  return { hash, block, receipts };
}

async function beginChain(
  store: ChainStore,
  start: ChainStart,
  kind: ChainKind,
): Promise<OpenedChain> {
  const { identity, genesisHash } = start;
  const { environment, signer } = workplace(identity, kind);
  const place = kind.placeOf(identity.config);
  const genesis = createGenesis(environment, identity.config, kind.modules(), place);
  if (genesisHash !== undefined && !equalBytes(genesisHash, genesis.hash)) {
    const message =
      "The chain was begun with other contracts than this version's; use its version.";
    throw new PeerError("OTHER_CONTRACTS", message);
  }
  await store.create(identity, storedBlock(genesis));
  const tree = createBlockTree([genesis]);
  return { environment, signer, identity, genesisHash: genesis.hash, tree, signed: undefined };
}

async function resumeChain(
  store: ChainStore,
  stored: StoredChain,
  settings: NodeSettings,
  kind: ChainKind,
): Promise<OpenedChain> {
  const { identity, genesisHash, signed } = stored;
  const { environment, signer } = workplace(identity, kind);
  const finalHeightOfHead = (head: ExecutedBlock) => finalHeightOf(environment, settings, head);
  const tree = createBlockTree(await resumeBranch(store, stored, finalHeightOfHead));
  return { environment, signer, identity, genesisHash, tree, signed };
}

/**
 * The kept blocks with their states from the newest final one on, oldest first. Rejects with
 * STORE_CORRUPT where what is kept is not what the newest block commits to.
 *
 * @param finalHeight of the branch that ends with this head.
 */
export async function resumeBranch(
  store: ChainStore,
  { head, state }: StoredChain,
  finalHeight: (head: ExecutedBlock) => bigint,
): Promise<readonly ExecutedBlock[]> {
  const newest = createStateTree();
  newest.apply(makeChangeSet(state.map(({ key, value }) => ({ key, op: { type: "new", value } }))));
  const branch = [resumedBlock(head, newest)];
  const lowest = finalHeight(present(branch[0], "the head"));
  for (let height = head.block.header.height; height > lowest; height--) {
    const above = present(branch[0], "the block above");
    const kept = await store.blockAt(height - 1n);
    if (kept === undefined) throw corrupt(`block ${height - 1n} is missing`);
    if (!equalBytes(above.block.header.parent, kept.hash)) {
      throw corrupt(`block ${height} does not follow block ${height - 1n}`);
    }
    branch.unshift(resumedBlock(kept, stateBelow(above)));
  }
  return branch;
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

function workplace(
  { config, producerSecret }: ChainIdentity,
  kind: ChainKind,
): { readonly environment: ExecutionEnvironment; readonly signer: BlockSigner } {
  return { environment: kind.environmentOf(config), signer: keyPairOf(producerSecret) };
}
