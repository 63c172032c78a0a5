// What members do on chain beside their channel's play, through the adapter: votes lent, fines
// shared, stakes kept; and calls that are forced.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { proveKeys } from "#sandbox";
import { callMessage, decode, signedCall } from "../../src/channel/codec.ts";
import { seatKey } from "../../src/channel/core/control.ts";
import type { Call } from "../../src/channel/messages.ts";
import { secretNamed } from "../chains/fixture.ts";
import {
  certify,
  changeSeats,
  nextHeader,
  orderValue,
  type PaperChannel,
  paperChannel,
  signHeader,
} from "../conformance/paper-channel.ts";
import { startWorld, type TestMember, type TestWorld } from "./world.ts";

const STAKE = 100n;
const LEASE_MS = 16_000;

/** Alice, who leads, and bob; the chain knows both. */
async function seated(world: TestWorld) {
  const { during } = world;
  const alice = await world.member("alice");
  const bob = await world.member("bob");
  const { id } = await during(alice.adapter.enter(STAKE));
  await during(bob.adapter.enter(STAKE));
  await during(alice.adapter.applyLeader(id, { steps: [] }));
  const channel = await viewOf(world, alice, id);
  const sign = (seat: bigint, message: Uint8Array) =>
    (seat === 1n ? alice : bob).signAsNode(message);
  const paper = paperChannel(channel, await during(world.stateOf(id)), sign);
  const seats = channel.members.map(({ seat, address, memberKey, nodeKey, revealTip }) => {
    return { seat, address, memberKey, nodeKey, revealTip };
  });
  const steps = [changeSeats(paper, seats)];
  await during(alice.adapter.postCertificate(id, { steps }));
  return { alice, bob, id, paper };
}

async function viewOf(world: TestWorld, { adapter }: TestMember, id: bigint) {
  return present(await world.during(adapter.channel(id)), "a channel");
}

describe("votes in elections, through the adapter", () => {
  it("are lent to candidates, as far as the channel has any, and taken back", async () => {
    const world = await startWorld();
    const { alice, bob, id } = await seated(world);
    expect(await world.during(bob.adapter.candidates(id))).toEqual([1n, 2n]);
    // Of two, nobody may take another's vote.
    const lending = world.during(bob.adapter.delegate(id, 1n));
    await expect(lending).rejects.toMatchObject({ code: "DELEGATIONS_FULL" });
    const own = world.during(bob.adapter.delegate(id, 2n));
    await expect(own).rejects.toMatchObject({ code: "NOT_CANDIDATE" });
    const before = await world.during(bob.balance());
    await world.during(bob.adapter.delegate(id, undefined));
    expect(await world.during(bob.balance())).toBe(before);
    await world.during(alice.adapter.keepAlive(id));
  });
});

describe("what is owed for a proof, through the adapter", () => {
  it("is half of the fine, paid once, to who is owed it", async () => {
    const world = await startWorld();
    const { alice, bob, id, paper } = await seated(world);
    const first = signHeader(paper, nextHeader(paper, 0));
    const second = signHeader(paper, nextHeader(paper, 0, { time: 5n }));
    const evidence = { accused: 1n, first, second };
    await world.during(bob.adapter.proveEquivocation(id, evidence));
    expect(await world.during(alice.adapter.collectRewards(id))).toBe(0n);
    expect(await world.during(bob.adapter.collectRewards(id))).toBe(STAKE / 2n);
    expect(await world.during(bob.adapter.collectRewards(id))).toBe(0n);
  });
});

describe("a stake for many channels, through the adapter", () => {
  it("is added to and given notice of, and nothing comes out before its time", async () => {
    const world = await startWorld();
    const { adapter } = await world.member("alice");
    expect(await world.during(adapter.sharedStake())).toEqual({
      held: 0n,
      exposed: 0n,
      unbonding: 0n,
    });
    await world.during(adapter.depositStake(500n));
    await world.during(adapter.unbondStake(200n));
    const standing = { held: 500n, exposed: 0n, unbonding: 200n };
    expect(await world.during(adapter.sharedStake())).toEqual(standing);
    const more = world.during(adapter.unbondStake(301n));
    await expect(more).rejects.toMatchObject({ code: "STAKE" });
    const early = world.during(adapter.withdrawStake());
    await expect(early).rejects.toMatchObject({ code: "WINDOW_OPEN" });
    const other = world.during(adapter.depositStake(10_000_000_000n));
    await expect(other).rejects.toMatchObject({ code: "STAKE" });
  });
});

/** The seat's record says that this nonce is next. */
function orderNonce(paper: PaperChannel, seat: bigint, nonce: bigint): void {
  const { address } = present(paper.channel.members[Number(seat) - 1], "a member");
  const value = encodeBcs((writer) =>
    writer.address(address).u64(nonce).fixed(new Uint8Array(32)).u8(0),
  );
  orderValue(paper, seatKey(seat), value);
}

describe("a forced call, through the adapter", () => {
  async function forced() {
    const world = await startWorld();
    const table = await seated(world);
    const { bob, id, paper } = table;
    const call: Call = {
      channel: paper.channel.channel,
      seat: 2n,
      nonce: 0n,
      function: present(parseFunctionId("0x21::chat::post"), "a function"),
      typeArgs: [],
      args: [encodeBcs((writer) => writer.string("let me speak"))],
      maxGas: 1_000n,
      expiry: 1_000n,
    };
    const signature = signEd25519(callMessage(call), secretNamed("bob"));
    const signed = { call, signature };
    await world.during(bob.adapter.forceCall(id, signed));
    await world.during(bob.adapter.forceCall(id, signed));
    return { world, ...table, signed };
  }

  it("stands in everybody's view until it is shown to be ordered", async () => {
    const { world, alice, bob, id, paper, signed } = await forced();
    const { forcedCalls, now } = await viewOf(world, alice, id);
    const [open] = forcedCalls.open;
    expect(forcedCalls.open).toHaveLength(1);
    expect(open).toMatchObject({ seat: 2n, nonce: 0n, leader: 1n });
    expect(decode(signedCall, present(open, "it is open").call)).toEqual(signed);
    expect(present(open, "it is open").due - now).toBeLessThanOrEqual(60_000n);
    orderNonce(paper, 2n, 1n);
    const header = nextHeader(paper, 1, { time: world.chain.clock.now() });
    const key = seatKey(2n);
    const answer = {
      seat: 2n,
      header,
      certificate: certify(paper, header),
      steps: [],
      record: present(paper.state.get(key), "a record"),
      proof: proveKeys(paper.state, [key]),
    };
    await world.during(alice.adapter.answerCall(id, answer));
    await world.during(bob.adapter.answerCall(id, answer));
    expect((await viewOf(world, bob, id)).forcedCalls.open).toEqual([]);
  });

  it("costs a leader that does not answer the lead, for a while", async () => {
    const { world, alice, bob, id } = await forced();
    const early = world.during(bob.adapter.deposeLeader(id, 2n));
    await expect(early).rejects.toMatchObject({ code: "WINDOW_OPEN" });
    for (let passed = 0; passed < 60_000; passed += 10_000) {
      await world.pass(10_000);
      await world.during(alice.adapter.keepAlive(id));
    }
    await world.during(bob.adapter.deposeLeader(id, 2n));
    await world.during(bob.adapter.deposeLeader(id, 2n));
    const { leader, forcedCalls } = await viewOf(world, bob, id);
    expect([leader, forcedCalls.barred.map(({ seat }) => seat)]).toEqual([undefined, [1n]]);
    const again = world.during(alice.adapter.applyLeader(id, { steps: [] }));
    await expect(again).rejects.toMatchObject({ code: "BARRED" });
    await world.pass(LEASE_MS);
    await world.during(bob.adapter.applyLeader(id, { steps: [] }));
    expect((await viewOf(world, bob, id)).leader).toBe(2n);
  });
});
