// What holds for the adapter of the root chain beyond what every adapter must do.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { ChainAccess } from "#settlement";
import { trouble } from "../../src/settlement/settlement-error.ts";
import { accountNamed, transferTo } from "../chains/fixture.ts";
import {
  changeSeats,
  confirm,
  orderState,
  paperChannel,
  settlementOf,
} from "../conformance/paper-channel.ts";
import { startWorld, type TestMember, type TestWorld } from "./world.ts";

const STAKE = 100n;

/**
 * Two members play a whole channel: enter, settle with one leaving, fetch, close. Returns whether
 * what was settled is what is stored, and the channel at its end.
 */
async function wholeStory(world: TestWorld) {
  const { during } = world;
  const alice = await world.member("alice");
  const bob = await world.member("bob");
  const { id } = await during(alice.adapter.enter(STAKE));
  await during(bob.adapter.enter(STAKE));
  await during(alice.adapter.applyLeader(id, { steps: [] }));
  const channel = present(await during(alice.adapter.channel(id)), "a channel");
  const sign = (seat: bigint, message: Uint8Array) =>
    (seat === 1n ? alice : bob).signAsNode(message);
  const before = await during(world.stateOf(id));
  const paper = paperChannel(channel, before, sign);
  const seats = channel.members.map(({ seat, address, memberKey, nodeKey, revealTip }) => {
    return { seat, address, memberKey, nodeKey, revealTip };
  });
  const admitted = changeSeats(paper, seats);
  const left = changeSeats(paper, seats.slice(0, 1));
  const after = world.otherState(before, "over a bad line");
  orderState(paper, after);
  const evidence = settlementOf(paper, confirm(paper, 1), [admitted, left]);
  const proposal = await during(alice.adapter.propose(id, evidence));
  await during(bob.adapter.vote(id, proposal, 1));
  const { proposals } = present(await during(alice.adapter.channel(id)), "a channel");
  const passed = present(
    proposals.find((shown) => shown.id === proposal),
    "shown",
  );
  await during(alice.adapter.execute(id, passed));
  const isApplied = equalBytes(await during(world.stateOf(id)), after);
  await during(bob.adapter.leave(id));
  await during(alice.adapter.close(id));
  await during(alice.adapter.leave(id));
  const { closed, members } = present(await during(alice.adapter.channel(id)), "a channel");
  return { isApplied, closed, members };
}

const TOLD = { isApplied: true, closed: true, members: [] };

describe("the root chain's adapter", () => {
  it("plays a whole channel though the answer to every first submission is lost", async () => {
    const tried = new WeakMap<Uint8Array, boolean>();
    const wrap = (access: ChainAccess): ChainAccess => ({
      ...access,
      submit: async (call) => {
        const handover = await access.submit(call);
        if (tried.has(call.bytes)) return handover;
        tried.set(call.bytes, true);
        throw trouble("CHAIN_UNREACHABLE", "the answer is lost");
      },
    });
    expect(await wholeStory(await startWorld(wrap))).toEqual(TOLD);
  });

  it("plays a whole channel though submissions are lost and doubled", async () => {
    let count = 0;
    const wrap = (access: ChainAccess): ChainAccess => ({
      ...access,
      submit: async (call) => {
        count += 1;
        if (count % 2 === 0) return { type: "accepted" };
        if (count % 3 === 0) await access.submit(call);
        return access.submit(call);
      },
    });
    expect(await wholeStory(await startWorld(wrap))).toEqual(TOLD);
  });

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
