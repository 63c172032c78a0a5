import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { NO_HEADER, refOfHeader } from "../../../src/channel/codec.ts";
import { isValidCertificate, learnCertificate } from "../../../src/channel/core/certificates.ts";
import { withoutSeat } from "../../../src/channel/core/configuration.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import {
  altered,
  certificateOf,
  certified,
  complaints,
  hand,
  handAnswer,
  handBatch,
  notices,
  orders,
  ordersCertified,
  sent,
  show,
  takeOver,
  three,
  tipNumber,
} from "./handwork.ts";

describe("certificates", () => {
  it("[CE1] have acks of a quorum, each seat once, ascending", async () => {
    const { world, n1, n2, n3 } = await three();
    const { configuration } = world.status(n1);
    const ref = tipOf(n1.running.log).ref;
    const of = (...signers: readonly SimNode[]) =>
      certificateOf(world, configuration, ref, signers);
    const isValid = (certificate: ReturnType<typeof of>) =>
      isValidCertificate(n2.running, certificate, configuration);
    expect(isValid(of(n1, n2, n3))).toBe(true);
    expect(isValid(of(n1, n2))).toBe(false);
    expect(isValid(of(n1, n2, n2))).toBe(false);
    expect(isValid(of(n2, n1, n3))).toBe(false);
  });

  it("[CE1] have acks on this header, configuration and channel only", async () => {
    const { world, n1, n2 } = await three();
    const { configuration } = world.status(n1);
    const ref = tipOf(n1.running.log).ref;
    const good = certificateOf(world, configuration, ref, world.nodes);
    const isValid = (certificate: typeof good, under = configuration) =>
      isValidCertificate(n2.running, certificate, under);
    const otherAck = { ...good.ack, header: { ...ref, number: ref.number + 1n } };
    expect(isValid({ ...good, ack: otherAck })).toBe(false);
    expect(isValid(good, withoutSeat(configuration, 3n))).toBe(false);
    expect(isValid({ ...good, ack: { ...good.ack, channel: ZERO_HASH } })).toBe(false);
    const first = present(good.signatures[0], "an ack");
    const strange = [{ ...first, seat: 9n }, ...good.signatures.slice(1)];
    expect(isValid({ ...good, signatures: strange })).toBe(false);
  });

  it("[CE2] a header is confirmed by the certificate of one of its epoch above", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = ordersCertified(cast);
    const second = orders(n1);
    const [one] = [first, second].map(({ header }) => header.header.number);
    handBatch(world, n2, first);
    handBatch(world, n2, second);
    expect(n2.running.log.confirmed).toBeLessThan(present(one, "a number"));
    learnCertificate(n2.running, certified(world, second));
    expect(n2.running.log.confirmed).toBe(one);
  });

  it("[CE2] the certificate of another epoch's header confirms nothing", async () => {
    const cast = await three();
    const { world, n2, n3 } = cast;
    const before = n2.running.log.confirmed;
    const opening = takeOver(cast);
    handBatch(world, n2, opening, n3);
    expect(learnCertificate(n2.running, certified(world, opening))).toBe(true);
    expect(n2.running.log.confirmed).toBe(before);
    expect(opening.header.header.justify.number).toBeGreaterThan(before);
  });

  it("[CE3] for a header that is not in the log makes a node fetch the log", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    const certificate = certified(world, batch);
    const before = n2.running.log.highest;
    const effects = hand(world, n2, n1, { type: "certificate", certificate });
    expect(n2.running.log.highest).toEqual(before);
    expect(sent(effects, "syncRequest")).toHaveLength(1);
  });

  it("[CE4] a reference to the settled header needs none", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = orders(n1);
    const second = orders(n1);
    handBatch(world, n2, first);
    const justify = refOfHeader(first.header.header);
    const { certificate: _old, ...bare } = altered(second, n1, { justify });
    expect(complaints(handBatch(world, n2, bare)).join()).toContain("lacks the certificate");
    const { settled } = n2.running.chain;
    const height = first.header.header.firstHeight - 1n;
    show(world, n2, {
      settled: { ...settled, height, header: justify, index: settled.index + 1n },
    });
    expect(n2.running.log.base.ref).toEqual(justify);
    const effects = handBatch(world, n2, bare);
    expect(complaints(effects)).toEqual([]);
    expect(tipNumber(n2)).toBe(second.header.header.number);
    expect(notices(effects, "fraud")).toEqual([]);
  });

  it("[CE5] the fence counts as certified though its certificate is lost", async () => {
    // Seed 163 of the real chain: who had posted it died, and the others, who held the header,
    // could never stand on it.
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const batch = orders(n1);
    for (const node of [n2, n3]) handBatch(world, node, batch);
    const fence = refOfHeader(batch.header.header);
    const term = n3.running.chain.term + 1n;
    const change = { term, leader: 3n, fence };
    const opened = [...show(world, n3, change)];
    for (const node of [n1, n2]) {
      const [own] = sent(show(world, node, change), "viewChange");
      expect(own?.viewChange.viewChange.highest).toEqual(fence);
      expect(own?.viewChange.certificate).toBeUndefined();
      opened.push(...hand(world, n3, node, present(own, "a view change")));
    }
    const opening = present(sent(opened, "batch")[0], "n3 opens its epoch").batch;
    expect(opening.header.header.justify).toEqual(fence);
    expect(opening.certificate).toBeUndefined();
    // Who does not see the fence yet waits; in history the opening's certificate vouches for it.
    show(world, n1, { fence: NO_HEADER });
    expect(complaints(handBatch(world, n1, opening, n3)).join()).toContain("lacks the certificate");
    const { channel } = n1.running.facts;
    const certificates = [certified(world, opening)];
    const answer = { type: "syncResponse", channel, batches: [opening], certificates } as const;
    expect(complaints(handAnswer(world, n1, n3, answer))).toEqual([]);
    handBatch(world, n2, opening, n3);
    const opens = refOfHeader(opening.header.header);
    expect([n1, n2].map(({ running }) => tipOf(running.log).ref)).toEqual([opens, opens]);
  });
});
