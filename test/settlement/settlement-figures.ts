// What one settlement costs by each adapter, and how long it takes: until a block has it, and until
// everybody is told of it for good. All on real nodes; times are the chains' own.
import { present } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { accountNamed } from "../chains/fixture.ts";
import {
  changeSeats,
  confirm,
  orderState,
  paperChannel,
  settlementOf,
} from "../conformance/paper-channel.ts";
import type { AdapterMember, AdapterWorld, Line } from "../conformance/settlement-world.ts";
import { startParaWorld } from "./para-world.ts";
import { serveWorld } from "./served-world.ts";
import { startShardWorld } from "./shard-world.ts";
import { startWorld } from "./world.ts";

const STAKE = 100n;
/** As many messages as the chat's contract keeps, each as long. */
const KEPT = 32;
const NUMBER_DIGITS = 8;
/** Calls that one header of a busy channel covers. */
const CALLS_A_HEADER = 64;
const STEP_MS = 100;
const TOLD_MS_MAX = 60_000;

export interface SettlementFigures {
  /** Gas units of all its transactions: the proposal, the vote, the execution. */
  readonly gas: number;
  /** From when the execution is asked for. */
  readonly softMs: number;
  readonly hardMs: number;
}

interface Place {
  readonly world: AdapterWorld;
  readonly now: () => bigint;
  readonly close: () => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** Chains to settle on, by the names that the bench gives their adapters. */
export const SETTLEMENT_PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  root: async () => {
    const world = await startWorld();
    return { world, now: () => world.chain.clock.now(), close: nothing };
  },
  aptos: async () => {
    const served = await serveWorld();
    const { world } = served;
    return { world, now: () => world.chain.clock.now(), close: () => served.close() };
  },
  shard: async () => {
    const world = await startShardWorld();
    return { world, now: () => world.clock.now(), close: nothing };
  },
  para: async () => {
    const world = await startParaWorld({}, 4);
    return { world, now: () => world.clock.now(), close: nothing };
  },
};

/** @param calls that were made since the channel began; at least one. */
export async function settlementFigures(place: string, calls: number): Promise<SettlementFigures> {
  const { world, now, close } = await present(SETTLEMENT_PLACES[place], `a chain: ${place}`)();
  try {
    return await settleOnce(world, now, calls);
  } finally {
    await close();
  }
}

async function settleOnce(
  world: AdapterWorld,
  now: () => bigint,
  calls: number,
): Promise<SettlementFigures> {
  let gas = 0;
  /** Counts each transaction once, however often its fate is asked for. */
  const counting: Line = (access) => {
    const counted = new Set<string>();
    return {
      ...access,
      fate: async (hash, timeoutMs) => {
        const fate = await access.fate(hash, timeoutMs);
        if (fate.type !== "committed" || counted.has(toHex(hash))) return fate;
        counted.add(toHex(hash));
        gas += Number(fate.call.gasUsed);
        return fate;
      },
    };
  };
  const members = [await world.member("alice", counting), await world.member("bob", counting)];
  const [alice, bob] = members;
  if (alice === undefined || bob === undefined) throw new Error("two members");
  const { id } = await world.during(alice.adapter.enter(STAKE));
  await world.during(bob.adapter.enter(STAKE));
  await world.during(alice.adapter.applyLeader(id, { steps: [] }));
  await world.pass(world.tellingMs);
  const evidence = await evidenceOf(world, id, members, calls);
  let toldMs: bigint | undefined;
  const stop = bob.adapter.subscribe(id, (event) => {
    if (event?.type === "settled") toldMs = now();
  });
  gas = 0;
  const proposal = await world.during(alice.adapter.propose(id, evidence));
  await world.during(bob.adapter.vote(id, proposal, 1));
  const channel = present(await world.during(alice.adapter.channel(id)), "the channel");
  const passed = present(
    channel.proposals.find((shown) => shown.id === proposal),
    "the proposal",
  );
  const askedMs = now();
  // In the job in which it is done: the clock goes on by steps.
  const doneMs = await world.during(alice.adapter.execute(id, passed).then(() => now()));
  for (let waited = 0; toldMs === undefined && waited < TOLD_MS_MAX; waited += STEP_MS) {
    await world.pass(STEP_MS);
  }
  stop();
  const hardMs = present(toldMs, "everybody is told");
  const lastMs = hardMs > doneMs ? hardMs : doneMs;
  return { gas, softMs: Number(doneMs - askedMs), hardMs: Number(lastMs - askedMs) };
}

/** Evidence that settles so many posts, of which the newest are kept. */
async function evidenceOf(
  world: AdapterWorld,
  id: bigint,
  members: readonly AdapterMember[],
  calls: number,
) {
  const channel = present(
    await world.during(present(members[0], "alice").adapter.channel(id)),
    "it",
  );
  const before = await world.during(world.stateOf(id));
  const paper = paperChannel(channel, before, (seat, message) =>
    present(members[Number(seat) - 1], "a seat").signAsNode(message),
  );
  const seats = channel.members.map(({ seat, address, memberKey, nodeKey, revealTip }) => {
    return { seat, address, memberKey, nodeKey, revealTip };
  });
  const steps = [changeSeats(paper, seats)];
  for (let number = 1; number < calls; number++) {
    orderState(paper, stateAfter(before, number));
    if (number % CALLS_A_HEADER === 0) confirm(paper, CALLS_A_HEADER);
  }
  orderState(paper, stateAfter(before, calls));
  return settlementOf(paper, confirm(paper, ((calls - 1) % CALLS_A_HEADER) + 1), steps);
}

const author = accountNamed("alice").address;

/** The group when so many were posted: message n stands at (n - 1) mod 32, as in the contract. */
function stateAfter(group: Uint8Array, count: number): Uint8Array {
  const reader = new BcsReader(group);
  const [id, name] = [reader.u64(), reader.string()];
  const numbers = Array.from({ length: Math.min(count, KEPT) }, (_, place) => {
    const behind = (count - 1 - place) % KEPT;
    return count - behind;
  });
  return encodeBcs((writer) => {
    writer.u64(id).string(name).u64(BigInt(count));
    writer.vector(numbers, (out, number) => {
      const text = `message ${`${number}`.padStart(NUMBER_DIGITS, "0")}`;
      out.u64(BigInt(number)).address(author).string(text);
    });
  });
}
