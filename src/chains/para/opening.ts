/**
 * Brings a parallel chain up: begins it where nothing is kept, else takes it up where it stopped.
 * Where it stands on the root chain is told by its own blocks, so one write keeps both.
 */
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { type BlockTree, createBlockTree } from "../ledger/block-tree.ts";
import type { ExecutedBlock } from "../ledger/executed-block.ts";
import { encodeGenesisConfig } from "../ledger/genesis-config.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";
import { resumeBranch, storedBlock } from "../node-opening.ts";
import type { ChainStore, Entropy, StoredBlock, StoredChain } from "../ports.ts";
import { newProducerSecret, type ProducerSecret } from "../producer-key.ts";
import { ChainStoreError } from "../store/store-error.ts";
import type { Step } from "./chain/machine.ts";
import type { ParaConfig } from "./config.ts";
import { createParaGenesis, genesisConfigOf, paraEnvironment } from "./genesis.ts";
import { rootPlaceOf } from "./node-status.ts";
import type { RootAccess } from "./root-access.ts";
import type { RootPlace } from "./root-block.ts";

export interface OpenedParaChain {
  readonly environment: ExecutionEnvironment;
  readonly genesisHash: Hash;
  /** From the newest block on that the nodes agree on and the root cannot undo. */
  readonly tree: BlockTree;
  readonly trail: readonly Step[];
  readonly rootFinalHeight: bigint;
  /** The key that brings transactions to the root chain; a fresh one of every store. */
  readonly relaySecret: ProducerSecret;
}

/**
 * Rejects when the root node does not answer or has no block at the chain's start yet, and with
 * `ChainStoreError`, STORE_CONFLICT where another chain is kept here.
 */
export async function openParaChain(
  store: ChainStore,
  config: ParaConfig,
  root: RootAccess,
  entropy: Entropy,
): Promise<OpenedParaChain> {
  const start = await root.blockAt(config.startHeight);
  if (start === undefined) throw new Error("the root node has not come to this chain's start");
  const environment = paraEnvironment(config);
  const stored = await store.load();
  return stored === undefined
    ? begin(store, config, environment, start.place, entropy)
    : resume(store, stored, config, environment, start.place, root);
}

async function begin(
  store: ChainStore,
  config: ParaConfig,
  environment: ExecutionEnvironment,
  place: RootPlace,
  entropy: Entropy,
): Promise<OpenedParaChain> {
  const genesis = createParaGenesis(environment, config);
  const relaySecret = newProducerSecret(entropy);
  const identity = { config: genesisConfigOf(config), producerSecret: relaySecret };
  await store.create(identity, storedBlock(genesis));
  const tree = createBlockTree([genesis]);
  return {
    environment,
    genesisHash: genesis.hash,
    tree,
    trail: [{ place, height: 0n, final: 0n }],
    rootFinalHeight: place.height,
    relaySecret,
  };
}

async function resume(
  store: ChainStore,
  stored: StoredChain,
  config: ParaConfig,
  environment: ExecutionEnvironment,
  start: RootPlace,
  root: RootAccess,
): Promise<OpenedParaChain> {
  const { identity, genesisHash, head } = stored;
  const kept = encodeGenesisConfig(identity.config);
  if (!equalBytes(kept, encodeGenesisConfig(genesisConfigOf(config)))) {
    throw new ChainStoreError("STORE_CONFLICT", "another chain is kept here");
  }
  const agreed = (await root.consensus(config.title))?.height ?? 0n;
  const { finalHeight } = head.block.header.finality;
  const branch = await resumeBranch(store, stored, (newest: ExecutedBlock) => {
    const { height } = newest.block.header;
    // Below what is agreed on, so that our block there is compared with it before it is final.
    const below = agreed === 0n ? 0n : agreed - 1n;
    const final = below < finalHeight ? below : finalHeight;
    return final < height ? final : height;
  });
  const all = await trailOf(store, head, start);
  const final = present(
    all.find(({ height }) => height === finalHeight),
    "what is final is on the trail",
  );
  return {
    environment,
    genesisHash,
    tree: createBlockTree(branch),
    trail: all,
    rootFinalHeight: final.place.height,
    relaySecret: identity.producerSecret,
  };
}

/** From the block on that is final with the newest one that is final with the head. */
async function trailOf(
  store: ChainStore,
  head: StoredBlock,
  start: RootPlace,
): Promise<readonly Step[]> {
  const at = async (height: bigint) => {
    return present(await store.blockAt(height), "what may be undone is kept");
  };
  const newest = await at(head.block.header.finality.finalHeight);
  const trail: Step[] = [];
  const first = newest.block.header.finality.finalHeight;
  for (let height = first; height <= head.block.header.height; height++) {
    const block = await at(height);
    const final = block.block.header.finality.finalHeight;
    trail.push({ place: rootPlaceOf(block) ?? start, height, final });
  }
  return trail;
}
