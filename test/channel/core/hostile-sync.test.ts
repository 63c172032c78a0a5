// A peer that answers what nobody asked, claims what it cannot prove, and asks without end.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { encodeMessage, NO_HEADER } from "../../../src/channel/codec.ts";
import { isSettledBase } from "../../../src/channel/core/base.ts";
import { itemAt, tipOf } from "../../../src/channel/core/log.ts";
import { createMachine, step } from "../../../src/channel/core/machine.ts";
import { provedSteps } from "../../../src/channel/core/step-proofs.ts";
import { carriedSteps } from "../../../src/channel/core/steps.ts";
import type { ConfigurationStep } from "../../../src/channel/evidence.ts";
import type { MessageOf, SyncBase } from "../../../src/channel/messages/wire.ts";
import { peerIdOf } from "../../../src/channel/ports.ts";
import { createKeyRing } from "../../simulation/keys.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import {
  calm,
  complaints,
  hand,
  handAnswer,
  orders,
  sendOf,
  sent,
  settle,
  show,
  three,
  tickAfter,
  tipNumber,
} from "./handwork.ts";

const STRANGE = { ...NO_HEADER, number: 3n };

interface Newcomer {
  readonly world: World;
  readonly n1: SimNode;
  readonly n2: SimNode;
  readonly base: SyncBase;
}

/** A settled channel in which n2 has lost everything, and the base that n1 would give it. */
async function newcomer(): Promise<Newcomer> {
  const world = await calm(3);
  await settle(world);
  const [n1, n2] = [world.node("n1"), world.node("n2")];
  const { chain, tools, now, peers, facts } = n2.running;
  const { signer, verify, parameters } = tools;
  const executor = n2.options.makeExecutor();
  n2.machine = createMachine({ executor, signer, verify, parameters, chain, now });
  for (const [peer, state] of peers) n2.machine.peers.set(peer, state);
  const request = { type: "syncRequest", channel: facts.channel, known: [STRANGE] } as const;
  const [answer] = sent(hand(world, n1, n2, request), "syncResponse");
  return { world, n1, n2, base: present(answer?.base, "the base") };
}

function offer({ n2 }: Newcomer, base: SyncBase): MessageOf<"syncResponse"> {
  const { channel } = n2.running.facts;
  return { type: "syncResponse", channel, base, batches: [], certificates: [] };
}

function chunkOf(
  { n2, base }: Newcomer,
  changes: Partial<MessageOf<"snapshotChunk">> = {},
): MessageOf<"snapshotChunk"> {
  const { channel } = n2.running.facts;
  const header = present(n2.running.sync.snapshot?.header, "a fetch");
  const { stateRoot } = base.header.header;
  const plain = { type: "snapshotChunk", channel, header, index: 0, count: 3 } as const;
  return { ...plain, bytes: stateRoot, ...changes };
}

describe("an answer", () => {
  it("[SY5] counts only from a member that was asked, and once", async () => {
    const { world, n1, n2, n3 } = await three();
    const { channel } = n2.running.facts;
    const before = tipNumber(n2);
    const answerWith = (): MessageOf<"syncResponse"> => {
      return { type: "syncResponse", channel, batches: [orders(n1)], certificates: [] };
    };
    const answer = answerWith();
    hand(world, n2, n3, answer);
    hand(world, n2, n1, answer);
    expect(tipNumber(n2)).toBe(before);
    n2.running.sync.isBehind = true;
    expect(sendOf(tickAfter(n2, 0), "syncRequest").to).toEqual([n1.peer]);
    hand(world, n2, n3, answer);
    expect(tipNumber(n2)).toBe(before);
    hand(world, n2, n1, answer);
    expect(tipNumber(n2)).toBe(before + 1n);
    hand(world, n2, n1, answerWith());
    expect(tipNumber(n2)).toBe(before + 1n);
  });

  it("[SY5] counts for 60 seconds", async () => {
    const { world, n1, n2 } = await three();
    const { channel } = n2.running.facts;
    const batches = [orders(n1)];
    const answer = { type: "syncResponse", channel, batches, certificates: [] } as const;
    const before = tipNumber(n2);
    const askedAt = n2.running.now;
    n2.running.now = askedAt + 60_001n;
    n2.running.sync.awaited.set(n1.peer, askedAt);
    hand(world, n2, n1, answer);
    expect(tipNumber(n2)).toBe(before);
    n2.running.sync.awaited.set(n1.peer, askedAt + 1n);
    hand(world, n2, n1, answer);
    expect(tipNumber(n2)).toBe(before + 1n);
  });
});

describe("the steps of a base", () => {
  async function proved(): Promise<{ world: World; steps: readonly ConfigurationStep[] }> {
    const world = await calm(3);
    const { log } = world.node("n1").running;
    expect(log.steps.map(({ configuration }) => configuration.number)).toEqual([1n, 2n]);
    return { world, steps: log.steps };
  }

  it("[SY3] are taken if each is proved under one before it, otherwise none is", async () => {
    const { world, steps } = await proved();
    const machine = world.node("n3").running;
    const { configuration: first } = machine.log.base;
    expect(machine.chain.configuration.number).toBe(0n);
    expect(provedSteps(machine, first, steps)).toEqual(steps);
    const [one, two] = steps.map((each) => each);
    if (one === undefined || two === undefined) throw new Error("two steps");
    const number = two.configuration.number + 1n;
    const seats = two.configuration.seats.slice(0, 1);
    const forged: readonly (readonly ConfigurationStep[])[] = [
      [two],
      [one, one],
      [one, { ...two, configuration: { ...two.configuration, seats } }],
      [one, two, { ...two, configuration: { number, seats } }],
      [one, { ...two, certificate: one.certificate }],
      [one, { ...two, confirmingCertificate: one.confirmingCertificate }],
      [one, { ...two, confirming: two.header, confirmingCertificate: two.certificate }],
    ];
    for (const each of forged) expect(provedSteps(machine, first, each)).toEqual([]);
  });

  it("[SY3] that are forged do not come between a node and the chain", async () => {
    const scene = await newcomer();
    const { world, n1, n2, base } = scene;
    const { configuration } = base;
    const [real] = world.node("n3").running.log.steps;
    const like = present(real ?? (await proved()).steps[0], "a step like any other");
    const next = { number: configuration.number + 1n, seats: configuration.seats.slice(0, 1) };
    const forged = { ...base, steps: [{ ...like, configuration: next }] };
    expect(isSettledBase(n2.running, forged)).toBe(true);
    let [request] = sent(handAnswer(world, n2, n1, offer(scene, forged)), "snapshotRequest");
    while (request !== undefined) {
      const [chunk] = sent(hand(world, n1, n2, request), "snapshotChunk");
      [request] = sent(hand(world, n2, n1, present(chunk, "a chunk")), "snapshotRequest");
    }
    expect(n2.running.isLoaded).toBe(true);
    expect(n2.running.log.steps).toEqual([]);
    expect(carriedSteps(n2.running, next)).toEqual([]);
  });
});

describe("a snapshot", () => {
  it.each([
    ["changes its count", { index: 1, count: 4 }],
    ["names too many chunks", { index: 1, count: 4_097 }],
  ])("[SY7] that %s is left for another member's", async (_what, changes) => {
    const scene = await newcomer();
    const { world, n1, n2, base } = scene;
    handAnswer(world, n2, n1, offer(scene, base));
    hand(world, n2, n1, chunkOf(scene));
    const effects = hand(world, n2, n1, chunkOf(scene, changes));
    expect(complaints(effects).join()).toContain("BAD_BATCH: a snapshot of");
    expect(n2.running.sync.snapshot).toBeUndefined();
    const [first, second] = [500, 500].map((ms) => sendOf(tickAfter(n2, ms), "syncRequest").to);
    expect([first, second]).toContainEqual([world.node("n3").peer]);
  });

  it("[SY7] is no larger than 256 MiB", async () => {
    const scene = await newcomer();
    const { world, n1, n2, base } = scene;
    handAnswer(world, n2, n1, offer(scene, base));
    const snapshot = present(n2.running.sync.snapshot, "a fetch");
    const bytes = new Uint8Array(1_024);
    snapshot.size = 2 ** 28 - bytes.length;
    hand(world, n2, n1, chunkOf(scene, { bytes }));
    expect(n2.running.sync.snapshot).toBe(snapshot);
    const effects = hand(world, n2, n1, chunkOf(scene, { index: 1, bytes: bytes.slice(0, 1) }));
    expect(complaints(effects).join()).toContain("more than 268435456 bytes");
    expect(n2.running.sync.snapshot).toBeUndefined();
  });

  it("[SY7] that drips in for five minutes is left for another member's", async () => {
    const scene = await newcomer();
    const { world, n1, n2, base } = scene;
    handAnswer(world, n2, n1, offer(scene, base));
    const began = n2.running.now;
    for (let index = 0; index < 149; index++) {
      n2.running.now += 2_000n;
      hand(world, n2, n1, chunkOf(scene, { index, count: 4_000 }));
    }
    expect(n2.running.sync.snapshot?.chunks).toHaveLength(149);
    n2.running.now = began + 300_000n;
    const effects = hand(world, n2, n1, chunkOf(scene, { index: 149, count: 4_000 }));
    expect(complaints(effects).join()).toContain("too slowly");
    expect(n2.running.sync.snapshot).toBeUndefined();
  });
});

describe("requests without end", () => {
  it("[SY6] are answered once in half a resend time, unless they go on", async () => {
    const { world, n1, n2 } = await three();
    const { channel } = n1.running.facts;
    const { ref } = tipOf(n1.running.log);
    for (let count = 0; count < 70; count++) orders(n1);
    const knownAt = (above: bigint) => {
      return [present(itemAt(n1.running.log, ref.number + above), "a header").ref];
    };
    const ask = (above: bigint, known = knownAt(above)) => {
      return sent(hand(world, n1, n2, { type: "syncRequest", channel, known }), "syncResponse");
    };
    expect(ask(0n)).toHaveLength(1);
    expect(ask(0n)).toEqual([]);
    // What was given last was the 64th above it; to say so is not enough.
    expect(ask(0n, [{ ...ref, number: ref.number + 64n }, ref])).toEqual([]);
    expect(ask(64n)).toHaveLength(1);
    expect(ask(64n)).toEqual([]);
    const from = n1.running.now;
    n1.running.now = from + 249n;
    expect(ask(0n)).toEqual([]);
    n1.running.now = from + 250n;
    expect(ask(0n)).toHaveLength(1);
  });

  it("[SY6] get each chunk once in that time, and the next one at once", async () => {
    const { world, n1, n2, base } = await newcomer();
    const { channel } = n1.running.facts;
    const { header } = world.chain.view().settled;
    expect(base.header.header.number).toBe(header.number);
    const ask = (index: number) => {
      const request = { type: "snapshotRequest", channel, header, index } as const;
      return sent(hand(world, n1, n2, request), "snapshotChunk").length;
    };
    expect([0, 0, 1, 0, 1].map(ask)).toEqual([1, 0, 1, 0, 0]);
    n1.running.now += 250n;
    expect(ask(0)).toBe(1);
  });
});

describe("an envelope", () => {
  it("[RT8] does not lead answers to whoever brought it", async () => {
    const { world, n1, n2, n3 } = await three();
    const state = present(n2.running.peers.get(n1.peer), "n1 is known");
    const { channel } = n2.running.facts;
    const payload = encodeMessage({ type: "syncRequest", channel, known: [STRANGE] });
    const [from, to] = [n1.keys.nodeKey, n2.keys.nodeKey];
    hand(world, n2, n3, { type: "relay", from, to, hopsLeft: 2, payload });
    expect(state.returnVia).toBeUndefined();
  });

  it("[RT8] of a stranger is dropped, and nothing is kept of it", async () => {
    const { world, n1, n2, n3 } = await three();
    const before = [...n2.running.peers.keys()];
    const { channel } = n2.running.facts;
    const payload = encodeMessage({ type: "syncRequest", channel, known: [STRANGE] });
    const to = n2.keys.nodeKey;
    for (let index = 0; index < 5; index++) {
      const from = createKeyRing(900 + index).keysFor("stranger").nodeKey;
      const relayed = { type: "relay", from, to, hopsLeft: 2, payload } as const;
      expect(sent(hand(world, n2, n3, relayed), "syncResponse")).toEqual([]);
    }
    expect([...n2.running.peers.keys()]).toEqual(before);
    const own = { type: "relay", from: n1.keys.nodeKey, to, hopsLeft: 2, payload } as const;
    expect(sent(hand(world, n2, n3, own), "syncResponse")).toHaveLength(1);
  });

  it("[RT8] leaves no trace of nodes that are neither members nor linked", async () => {
    const { n2, n3 } = await three();
    const { now } = n2.running;
    const stranger = peerIdOf(createKeyRing(901).keysFor("stranger").nodeKey);
    step(n2.running, { type: "peerUp", peer: stranger, now });
    expect(n2.running.peers.has(stranger)).toBe(true);
    step(n2.running, { type: "peerDown", peer: stranger, now });
    expect(n2.running.peers.has(stranger)).toBe(false);
    step(n2.running, { type: "peerDown", peer: n3.peer, now });
    expect(n2.running.peers.has(n3.peer)).toBe(true);
  });

  it("[RT8] leaves no trace of a member that is gone", async () => {
    const { world, n2, n3 } = await three();
    const { now } = n2.running;
    step(n2.running, { type: "peerDown", peer: n3.peer, now });
    const members = n2.running.chain.members.filter(({ seat }) => seat !== 3n);
    show(world, n2, { members });
    expect(n2.running.peers.has(n3.peer)).toBe(false);
  });
});
