// The gas of an account on a shard: it comes from the root when it is needed, within a budget, and
// goes back when the account has left, whatever is down or ends meanwhile.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { fundFromFaucet, rootLink, type ShardLink, type ShardLinkOptions } from "#settlement";
import { readShardMessage, SHARD_EVENT } from "../../src/chains/shard/contract.ts";
import { readGasAccount, readUnfinished } from "../../src/settlement/adapters/shard/contract.ts";
import { coinsOf } from "../../src/settlement/coins.ts";
import { accountNamed } from "../chains/fixture.ts";
import { SHARD, shardNode, stopNode } from "../chains/shard/shard-network.ts";
import { GAS, type ShardTestWorld, startShardWorld } from "./shard-world.ts";
import { FUNDS, memberBy } from "./world.ts";

const STAKE = 100n;
const alice = accountNamed("alice");
/** Until coins have crossed, and until everything is told. */
const CROSSED_MS = 15_000;
/** After which the adapter asks again here, and until it has. */
const PATIENCE_MS = 4_000n;
const ASKED_MS = 12_000;

interface Life {
  readonly link: ShardLink;
  readonly access: ReturnType<ShardLink["access"]>;
  readonly adapter: ReturnType<typeof memberBy>["adapter"];
}

/** Alice's node from its start on; a later one knows nothing of the earlier. */
function live(world: ShardTestWorld, options: Partial<ShardLinkOptions> = {}): Life {
  const link = world.link({ patienceMs: PATIENCE_MS, ...options });
  const access = link.access(alice);
  const { adapter } = memberBy(world.clock, "alice", access, () => Promise.resolve(0n));
  return { link, access, adapter };
}

async function startFunded(funds = 3n * FUNDS): Promise<ShardTestWorld> {
  const world = await startShardWorld();
  if (funds > 0n) {
    await world.during(fundFromFaucet(world.root.client, alice.address, funds));
  }
  return world;
}

/** Alice's coins on both chains, and what the root has counted. */
async function books(world: ShardTestWorld) {
  const [root, shard] = [rootLink(world.root.client), world.link()];
  return world.during(
    (async () => ({
      root: await coinsOf(root, alice.address),
      shard: await coinsOf(shard, alice.address),
      counted: await readGasAccount(root, SHARD, alice.address),
      unfinished: await readUnfinished(shard, alice.address),
    }))(),
  );
}

/** How often the shard has asked the root for a withdrawal. */
async function requestsCount(world: ShardTestWorld): Promise<number> {
  const { store } = shardNode(world.network, 0).node.source;
  const all = await store.transactionsFrom(0n, 100_000);
  return all
    .flatMap(({ receipt }) => receipt.events)
    .filter((event) => {
      return readShardMessage(event)?.eventType === SHARD_EVENT.gasWithdrawRequest;
    }).length;
}

/** Closes a channel of one member, and leaves it. */
async function part(world: ShardTestWorld, adapter: Life["adapter"], id: bigint): Promise<void> {
  await world.during(adapter.applyLeader(id, { steps: [] }));
  await world.during(adapter.close(id));
  await world.during(adapter.leave(id));
}

describe("gas on a shard", () => {
  it("comes from the root when a channel opens there, once", async () => {
    const world = await startFunded();
    const { adapter } = live(world);
    const { id } = await world.during(adapter.enter(STAKE));
    await world.during(adapter.applyLeader(id, { steps: [] }));
    const { root, shard, counted } = await books(world);
    expect(counted).toMatchObject({ count: 1n, amount: GAS.target, returned: 0n });
    expect(shard).toBeLessThan(GAS.target);
    expect(shard).toBeGreaterThan(GAS.lowWater);
    expect(root).toBeLessThan(3n * FUNDS - GAS.target);
  });

  it("comes once though the life that sent for it ends before it has arrived", async () => {
    const world = await startFunded();
    const first = live(world);
    // Two nodes of four decide on nothing.
    for (const place of [2, 3]) await stopNode(world.network, place);
    const entering = first.adapter.enter(STAKE);
    entering.catch(() => undefined);
    let now = await books(world);
    while (now.counted.count === 0n) now = await books(world);
    first.link.close();
    expect(now.shard).toBe(0n);
    for (const place of [2, 3]) await world.restartNode(place);
    await world.during(live(world).adapter.enter(STAKE));
    expect((await books(world)).counted).toMatchObject({ count: 1n, amount: GAS.target });
  });

  it("is there to the amount that a faucet has promised", async () => {
    const world = await startFunded(0n);
    const { link, adapter } = live(world);
    const promised = GAS.target + 5_000_000n;
    await world.during(link.fund(alice.address, promised));
    await world.during(adapter.enter(STAKE));
    expect((await books(world)).counted.amount).toBe(promised);
  });

  it("goes back to the root when the channel is closed and left", async () => {
    const world = await startFunded();
    const { adapter } = live(world);
    const { id } = await world.during(adapter.enter(STAKE));
    await part(world, adapter, id);
    await world.pass(CROSSED_MS);
    const { shard, counted, unfinished } = await books(world);
    expect(unfinished).toEqual([]);
    expect(counted.returned).toBeGreaterThan(GAS.target / 2n);
    expect(shard).toBeLessThan(200_000n);
    // Nothing is worth the way any more.
    await world.during(adapter.leave(id));
    await world.pass(CROSSED_MS);
    expect((await books(world)).counted).toEqual(counted);
  });

  it("stays while the account has a seat in another channel there", async () => {
    const world = await startFunded();
    const { access, adapter } = live(world);
    const none = () => Promise.resolve(0n);
    const other = memberBy(world.clock, "alice", access, none, 2n).adapter;
    const { id } = await world.during(adapter.enter(STAKE));
    const second = await world.during(other.enter(STAKE));
    await part(world, adapter, id);
    await world.pass(CROSSED_MS);
    expect((await books(world)).counted.returned).toBe(0n);
    await part(world, other, second.id);
    await world.pass(CROSSED_MS);
    expect((await books(world)).counted.returned).toBeGreaterThan(GAS.target / 2n);
  });

  it("is asked back again while the root is away, by the next life too; paid once", async () => {
    const world = await startFunded();
    const first = live(world);
    await world.during(first.adapter.enter(STAKE));
    await world.root.node.close();
    const amount = await world.during(first.access.returning.withdraw());
    first.link.close();
    const second = live(world);
    await world.pass(ASKED_MS);
    const open = present(await world.during(second.access.returning.unfinished()), "open");
    expect(open).toEqual([{ id: 1n, amount }]);
    expect(await requestsCount(world)).toBeGreaterThan(1);
    await world.root.node.begin();
    await world.pass(ASKED_MS);
    const { counted, unfinished } = await books(world);
    expect([unfinished, counted.returned]).toEqual([[], amount]);
  });

  it("stays within its budget, and says so", async () => {
    const world = await startFunded();
    const { adapter } = live(world, { gas: { ...GAS, budget: 1_000_000n } });
    const entering = world.during(adapter.enter(STAKE));
    await expect(entering).rejects.toMatchObject({ code: "BUDGET_SPENT" });
    expect((await books(world)).counted.count).toBe(0n);
  });

  it("is refused to an account that has nothing on the root", async () => {
    const world = await startFunded(3_000_000n);
    const entering = world.during(live(world).adapter.enter(STAKE));
    await expect(entering).rejects.toMatchObject({ code: "NO_FUNDS" });
  });
});
