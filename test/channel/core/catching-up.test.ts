import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { batch as batchCodec, encode, NO_HEADER, refOfHeader } from "../../../src/channel/codec.ts";
import { isSettledBase } from "../../../src/channel/core/base.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import { withoutSeat } from "../../../src/channel/core/configuration.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { createMachine } from "../../../src/channel/core/machine.ts";
import { peerState } from "../../../src/channel/core/members.ts";
import type { MessageOf, SyncBase } from "../../../src/channel/messages/wire.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import {
  calm,
  certificateOf,
  certified,
  complaints,
  hand,
  handAnswer,
  handBatch,
  noteOf,
  orders,
  ordersCertified,
  sendOf,
  sent,
  settle,
  show,
  three,
  tickAfter,
  tipNumber,
} from "./handwork.ts";

/** What a node answers to one that holds these headers. */
function asks(
  world: World,
  node: SimNode,
  known: MessageOf<"syncRequest">["known"],
): MessageOf<"syncResponse"> {
  const { channel } = node.running.facts;
  // It asked last a while ago.
  peerState(node.running, world.node("n2").peer).served = undefined;
  const effects = hand(world, node, world.node("n2"), { type: "syncRequest", channel, known });
  return present(sent(effects, "syncResponse")[0], "an answer");
}

const STRANGE = { ...NO_HEADER, number: 3n };

/** A node of n2's keys with nothing on disk. */
function forget(node: SimNode): void {
  const { chain, tools } = node.running;
  const { signer, verify, parameters } = tools;
  const executor = node.options.makeExecutor();
  const { now } = node.running;
  const { peers } = node.running;
  node.machine = createMachine({ executor, signer, verify, parameters, chain, now });
  for (const [peer, state] of peers) node.machine.peers.set(peer, state);
}

/** A settled channel, and the base that n1 offers of it. */
async function settled(): Promise<{ world: World; base: SyncBase }> {
  const world = await calm(3);
  await settle(world);
  const { base } = asks(world, world.node("n1"), [STRANGE]);
  return { world, base: present(base, "the base") };
}

describe("catching up", () => {
  it("[SY1] asks with the headers that are held, newest first", async () => {
    const { n1, n2 } = await three();
    n2.running.sync.isBehind = true;
    const [request] = sent(tickAfter(n2, 0), "syncRequest");
    const { items, base } = n2.running.log;
    expect(items.length).toBeGreaterThan(2);
    expect(request?.known).toEqual([...items.map(({ ref }) => ref).toReversed(), base.ref]);
    expect(n1.running.log.items).toHaveLength(items.length);
  });

  it("[SY1] gets what stands above the last header that both hold", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const { ref } = tipOf(n2.running.log);
    const batches = [ordersCertified(cast), ordersCertified(cast), ordersCertified(cast)];
    const older = present(n2.running.log.items.at(-2), "one below the tip").ref;
    const answer = asks(world, n1, [STRANGE, ref, older]);
    expect(answer.batches).toEqual(batches);
    const numbers = answer.certificates.map(({ ack }) => ack.header.number);
    expect(numbers).toEqual([ref.number + 2n, ref.number + 3n]);
    handAnswer(world, n2, n1, answer);
    expect(tipOf(n2.running.log).ref).toEqual(tipOf(n1.running.log).ref);
    expect(n2.running.log.confirmed).toBe(ref.number + 2n);
  });

  it("[SY1] gets at most 64 batches, and asks on", async () => {
    const { world, n1, n2 } = await three();
    const { ref } = tipOf(n2.running.log);
    for (let count = 0; count < 70; count++) orders(n1);
    const answer = asks(world, n1, [ref]);
    expect(answer.batches).toHaveLength(64);
    const effects = handAnswer(world, n2, n1, answer);
    expect(tipNumber(n2)).toBe(ref.number + 64n);
    const [request] = sent(effects, "syncRequest");
    expect(request?.known[0]?.number).toBe(ref.number + 64n);
  });

  it("[SY1] gets at most 2 MiB and one batch", async () => {
    const { world, n1, n2 } = await three();
    const { ref } = tipOf(n2.running.log);
    const text = new Uint8Array(15_000);
    for (let count = 0; count < 8; count++) {
      orders(
        n1,
        Array.from({ length: 32 }, (_, ahead) => noteOf(n1, text, ahead)),
      );
    }
    const sizes = asks(world, n1, [ref]).batches.map((one) => encode(batchCodec, one).length);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    expect(size).toBeGreaterThan(2 ** 21);
    expect(size - present(sizes.at(-1), "a batch")).toBeLessThanOrEqual(2 ** 21);
    expect(sizes.length).toBeLessThan(8);
  });

  it("[SY2] the answer is the base where no header is shared, fetched in chunks", async () => {
    const { world, base } = await settled();
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const answer = asks(world, n1, [STRANGE]);
    expect(answer.batches).toEqual([]);
    forget(n2);
    const chunks: MessageOf<"snapshotChunk">[] = [];
    let [request] = sent(handAnswer(world, n2, n1, answer), "snapshotRequest");
    while (request !== undefined) {
      expect(request.index).toBe(chunks.length);
      expect(n2.running.isLoaded).toBe(false);
      const [chunk] = sent(hand(world, n1, n2, request), "snapshotChunk");
      chunks.push(present(chunk, "a chunk"));
      const effects = hand(world, n2, n1, present(chunk, "a chunk"));
      [request] = sent(effects, "snapshotRequest");
    }
    expect(chunks.length).toBe(chunks[0]?.count);
    expect(chunks.length).toBeGreaterThan(1);
    expect(n2.running.isLoaded).toBe(true);
    expect(n2.running.log.base.header).toEqual(base.header);
  });

  it("[SY2] the answer is batches where a header is shared", async () => {
    const { world } = await settled();
    const n1 = world.node("n1");
    const answer = asks(world, n1, [STRANGE, n1.running.log.base.ref]);
    expect(answer.base).toBeUndefined();
  });

  it("[SY3] a base is the settled header, and its parts hang together", async () => {
    const { world, base } = await settled();
    const { running } = world.node("n2");
    expect(isSettledBase(running, base)).toBe(true);
    const { header, signature } = base.header;
    const others: readonly SyncBase[] = [
      { ...base, header: { header: { ...header, time: header.time + 1n }, signature } },
      { ...base, configuration: withoutSeat(base.configuration, 1n) },
      { ...base, next: withoutSeat(base.next, 1n) },
      { ...base, history: present(world.node("n1").running.log.items.at(-1), "one up").history },
      { ...base, justified: header },
    ];
    for (const other of others) expect(isSettledBase(running, other)).toBe(false);
    const { justified: _known, ...bare } = base;
    expect(isSettledBase(running, bare)).toBe(false);
  });

  it("[SY3] a base that the chain has not settled is not fetched", async () => {
    const { world, base } = await settled();
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    forget(n2);
    const { channel } = n2.running.facts;
    const { header, signature } = base.header;
    const other = { ...base, header: { header: { ...header, stateRoot: ZERO_HASH }, signature } };
    const answer = { type: "syncResponse", channel, batches: [], certificates: [] } as const;
    const effects = handAnswer(world, n2, n1, { ...answer, base: other });
    expect(sent(effects, "snapshotRequest")).toEqual([]);
    expect(complaints(effects).join()).toContain("BAD_BATCH");
  });

  it("[SY3] chunks that do not hash to the state root are not taken", async () => {
    const { world, base } = await settled();
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    forget(n2);
    const { channel } = n2.running.facts;
    const answer = { type: "syncResponse", channel, batches: [], certificates: [] } as const;
    const [request] = sent(handAnswer(world, n2, n1, { ...answer, base }), "snapshotRequest");
    const { header, index } = present(request, "a request");
    const bytes = new Uint8Array(8);
    const chunk = { type: "snapshotChunk", channel, header, index, count: 1, bytes } as const;
    const effects = hand(world, n2, n1, chunk);
    expect(complaints(effects).join()).toContain("BAD_BATCH");
    expect(n2.running.isLoaded).toBe(false);
  });

  it("[PR3] a header may name one below the base that a snapshot does not hold", async () => {
    // Seed 80 of the real chain: with four headers under way, the one above the base named a header
    // between the base's own justify and the base.
    const cast = await three();
    const { world, n1, n2 } = cast;
    const [between, base] = [orders(n1), orders(n1)];
    const certificate = certified(world, between);
    learnCertificate(n1.running, certificate);
    const above = orders(n1);
    const justified = refOfHeader(between.header.header);
    expect(above.header.header.justify).toEqual(justified);
    const header = refOfHeader(base.header.header);
    const { stateRoot } = base.header.header;
    const settled = { ...n1.running.chain.settled, header, stateRoot, index: 1n };
    for (const node of [n1, n2]) show(world, node, { settled });
    forget(n2);
    let [chunk] = sent(handAnswer(world, n2, n1, asks(world, n1, [STRANGE])), "snapshotRequest");
    while (chunk !== undefined) {
      const [bytes] = sent(hand(world, n1, n2, chunk), "snapshotChunk");
      [chunk] = sent(hand(world, n2, n1, present(bytes, "a chunk")), "snapshotRequest");
    }
    expect(tipOf(n2.running.log).ref).toEqual(header);
    const { certificate: _carried, ...bare } = above;
    const signers = world.nodes.slice(0, 2);
    const few = certificateOf(world, tipOf(n1.running.log).configuration, justified, signers);
    for (const refused of [bare, { ...above, certificate: few }]) {
      expect(complaints(handBatch(world, n2, refused)).join()).toContain("another branch");
    }
    handBatch(world, n2, above);
    expect(tipOf(n2.running.log).ref).toEqual(refOfHeader(above.header.header));
  });

  it("[SY4] the leader is asked first, the others in turn", async () => {
    const { n1, n2, n3 } = await three();
    const asked = [0, 500, 500, 500].map((wait) => {
      n2.running.sync.isBehind = true;
      return sendOf(tickAfter(n2, wait), "syncRequest").to;
    });
    expect(asked).toEqual([[n1.peer], [n3.peer], [n1.peer], [n3.peer]]);
    n2.running.sync.isBehind = true;
    expect(sent(tickAfter(n2, 499), "syncRequest")).toEqual([]);
  });
});
