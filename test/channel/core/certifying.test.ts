import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { refOfConfiguration, refOfHeader } from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import { withoutSeat } from "../../../src/channel/core/configuration.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { itemAt, tipOf } from "../../../src/channel/core/log.ts";
import type { Header } from "../../../src/channel/messages.ts";
import {
  altered,
  type Cast,
  calm,
  certified,
  complaints,
  handAnswer,
  handBatch,
  orders,
  ordersCertified,
  sent,
  show,
  takeOver,
  three,
  tipNumber,
  written,
} from "./handwork.ts";

function acked(effects: readonly Effect[]): readonly bigint[] {
  return sent(effects, "ack").map(({ ack }) => ack.header.number);
}

describe("what a member appends", () => {
  it("[PR1] a header on its tip is appended, one above a gap is not", async () => {
    const { world, n1, n2 } = await three();
    const before = tipNumber(n2);
    const [first, second] = [orders(n1), orders(n1)];
    handBatch(world, n2, second);
    expect(tipNumber(n2)).toBe(before);
    handBatch(world, n2, first);
    handBatch(world, n2, second);
    expect(tipNumber(n2)).toBe(before + 2n);
  });

  it("[PR1] a higher epoch's header by the current leader replaces what is above", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const old = orders(n1);
    handBatch(world, n2, old);
    const opening = takeOver(cast);
    expect(opening.header.header.number).toBe(old.header.header.number);
    const effects = handBatch(world, n2, opening, cast.n3);
    expect(tipOf(n2.running.log).ref).toEqual(refOfHeader(opening.header.header));
    expect(written(effects).map(({ entry }) => entry.type)).toContain("cut");
  });

  it("[PR1] a header of the same epoch replaces nothing", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    handBatch(world, n2, batch);
    const { time } = batch.header.header;
    handBatch(world, n2, altered(batch, n1, { time: time + 1n }));
    expect(tipOf(n2.running.log).ref).toEqual(refOfHeader(batch.header.header));
  });

  it("[PR1] history with a higher certificate replaces an uncertified branch", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    handBatch(world, n2, orders(n1));
    const opening = takeOver(cast);
    const certificate = certified(world, opening);
    // Later the chain has another term, so the opening is only history.
    show(world, n2, { term: n2.running.chain.term + 1n, leader: 1n });
    const answer = { type: "syncResponse", channel: n2.running.facts.channel } as const;
    handAnswer(world, n2, n3, { ...answer, batches: [opening], certificates: [] });
    expect(tipOf(n2.running.log).ref.hash).not.toEqual(refOfHeader(opening.header.header).hash);
    handAnswer(world, n2, n3, { ...answer, batches: [opening], certificates: [certificate] });
    expect(tipOf(n2.running.log).ref).toEqual(refOfHeader(opening.header.header));
  });

  it("[PR1] nothing confirmed is cut", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const opening = takeOver(cast);
    const change = { term: n2.running.chain.term, leader: 1n };
    for (const node of [n1, n2]) show(world, node, change);
    n2.running.log.confirmed = tipNumber(n2);
    const { number } = tipOf(n2.running.log).ref;
    const parent = present(itemAt(n2.running.log, number - 1n), "a header below");
    const branch = altered(opening, n3, { number, previous: parent.ref.hash });
    const answer = { type: "syncResponse", channel: n2.running.facts.channel } as const;
    const certificates = [certified(world, branch)];
    handAnswer(world, n2, n3, { ...answer, batches: [branch], certificates });
    expect(itemAt(n2.running.log, number)?.ref.hash).not.toEqual(
      refOfHeader(branch.header.header).hash,
    );
  });

  const REFUSED: readonly (readonly [string, (header: Header, cast: Cast) => Partial<Header>])[] = [
    ["its leader does not lead the epoch", () => ({ leader: 2n })],
    ["its leader is no seat", () => ({ leader: 9n })],
    ["its time is ahead of our clock", (_, { world }) => ({ time: world.clock.now + 2_001n })],
    [
      "a configuration that is not in force there",
      ({ channel }, { world }) => {
        const { configuration } = world.status(world.node("n1"));
        return { configuration: refOfConfiguration(channel, withoutSeat(configuration, 3n)) };
      },
    ],
  ];
  it.each(REFUSED)("[PR2] a header is refused: %s", async (detail, change) => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const batch = orders(n1);
    const before = tipNumber(n2);
    const effects = handBatch(world, n2, altered(batch, n1, change(batch.header.header, cast)));
    expect(complaints(effects).join()).toContain(detail);
    expect(tipNumber(n2)).toBe(before);
    handBatch(world, n2, batch);
    expect(tipNumber(n2)).toBe(before + 1n);
  });

  it("[PR2] a header is refused that another key has signed", async () => {
    const { world, n1, n2, n3 } = await three();
    const batch = orders(n1);
    const before = tipNumber(n2);
    const effects = handBatch(world, n2, altered(batch, n3, {}));
    expect(complaints(effects).join()).toContain("a bad signature");
    expect(tipNumber(n2)).toBe(before);
  });

  it("[PR2] a header may be two seconds ahead", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    const before = tipNumber(n2);
    handBatch(world, n2, altered(batch, n1, { time: world.clock.now + 2_000n }));
    expect(tipNumber(n2)).toBe(before + 1n);
  });

  it("[PR3] a certificate that is named must be known or carried, and valid", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = ordersCertified(cast);
    const second = orders(n1);
    handBatch(world, n2, first);
    const { certificate, ...bare } = second;
    const carried = present(certificate, "it carries what it names");
    expect(complaints(handBatch(world, n2, bare)).join()).toContain("lacks the certificate");
    const few = { ...carried, signatures: carried.signatures.slice(1) };
    const effects = handBatch(world, n2, { ...bare, certificate: few });
    expect(complaints(effects).join()).toContain("an invalid certificate");
    expect(tipNumber(n2)).toBe(first.header.header.number);
    handBatch(world, n2, second);
    expect(tipNumber(n2)).toBe(second.header.header.number);
  });

  it("[PR3] a certificate that is known need not be carried", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = ordersCertified(cast);
    const second = orders(n1);
    handBatch(world, n2, first);
    learnCertificate(n2.running, certified(world, first));
    const { certificate: _known, ...bare } = second;
    handBatch(world, n2, bare);
    expect(tipNumber(n2)).toBe(second.header.header.number);
  });

  it("[PR3] what is named must be below, on the same branch", async () => {
    const { world, n1, n2 } = await three();
    const batch = orders(n1);
    const justify = { ...batch.header.header.justify, hash: ZERO_HASH };
    const effects = handBatch(world, n2, altered(batch, n1, { justify }));
    expect(complaints(effects).join()).toContain("another branch");
    const own = { ...batch.header.header.justify, number: batch.header.header.number };
    handBatch(world, n2, altered(batch, n1, { justify: own }));
    expect(tipNumber(n2)).toBe(batch.header.header.number - 1n);
  });

  it("[PR3] justify never goes back", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const first = ordersCertified(cast);
    const back = orders(n1);
    handBatch(world, n2, first);
    const { justify } = first.header.header;
    const earlier = present(itemAt(n2.running.log, justify.number - 1n), "one below");
    learnCertificate(n2.running, certified(world, first));
    const effects = handBatch(world, n2, altered(back, n1, { justify: earlier.ref }));
    expect(complaints(effects).join()).toContain("justify goes back");
    expect(tipNumber(n2)).toBe(first.header.header.number);
  });

  it.each(["stateRoot", "stepsRoot", "changeSetRoot", "preStateRoot", "historyRoot"] as const)(
    "[PR4] a batch whose %s is not what it gives is not appended",
    async (root) => {
      const { world, n1, n2 } = await three();
      const batch = orders(n1);
      handBatch(world, n2, altered(batch, n1, { [root]: ZERO_HASH }));
      expect(tipNumber(n2)).toBe(batch.header.header.number - 1n);
    },
  );

  it("[PR5] a batch of a term not seen yet is dropped without blame and taken later", async () => {
    const cast = await three();
    const { world, n3 } = cast;
    const four = await calm(3);
    const late = four.node("n2");
    const opening = takeOver(cast);
    late.running.now = world.clock.now;
    const effects = handBatch(world, late, opening, n3);
    expect(complaints(effects)).toEqual([]);
    expect(late.running.distrust).toBeUndefined();
    expect(tipNumber(late)).toBe(opening.header.header.number - 1n);
    show(world, late, { term: late.running.chain.term + 1n, leader: 3n });
    handBatch(world, late, opening, n3);
    expect(tipNumber(late)).toBe(opening.header.header.number);
  });

  it("[PR5] an admission that its view of the chain lacks is dropped without blame", async () => {
    const { world, n1, n2 } = await three();
    const { members, ...rest } = n1.running.chain;
    const keys = world.ring.keysFor("n4");
    const { memberKey, nodeKey, revealTip } = keys;
    const model = present(members[1], "n2's membership");
    const seat = { seat: 4n, address: model.address, memberKey, nodeKey, revealTip };
    const joined = [...members, { ...model, ...seat }];
    show(world, n1, { ...rest, members: joined });
    const asset = present(model.asset, "n2 brought coins");
    const batch = orders(n1, [{ type: "admit", seat, asset }]);
    const effects = handBatch(world, n2, batch);
    expect(complaints(effects)).toEqual([]);
    expect(n2.running.distrust).toBeUndefined();
    expect(tipNumber(n2)).toBe(batch.header.header.number - 1n);
    show(world, n2, { members: joined });
    expect(acked(handBatch(world, n2, batch))).toEqual([batch.header.header.number]);
  });
});
