// What every settlement adapter must do, whatever chain is behind it: the channel's port, and
// entering a channel through its game's contract.
import { describe, expect, it } from "vitest";
import { type ChainChannel, type ChainEvent, encodeAnswer } from "#channel";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { SettlementAdapter } from "#settlement";
import {
  accusationOf,
  changeSeats,
  confirm,
  nextHeader,
  orderState,
  type PaperChannel,
  paperChannel,
  removalBy,
  settlementOf,
  shownStep,
  signHeader,
} from "./paper-channel.ts";
import { settlementTrouble } from "./settlement-trouble.suite.ts";
import type { AdapterMember, AdapterWorld, StartWorld } from "./settlement-world.ts";

const STAKE = 100n;
const LEASE_MS = 16_000;
const EXCLUSION_WINDOW_MS = 10_000;
const BAN_MS = 301_000;
const NAMES = ["alice", "bob", "carol", "dave", "erin"] as const;

interface Table {
  readonly world: AdapterWorld;
  readonly id: bigint;
  readonly members: readonly AdapterMember[];
  readonly paper: PaperChannel;
}

function adapterOf({ members }: Pick<Table, "members">, index: number): SettlementAdapter {
  return present(members[index], "so many sit here").adapter;
}

async function view(world: AdapterWorld, adapter: SettlementAdapter, id: bigint) {
  return present(await world.during(adapter.channel(id)), "there is a channel");
}

/** A channel that so many have entered; the first leads, nobody is admitted yet but the first. */
async function seated(world: AdapterWorld, count: number): Promise<Table> {
  const members: AdapterMember[] = [];
  let id = 0n;
  for (const name of NAMES.slice(0, count)) {
    const member = await world.member(name);
    members.push(member);
    ({ id } = await world.during(member.adapter.enter(STAKE)));
  }
  const first = adapterOf({ members }, 0);
  await world.during(first.applyLeader(id, { steps: [] }));
  const channel = await view(world, first, id);
  const sign = (seat: bigint, message: Uint8Array) =>
    present(members[Number(seat) - 1], "a seat").signAsNode(message);
  const bytes = await world.during(world.stateOf(id));
  return { world, id, members, paper: paperChannel(channel, bytes, sign) };
}

/** Admits everybody who sits at the table, on paper. */
function admitAll({ paper }: Table) {
  const seats = paper.channel.members.map(
    ({ seat, address, memberKey, nodeKey, revealTip }) =>
      ({ seat, address, memberKey, nodeKey, revealTip }) as const,
  );
  return seats.length === 1 ? [] : [changeSeats(paper, seats)];
}

export function settlementAdapterSuite(name: string, start: StartWorld): void {
  describe(`a settlement adapter: ${name}`, () => {
    describe("entering", () => {
      entering(start);
    });
    describe("leading", () => {
      leading(start);
    });
    describe("settling", () => {
      settling(start);
    });
    describe("judging", () => {
      judging(start);
    });
    describe("disputing", () => {
      disputing(start);
    });
    describe("parting", () => {
      parting(start);
    });
    describe("in trouble", () => {
      settlementTrouble(start);
    });
  });
}

function entering(start: StartWorld): void {
  it("creates the channel once and joins it afterwards", async () => {
    const world = await start();
    const [alice, bob] = [await world.member("alice"), await world.member("bob")];
    expect(await world.during(bob.adapter.find())).toBeUndefined();
    const created = await world.during(alice.adapter.enter(STAKE));
    expect(created.seat).toBe(1n);
    expect(await world.during(bob.adapter.find())).toBe(created.id);
    const before = await world.during(bob.balance());
    expect(await world.during(bob.adapter.enter(STAKE))).toEqual({ id: created.id, seat: 2n });
    expect(before - (await world.during(bob.balance()))).toBeGreaterThanOrEqual(STAKE);
    const channel = await view(world, bob.adapter, created.id);
    expect(channel.members.map(({ seat, standing }) => [seat, standing])).toEqual([
      [1n, "joined"],
      [2n, "joined"],
    ]);
    expect(channel).toMatchObject({ stake: STAKE, closed: false, term: 0n });
    expect(channel.configuration.seats.map(({ seat }) => seat)).toEqual([1n]);
  });

  it("finds the seat that one has, again and again", async () => {
    const world = await start();
    const alice = await world.member("alice");
    const first = await world.during(alice.adapter.enter(STAKE));
    const before = await world.during(alice.balance());
    expect(await world.during(alice.adapter.enter(STAKE))).toEqual(first);
    expect(await world.during(alice.adapter.join(first.id))).toBe(1n);
    expect(await world.during(alice.balance())).toBe(before);
  });

  it("lets two that create at once meet in one channel", async () => {
    const world = await start();
    const [alice, bob] = [await world.member("alice"), await world.member("bob")];
    const both = Promise.all([alice.adapter.enter(STAKE), bob.adapter.enter(STAKE)]);
    const [one, other] = await world.during(both);
    expect(one.id).toBe(other.id);
    expect(new Set([one.seat, other.seat]).size).toBe(2);
  });

  it("refuses a sixth member with a reason", async () => {
    const world = await start();
    await seated(world, 5);
    const sixth = await world.member("frank");
    const entering = world.during(sixth.adapter.enter(STAKE));
    await expect(entering).rejects.toMatchObject({ code: "CHANNEL_FULL" });
  });

  it("knows no channel that nobody created", async () => {
    const world = await start();
    const alice = await world.member("alice");
    expect(await world.during(alice.adapter.channel(77n))).toBeUndefined();
    const alive = world.during(alice.adapter.keepAlive(77n));
    await expect(alive).rejects.toMatchObject({ code: "NO_CHANNEL" });
  });
}

function leading(start: StartWorld): void {
  it("lets the first lead, and nobody else while it is heard", async () => {
    const table = await seated(await start(), 2);
    const { world, id } = table;
    const steps = admitAll(table);
    const candidacy = { steps };
    const applying = world.during(adapterOf(table, 1).applyLeader(id, candidacy));
    await expect(applying).rejects.toMatchObject({ code: "LEADER_VALID" });
    await world.pass(LEASE_MS / 2);
    await world.during(adapterOf(table, 0).keepAlive(id));
    await world.pass(LEASE_MS / 2);
    const again = world.during(adapterOf(table, 1).applyLeader(id, candidacy));
    await expect(again).rejects.toMatchObject({ code: "LEADER_VALID" });
    await world.pass(LEASE_MS);
    await world.during(adapterOf(table, 1).applyLeader(id, candidacy));
    expect(await view(world, adapterOf(table, 0), id)).toMatchObject({ term: 2n, leader: 2n });
  });

  it("keeps a leader that applies again where it is", async () => {
    const table = await seated(await start(), 1);
    const { world, id } = table;
    await world.pass(LEASE_MS);
    await world.during(adapterOf(table, 0).applyLeader(id, { steps: [] }));
    expect(await view(world, adapterOf(table, 0), id)).toMatchObject({ term: 1n, leader: 1n });
  });

  it("raises the fence to a certificate that is shown", async () => {
    const table = await seated(await start(), 1);
    const { world, id, paper } = table;
    const { certificate } = confirm(paper, 0);
    await world.during(adapterOf(table, 0).postCertificate(id, { certificate, steps: [] }));
    const { fence } = await view(world, adapterOf(table, 0), id);
    expect(fence).toEqual(certificate.ack.header);
    await world.during(adapterOf(table, 0).postCertificate(id, { certificate, steps: [] }));
  });

  it("removes a silent seat when more than half sign, and starts anew at the fence", async () => {
    const table = await seated(await start(), 3);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    const { certificate } = confirm(paper, 0);
    await world.during(adapterOf(table, 1).postCertificate(id, { certificate, steps }));
    const evidence = { removals: await wishesOfTwo(table), certificate, steps };
    await world.during(adapterOf(table, 1).removeSilent(id, evidence));
    const after = await view(world, adapterOf(table, 2), id);
    expect(after.configuration.seats.map(({ seat }) => seat)).toEqual([2n, 3n]);
    expect(after.forced?.configuration).toEqual(after.configuration);
    expect(after.forced?.fence).toEqual(certificate.ack.header);
    expect(after.leader).toBeUndefined();
    expect(after.members.map(({ standing }) => standing)).toEqual(["removed", "joined", "joined"]);
    await world.during(adapterOf(table, 2).removeSilent(id, evidence));
    await world.during(adapterOf(table, 2).applyLeader(id, { steps: [] }));
    expect((await view(world, adapterOf(table, 1), id)).leader).toBe(3n);
  });

  it("does not remove a seat that was heard", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    await world.during(adapterOf(table, 0).postCertificate(id, { steps }));
    const { members, fence } = await view(world, adapterOf(table, 1), id);
    const heard = present(members[0], "seat 1").lastAlive;
    const removals = [removalBy(paper, 2n, 1n, heard, fence)];
    const removing = world.during(adapterOf(table, 1).removeSilent(id, { removals, steps }));
    await expect(removing).rejects.toMatchObject({ code: "NOT_SILENT" });
  });
}

/** The first of three falls silent, and the others wish it out, at the chain's fence. */
async function wishesOfTwo(table: Table): Promise<ReturnType<typeof removalBy>[]> {
  const { world, id, paper } = table;
  await world.pass(LEASE_MS);
  for (const at of [1, 2]) await world.during(adapterOf(table, at).keepAlive(id));
  const { members, fence } = await view(world, adapterOf(table, 1), id);
  const { lastAlive } = present(members[0], "seat 1");
  return [2n, 3n].map((seat) => removalBy(paper, seat, 1n, lastAlive, fence));
}

function settling(start: StartWorld): void {
  it("settles with everybody's yes at once, and says so to everybody", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    await world.pass(world.tellingMs);
    const seen: (ChainEvent | undefined)[] = [];
    const stop = adapterOf(table, 1).subscribe(id, (event) => seen.push(event));
    const steps = admitAll(table);
    const value = world.otherState(await world.during(world.stateOf(id)), "ahoy");
    orderState(paper, value);
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    expect(await world.during(adapterOf(table, 0).propose(id, evidence))).toBe(proposal);
    const early = await proposalOf(table, proposal);
    expect(early.status).toBe("open");
    const executing = world.during(adapterOf(table, 0).execute(id, early));
    await expect(executing).rejects.toMatchObject({ code: "NOT_PASSED" });

    await world.during(adapterOf(table, 1).vote(id, proposal, 1));
    await world.during(adapterOf(table, 1).vote(id, proposal, 1));
    const passed = await proposalOf(table, proposal);
    expect(passed.status).toBe("passed");
    await world.during(adapterOf(table, 0).execute(id, passed));
    await world.during(adapterOf(table, 1).execute(id, passed));
    expect(await world.during(world.stateOf(id))).toEqual(value);
    const { settled } = await view(world, adapterOf(table, 1), id);
    expect(settled).toMatchObject({ height: evidence.toHeight, index: 1n });
    expect(settled.stateRoot).toEqual(evidence.header.header.stateRoot);
    await world.pass(world.tellingMs);
    stop();
    const types = seen.flatMap((event) => event?.type ?? []);
    expect(types).toEqual(["proposalCreated", "voted", "voted", "settled"]);
  });

  it("settles without everybody only after the dispute window", async () => {
    const table = await seated(await start(), 3);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "two of three"));
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    await world.during(adapterOf(table, 1).vote(id, proposal, 1));
    const waiting = await proposalOf(table, proposal);
    expect(waiting.status).toBe("open");
    const executing = world.during(adapterOf(table, 0).execute(id, waiting));
    await expect(executing).rejects.toMatchObject({ code: "WINDOW_OPEN" });
    await world.pass(Number(paper.channel.settings.disputeWindow) + world.tellingMs);
    const passed = await proposalOf(table, proposal);
    expect(passed.status).toBe("passed");
    await world.during(adapterOf(table, 1).execute(id, passed));
    expect((await proposalOf(table, proposal)).status).toBe("executed");
  });

  it("goes on when every adapter is made anew between any two steps", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    const anew = async (name: string) => (await world.member(name)).adapter;
    const value = world.otherState(await world.during(world.stateOf(id)), "again");
    orderState(paper, value);
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during((await anew("alice")).propose(id, evidence));
    expect(await world.during((await anew("alice")).propose(id, evidence))).toBe(proposal);
    await world.during((await anew("bob")).vote(id, proposal, 1));
    await world.during((await anew("bob")).vote(id, proposal, 1));
    const passed = await proposalOf(table, proposal);
    await world.during((await anew("bob")).execute(id, passed));
    await world.during((await anew("alice")).execute(id, passed));
    expect(await world.during(world.stateOf(id))).toEqual(value);
  });

  it("refuses a proposal whose certificate is no quorum's", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "alone"));
    const confirmation = confirm(paper, 1);
    const signatures = confirmation.certificate.signatures.slice(0, 1);
    const certificate = { ...confirmation.certificate, signatures };
    const evidence = settlementOf(paper, { ...confirmation, certificate }, steps);
    const proposing = world.during(adapterOf(table, 0).propose(id, evidence));
    await expect(proposing).rejects.toMatchObject({ code: "BAD_CERTIFICATE" });
    expect((await view(world, adapterOf(table, 0), id)).proposals).toEqual([]);
  });

  it("refuses a settlement from another height than the settled one", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "once"));
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    await world.during(adapterOf(table, 1).vote(id, proposal, 1));
    const passed = await proposalOf(table, proposal);
    await world.during(adapterOf(table, 0).execute(id, passed));
    const before = await view(world, adapterOf(table, 1), id);
    const again = world.during(adapterOf(table, 1).propose(id, evidence));
    await expect(again).rejects.toMatchObject({ code: "HEIGHT_MISMATCH" });
    const after = await view(world, adapterOf(table, 1), id);
    expect([after.settled, after.proposals]).toEqual([before.settled, before.proposals]);
  });

  it("says that a settlement is void once it can never pass", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "no"));
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    expect((await proposalOf(table, proposal)).voters).toEqual([1n, 2n]);
    await world.during(adapterOf(table, 1).vote(id, proposal, 0));
    const down = await proposalOf(table, proposal);
    expect(down.status).toBe("void");
    const executing = world.during(adapterOf(table, 0).execute(id, down));
    await expect(executing).rejects.toMatchObject({ code: "NOT_PASSED" });
  });

  it("refuses a vote of one without a seat", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "ours"));
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    const stranger = await world.member("stranger");
    const voting = world.during(stranger.adapter.vote(id, proposal, 1));
    await expect(voting).rejects.toMatchObject({ code: "NOT_MEMBER" });
  });

  it("refuses a second vote that says something else", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "hm"));
    const evidence = settlementOf(paper, confirm(paper, 1), steps);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    const voting = world.during(adapterOf(table, 0).vote(id, proposal, 0));
    await expect(voting).rejects.toMatchObject({ code: "ALREADY_VOTED" });
  });
}

/** Lets the window of a punished seat pass, in which nobody leads, and takes it out. */
async function excluded(table: Table): Promise<void> {
  const { world, id } = table;
  const { leader, exclusions } = await view(world, adapterOf(table, 1), id);
  expect([leader, exclusions.map(({ seat }) => seat)]).toEqual([undefined, [1n]]);
  await world.pass(EXCLUSION_WINDOW_MS);
  await world.during(adapterOf(table, 1).postCertificate(id, { steps: [] }));
  await world.pass(world.tellingMs);
}

function judging(start: StartWorld): void {
  it("forces a cheater out with two approvals, fines and bans it", async () => {
    const table = await seated(await start(), 3);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    const seen: ChainEvent[] = [];
    const stop = adapterOf(table, 2).subscribe(id, (event) => {
      if (event !== undefined) seen.push(event);
    });
    const evidence = accusationOf(paper, steps);
    const proposal = await world.during(adapterOf(table, 1).punish(id, evidence));
    await world.during(adapterOf(table, 2).vote(id, proposal, 1));
    const passed = await proposalOf(table, proposal);
    expect(passed).toMatchObject({ type: 2, status: "passed" });
    await world.during(adapterOf(table, 1).execute(id, passed));
    await excluded(table);
    stop();
    const channel = await view(world, adapterOf(table, 1), id);
    expect(channel.configuration.seats.map(({ seat }) => seat)).toEqual([2n, 3n]);
    expect(channel.leader).toBeUndefined();
    expect(seen).toContainEqual(
      expect.objectContaining({ type: "punished", seat: 1n, fined: STAKE }),
    );
    expect(seen).toContainEqual(
      expect.objectContaining({ type: "configurationChanged", removed: 1n }),
    );
    const back = world.during(adapterOf(table, 0).join(id));
    await expect(back).rejects.toMatchObject({ code: "BANNED" });
    await world.sleep(BAN_MS);
    const cheater = world.during(adapterOf(table, 0).join(id));
    expect(await cheater).toBe(4n);
  });

  it("punishes two headers for one place without a vote", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    await world.during(adapterOf(table, 1).postCertificate(id, { steps }));
    const first = signHeader(paper, nextHeader(paper, 0));
    const second = signHeader(paper, nextHeader(paper, 0, { time: 5n }));
    const evidence = { accused: 1n, first, second };
    await world.during(adapterOf(table, 1).proveEquivocation(id, evidence));
    await world.during(adapterOf(table, 1).proveEquivocation(id, evidence));
    await excluded(table);
    const channel = await view(world, adapterOf(table, 1), id);
    expect(channel.configuration.seats.map(({ seat }) => seat)).toEqual([2n]);
  });

  it("fines one that is out for its silence, for what it signed before", async () => {
    const table = await seated(await start(), 3);
    const { world, id, paper } = table;
    const first = signHeader(paper, nextHeader(paper, 0));
    const second = signHeader(paper, nextHeader(paper, 0, { time: 5n }));
    const steps = admitAll(table);
    const removals = await wishesOfTwo(table);
    await world.during(adapterOf(table, 1).removeSilent(id, { removals, steps }));
    const stake = async () => (await view(world, adapterOf(table, 1), id)).members[0]?.stake;
    expect(await stake()).toBe(STAKE);
    const evidence = { accused: 1n, first, second };
    for (const at of [1, 2]) {
      await world.during(adapterOf(table, at).proveEquivocation(id, evidence));
      expect(await stake()).toBe(0n);
    }
  });

  it("refuses an accusation that shows nothing", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    await world.during(adapterOf(table, 1).postCertificate(id, { steps }));
    const header = signHeader(paper, nextHeader(paper, 0));
    const evidence = { accused: 1n, first: header, second: header };
    const proving = world.during(adapterOf(table, 1).proveEquivocation(id, evidence));
    await expect(proving).rejects.toMatchObject({ code: "BAD_EVIDENCE" });
  });
}

/** A settlement of a header of which an answer shows this step. */
async function proposedStep(table: Table) {
  const { world, id, paper } = table;
  const steps = admitAll(table);
  orderState(paper, world.otherState(await world.during(world.stateOf(id)), "unseen"));
  const { shown, stepsRoot } = shownStep(paper, utf8("what nobody was shown"));
  const confirmed = confirm(paper, 1, { stepsRoot });
  const evidence = settlementOf(paper, confirmed, steps);
  const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
  const answer = [{ header: confirmed.header, path: [], steps: [shown] }];
  return { proposal, answer, number: confirmed.header.header.number };
}

function disputing(start: StartWorld): void {
  it("demands the data of a settlement once, and a demanded answer can be read back", async () => {
    const table = await seated(await start(), 2);
    const { world, id } = table;
    const { proposal, answer, number } = await proposedStep(table);
    const [alice, bob] = [adapterOf(table, 0), adapterOf(table, 1)];
    for (let times = 0; times < 2; times++) {
      await world.during(bob.demandData(id, proposal, number, number));
    }
    const asked = await view(world, alice, id);
    const challenger = asked.members[1]?.address;
    expect(asked.demands).toMatchObject([{ proposal, challenger, next: number, last: number }]);
    expect(asked.answers).toEqual([]);
    const demand = present(asked.demands[0], "the demand").id;
    for (let times = 0; times < 2; times++) {
      await world.during(alice.answerDemand(id, demand, answer));
    }
    const anew = (await world.member("bob")).adapter;
    for (const reader of [bob, bob, anew]) {
      const { demands, answers } = await view(world, reader, id);
      expect([demands, answers]).toEqual([[], [{ proposal, data: encodeAnswer(answer) }]]);
    }
  });

  it("voids a settlement of which a demand was not answered in time", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const { proposal, number } = await proposedStep(table);
    const bob = adapterOf(table, 1);
    await world.during(bob.demandData(id, proposal, number, number));
    const { demands } = await view(world, bob, id);
    const demand = present(demands[0], "the demand").id;
    const early = world.during(bob.voidDemand(id, demand));
    await expect(early).rejects.toMatchObject({ code: "WINDOW_OPEN" });
    await world.pass(Number(paper.channel.settings.removalWindow) + world.tellingMs);
    for (let times = 0; times < 2; times++) await world.during(bob.voidDemand(id, demand));
    expect((await proposalOf(table, proposal)).status).toBe("void");
  });
}

function parting(start: StartWorld): void {
  it("returns the stake of who left, once the settlement says so", async () => {
    const table = await seated(await start(), 2);
    const { world, id, paper } = table;
    const steps = admitAll(table);
    const leaving = world.during(adapterOf(table, 1).leave(id));
    await expect(leaving).rejects.toMatchObject({ code: "NOT_SETTLED" });
    const left = changeSeats(paper, paper.configuration.seats.slice(0, 1));
    orderState(paper, world.otherState(await world.during(world.stateOf(id)), "bye"));
    const evidence = settlementOf(paper, confirm(paper, 1), [...steps, left]);
    const proposal = await world.during(adapterOf(table, 0).propose(id, evidence));
    await world.during(adapterOf(table, 1).vote(id, proposal, 1));
    await world.during(adapterOf(table, 0).execute(id, await proposalOf(table, proposal)));
    const bob = present(table.members[1], "bob");
    const before = await world.during(bob.balance());
    await world.during(bob.adapter.leave(id));
    const after = await world.during(bob.balance());
    expect(after).toBeGreaterThan(before - 1_000_000n);
    const channel = await view(world, bob.adapter, id);
    expect(channel.members.map(({ seat }) => seat)).toEqual([1n]);
    await world.during(bob.adapter.leave(id));
    expect(await world.during(bob.balance())).toBe(after);
  });

  it("closes for the last member and stays closed", async () => {
    const table = await seated(await start(), 1);
    const { world, id } = table;
    await world.during(adapterOf(table, 0).close(id));
    await world.during(adapterOf(table, 0).close(id));
    expect((await view(world, adapterOf(table, 0), id)).closed).toBe(true);
    await world.during(adapterOf(table, 0).leave(id));
    const alive = world.during(adapterOf(table, 0).keepAlive(id));
    await expect(alive).rejects.toMatchObject({ code: "CHANNEL_CLOSED" });
    const again = await world.during(adapterOf(table, 0).enter(STAKE));
    expect(again.id).not.toBe(id);
  });

  it("does not close while others are in", async () => {
    const table = await seated(await start(), 2);
    const closing = table.world.during(adapterOf(table, 0).close(table.id));
    await expect(closing).rejects.toMatchObject({ code: "NOT_ONLY_MEMBER" });
  });
}

async function proposalOf(table: Table, number: bigint) {
  const channel: ChainChannel = await view(table.world, adapterOf(table, 0), table.id);
  return present(
    channel.proposals.find(({ id }) => id === number),
    "the proposal is shown",
  );
}
