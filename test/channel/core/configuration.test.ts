import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import type { ForcedConfiguration } from "../../../src/channel/chain-view.ts";
import { ackMessage, hashHeader, refOfConfiguration } from "../../../src/channel/codec.ts";
import {
  configurationAfter,
  configurationNamed,
  withoutSeat,
  withSeat,
} from "../../../src/channel/core/configuration.ts";
import { findPoint, type Item, type Log, proves, tipOf } from "../../../src/channel/core/log.ts";
import { isQuorum } from "../../../src/channel/core/quorum.ts";
import { stepsTo } from "../../../src/channel/core/steps.ts";
import type { Certificate, Configuration, SignedHeader } from "../../../src/channel/messages.ts";
import { START, World } from "../../simulation/world.ts";
import { configurationOf } from "./bench.ts";
import { see, standIn, worldOf } from "./stand-in.ts";

let world: World;
let log: Log;
let channel: Parameters<typeof refOfConfiguration>[0];

beforeAll(async () => {
  world = await worldOf(3, 41);
  const { running } = world.node("n2");
  log = running.log;
  channel = running.facts.channel;
});

/** Headers that order a change, those that prove it, and the first under what it led to. */
function change(number: bigint): {
  readonly ordered: Item;
  readonly proof: Item;
  readonly above: Item;
} {
  const ordered = log.items.find(({ next }) => next.number === number);
  const proof = log.items.find((item) => item.next.number === number && item.provesChange);
  const above = log.items.find(({ configuration }) => configuration.number === number);
  return {
    ordered: present(ordered, "ordered"),
    proof: present(proof, "proven"),
    above: present(above, "in force"),
  };
}

describe("configurations", () => {
  it("[CF3] the first is the creator's seat alone, number 0", async () => {
    const alone = await World.begin({ seed: 42 });
    alone.node("n1").start();
    const { configuration } = alone.node("n1").running.log.base;
    expect(configuration.number).toBe(0n);
    expect(configuration.seats.map(({ seat }) => seat)).toEqual([1n]);
    expect(alone.clock.now).toBe(START);
  });

  it("[CF3] a change raises the number by one and changes one seat", () => {
    const before = configurationOf(7n, 1n, 3n);
    const [two] = configurationOf(0n, 2n).seats;
    expect(withSeat(before, present(two, "a seat"))).toEqual(configurationOf(8n, 1n, 2n, 3n));
    expect(withoutSeat(before, 1n)).toEqual(configurationOf(8n, 3n));
    const seen = [...new Map(log.items.map(({ next }) => [next.number, next])).values()];
    expect(seen.map(({ number }) => number)).toEqual([0n, 1n, 2n]);
    expect(seen.map(({ seats }) => seats.length)).toEqual([1, 2, 3]);
  });

  it.each([1n, 2n])("[CF4] change %i waits in empty headers that repeat it", (number) => {
    const { ordered, above } = change(number);
    const [entry] = ordered.batch.entries.slice(-1);
    expect(entry).toMatchObject({ type: "admit", seat: { seat: number + 1n } });
    const waiting = log.items.filter(
      ({ ref }) => ref.number >= ordered.ref.number && ref.number < above.ref.number,
    );
    expect(waiting.length).toBeGreaterThan(1);
    for (const item of waiting) {
      const { header } = item.header;
      expect(header.configuration.number).toBe(number - 1n);
      expect(header.next).toEqual(refOfConfiguration(channel, above.configuration));
      expect(item === ordered || header.count === 0).toBe(true);
    }
  });

  it.each([1n, 2n])("[CF5] change %i is in force above its second certificate", (number) => {
    const { ordered, proof, above } = change(number);
    const { justify } = proof.header.header;
    expect(findPoint(log, justify)?.next.number).toBe(number);
    expect(justify.epoch).toEqual(proof.ref.epoch);
    expect(above.header.header.justify).toEqual(proof.ref);
    const after = (justified: Item) => configurationAfter(log, undefined, proof, justified.ref);
    expect(after(proof)).toEqual(above.configuration);
    expect(after(ordered)).toEqual(ordered.configuration);
    const named = { configuration: above.header.header.configuration, justify: ordered.ref };
    expect(configurationNamed(log, channel, undefined, proof, named)).toBeUndefined();
    const proven = { ...named, justify: proof.ref };
    expect(configurationNamed(log, channel, undefined, proof, proven)).toEqual(above.configuration);
  });

  it("[CF5] a header proves a change by one of its own epoch that names it, and no other", () => {
    const { ordered, proof } = change(2n);
    const { header } = proof.header;
    expect(proves(log, header)).toBe(true);
    const below = present(findPoint(log, ordered.header.header.justify), "below");
    expect(below.next.number).toBe(1n);
    expect(proves(log, { ...header, justify: below.ref })).toBe(false);
    expect(proves(log, { ...header, epoch: { term: 9n, view: 0n } })).toBe(false);
    expect(proves(log, { ...header, next: header.configuration })).toBe(false);
  });
});

describe("a configuration that the chain forces", () => {
  /** Without the first seat, above the header that is `depth` below the tip. */
  function forcedAt(depth: number): ForcedConfiguration {
    const point = present(log.items.at(-1 - depth), "the log is long enough");
    return { configuration: withoutSeat(tipOf(log).next, 1n), fence: point.ref };
  }

  it("[CF6] starts right above the fence and nowhere else", () => {
    const forced = forcedAt(1);
    const fence = present(log.items.at(-2), "an item");
    const tip = tipOf(log);
    expect(configurationAfter(log, forced, fence, tip.ref)).toEqual(forced.configuration);
    expect(configurationAfter(log, forced, tip, tip.ref)).toEqual(tip.next);
  });

  it("[CF6] voids what stands above the fence, certified and confirmed or not", async () => {
    const own = await worldOf(3, 43);
    const node = own.node("n2");
    const { running } = node;
    const fence = present(running.log.items.at(-4), "an item").ref;
    expect(running.log.confirmed).toBeGreaterThan(fence.number);
    const configuration = withoutSeat(tipOf(running.log).next, 3n);
    const forced = { configuration, fence };
    const channel = { ...running.chain, configuration, forced, fence };
    own.give(node, { type: "chain", channel });
    expect(tipOf(running.log).ref).toEqual(fence);
    expect(running.log.confirmed).toBeLessThanOrEqual(fence.number);
    expect(own.status(node).configuration).toEqual(configuration);
  });

  it("[CF7] is known below a later fence by its result: seats less, as many numbers more", () => {
    const tip = tipOf(log);
    const parent = present(log.items.at(-3), "an item");
    const { justify } = parent.header.header;
    const forced = forcedAt(0);
    const named = (configuration: Configuration, force = forced) =>
      configurationNamed(log, channel, force, parent, {
        configuration: refOfConfiguration(channel, configuration),
        justify,
      });
    const two = withoutSeat(parent.next, 2n);
    const one = withoutSeat(two, 3n);
    expect(named(two)).toEqual(two);
    expect(named(one)).toEqual(one);
    expect(named({ ...one, number: two.number })).toBeUndefined();
    expect(named({ ...two, number: one.number })).toBeUndefined();
    expect(named({ number: parent.next.number + 3n, seats: [] })).toBeUndefined();
    expect(named(withSeat(two, present(configurationOf(0n, 9n).seats[0], "9")))).toBeUndefined();
    // At or above the fence it is the forced one itself, or what follows from the log.
    expect(named(two, { ...forced, fence: parent.ref })).toBeUndefined();
    expect(tip.ref.number).toBeGreaterThan(parent.ref.number);
  });
});

describe("a step of configuration", () => {
  function isCertified(
    { ack, signatures }: Certificate,
    { header }: SignedHeader,
    { seats }: Configuration,
  ): boolean {
    const signers = new Set(signatures.map(({ seat }) => seat));
    return (
      ack.header.hash.join() === hashHeader(header).join() &&
      isQuorum(signers.size, seats.length) &&
      signatures.every(({ seat, signature }) => {
        const key = seats.find((candidate) => candidate.seat === seat)?.nodeKey;
        return key !== undefined && world.ring.verify(ackMessage(ack), signature, key);
      })
    );
  }

  it("[CF8] proves its change to whoever knows the configuration before, and no more", () => {
    const machine = standIn(world.node("n2"));
    see(machine, { configuration: log.base.configuration });
    let known = log.base.configuration;
    const steps = stepsTo(machine, tipOf(log).next);
    expect(steps.map(({ configuration }) => configuration.number)).toEqual([1n, 2n]);
    for (const step of steps) {
      const { configuration, header, confirming } = step;
      for (const { header: one } of [header, confirming]) {
        expect(one.configuration).toEqual(refOfConfiguration(channel, known));
        expect(one.next).toEqual(refOfConfiguration(channel, configuration));
      }
      expect(isCertified(step.certificate, header, known)).toBe(true);
      expect(isCertified(step.confirmingCertificate, confirming, known)).toBe(true);
      expect(isCertified(step.certificate, confirming, known)).toBe(false);
      expect(confirming.header.justify.hash).toEqual(hashHeader(header.header));
      expect(confirming.header.epoch).toEqual(header.header.epoch);
      known = configuration;
    }
    expect(stepsTo(machine, { number: 1n }).length).toBe(1);
  });
});
