import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { NO_HEADER, refOfConfiguration, refOfHeader } from "../../../src/channel/codec.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import {
  altered,
  certified,
  handAnswer,
  handBatch,
  orders,
  ordersCertified,
  sendOf,
  sent,
  show,
  takeOver,
  three,
  tickAfter,
  tipNumber,
  written,
} from "./handwork.ts";

function acked(effects: readonly Effect[]): readonly bigint[] {
  return sent(effects, "ack").map(({ ack }) => ack.header.number);
}

describe("what a member acks", () => {
  it("[PR6] headers of the current epoch, in order", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const [first, second] = [orders(n1), orders(n1)];
    const [one, two] = [first, second].map(({ header }) => header.header.number);
    expect(acked(handBatch(world, n2, second))).toEqual([]);
    expect(acked(handBatch(world, n2, first))).toEqual([one]);
    expect(acked(handBatch(world, n2, second))).toEqual([two]);
    // Of an older epoch it takes what is certified, and acks nothing.
    const certificates = [certified(world, first)];
    const channel = n3.running.facts.channel;
    show(world, n3, { term: n3.running.chain.term + 1n, leader: 2n });
    const effects = handAnswer(world, n3, n1, {
      type: "syncResponse",
      channel,
      batches: [first],
      certificates,
    });
    expect(tipNumber(n3)).toBe(one);
    expect(acked(effects)).toEqual([]);
  });

  it("[PR6] another header for a place that was acked in the epoch gets no ack", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    expect(acked(handBatch(world, n2, batch))).toHaveLength(1);
    const { time } = batch.header.header;
    expect(acked(handBatch(world, n2, altered(batch, n1, { time: time + 1n })))).toEqual([]);
  });

  it.each([
    ["above its justify", 0, 1n],
    ["at its justify", 1, 0n],
  ] as const)(
    "[PR6] a new epoch's header, with a lock %s: %i acks",
    async (_title, count, above) => {
      const cast = await three();
      const { world, n1, n2, n3 } = cast;
      for (const batch of [orders(n1), orders(n1)]) handBatch(world, n2, batch);
      const opening = takeOver(cast);
      const { justify } = opening.header.header;
      n2.running.promises.locked = {
        epoch: justify.epoch,
        number: justify.number + above,
        hash: ZERO_HASH,
      };
      const effects = handBatch(world, n2, opening, n3);
      expect(tipNumber(n2)).toBe(opening.header.header.number);
      expect(acked(effects)).toHaveLength(count);
    },
  );

  it("[PR6] a new epoch's header that extends the lock", async () => {
    const cast = await three();
    const { world, n2, n3 } = cast;
    const opening = takeOver(cast);
    const tip = tipOf(n2.running.log).ref;
    n2.running.promises.locked = tip;
    expect(acked(handBatch(world, n2, opening, n3))).toEqual([opening.header.header.number]);
  });

  it("[PR6] the lock is the highest header that an acked one names in justify", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = ordersCertified(cast);
    handBatch(world, n2, first);
    handBatch(world, n2, orders(n1));
    expect(n2.running.promises.locked).toEqual(refOfHeader(first.header.header));
  });

  it("[PR7] ack and lock are on disk before the ack leaves", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = ordersCertified(cast);
    handBatch(world, n2, first);
    const second = orders(n1);
    const effects = handBatch(world, n2, second);
    const record = present(
      written(effects).find(({ entry }) => entry.type === "ack"),
      "an ack is written",
    );
    const locked = refOfHeader(first.header.header);
    const header = refOfHeader(second.header.header);
    expect(record.entry).toEqual({ type: "ack", header, locked });
    expect(sendOf(effects, "ack").after).toBeGreaterThanOrEqual(record.sequence);
  });

  it("[PR8] a header acked before, when the leader sends it again", async () => {
    const { world, n1, n2, n3 } = await three();
    const batch = orders(n1);
    const [first] = sent(handBatch(world, n2, batch), "ack");
    expect(sent(handBatch(world, n2, batch), "ack")).toEqual([first]);
    expect(sent(handBatch(world, n2, batch, n3), "ack")).toEqual([]);
  });

  it("[PR9] nothing below a promised epoch", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    const { epoch } = batch.header.header;
    n2.running.promises.epoch = { ...epoch, view: epoch.view + 1n };
    expect(acked(handBatch(world, n2, batch))).toEqual([]);
  });

  it("[PR9] nothing under a wish to remove", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    const { facts, chain } = n2.running;
    const { configuration } = world.status(n2);
    const accused = present(chain.members[2], "n3");
    const removal = {
      channel: facts.channel,
      configuration: refOfConfiguration(facts.channel, configuration),
      accused: accused.seat,
      lastAlive: accused.lastAlive,
      highest: NO_HEADER,
    };
    const signature = n2.keys.signAsNode(new Uint8Array());
    n2.running.promises.removals = [{ removal, seat: 2n, signature }];
    expect(acked(handBatch(world, n2, batch))).toEqual([]);
    n2.running.promises.removals = [];
    expect(acked(tickAfter(n2, 0))).toHaveLength(1);
  });

  it("[PR9] nothing of a term whose leader was caught", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    handBatch(world, n2, altered(batch, n1, { stateRoot: ZERO_HASH }));
    const effects = handBatch(world, n2, batch);
    expect(acked(effects)).toEqual([]);
    expect(tipNumber(n2)).toBe(batch.header.header.number - 1n);
  });
});
