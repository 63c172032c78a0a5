// What every simulated life of the chains begins with, made once: a root of three producers whose
// shard 1 is active and whose parallel chain has its group, and the genesis of both.
import {
  beginShard,
  type ChainStore,
  createMemoryJournal,
  createMemoryStore,
  faucetSigner,
} from "#chains";
import { assert, present } from "#core/assert.ts";
import type { ChainIdentity, StoredBlock } from "../../../src/chains/ports.ts";
import { createShardNode, foundShard } from "../../../src/chains/shard/node.ts";
import { fundFromFaucet } from "../../../src/settlement/adapters/embedded/wallet.ts";
import { accountNamed, secretNamed } from "../../chains/fixture.ts";
import { settle } from "../../chains/manual-clock.ts";
import {
  closeWorld,
  createParaWorld,
  foundGroup,
  type ParaWorld,
  pass,
  rootNode,
} from "../../chains/para/para-world.ts";
import { producerIdentity } from "../../chains/producers.ts";
import { memberNamed, SHARD } from "../../chains/shard/shard-network.ts";
import { PEOPLE } from "./people.ts";

export const ROOTS = 3;
export const MEMBERS = 4;
export const PARAS = 4;
const STEP_MS = 500;
/** Fees and deposits of a whole life. */
const FUNDS = 10_000_000_000n;

export interface Beginning {
  readonly startMs: bigint;
  /** The root's blocks, genesis first. */
  readonly rootBlocks: readonly StoredBlock[];
  readonly shardIdentity: ChainIdentity;
  readonly shardGenesis: StoredBlock;
}

let made: Promise<Beginning> | undefined;

export function beginning(): Promise<Beginning> {
  made ??= makeBeginning();
  return made;
}

async function makeBeginning(): Promise<Beginning> {
  const world = await createParaWorld({
    roots: ROOTS,
    paras: Array.from({ length: PARAS }, () => ({})),
  });
  await foundGroup(world);
  const client = rootNode(world).connect();
  const nodes = Array.from({ length: MEMBERS }, (_, place) => accountNamed(memberNamed(place)));
  const founders = { operator: faucetSigner(), creator: accountNamed("shard creator"), nodes };
  const { clock } = world;
  await during(world, beginShard(client, clock, { shardId: SHARD, epochBlocks: 20n }, founders));
  for (const { address } of [...PEOPLE, ...nodes]) {
    await during(world, fundFromFaucet(client, address, FUNDS));
  }
  // Final, so that shards and parallel chains may rely on it.
  await pass(world, 15_000);
  const store = createMemoryStore();
  const founding = createShardNode({
    clock,
    entropy: (size) => new Uint8Array(size),
    store,
    journal: createMemoryJournal(),
    root: client,
    start: () => foundShard(client, SHARD, secretNamed(memberNamed(0))),
  });
  const shard = await during(world, founding);
  const genesis = present(await store.blockAt(0n), "the shard was begun");
  const { identity } = present(await store.load(), "the shard was begun");
  await shard.close();
  const rootBlocks = await branchOf(rootNode(world).source.store);
  await closeWorld(world);
  return { startMs: clock.now(), rootBlocks, shardIdentity: identity, shardGenesis: genesis };
}

async function branchOf(store: ChainStore): Promise<readonly StoredBlock[]> {
  const blocks: StoredBlock[] = [];
  for (let height = 0n; ; height++) {
    const block = await store.blockAt(height);
    if (block === undefined) return blocks;
    blocks.push(block);
  }
}

export async function during<T>(world: Pick<ParaWorld, "clock">, work: Promise<T>): Promise<T> {
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  ended.catch(() => undefined);
  await settle();
  for (let step = 0; step < 1_000 && !isDone; step++) await world.clock.advance(STEP_MS);
  assert(isDone, "it takes no longer than that");
  return ended;
}

/** The store of a root node at its place, with all that happened before the life begins. */
export async function rootStore({ rootBlocks }: Beginning, place: number): Promise<ChainStore> {
  const store = createMemoryStore();
  const [genesis, ...blocks] = rootBlocks;
  await store.create(producerIdentity(ROOTS, place), present(genesis, "a chain has a genesis"));
  await store.extend({ keptHeight: 0n, blocks });
  return store;
}

/** The store of the shard's node of a member. */
export async function shardStore(from: Beginning, member: number): Promise<ChainStore> {
  const store = createMemoryStore();
  const producerSecret = secretNamed(memberNamed(member));
  await store.create({ ...from.shardIdentity, producerSecret }, from.shardGenesis);
  return store;
}
