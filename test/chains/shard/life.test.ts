// Shards of four real nodes over the real ledger and contracts, with a root: users deposit, pay and
// ask back while nodes are killed at their writes, links lose and split, and one node may be cut
// off for long. What must hold between the chains (I1 to I5) is read at every step; in the end all
// nodes have the same blocks, and every withdrawal is paid once and finished.
import { describe, expect, it } from "vitest";
import {
  type AccountSigner,
  type ChainStore,
  findViolations,
  type Journal,
  readRootFigures,
  readShardFigures,
  signTransaction,
} from "#chains";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { readAccount, readBalance } from "../../../src/chains/ledger/framework.ts";
import { accountNamed, commit, fund, rawTransaction, u64 } from "../fixture.ts";
import { NO_FAULTS } from "../peer/virtual-links.ts";
import {
  closeShard,
  SHARD,
  type ShardNetwork,
  type ShardPlace,
  shardNode,
  startNode,
  startShard,
  stopNode,
} from "./shard-network.ts";

const SEEDS = 2;
const ROUNDS = 8;
const STEP_MS = 500;
const USERS = ["alice", "bob", "carol"].map(accountNamed);
const DEPOSIT = 20_000_000n;

interface Life {
  readonly network: ShardNetwork;
  readonly broken: Set<string>;
  /** One final block of each height, as the first node that had it said. */
  readonly finals: Map<bigint, string>;
  crashPermille: number;
  crashes: number;
}

/** A place whose every write to store or journal may kill its node, before it counts or after. */
function crashing(life: Life, index: number, kept: ShardPlace): ShardPlace {
  const write = async (work: () => Promise<void>): Promise<void> => {
    const { prng } = life.network;
    const isCrash = prng.permille(life.crashPermille);
    const counts = !isCrash || prng.permille(500);
    if (counts) await work();
    if (!isCrash) return;
    life.crashes += 1;
    void stopNode(life.network, index);
    throw new Error("the process was killed");
  };
  const store: ChainStore = {
    ...kept.store,
    extend: (change) => write(() => kept.store.extend(change)),
  };
  const journal: Journal = {
    ...kept.journal,
    write: (name, value) => write(() => kept.journal.write(name, value)),
  };
  return { ...kept, store, journal };
}

async function begin(seed: number): Promise<Life> {
  const network = await startShard(4, seed, 30n);
  const life: Life = {
    network,
    broken: new Set(),
    finals: new Map(),
    crashPermille: 0,
    crashes: 0,
  };
  for (const [index, place] of network.places.entries()) {
    await stopNode(network, index);
    (network.places as ShardPlace[])[index] = crashing(life, index, place);
    await startNode(network, index);
  }
  for (const user of USERS) {
    await fund(network.root, user.address, 100_000_000n);
    await deposit(life, user, DEPOSIT);
  }
  await pass(life, 3_000);
  return life;
}

async function deposit({ network }: Life, user: AccountSigner, amount: bigint): Promise<void> {
  const { sequenceNumber } = await network.root.client.account(user.address);
  const args = [u64(SHARD), u64(amount)];
  const target = "0x30::shard_gas::deposit_gas";
  const raw = rawTransaction(user.address, sequenceNumber, target, args);
  await commit(network.root, signTransaction(raw, user));
}

/** Hands a call of a user to some node that runs. */
async function callOnShard(
  { network }: Life,
  user: AccountSigner,
  target: string,
  args: readonly Uint8Array[],
): Promise<void> {
  const running = network.places.flatMap(({ node }) => node ?? []);
  if (running.length === 0) return;
  const { node } = network.prng.pick(running);
  const { sequenceNumber } = readAccount(node.source.tree.head.state, user.address);
  const raw = rawTransaction(user.address, sequenceNumber, target, args, { chainId: 11 });
  await node.ask({ type: "submit", bytes: signTransaction(raw, user).bytes });
}

async function act(life: Life): Promise<void> {
  const { prng } = life.network;
  const user = prng.pick(USERS);
  switch (prng.below(4)) {
    case 0:
      return deposit(life, user, BigInt(1 + prng.below(1_000_000)));
    case 1: {
      const to = addressToBytes(prng.pick(USERS).address);
      const amount = u64(BigInt(1 + prng.below(500_000)));
      return callOnShard(life, user, "0x1::aptos_account::transfer", [to, amount]);
    }
    case 2: {
      const amount = u64(BigInt(1 + prng.below(900_000)));
      return callOnShard(life, user, "0x30::shard_gas::user_withdraw_gas", [amount]);
    }
    default:
      return callOnShard(life, user, "0x30::shard_gas::withdraw_retry", [u64(1n)]);
  }
}

async function pass(life: Life, ms: number): Promise<void> {
  const { network } = life;
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await network.root.clock.advance(STEP_MS);
    await check(life);
  }
}

/** One final block for each height, and I1 to I5 as the newest node shows them. */
async function check(life: Life): Promise<void> {
  const { network, broken, finals } = life;
  let [newest, newestHeight]: [ShardPlace["client"], bigint] = [undefined, -1n];
  for (const { node, client } of network.places) {
    if (node === undefined || client === undefined) continue;
    const { head } = node.node.source.tree;
    const { height } = head.block.header;
    const name = toHex(head.hash);
    const standing = finals.get(height) ?? name;
    finals.set(height, standing);
    if (standing !== name) broken.add(`two final blocks at height ${height}`);
    const { failure } = node.standing();
    if (failure !== undefined && failure !== "the process was killed") broken.add(failure);
    if (node.standing().evidence.length > 0) broken.add("an honest member signed twice");
    if (height > newestHeight) [newest, newestHeight] = [client, height];
  }
  // Who is late has not seen all that the root was told.
  const isNewest = newestHeight === [...finals.keys()].reduce((a, b) => (a > b ? a : b), 0n);
  if (newest === undefined || !isNewest) return;
  const violations = (await findViolations(network.root.client, newest, SHARD)) ?? [];
  for (const { invariant, message } of violations) broken.add(`${invariant}: ${message}`);
}

async function suffer(life: Life): Promise<void> {
  const { network } = life;
  const { prng, links, places } = network;
  for (let round = 0; round < ROUNDS; round++) {
    links.faults = { delayMsMax: prng.pick([20, 200, 800]), lostPermille: prng.pick([0, 50, 200]) };
    const side = places.map(() => prng.below(2));
    const isSplit = prng.permille(300);
    links.passes = (from, to) => !isSplit || side[from] === side[to];
    life.crashPermille = prng.pick([0, 30, 80]);
    if (prng.permille(300)) await stopNode(network, prng.below(places.length));
    for (let count = 1 + prng.below(3); count > 0; count--) await act(life);
    await pass(life, 1_000 + prng.below(4_000));
    for (const [index, place] of places.entries()) {
      if (place.node === undefined) await startNode(network, index);
    }
  }
}

async function figures({ network }: Life) {
  const view = async (
    client: ShardPlace["client"],
    name: string,
    args: readonly Uint8Array[],
  ): Promise<Uint8Array> => {
    const called = present(parseFunctionId(`0x30::shard_gas::${name}`), "a function");
    const [bytes] = await present(client, "a client").view({ function: called, args });
    return present(bytes, "a value");
  };
  const root = readRootFigures(await view(network.root.client, "get_root_figures", [u64(SHARD)]));
  const shard = readShardFigures(await view(network.places[0]?.client, "get_shard_figures", []));
  return { root, shard };
}

/** What all seeds together have lived through. */
const lived = { crashes: 0, withdrawn: 0n, heights: 0 };

describe("a shard that suffers", () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
    "[I1-I5] keeps every coin, decides once, and finishes what was begun: seed %d",
    async (seed) => {
      const life = await begin(seed);
      const { network } = life;
      await suffer(life);
      life.crashPermille = 0;
      network.links.faults = NO_FAULTS;
      network.links.passes = () => true;
      for (const [index, { node }] of network.places.entries()) {
        if (node === undefined) await startNode(network, index);
      }
      await pass(life, 40_000);
      const { root, shard } = await figures(life);
      expect([...life.broken]).toEqual([]);
      expect(shard.finished).toBe(shard.requested);
      expect(root.released).toBe(shard.requested);
      expect(shard.deposited).toBe(root.deposited);
      const held = USERS.map(({ address }) =>
        [0, 1, 2, 3].map((place) => {
          return readBalance(shardNode(network, place).node.source.tree.head.state, address);
        }),
      );
      for (const [first, ...others] of held) for (const other of others) expect(other).toBe(first);
      for (const place of [0, 1, 2, 3]) {
        expect(shardNode(network, place).standing().relay.waiting).toBe(0);
      }
      lived.crashes += life.crashes;
      lived.withdrawn += root.released;
      lived.heights += life.finals.size;
      await closeShard(network);
    },
    240_000,
  );

  it("has lived through what it is to survive", () => {
    expect(lived.crashes).toBeGreaterThan(SEEDS);
    expect(lived.withdrawn).toBeGreaterThan(0n);
    expect(lived.heights).toBeGreaterThan(20 * SEEDS);
  });
});
