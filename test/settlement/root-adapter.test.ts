// What holds for the adapter of the root chain beyond what every adapter must do.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { accountNamed, transferTo } from "../chains/fixture.ts";
import { startWorld, type TestMember, type TestWorld } from "./world.ts";

const STAKE = 100n;

describe("the root chain's adapter", () => {
  it("keeps a member alive for nothing", async () => {
    const world = await startWorld();
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(STAKE));
    const before = await world.during(alice.balance());
    const { members } = present(await world.during(alice.adapter.channel(id)), "a channel");
    await world.pass(5_000);
    await world.during(alice.adapter.keepAlive(id));
    expect(await world.during(alice.balance())).toBe(before);
    const later = present(await world.during(alice.adapter.channel(id)), "a channel");
    const alive = (of: typeof members) => present(of[0], "seat 1").lastAlive;
    expect(alive(later.members)).toBeGreaterThanOrEqual(alive(members) + 5_000n);
  });

  it("lets a member without a coin say that it lives", async () => {
    const world = await startWorld();
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(STAKE));
    const poor = await spendAll(world, alice);
    expect(poor).toBeLessThan(2_000_000n);
    await world.during(alice.adapter.keepAlive(id));
    const leading = world.during(alice.adapter.applyLeader(id, { steps: [] }));
    await expect(leading).rejects.toMatchObject({ code: "NO_FUNDS" });
  });

  it("stops telling of a channel when it is asked to", async () => {
    const world = await startWorld();
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(STAKE));
    let views = 0;
    const stop = alice.adapter.subscribe(id, () => {
      views += 1;
    });
    await world.pass(5_000);
    expect(views).toBeGreaterThanOrEqual(4);
    stop();
    const seen = views;
    await world.pass(5_000);
    expect(views).toBe(seen);
  });
});

/** Sends nearly everything away and returns what is left. */
async function spendAll(world: TestWorld, member: TestMember): Promise<bigint> {
  const { client } = member;
  const { sequenceNumber } = await world.during(client.account(member.account.address));
  const balance = await world.during(member.balance());
  const { bytes } = transferTo(
    member.account,
    sequenceNumber,
    accountNamed("elsewhere").address,
    balance - 1_000_000n,
  );
  const hash = await world.during(client.submit(bytes));
  await world.during(client.waitForTransaction(hash, 10_000));
  return world.during(member.balance());
}
