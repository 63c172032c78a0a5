// A settlement whose chain takes back what has happened, at every one of its steps, and forgets it
// too: nobody's transaction comes again by itself. Members see what is and repeat what is missing,
// as nodes do, and everything happens exactly once.
import { describe, expect, it } from "vitest";
import type { SignedTransaction } from "#chains";
import type { ChainChannel, ChainProposal } from "#channel";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { SettlementError } from "#settlement";
import { branchBlock, heightOf } from "../../src/chains/ledger/block-tree.ts";
import { readAccount } from "../../src/chains/ledger/framework.ts";
import { transferTo } from "../chains/fixture.ts";
import {
  changeSeats,
  confirm,
  orderState,
  paperChannel,
  settlementOf,
} from "../conformance/paper-channel.ts";
import { startWorld, type TestMember, type TestWorld } from "./world.ts";

const STAKE = 100n;
const UNDOABLE = 4;
const SETTLE_MS = 6_000;
const STEPS = ["created", "voted", "executed"] as const;
type Step = (typeof STEPS)[number];

interface Table {
  readonly world: TestWorld;
  readonly alice: TestMember;
  readonly bob: TestMember;
  readonly id: bigint;
}

async function seated(): Promise<Table> {
  const world = await startWorld({ undoable: UNDOABLE });
  const alice = await world.member("alice");
  const bob = await world.member("bob");
  const { id } = await world.during(alice.adapter.enter(STAKE));
  await world.during(bob.adapter.enter(STAKE));
  await world.during(alice.adapter.applyLeader(id, { steps: [] }));
  await world.pass(SETTLE_MS);
  return { world, alice, bob, id };
}

async function viewOf({ world, id }: Table, { adapter }: TestMember): Promise<ChainChannel> {
  return present(await world.during(adapter.channel(id)), "a channel");
}

/** What settles another text in the group. */
async function evidenceOf(table: Table, text: string) {
  const { world, id, alice, bob } = table;
  const channel = await viewOf(table, alice);
  const before = await world.during(world.stateOf(id));
  const paper = paperChannel(channel, before, (seat, message) =>
    (seat === 1n ? alice : bob).signAsNode(message),
  );
  const seats = channel.members.map(({ seat, address, memberKey, nodeKey, revealTip }) => {
    return { seat, address, memberKey, nodeKey, revealTip };
  });
  const steps = [changeSeats(paper, seats)];
  const value = world.otherState(before, text);
  orderState(paper, value);
  return { evidence: settlementOf(paper, confirm(paper, 1), steps), value };
}

/**
 * The chain takes its newest blocks back. What members had sent in them never comes again: other
 * transactions of theirs have the same numbers.
 */
async function forget({ world, alice, bob }: Table): Promise<void> {
  const { node, client } = world.chain;
  const { tree } = node.current().source;
  const below = branchBlock(tree, heightOf(tree.head) - BigInt(UNDOABLE));
  const instead: SignedTransaction[] = [];
  for (const { account } of [alice, bob]) {
    const used = await world.during(client.account(account.address));
    const { sequenceNumber } = readAccount(below.state, account.address);
    for (let number = sequenceNumber; number < used.sequenceNumber; number++) {
      instead.push(transferTo(account, number, account.address, 1n));
    }
  }
  await node.undo(Number(heightOf(tree.head) - heightOf(below)), instead);
  await world.pass(SETTLE_MS);
}

/** Gives a command like a node: refused or not, the next view says what is to be done. */
async function attempt(world: TestWorld, command: () => Promise<unknown>): Promise<void> {
  try {
    await world.during(command());
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
  }
}

function latest({ proposals }: ChainChannel): ChainProposal | undefined {
  return proposals.findLast(({ status }) => status !== "replaced" && status !== "void");
}

/** How far the settlement has come, by a member's view. */
function reached(channel: ChainChannel): Step | undefined {
  if (channel.settled.index > 0n) return "executed";
  const proposal = latest(channel);
  if (proposal === undefined) return undefined;
  return proposal.votes.some(({ seat }) => seat === 2n) ? "voted" : "created";
}

describe("a reorganisation of the chain", () => {
  it.each(STEPS)("after a settlement was %s loses nothing, and settles it once", async (lost) => {
    const table = await seated();
    const { world, alice, bob, id } = table;
    const { evidence, value } = await evidenceOf(table, "once");
    const settled: bigint[] = [];
    const stop = bob.adapter.subscribe(id, (event) => {
      if (event?.type === "settled") settled.push(event.height);
    });
    const forgotten: (Step | undefined)[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const [view] = [await viewOf(table, alice), await viewOf(table, bob)];
      const step = reached(view);
      if (step === lost && forgotten.length === 0) {
        await forget(table);
        forgotten.push(reached(await viewOf(table, alice)));
        continue;
      }
      if (step === "executed") break;
      const proposal = latest(view);
      if (proposal === undefined) await attempt(world, () => alice.adapter.propose(id, evidence));
      else if (step === "created") {
        await attempt(world, () => bob.adapter.vote(id, proposal.id, 1));
      } else await attempt(world, () => alice.adapter.execute(id, proposal));
    }
    await world.pass(SETTLE_MS);
    const after = await viewOf(table, bob);
    expect(forgotten).toHaveLength(1);
    expect(forgotten).not.toContain(lost);
    expect(after.settled.index).toBe(1n);
    expect(after.settled.height).toBe(evidence.toHeight);
    expect(equalBytes(await world.during(world.stateOf(id)), value)).toBe(true);
    expect(settled).toEqual([evidence.toHeight]);
    stop();
  });

  it("is waited out by who would put another settlement in the place of a new one", async () => {
    const table = await seated();
    const { world, alice, bob, id } = table;
    const [one, other] = [await evidenceOf(table, "one"), await evidenceOf(table, "other")];
    const number = await world.during(alice.adapter.propose(id, one.evidence));
    expect(await world.during(bob.adapter.propose(id, other.evidence))).toBe(number);
    // When everybody has been told of it, the contract says whether another may take its place.
    await world.pass(SETTLE_MS);
    const again = world.during(bob.adapter.propose(id, other.evidence));
    await expect(again).rejects.toMatchObject({ code: "STALE_CHECKPOINT" });
  });

  it("that puts another proposal under the number of one that is gone shows that one", async () => {
    const table = await seated();
    const { world, alice, bob, id } = table;
    const [one, other] = [await evidenceOf(table, "one"), await evidenceOf(table, "other")];
    const number = await world.during(alice.adapter.propose(id, one.evidence));
    await world.during(bob.adapter.vote(id, number, 1));
    const passed = present(latest(await viewOf(table, alice)), "it is shown");
    await world.during(alice.adapter.execute(id, passed));
    expect((await viewOf(table, bob)).proposals.map(({ status }) => status)).toEqual(["executed"]);
    await forget(table);
    const again = await world.during(bob.adapter.propose(id, other.evidence));
    expect(again).toBe(number);
    const shown = present(latest(await viewOf(table, bob)), "it is shown");
    expect(shown).toMatchObject({ id: number, proposer: 2n, status: "open" });
    await world.during(alice.adapter.vote(id, again, 1));
    const second = present(latest(await viewOf(table, alice)), "it is shown");
    await world.during(bob.adapter.execute(id, second));
    expect(equalBytes(await world.during(world.stateOf(id)), other.value)).toBe(true);
  });
});
