// What every settlement adapter must survive: transactions and answers that are lost, transactions
// that come twice, nodes that start anew, blocks that are undone. A channel is played from its
// beginning to its end under each, and everything happens exactly once.
import { expect, it } from "vitest";
import type { ChainEvent } from "#channel";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { SettlementError } from "#settlement";
import { changeSeats, confirm, orderState, paperChannel, settlementOf } from "./paper-channel.ts";
import type { AdapterMember, AdapterWorld, Line, StartWorld } from "./settlement-world.ts";

const STAKE = 100n;
/** Blocks that are undone at once, and longer than it takes to make as many again. */
const UNDONE = 3;
const AGAIN_MS = 6_000;

/** What is done to the chain after each step of a channel's life. */
type After = (world: AdapterWorld) => Promise<void>;

interface Told {
  readonly isApplied: boolean;
  readonly settlements: bigint;
  readonly closed: boolean;
  readonly members: number;
  readonly events: readonly string[];
}

const TOLD: Told = {
  isApplied: true,
  settlements: 1n,
  closed: true,
  members: 0,
  events: ["proposalCreated", "voted", "voted", "settled"],
};

/** Two members play a whole channel: enter, settle with one leaving, fetch, close. */
async function wholeStory(world: AdapterWorld, line?: Line, after?: After): Promise<Told> {
  const alice = await world.member("alice", line);
  const bob = await world.member("bob", line);
  const step = async <T>(command: () => Promise<T>): Promise<T> => {
    const result = await world.during(command());
    await after?.(world);
    return result;
  };
  const { id } = await step(() => alice.adapter.enter(STAKE));
  await step(() => bob.adapter.enter(STAKE));
  const events: ChainEvent["type"][] = [];
  const stop = bob.adapter.subscribe(id, (event) => {
    if (event !== undefined && TOLD.events.includes(event.type)) events.push(event.type);
  });
  await step(() => alice.adapter.applyLeader(id, { steps: [] }));
  const { evidence, value } = await settlementOn(world, id, [alice, bob]);
  const proposal = await step(() => alice.adapter.propose(id, evidence));
  await step(() => bob.adapter.vote(id, proposal, 1));
  const passed = present(
    (await shown(world, alice, id)).proposals.find((one) => one.id === proposal),
    "the proposal is shown",
  );
  await step(() => alice.adapter.execute(id, passed));
  const isApplied = equalBytes(await world.during(world.stateOf(id)), value);
  await step(() => bob.adapter.leave(id));
  await step(() => alice.adapter.close(id));
  await step(() => alice.adapter.leave(id));
  await world.pass(AGAIN_MS + world.tellingMs);
  stop();
  const { closed, members, settled } = await shown(world, alice, id);
  return { isApplied, settlements: settled.index, closed, members: members.length, events };
}

async function shown(world: AdapterWorld, { adapter }: AdapterMember, id: bigint) {
  return present(await world.during(adapter.channel(id)), "there is a channel");
}

/** The evidence for a settlement that changes the state and lets the second leave. */
async function settlementOn(world: AdapterWorld, id: bigint, members: readonly AdapterMember[]) {
  const channel = await shown(world, present(members[0], "alice"), id);
  const before = await world.during(world.stateOf(id));
  const paper = paperChannel(channel, before, (seat, message) =>
    present(members[Number(seat) - 1], "a seat").signAsNode(message),
  );
  const seats = channel.members.map(({ seat, address, memberKey, nodeKey, revealTip }) => {
    return { seat, address, memberKey, nodeKey, revealTip };
  });
  const steps = [changeSeats(paper, seats), changeSeats(paper, seats.slice(0, 1))];
  const value = world.otherState(before, "over a bad line");
  orderState(paper, value);
  return { evidence: settlementOf(paper, confirm(paper, 1), steps), value };
}

/** Every first answer is lost: the sender cannot know what became of its transaction. */
const deaf: Line = (access) => {
  const tried = new WeakSet<Uint8Array>();
  return {
    ...access,
    submit: async (call) => {
      const handover = await access.submit(call);
      if (tried.has(call.bytes)) return handover;
      tried.add(call.bytes);
      throw new SettlementError("CHAIN_UNREACHABLE", "the answer is lost");
    },
  };
};

/** Every second transaction never arrives, and of the others every third does so twice. */
const careless: Line = (access) => {
  let count = 0;
  return {
    ...access,
    submit: async (call) => {
      count += 1;
      if (count % 2 === 0) return { type: "accepted" };
      if (count % 3 === 0) await access.submit(call);
      return access.submit(call);
    },
  };
};

/** Every transaction arrives again when it stands in a block already. */
const echoing: Line = (access) => ({
  ...access,
  submit: async (call) => {
    const handover = await access.submit(call);
    await access.fate(call.hash, AGAIN_MS);
    const again = await access.submit(call);
    expect(again.type).not.toBe("accepted");
    return handover;
  },
});

export function settlementTrouble(start: StartWorld): void {
  it("plays a whole channel though the answer to every first submission is lost", async () => {
    expect(await wholeStory(await start(), deaf)).toEqual(TOLD);
  });

  it("plays a whole channel though submissions are lost and doubled", async () => {
    expect(await wholeStory(await start(), careless)).toEqual(TOLD);
  });

  it("plays a whole channel though every transaction comes again when it is done", async () => {
    expect(await wholeStory(await start(), echoing)).toEqual(TOLD);
  });

  it("plays a whole channel though the chain's node starts anew after every step", async () => {
    const told = await wholeStory(await start(), undefined, (world) => world.restart());
    expect(told).toEqual(TOLD);
  });

  it("plays a whole channel though the blocks of every step are undone", async () => {
    const told = await wholeStory(await start({ undoable: UNDONE }), undefined, async (world) => {
      await world.undo();
      await world.pass(AGAIN_MS);
    });
    expect(told).toEqual(TOLD);
  });
}
