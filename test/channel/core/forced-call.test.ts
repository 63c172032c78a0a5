import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { ChainForcedCall } from "../../../src/channel/chain-view.ts";
import { encode, refOfHeader, signedCall } from "../../../src/channel/codec.ts";
import { applyForLead } from "../../../src/channel/core/election.ts";
import { followForcedCalls } from "../../../src/channel/core/forced-call.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { makeOwn } from "../../../src/channel/core/own.ts";
import { pendingToTip } from "../../../src/channel/core/pending.ts";
import { SETTLE_SIZE } from "../../../src/channel/core/settlement.ts";
import type { Machine, Own } from "../../../src/channel/core/state.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { callsOf, untilConfirmed } from "../../simulation/watched.ts";
import { World } from "../../simulation/world.ts";
import { calm, noteOf, sent, show, tickAfter } from "./handwork.ts";
import { commandsOf, quieten, see, standIn, worldOf } from "./stand-in.ts";

/** A channel of three in which what `third` asks for never reaches the leader. */
async function censored(seed: number): Promise<World> {
  const world = await World.begin({
    seed,
    tamper: (node, effects) =>
      node.name !== "n3"
        ? effects
        : effects.filter(
            (effect) => !sent([effect], "call").length && !sent([effect], "relay").length,
          ),
  });
  await world.gather(3);
  await world.run(2_000);
  return world;
}

describe("a call that the leader does not order", () => {
  it("[FC1] [FC2] is forced, ordered by the leader that sees it, and shown by it", async () => {
    const world = await censored(601);
    const [first, , third] = world.nodes as [SimNode, SimNode, SimNode];
    const request = world.bank(third, "note", utf8("let me speak"));
    await world.run(29_000);
    expect(world.chain.view().forcedCalls.open).toEqual([]);
    expect(world.stages(request)).not.toContain("sequenced");
    await world.until("forced", () => world.chain.view().forcedCalls.open.length > 0, 5_000);
    await untilConfirmed(world, request, 10_000);
    expect(callsOf(first, 3n)).toEqual([0n]);
    await world.until("shown", () => world.chain.view().forcedCalls.open.length === 0, 10_000);
    expect(world.chain.view().leader).toBe(1n);
  });

  it("[FC5] [FC6] deposes a leader that looks away; another orders it", async () => {
    const world = await censored(602);
    const [first, , third] = world.nodes as [SimNode, SimNode, SimNode];
    const honest = first.input.bind(first);
    first.input = (input) => {
      if (input.type !== "chain") return honest(input);
      const forcedCalls = { open: [], barred: input.channel.forcedCalls.barred };
      return honest({ ...input, channel: { ...input.channel, forcedCalls } });
    };
    const request = world.bank(third, "note", utf8("let me speak"));
    await untilConfirmed(world, request, 150_000);
    const { leader, term, members, closed } = world.chain.view();
    expect([leader, term, closed]).toEqual([2n, 2n, false]);
    expect(members.map(({ stake }) => stake)).toEqual([100n, 100n, 100n]);
    expect(callsOf(first, 3n)).toEqual([0n]);
    await world.until("shown", () => world.chain.view().forcedCalls.open.length === 0, 10_000);
  });

  it("[FC1] is not forced where the leader may yet order it, or cannot", async () => {
    const world = await worldOf(3, 603);
    const waiting = (change: (n3: Machine, own: Own) => void = () => undefined) => {
      const n3 = standIn(world.node("n3"));
      const entry = noteOf(world.node("n3"), utf8("late"));
      const call = present("call" in entry ? entry.call : undefined, "a call");
      const own = makeOwn({ type: "call", call }, 0n, undefined);
      own.firstSentAt = n3.now - 30_000n;
      n3.own = [own];
      change(n3, own);
      return deedsOf(n3).map(({ type }) => type);
    };
    expect(waiting()).toEqual(["forceCall"]);
    const isLeftAlone = (change: (n3: Machine, own: Own) => void) =>
      expect(waiting(change)).toEqual([]);
    isLeftAlone((n3, own) => {
      own.firstSentAt = n3.now - 29_999n;
    });
    isLeftAlone((n3, own) => {
      own.forcedAt = n3.now - 29_999n;
    });
    isLeftAlone((n3) => see(n3, { leader: undefined }));
    isLeftAlone((n3) => see(n3, { leader: 3n }));
    isLeftAlone((n3) => quieten(n3, 1n, { hereMs: 15_000n }));
    isLeftAlone((n3, own) => {
      n3.own = [{ ...own, nonce: 1n }];
    });
    isLeftAlone((n3) => {
      // Its last header has waited for acks for a lease.
      const tip = present(n3.log.items.at(-1), "a header");
      n3.log.items = [...n3.log.items.slice(0, -1), { ...tip, certificate: undefined }];
      n3.log.highest = { ref: n3.log.base.ref, certificate: undefined };
      n3.now = tip.time + 15_000n;
      quieten(n3, 1n, { hereMs: 0n });
    });
    isLeftAlone((n3) => {
      // What is pending waits for a settlement.
      n3.pending = { ...pendingToTip(n3), size: SETTLE_SIZE + 1 };
    });
  });
});

/** A call of n3 that is forced and known to n1 and n2, whatever became of it. */
function forcedBy(node: SimNode, machine: Machine, changes: Partial<ChainForcedCall> = {}) {
  const entry = noteOf(node, utf8("forced"));
  const call = encode(signedCall, present("call" in entry ? entry.call : undefined, "a call"));
  const open: ChainForcedCall = {
    seat: 3n,
    nonce: 0n,
    call,
    posted: machine.now,
    leader: 1n,
    due: machine.chain.now + 60_000n,
    ...changes,
  };
  see(machine, { forcedCalls: { open: [open], barred: [] } });
  return open;
}

function deedsOf(machine: Machine) {
  machine.effects = [];
  machine.commands.clear();
  followForcedCalls(machine);
  return commandsOf(machine);
}

describe("a forced call", () => {
  async function played() {
    const world = await worldOf(3, 604);
    await untilConfirmed(world, world.bank(world.node("n3"), "note", utf8("ordered")));
    await world.run(2_000);
    return world;
  }

  it("[FC3] that is ordered is shown by the leader, by others when it does not", async () => {
    const world = await played();
    const [leader, other] = ["n1", "n2"].map((name) => standIn(world.node(name)));
    for (const machine of [present(leader, "n1"), present(other, "n2")]) {
      forcedBy(world.node("n3"), machine);
    }
    const [shown] = deedsOf(present(leader, "n1"));
    const tip = tipOf(present(leader, "n1").log);
    expect(shown).toMatchObject({
      type: "answerCall",
      answer: { seat: 3n },
    });
    const [answer] = shown?.type === "answerCall" ? [shown.answer] : [];
    expect(answer?.header).toEqual(tip.header?.header);
    const machine = present(other, "n2");
    expect(deedsOf(machine)).toEqual([]);
    forcedBy(world.node("n3"), machine, { due: machine.chain.now + 30_000n });
    expect(deedsOf(machine)).toEqual([]);
    forcedBy(world.node("n3"), machine, { due: machine.chain.now + 28_000n });
    expect(deedsOf(machine)).toMatchObject([{ type: "answerCall" }]);
    // The state is left as it was.
    expect(machine.tools.executor.stateRoot()).toEqual(tipOf(machine.log).stateRoot);
  });

  it("[FC3] is shown by a header that is certified, by no other", async () => {
    const world = await worldOf(3, 605);
    const n1 = standIn(world.node("n1"));
    forcedBy(world.node("n3"), n1);
    expect(deedsOf(n1)).toEqual([]);
    const tip = tipOf(n1.log);
    expect(refOfHeader(present(tip.header, "a header").header)).toEqual(tip.ref);
  });

  it("[FC4] that others have to come before gets an empty header to show it", async () => {
    const world = await calm(3);
    const n1 = world.node("n1");
    const before = tipOf(n1.running.log).ref.number;
    const n3 = world.node("n3");
    const entry = noteOf(n3, utf8("far ahead"), 7);
    const call = encode(signedCall, present("call" in entry ? entry.call : undefined, "a call"));
    const posted = n1.running.now;
    const due = n1.running.chain.now + 60_000n;
    const open = [{ seat: 3n, nonce: 7n, call, posted, leader: 1n, due }];
    show(world, n1, { forcedCalls: { open, barred: [] } });
    expect(tipOf(n1.running.log).ref.number).toBe(before + 1n);
    expect(present(n1.running.log.items.at(-1), "a header").receipts).toEqual([]);
    tickAfter(n1, 10);
    expect(tipOf(n1.running.log).ref.number).toBe(before + 1n);
  });

  it("[FC5] that is overdue has its leader deposed, by its owner first", async () => {
    const world = await worldOf(3, 606);
    const machines = ["n1", "n2", "n3"].map((name) => standIn(world.node(name)));
    const after = (ms: bigint) =>
      machines.map((machine) => {
        forcedBy(world.node("n3"), machine, { due: machine.chain.now - ms });
        return deedsOf(machine).map(({ type }) => type);
      });
    expect(after(-1n)).toEqual([[], [], []]);
    expect(after(0n)).toEqual([[], [], ["deposeLeader"]]);
    expect(after(3_999n)).toEqual([[], [], ["deposeLeader"]]);
    expect(after(4_000n)).toEqual([[], ["deposeLeader"], ["deposeLeader"]]);
    for (const machine of machines) see(machine, { leader: undefined });
    expect(after(60_000n)).toEqual([[], [], []]);
  });

  it("[FC6] keeps who was deposed over it from applying", async () => {
    const world = await worldOf(3, 607);
    const n2 = standIn(world.node("n2"));
    see(n2, { leader: undefined });
    n2.vacantSince = n2.now - 60_000n;
    const applies = (until: bigint) => {
      n2.effects = [];
      n2.commands.clear();
      see(n2, { forcedCalls: { open: [], barred: [{ seat: 2n, until }] } });
      applyForLead(n2);
      return commandsOf(n2).some(({ type }) => type === "applyLeader");
    };
    expect(applies(n2.chain.now + 1n)).toBe(false);
    expect(applies(n2.chain.now)).toBe(true);
  });
});
