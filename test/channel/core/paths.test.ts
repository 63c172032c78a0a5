import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { decodeMessage, encodeMessage, heartbeatMessage } from "../../../src/channel/codec.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { peerState } from "../../../src/channel/core/members.ts";
import type { Heartbeat, Message, MessageOf, Route } from "../../../src/channel/messages/wire.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import {
  calm,
  complaints,
  hand,
  orders,
  sendOf,
  sent,
  show,
  takeOver,
  three,
  tickAfter,
  tipNumber,
} from "./handwork.ts";

/** What `from` told `to` last, told anew: later, and with something changed. */
function beatOf(
  to: SimNode,
  from: SimNode,
  change: Partial<Heartbeat> = {},
  signer: SimNode = from,
): MessageOf<"heartbeat"> {
  const last = present(peerState(to.running, from.peer).heartbeat, "it was heard");
  const heartbeat: Heartbeat = {
    ...last,
    sequence: last.sequence + 1n,
    sentAt: last.sentAt + 1n,
    echoes: [],
    ...change,
  };
  const signature = signer.keys.signAsNode(heartbeatMessage(heartbeat));
  return { type: "heartbeat", heartbeat, signature };
}

/** `from` says that the leader is so far away from it. */
function tellRoute(world: World, to: SimNode, from: SimNode, change: Partial<Route>): void {
  const { heartbeat } = beatOf(to, from);
  const route = { delayMs: 0, hops: 0, sequence: 1n, epoch: to.running.routing.epoch };
  hand(world, to, from, beatOf(to, from, { route: { ...heartbeat.route, ...route, ...change } }));
}

/** n2's round trips to the leader n1 and to n3, and what n3 says of its path. */
async function measured(direct: number, toRelay: number) {
  const cast = await three();
  const { n1, n2, n3 } = cast;
  const { running } = n2;
  running.routing.via = undefined;
  running.routing.feasible = undefined;
  peerState(running, n1.peer).rttMs = direct;
  peerState(running, n3.peer).rttMs = toRelay;
  const newer = running.routing.leaderSequence + 1n;
  const tell = (change: Partial<Route>) =>
    tellRoute(cast.world, n2, n3, { sequence: newer, ...change });
  return { ...cast, routing: running.routing, tell, newer };
}

function relays(effects: readonly Effect[]): readonly MessageOf<"relay">[] {
  return sent(effects, "relay");
}

describe("heartbeats", () => {
  it("[RT1] go to every member every second", async () => {
    const { world, n1, n2, n3 } = await three();
    n2.running.routing.beatAt = n2.running.now;
    expect(sent(tickAfter(n2, 999), "heartbeat")).toEqual([]);
    const effects = tickAfter(n2, 1);
    const beat = sendOf(effects, "heartbeat");
    expect(new Set(beat.to)).toEqual(new Set([n1.peer, n3.peer]));
    const { heartbeat, signature } = present(sent(effects, "heartbeat")[0], "a heartbeat");
    const key = n2.keys.nodeKey;
    expect(world.ring.verify(heartbeatMessage(heartbeat), signature, key)).toBe(true);
    const { items, confirmed, highest } = n2.running.log;
    expect(heartbeat.tip).toEqual(items.at(-1)?.ref);
    expect(heartbeat.certified).toEqual(highest.ref);
    expect(heartbeat.confirmed).toBe(confirmed);
    expect(heartbeat.route.epoch).toEqual(n2.running.routing.epoch);
    const echoed = heartbeat.echoes.map(({ node }) => node);
    expect(echoed).toEqual([n1.keys.nodeKey, n3.keys.nodeKey]);
  });

  it("[RT1] that were sent before count for nothing", async () => {
    const { world, n1, n2 } = await three();
    const [old, next] = [beatOf(n2, n1), beatOf(n2, n1, { sentAt: world.clock.now })];
    hand(world, n2, n1, next);
    const state = peerState(n2.running, n1.peer);
    const { heardAt } = state;
    tickAfter(n2, 700);
    for (const again of [old, next]) hand(world, n2, n1, again);
    expect(state.heardAt).toBe(heardAt);
    expect(state.heartbeat).toEqual(next.heartbeat);
  });

  it("[RT1] that another key has signed are refused", async () => {
    const { world, n1, n2, n3 } = await three();
    const state = peerState(n2.running, n1.peer);
    const before = state.heartbeat;
    const effects = hand(world, n2, n3, beatOf(n2, n1, {}, n3));
    expect(complaints(effects).join()).toContain("a heartbeat");
    expect(state.heartbeat).toBe(before);
  });

  it("[RT2] measure the round trip on the direct link, smoothed by a quarter", async () => {
    const { world, n1, n2, n3 } = await three();
    const state = peerState(n2.running, n3.peer);
    state.rttMs = 100;
    const { now } = world.clock;
    const echoes = [{ node: n2.keys.nodeKey, sentAt: now - 220n, heldMs: 20 }];
    const beat = beatOf(n2, n3, { echoes });
    const envelope = {
      type: "relay",
      from: n3.keys.nodeKey,
      to: n2.keys.nodeKey,
      hopsLeft: 2,
    } as const;
    hand(world, n2, n1, { ...envelope, payload: encodeMessage(beat) });
    expect(state.heartbeat).toEqual(beat.heartbeat);
    expect(state.rttMs).toBe(100);
    hand(world, n2, n3, beatOf(n2, n3, { echoes }));
    expect(state.rttMs).toBe(125);
    state.rttMs = undefined;
    hand(world, n2, n3, beatOf(n2, n3, { echoes }));
    expect(state.rttMs).toBe(200);
  });
});

describe("the path to the leader", () => {
  it("[RT3] is the faster one of the direct link and the way through a member", async () => {
    const slow = await measured(100, 10);
    slow.tell({ delayMs: 20 });
    expect(slow.routing.via).toBe(slow.n3.peer);
    expect(slow.routing.delayMs).toBe(30);
    const fast = await measured(25, 10);
    fast.tell({ delayMs: 20 });
    expect(fast.routing.via).toBeUndefined();
    expect(fast.routing.delayMs).toBe(25);
  });

  it("[RT3] is the way that messages to the leader go", async () => {
    const { world, n2, n3, n1, tell } = await measured(100, 10);
    tell({ delayMs: 20 });
    const effects = hand(world, n2, n1, { type: "batch", batch: orders(n1) });
    const envelope = present(relays(effects)[0], "an envelope");
    expect(sendOf(effects, "relay").to).toEqual([n3.peer]);
    expect(envelope.to).toEqual(n1.keys.nodeKey);
    const inner = decodeMessage(envelope.payload);
    assert(inner.ok, "a message in it");
    expect(inner.value.type).toBe("ack");
  });

  it.each([
    [81, false],
    [80, true],
  ] as const)("[RT4] of %i ms replaces one of 100 ms: %s", async (delay, isTaken) => {
    const { routing, tell, n3 } = await measured(100, 10);
    tell({ delayMs: delay - 10 });
    expect(routing.via).toBe(isTaken ? n3.peer : undefined);
  });

  it("[RT5] through a member needs newer news of the leader, or as new and nearer", async () => {
    const { routing, tell, n3, newer } = await measured(100, 10);
    routing.feasible = { sequence: newer, delayMs: 20 };
    tell({ delayMs: 20 });
    expect(routing.via).toBeUndefined();
    tell({ delayMs: 5, sequence: newer - 1n });
    expect(routing.via).toBeUndefined();
    tell({ delayMs: 19 });
    expect(routing.via).toBe(n3.peer);
    routing.via = undefined;
    tell({ delayMs: 40, sequence: newer + 1n });
    expect(routing.via).toBe(n3.peer);
  });

  it("[RT5] through a member does not lead back here", async () => {
    const { routing, tell, n2, n3 } = await measured(100, 10);
    tell({ delayMs: 20, via: n2.keys.nodeKey });
    expect(routing.via).toBeUndefined();
    tell({ delayMs: 20, via: n3.keys.nodeKey });
    expect(routing.via).toBe(n3.peer);
  });

  it("[RT5] of another epoch's leader is none", async () => {
    const { routing, tell } = await measured(100, 10);
    const { term, view } = routing.epoch;
    tell({ delayMs: 20, epoch: { term: term + 1n, view } });
    expect(routing.via).toBeUndefined();
  });

  it.each([
    [2, true],
    [3, false],
  ] as const)("[RT6] through a member that is %i relays away: %s", async (hops, isTaken) => {
    const { routing, tell, n3 } = await measured(100, 10);
    tell({ delayMs: 20, hops });
    expect(routing.via).toBe(isTaken ? n3.peer : undefined);
  });

  it("[RT6] an envelope is carried by three relays", async () => {
    const { world, n1, n2, n3 } = await three();
    const envelope = (hopsLeft: number): Message => ({
      type: "relay",
      from: n3.keys.nodeKey,
      to: n1.keys.nodeKey,
      hopsLeft,
      payload: encodeMessage(beatOf(n1, n3)),
    });
    const [carried] = relays(hand(world, n2, n3, envelope(1)));
    expect(carried?.hopsLeft).toBe(0);
    expect(relays(hand(world, n2, n3, envelope(0)))).toEqual([]);
    // The first relay finds two more hops left.
    peerState(n3.running, n1.peer).isUp = false;
    n3.running.sync.isBehind = true;
    expect(relays(tickAfter(n3, 0))[0]?.hopsLeft).toBe(2);
  });

  it("[RT7] a relay without a sign of the leader for two timeouts is left for 30 s", async () => {
    const { routing, tell, n1, n2, n3, newer } = await measured(100, 10);
    tell({ delayMs: 20 });
    const { running } = n2;
    const leader = peerState(running, n1.peer);
    const state = peerState(running, n3.peer);
    let sequence = newer;
    /** n3 goes on saying that it has a path; the leader is silent. */
    const pass = (ms: number) => {
      state.heartbeatAt = running.now + BigInt(ms);
      sequence += 1n;
      const heartbeat = present(state.heartbeat, "heard");
      state.heartbeat = { ...heartbeat, route: { ...heartbeat.route, sequence } };
      return tickAfter(n2, ms);
    };
    leader.heardAt = running.now;
    for (let second = 0; second < 6; second++) pass(1_000);
    expect(routing.via).toBe(n3.peer);
    pass(1_000);
    expect(routing.via).toBeUndefined();
    expect(routing.shunned.get(n3.peer)).toBe(running.now + 30_000n);
    for (let second = 0; second < 29; second++) {
      pass(1_000);
      expect(routing.via).toBeUndefined();
    }
    leader.heardAt = running.now;
    pass(1_000);
    expect(routing.via).toBe(n3.peer);
    expect(running.distrust).toBeUndefined();
  });

  it("[RT7] a relay that brings no order of our entries is left", async () => {
    const { routing, tell, world, n1, n2, n3 } = await measured(100, 10);
    tell({ delayMs: 20 });
    const request = world.bank(n2, "note", new Uint8Array(4));
    expect(request).toBeGreaterThan(0);
    const { running } = n2;
    for (let second = 0; second < 8; second++) {
      peerState(running, n1.peer).heardAt = running.now + 1_000n;
      peerState(running, n3.peer).heartbeatAt = running.now + 1_000n;
      tickAfter(n2, 1_000);
    }
    expect(routing.via).toBeUndefined();
    expect(routing.shunned.has(n3.peer)).toBe(true);
  });

  it("[RT8] an envelope makes nothing of what another has signed", async () => {
    const { world, n1, n2, n3 } = await three();
    const envelope = {
      type: "relay",
      from: n1.keys.nodeKey,
      to: n2.keys.nodeKey,
      hopsLeft: 2,
    } as const;
    const [leader, third] = [n1, n3].map((node) => peerState(n2.running, node.peer));
    const before = leader?.heartbeat;
    const beat = beatOf(n2, n3);
    hand(world, n2, n3, { ...envelope, payload: encodeMessage(beat) });
    expect(leader?.heartbeat).toBe(before);
    expect(third?.heartbeat).toEqual(beat.heartbeat);
    const forged = beatOf(n2, n1, {}, n3);
    hand(world, n2, n3, { ...envelope, payload: encodeMessage(forged) });
    expect(leader?.heartbeat).toBe(before);
  });

  it("[RT8] an envelope in an envelope is not opened", async () => {
    const world = await calm(3);
    const [n1, n2, n3] = [world.node("n1"), world.node("n2"), world.node("n3")];
    const wrap = (message: Message): Message => ({
      type: "relay",
      from: n1.keys.nodeKey,
      to: n2.keys.nodeKey,
      hopsLeft: 2,
      payload: encodeMessage(message),
    });
    const batch: Message = { type: "batch", batch: orders(n1) };
    const before = tipNumber(n2);
    hand(world, n2, n3, wrap(wrap(batch)));
    expect(tipNumber(n2)).toBe(before);
    hand(world, n2, n3, wrap(batch));
    expect(tipNumber(n2)).toBe(before + 1n);
  });

  it("[RT3] is chosen anew in a new epoch", async () => {
    const { tell, routing, world, n1, n2, n3 } = await measured(100, 10);
    tell({ delayMs: 20 });
    expect(routing.via).toBe(n3.peer);
    takeOver({ world, n1, n2, n3 });
    show(world, n2, {});
    tickAfter(n2, 1_000);
    expect(routing.epoch.term).toBe(n2.running.chain.term);
    expect(routing.via).not.toBe(n3.peer);
  });
});
