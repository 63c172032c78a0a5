// The coins of an account on a parallel chain: they come from the root when they are needed, and go
// back when the account has left the last of its channels there.
import { describe, expect, it } from "vitest";
import { type ChainAccess, fundFromFaucet, rootLink, type SettlementAdapter } from "#settlement";
import { readCrossings } from "../../src/settlement/adapters/para/contract.ts";
import { coinsOf } from "../../src/settlement/coins.ts";
import { accountNamed } from "../chains/fixture.ts";
import { TITLE } from "../chains/para/para-chain.ts";
import { type ParaTestWorld, startParaWorld } from "./para-world.ts";
import { FUNDS, memberBy } from "./world.ts";

const STAKE = 100n;
const alice = accountNamed("alice");
/** Until a withdrawal is taken on the parallel chain, agreed on, and paid on the root. */
const RETURNED_MS = 30_000;

async function startFunded(): Promise<ParaTestWorld> {
  const world = await startParaWorld();
  await world.during(fundFromFaucet(world.root.connect(), alice.address, 3n * FUNDS));
  return world;
}

function adapterOf(world: ParaTestWorld, access: ChainAccess, groupId: bigint) {
  return memberBy(world.clock, "alice", access, () => Promise.resolve(0n), groupId).adapter;
}

/** Closes a channel of one member, and leaves it. */
async function part(world: ParaTestWorld, adapter: SettlementAdapter, id: bigint): Promise<void> {
  await world.during(adapter.applyLeader(id, { steps: [] }));
  await world.during(adapter.close(id));
  await world.during(adapter.leave(id));
}

/** Alice's coins on both chains, and what the root has counted. */
async function books(world: ParaTestWorld) {
  const root = rootLink(world.root.connect());
  return world.during(
    (async () => ({
      root: await coinsOf(root, alice.address),
      para: await coinsOf(world.link(0), alice.address),
      counted: await readCrossings(root, TITLE, alice.address),
    }))(),
  );
}

describe("coins on a parallel chain", () => {
  it("go back to the root when the account has left the last of its channels", async () => {
    const world = await startFunded();
    const access = world.link(0).access(alice);
    const [first, second] = [1n, 2n].map((group) => adapterOf(world, access, group));
    if (!first || !second) return;
    const one = await world.during(first.enter(STAKE));
    const other = await world.during(second.enter(STAKE));
    await part(world, first, one.id);
    await world.pass(RETURNED_MS);
    const playing = await books(world);
    expect(playing.counted.returned).toBe(0n);
    expect(playing.para).toBeGreaterThan(0n);
    await part(world, second, other.id);
    await world.pass(RETURNED_MS);
    const { para, root, counted } = await books(world);
    expect(para).toBe(0n);
    expect(counted.returned).toBeGreaterThan(playing.para / 2n);
    expect(root).toBeGreaterThan(playing.root);
    // Nothing is there to come back any more.
    await world.during(second.leave(other.id));
    await world.pass(RETURNED_MS);
    expect((await books(world)).counted).toEqual(counted);
  });
});
