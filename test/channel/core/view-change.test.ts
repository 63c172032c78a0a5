import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { applyForLead, keepAlive } from "../../../src/channel/core/election.ts";
import { chainsEpoch } from "../../../src/channel/core/epoch.ts";
import { receiveBatches } from "../../../src/channel/core/follower.ts";
import { beat } from "../../../src/channel/core/heartbeat.ts";
import { lead } from "../../../src/channel/core/leader.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { currentEpoch, leaderSeat, peerState } from "../../../src/channel/core/members.ts";
import { receiveViewChange } from "../../../src/channel/core/opening.ts";
import { makeOwn } from "../../../src/channel/core/own.ts";
import type { Machine, Own } from "../../../src/channel/core/state.ts";
import {
  followView,
  noteHeldUp,
  suspicionTimes,
  wantedEpoch,
} from "../../../src/channel/core/suspicion.ts";
import { ownViewChange } from "../../../src/channel/core/view-change.ts";
import type { Batch, Epoch, SignedViewChange } from "../../../src/channel/messages.ts";
import type { World } from "../../simulation/world.ts";
import { altered, certified, noteOf } from "./handwork.ts";
import { commandsOf, quieten, see, sentBy, standIn, worldOf, writtenBy } from "./stand-in.ts";

let four: World;
let three: World;

beforeAll(async () => {
  four = await worldOf(4, 171);
  three = await worldOf(3, 172);
});

/** The view of a seat in the first round of the term that n1 leads. */
function viewOf(seat: bigint, round = 0n): Epoch {
  return { term: 1n, view: (round << 24n) + seat };
}

/** A node whose leader was heard this long ago, and all others just now; in its epoch for long. */
function waiting(
  name: string,
  leaderMs: bigint,
  change: (machine: Machine) => void = () => undefined,
  world: World = four,
): Machine {
  const machine = standIn(world.node(name));
  machine.watch.since = machine.now - 60_000n;
  machine.watch.progressAt = machine.now - 60_000n;
  for (const { name: other } of world.nodes) {
    const seat = BigInt(other.slice(1));
    quieten(machine, seat, { hereMs: seat === 1n ? leaderMs : 0n });
    if (other === name) continue;
    const state = peerState(machine, world.node(other).peer);
    state.rttMs = 0;
    state.heartbeatAt = machine.now;
  }
  machine.routing.delayMs = 0;
  change(machine);
  followView(machine);
  return machine;
}

/** What a member's heartbeats have come to say. */
function says(machine: Machine, name: string, epoch: Epoch, agoMs = 0n): void {
  const state = peerState(machine, four.node(name).peer);
  state.heartbeat = { ...present(state.heartbeat, "a heartbeat"), epoch };
  state.heartbeatAt = machine.now - agoMs;
}

describe("giving a leader up", () => {
  const wishOf = (...args: Parameters<typeof waiting>) => waiting(...args).watch.wish;

  it("[EL11] comes after 500 ms without a sign of it, and a round trip", () => {
    expect(wishOf("n3", 499n)).toBeUndefined();
    expect(wishOf("n3", 500n)).toEqual(viewOf(2n));
    const far = (machine: Machine) => {
      peerState(machine, four.node("n1").peer).rttMs = 80;
    };
    expect(wishOf("n3", 579n, far)).toBeUndefined();
    expect(wishOf("n3", 580n, far)).toEqual(viewOf(2n));
    const relayed = (machine: Machine) => {
      machine.routing.delayMs = 90;
    };
    expect(wishOf("n3", 589n, relayed)).toBeUndefined();
    expect(wishOf("n3", 590n, relayed)).toEqual(viewOf(2n));
  });

  it("[EL11] comes when a header waits for its certificate for four seconds", () => {
    const uncertified = (ms: bigint) => (machine: Machine) => {
      const last = present(machine.log.items.at(-1), "a header");
      const { ref } = last;
      machine.log.items.push({
        ...last,
        ref: { ...ref, number: ref.number + 1n },
        certificate: undefined,
      });
      machine.watch.certified = ref.number;
      machine.watch.progressAt = machine.now - ms;
    };
    expect(wishOf("n3", 0n, uncertified(3_999n))).toBeUndefined();
    expect(wishOf("n3", 0n, uncertified(4_000n))).toEqual(viewOf(2n));
    // The leader itself cannot do anything about it either.
    expect(wishOf("n1", 0n, uncertified(4_000n))).toEqual(viewOf(2n));
  });

  it("[EL11] comes when it does not open its epoch for three seconds", () => {
    const unopened = (ms: bigint) => (machine: Machine) => {
      see(machine, { term: 2n });
      machine.promises.epoch = chainsEpoch(2n, 0n);
      machine.watch.epoch = chainsEpoch(2n, 0n);
      machine.watch.since = machine.now - ms;
    };
    expect(wishOf("n3", 0n, unopened(2_999n))).toBeUndefined();
    expect(wishOf("n3", 0n, unopened(3_000n))).toEqual({ term: 2n, view: 2n });
  });

  it("[EL11] comes when it is no seat any more, or wishes for a later epoch itself", () => {
    const isOut = (machine: Machine) => {
      const last = present(machine.log.items.at(-1), "a header");
      const seats = last.next.seats.filter(({ seat }) => seat !== 1n);
      const next = { number: last.next.number + 1n, seats };
      machine.log.items[machine.log.items.length - 1] = { ...last, configuration: next, next };
    };
    expect(wishOf("n3", 0n, isOut)).toEqual(viewOf(2n));
    expect(wishOf("n3", 0n, (machine) => says(machine, "n1", viewOf(4n)))).toEqual(viewOf(4n));
    expect(wishOf("n3", 0n, (machine) => says(machine, "n1", chainsEpoch(1n, 0n)))).toBeUndefined();
    expect(wishOf("n3", 0n, (machine) => says(machine, "n1", chainsEpoch(2n, 0n)))).toBeUndefined();
  });

  it("[EL11] doubles the times with each view that certified nothing, up to eight times", () => {
    for (const [failures, times] of [
      [1, 2n],
      [2, 4n],
      [3, 8n],
      [9, 8n],
    ] as const) {
      const failed = (machine: Machine) => {
        machine.watch.failures = failures;
      };
      expect(wishOf("n3", 500n * times - 1n, failed)).toBeUndefined();
      expect(wishOf("n3", 500n * times, failed)).toEqual(viewOf(2n));
    }
  });

  it("[EL11] counts a view as failed when it ends without a certificate of its own", () => {
    const machine = waiting("n3", 0n);
    const enter = (epoch: Epoch) => {
      machine.promises.epoch = epoch;
      followView(machine);
      return machine.watch.failures;
    };
    expect([enter(viewOf(2n)), enter(viewOf(3n)), enter(viewOf(4n))]).toEqual([0, 1, 2]);
    machine.watch.isProven = true;
    expect(enter(viewOf(2n, 1n))).toBe(0);
  });

  it("[EL11] begins anew when the node was held up itself", () => {
    const machine = waiting("n3", 0n);
    machine.armedAt = machine.now + 100n;
    for (const [lateMs, isHeldUp] of [
      [1_000n, false],
      [1_001n, true],
    ] as const) {
      machine.watch.since = 0n;
      const now = machine.armedAt + lateMs;
      noteHeldUp(machine, now);
      expect(machine.watch.since).toBe(isHeldUp ? now : 0n);
    }
  });

  it("[EL12] is for nobody whose leader a quorum needs", () => {
    expect(waiting("n3", 60_000n, undefined, three).watch.wish).toBeUndefined();
    expect(suspicionTimes(waiting("n3", 60_000n, undefined, three))).toEqual([]);
  });

  it.each<[string, (machine: Machine) => void]>([
    ["the chain names no leader", (machine) => see(machine, { leader: undefined })],
    [
      "the leader was caught",
      (machine) => {
        const { header } = present(machine.log.items.at(-1), "a header");
        machine.distrust = {
          term: 1n,
          accused: 1n,
          since: machine.now,
          isPosted: false,
          evidence: {
            type: "equivocation",
            evidence: { accused: 1n, first: header, second: header },
          },
        };
      },
    ],
    [
      "it is bound by a wish to remove",
      (machine) => {
        const { channel } = machine.facts;
        const { configuration, ref } = present(machine.log.items.at(-1), "a header");
        const named = { number: configuration.number, hash: channel };
        const removal = {
          channel,
          configuration: named,
          accused: 4n,
          lastAlive: 0n,
          highest: ref,
        };
        const signature = machine.tools.signer.signAsNode(channel);
        machine.promises.removals = [{ removal, seat: 3n, signature }];
      },
    ],
  ])("[EL12] does not come where %s", (_what, change) => {
    expect(waiting("n3", 60_000n, change).watch.wish).toBeUndefined();
  });

  it("[EL10] passes over who is silent, or barred by the chain", () => {
    const silent = (machine: Machine) => quieten(machine, 2n, { hereMs: 3_000n });
    expect(wishOf("n3", 500n, silent)).toEqual(viewOf(3n));
    const barred = (machine: Machine) => {
      const { forcedCalls, now } = machine.chain;
      const until = now + 1n;
      see(machine, { forcedCalls: { ...forcedCalls, barred: [{ seat: 2n, until }] } });
    };
    expect(wishOf("n3", 500n, barred)).toEqual(viewOf(3n));
  });

  it("[EL10] reaches what another has said, who may be bound by it, up to a round ahead", () => {
    const said = (epoch: Epoch) => wishOf("n3", 500n, (machine) => says(machine, "n4", epoch));
    expect(said(viewOf(3n))).toEqual(viewOf(3n));
    expect(said(viewOf(1n, 1n))).toEqual(viewOf(2n, 1n));
    expect(said(viewOf(3n, 1n))).toEqual(viewOf(2n));
    expect(said(viewOf(2n, 60_000n))).toEqual(viewOf(2n));
  });

  it("[EL11] is what a node asks to be woken for", () => {
    const machine = waiting("n3", 100n);
    expect(suspicionTimes(machine)).toEqual([machine.now + 400n]);
  });
});

describe("a wish", () => {
  it("[EL13] stands in a heartbeat that leaves at once, and is taken back likewise", () => {
    const machine = waiting("n3", 500n);
    machine.routing.beatAt = machine.now;
    machine.routing.saidEpoch = chainsEpoch(1n, 0n);
    const said = () =>
      sentBy(machine).flatMap(({ message }) =>
        message.type === "heartbeat" ? [message.heartbeat.epoch] : [],
      );
    beat(machine);
    expect(said()).toEqual([viewOf(2n)]);
    beat(machine);
    expect(said()).toHaveLength(1);
    quieten(machine, 1n, { hereMs: 0n });
    followView(machine);
    beat(machine);
    expect(said()).toEqual([viewOf(2n), chainsEpoch(1n, 0n)]);
  });

  it("[EL13] promises nothing", () => {
    const machine = waiting("n3", 60_000n);
    expect(wantedEpoch(machine)).toEqual(viewOf(2n));
    expect(machine.promises.epoch).toEqual(chainsEpoch(1n, 0n));
    expect(writtenBy(machine)).toEqual([]);
  });

  it("[EL14] of a quorum takes a node into the view, by a promise on disk", () => {
    const enters = (change: (machine: Machine) => void, leaderMs = 500n) => {
      const machine = waiting("n3", leaderMs, change);
      const epoch = currentEpoch(machine);
      const isIn = leaderSeat(machine) !== 1n;
      const promised = isIn ? [{ type: "viewChange", epoch }] : [];
      expect(writtenBy(machine).map(({ entry }) => entry)).toEqual(promised);
      return leaderSeat(machine);
    };
    const by = (...wishes: readonly (readonly [string, Epoch, bigint?])[]) => {
      return (machine: Machine) => {
        for (const [name, epoch, agoMs] of wishes) says(machine, name, epoch, agoMs);
      };
    };
    expect(enters(by(["n2", viewOf(2n)], ["n4", viewOf(2n)]))).toBe(2n);
    expect(enters(by(["n2", viewOf(2n)]))).toBe(1n);
    // The latest that a quorum is for, which need not be what any one of them wishes.
    expect(enters(by(["n2", viewOf(3n)], ["n4", viewOf(4n)]))).toBe(3n);
    // This node's own wish is one like the others'.
    expect(enters(by(["n1", viewOf(3n)], ["n2", viewOf(4n)], ["n4", viewOf(4n)]), 0n)).toBe(4n);
    expect(enters(by(["n2", viewOf(2n)], ["n4", viewOf(2n)]), 0n)).toBe(1n);
    // What was said long ago, of another term, or for nobody's seat counts for nothing.
    expect(enters(by(["n2", viewOf(2n), 3_001n], ["n4", viewOf(2n)]))).toBe(1n);
    expect(enters(by(["n2", viewOf(2n), 3_000n], ["n4", viewOf(2n)]))).toBe(2n);
    expect(enters(by(["n2", { term: 2n, view: 2n }], ["n4", viewOf(2n)]))).toBe(1n);
    expect(enters(by(["n2", viewOf(77n)], ["n4", viewOf(2n)]))).toBe(1n);
  });

  it("[EL12] leads nowhere while the chain names no leader", () => {
    const machine = waiting("n3", 500n, (one) => {
      for (const name of ["n1", "n2", "n4"]) says(one, name, viewOf(2n));
      see(one, { leader: undefined });
    });
    expect(machine.promises.epoch).toEqual(chainsEpoch(1n, 0n));
    expect(leaderSeat(machine)).toBeUndefined();
  });
});

describe("a leader by a view change", () => {
  it.each([4, 5])("[EL14] of %i leads within 3 s, without the chain", async (count) => {
    const world = await worldOf(count, 40 + count);
    world.chain.isHalted = true;
    const { term } = world.chain.view();
    world.node("n1").crash();
    const request = world.bank(world.node("n3"), "note", utf8("after it"));
    const isConfirmed = () => world.stages(request).includes("confirmed");
    await world.until("confirmed", isConfirmed, 3_000);
    expect(world.chain.view().term).toBe(term);
    expect(world.status(world.node("n3")).leader).toBe(2n);
    // And its own successor does, when it dies too and the first is back.
    world.node("n1").start();
    await world.run(2_000);
    world.node("n2").crash();
    const again = world.bank(world.node("n4"), "note", utf8("after both"));
    const isAgain = () => world.stages(again).includes("confirmed");
    await world.until("confirmed again", isAgain, 3_000);
    expect(world.status(world.node("n4")).leader).toBe(3n);
  });

  it("[EL13] does not come of one broken link", async () => {
    const world = await worldOf(4, 173);
    world.network.cut(world.node("n1").peer, world.node("n3").peer);
    await world.run(20_000);
    for (const node of world.nodes) expect(world.status(node).epoch).toEqual(chainsEpoch(1n, 0n));
  });

  it("[EL16] is the chain's in the next term, once the lease of the old one is over", async () => {
    const world = await worldOf(4, 174);
    world.node("n1").crash();
    await world.until("n2 leads", () => world.status(world.node("n3")).leader === 2n, 3_000);
    await world.until("on chain too", () => world.chain.view().term === 2n, 40_000);
    expect(world.chain.view().leader).toBe(2n);
    await world.run(3_000);
    expect(tipOf(world.node("n3").running.log).ref.epoch).toEqual(chainsEpoch(2n, 0n));
  });

  it("[EL2] applies before the others, whose turns come after its own", () => {
    const applies = (name: string, ms: bigint) => {
      const machine = waiting(name, 15_000n, (one) => {
        one.promises.epoch = viewOf(3n);
        quieten(one, 1n, { chainMs: 15_001n });
      });
      machine.vacantSince = machine.now - ms;
      applyForLead(machine);
      return commandsOf(machine).some(({ type }) => type === "applyLeader");
    };
    expect(applies("n3", 0n)).toBe(true);
    expect(applies("n2", 1_999n)).toBe(false);
    expect(applies("n2", 2_000n)).toBe(true);
  });

  it("[EL16] keeps its lease on chain, whoever hears it", () => {
    const machine = waiting("n2", 60_000n, (one) => {
      one.promises.epoch = viewOf(2n);
      one.leadership = { ...present(four.node("n1").running.leadership, "led"), quorumAt: 0n };
      one.keepAliveAt = undefined;
    });
    keepAlive(machine);
    expect(commandsOf(machine)).toEqual([{ type: "keepAlive" }]);
  });

  it("[EL15] says five times a second that it is there, if the others could do without it", () => {
    const beats = (name: string, ms: bigint, world: World = four) => {
      const machine = standIn(world.node(name));
      Object.assign(machine, { routing: { ...machine.routing } });
      machine.routing.beatAt = machine.now - ms;
      machine.routing.saidEpoch = wantedEpoch(machine);
      beat(machine);
      return sentBy(machine).length > 0;
    };
    expect([beats("n1", 199n), beats("n1", 200n)]).toEqual([false, true]);
    expect([beats("n2", 999n), beats("n2", 1_000n)]).toEqual([false, true]);
    expect([beats("n1", 999n, three), beats("n1", 1_000n, three)]).toEqual([false, true]);
  });
});

describe("a view that a quorum has promised", () => {
  /** The first header of n2's first view, made of the promises of the others. */
  function openingBy(names: readonly string[], epoch: Epoch = viewOf(2n)): Batch {
    const leader = waiting("n2", 500n, (machine) => {
      machine.promises.epoch = epoch;
    });
    lead(leader);
    for (const name of names) receiveViewChange(leader, viewChangeBy(name, epoch));
    leader.effects = [];
    lead(leader);
    const opened = sentBy(leader).flatMap(({ message }) =>
      message.type === "batch" ? [message.batch] : [],
    );
    return present(opened[0], "an opening");
  }

  function viewChangeBy(name: string, epoch: Epoch): SignedViewChange {
    const machine = waiting(name, 0n, (one) => {
      one.promises.epoch = epoch;
    });
    return present(ownViewChange(machine, epoch), "a view change");
  }

  function takes(batch: Batch, change: (machine: Machine) => void = () => undefined): Machine {
    const machine = waiting("n3", 0n, change);
    machine.effects = [];
    receiveBatches(machine, [batch], [], four.node("n2").peer);
    return machine;
  }

  it("[EL14] takes a node along by its first header, though it has heard no wish", () => {
    const machine = takes(openingBy(["n3", "n4"]));
    expect(tipOf(machine.log).ref.epoch).toEqual(viewOf(2n));
    expect(machine.promises.epoch).toEqual(viewOf(2n));
    expect(leaderSeat(machine)).toBe(2n);
    const [promise, ...others] = writtenBy(machine).map(({ entry }) => entry.type);
    expect([promise, others.includes("batch")]).toEqual(["viewChange", true]);
  });

  it("[EL7] is not opened by fewer, nor [EL4] by another seat than its own", () => {
    const opening = openingBy(["n3", "n4"]);
    const before = tipOf(takes(opening, (machine) => see(machine, { term: 9n })).log).ref;
    const tipAfter = (batch: Batch) => tipOf(takes(batch).log).ref;
    expect(tipAfter({ ...opening, viewChanges: opening.viewChanges.slice(1) })).toEqual(before);
    const fourth = altered(opening, four.node("n4"), { leader: 4n });
    expect(tipAfter(fourth)).toEqual(before);
    const older = altered(opening, four.node("n4"), { leader: 4n, epoch: viewOf(3n) });
    expect(tipAfter(older)).toEqual(before);
    // Not even where a quorum seems to have acked it.
    const machine = waiting("n3", 0n);
    receiveBatches(machine, [fourth], [certified(four, fourth)], four.node("n4").peer);
    expect(tipOf(machine.log).ref).toEqual(before);
    receiveBatches(machine, [opening], [certified(four, opening)], four.node("n2").peer);
    expect(tipOf(machine.log).ref.epoch).toEqual(viewOf(2n));
  });

  it("[EL4] has one leader, whoever it says leads", () => {
    const machine = takes(openingBy(["n3", "n4"]), (one) => {
      one.promises.epoch = viewOf(2n);
    });
    expect(leaderSeat(machine)).toBe(2n);
    see(machine, { leader: 4n });
    expect(leaderSeat(machine)).toBe(2n);
  });

  it("[EL6] is opened on view changes that came before its leader had entered it", () => {
    const machine = waiting("n2", 0n);
    for (const name of ["n3", "n4"]) receiveViewChange(machine, viewChangeBy(name, viewOf(2n)));
    const forged = { ...viewChangeBy("n3", viewOf(2n)), seat: 1n };
    receiveViewChange(machine, forged);
    receiveViewChange(machine, viewChangeBy("n4", viewOf(4n)));
    expect([...machine.early.keys()]).toEqual([3n, 4n]);
    machine.promises.epoch = viewOf(2n);
    lead(machine);
    expect(tipOf(machine.log).ref.epoch).toEqual(viewOf(2n));
    expect(machine.early.size).toBe(0);
  });

  it("[EL5] has calls that are not ordered given to its leader at once", () => {
    const { own } = takes(openingBy(["n3", "n4"]), (machine) => {
      machine.own = [ownCall(machine)];
    });
    expect(own.map(({ sentAt }) => sentAt)).toEqual([undefined]);
  });

  function ownCall(machine: Machine): Own {
    const [entry] = [noteOf(four.node("n3"), utf8("waits"))];
    if (entry?.type !== "call") throw new Error("a call");
    const made = makeOwn({ type: "call", call: entry.call }, entry.call.call.nonce, undefined);
    return { ...made, sentAt: machine.now, sentTerm: 1n };
  }
});

describe("a member that promised a view which the others did not enter", () => {
  it("[EL17] follows them without acks, is served, and is taken along", async () => {
    const world = await worldOf(4, 175);
    const [first, second, , ahead] = world.nodes;
    if (first === undefined || second === undefined || ahead === undefined) throw new Error("4");
    ahead.running.promises.epoch = viewOf(3n);
    const acked = () => ahead.running.promises.acked;
    const before = acked();
    world.bank(second, "note", utf8("without it"));
    await world.run(2_000);
    const request = world.bank(ahead, "note", utf8("of its own"));
    const isConfirmed = (one: number) => world.stages(one).includes("confirmed");
    await world.until("served", () => isConfirmed(request), 3_000);
    expect(world.status(ahead)).toMatchObject({ phase: "following", leader: 1n });
    expect(acked()).toEqual(before);
    expect(ahead.running.promises.epoch).toEqual(viewOf(3n));
    first.crash();
    const after = world.bank(second, "note", utf8("of all three"));
    await world.until("with its ack", () => isConfirmed(after), 3_000);
    expect(acked().epoch).toEqual(viewOf(3n));
  });
});

describe("a leader that promised a later view itself", () => {
  it("[EL5] orders nothing in its own any more, though the others stay in it", () => {
    const machine = waiting("n1", 0n, (one) => {
      one.promises.epoch = viewOf(3n);
      one.watch.isPassed = true;
    });
    expect(currentEpoch(machine)).toEqual(chainsEpoch(1n, 0n));
    expect(leaderSeat(machine)).toBe(1n);
    lead(machine);
    expect(machine.leadership).toBeUndefined();
  });
});

describe("a leader by a view change that has nothing left to reveal", () => {
  it("[LE9] resigns, and another orders what waits", async () => {
    const world = await worldOf(4, 176);
    const [first, second, third] = world.nodes;
    if (first === undefined || second === undefined || third === undefined) throw new Error("4");
    const { tools } = second.running;
    Object.assign(tools, { signer: { ...tools.signer, reveal: () => undefined } });
    first.crash();
    const request = world.bank(third, "note", utf8("by the third"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"), 8_000);
    expect(world.status(third).leader).toBe(3n);
    expect(world.chain.view().term).toBe(1n);
  });
});
