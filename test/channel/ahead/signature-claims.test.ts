import { describe, expect, it, vi } from "vitest";
import { equalBytes, toHex, utf8 } from "#core/bytes.ts";
import { domainHash } from "#core/hash.ts";
import { encodeMessage } from "../../../src/channel/codec.ts";
import type { Message } from "../../../src/channel/messages/wire.ts";
import { claimsIn, type SignatureClaim } from "../../../src/channel/signature-claims.ts";
import { verifyEd25519 } from "../../../src/sandbox/core/ed25519.ts";
import { createKeyRing } from "../../simulation/keys.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";
import * as examples from "../codec/examples.ts";

const [alice, bob, carol] = examples.CAST;
const SEATS = examples.CAST.map(({ seat }) => seat);
const READER = { nodeKey: alice.seat.nodeKey, seats: SEATS };
const CALL_SIGNED = examples.ENTRIES.flatMap((entry) =>
  entry.type === "call" ? [entry.call] : [],
);

const nameOf = ({ message, signature, key }: SignatureClaim) =>
  toHex(domainHash("Asked", message, signature, key));
const claims = (message: Message, reader = READER) => [...claimsIn(encodeMessage(message), reader)];

/** Notes what a node's machine asks about that no message had claimed by then. */
function watch(node: SimNode): { readonly unclaimed: string[]; asked: number } {
  const claimed = new Set<string>();
  const seen = { unclaimed: new Array<string>(), asked: 0 };
  let doing = "start";
  const own = [node.keys.memberKey, node.keys.nodeKey].map(toHex);
  const ask = node.options.verify;
  vi.spyOn(node.options, "verify").mockImplementation((message, signature, key) => {
    seen.asked++;
    const isKnown = claimed.has(nameOf({ message, signature, key })) || own.includes(toHex(key));
    if (!isKnown) seen.unclaimed.push(doing);
    return ask(message, signature, key);
  });
  const take = node.input.bind(node);
  node.input = (input) => {
    doing = input.type;
    if (input.type === "message") {
      const reader = { nodeKey: node.keys.nodeKey, seats: node.running.chain.members };
      for (const claim of claimsIn(input.bytes, reader)) claimed.add(nameOf(claim));
    }
    take(input);
  };
  return seen;
}

describe("the claims in a message", () => {
  it("are all that a machine asks about while a channel lives, elects and one leaves", async () => {
    const world = await World.begin({ seed: 71 });
    const seen = [watch(world.node("n1"))];
    world.node("n1").start();
    for (const name of ["n2", "n3", "n4"]) {
      const node = await world.enter(name);
      seen.push(watch(node));
      node.start();
    }
    const seats = () => world.status(world.node("n2")).configuration.seats.length;
    await world.until("four seats", () => seats() === 4);
    for (const { name } of world.nodes) world.bank(world.node(name), "note", utf8(name));
    await world.run(2_000);
    const leave = world.ask(world.node("n4"), "leave");
    await world.run(15);
    world.node("n1").crash();
    await world.until("left", () => world.stages(leave).includes("done"), 120_000);
    for (const { asked, unclaimed } of seen) {
      expect(asked).toBeGreaterThan(20);
      expect(unclaimed).toEqual([]);
    }
  });

  it("are of the keys by which they hold", () => {
    const { seat, signature } = examples.SIGNED_VIEW_CHANGE;
    const all = [
      ...claims({ type: "batch", batch: { ...examples.BATCH, entries: examples.ENTRIES } }),
      ...claims({ type: "certificate", certificate: examples.CERTIFICATE }),
      ...claims({
        type: "viewChange",
        viewChange: { ...examples.SIGNED_VIEW_CHANGE, seat, signature },
      }),
      ...claims({
        type: "removal",
        removal: examples.SIGNED_REMOVAL,
        certificate: examples.CERTIFICATE,
      }),
      ...CALL_SIGNED.flatMap((call) => claims({ type: "call", call })),
    ];
    // The batch's second view change is an example of another's bytes with this one's signature.
    const held = all.filter(({ message, signature: by, key }) => verifyEd25519(message, by, key));
    expect([all.length, held.length]).toEqual([19, 18]);
  });

  it("are those of departures, and of what a newcomer is given", () => {
    const departures = examples.MORE_ENTRIES.flatMap((entry) =>
      entry.type === "leave" || entry.type === "close" ? [entry.departure] : [],
    );
    const batch = { ...examples.BATCH, entries: examples.MORE_ENTRIES, viewChanges: [] };
    const sync: Message = {
      type: "syncResponse",
      channel: examples.CHANNEL,
      base: {
        header: examples.SIGNED_HEADER,
        certificate: examples.CERTIFICATE,
        configuration: examples.CONFIGURATION,
        next: examples.NEXT,
        history: { count: 0, peaks: [] },
        steps: [],
      },
      batches: [batch],
      certificates: [examples.CONFIRMING_CERTIFICATE],
    };
    const all = [
      ...departures.flatMap((departure) => claims({ type: "departure", departure })),
      ...claims(sync),
    ];
    const isHeld = ({ message, signature, key }: SignatureClaim) =>
      verifyEd25519(message, signature, key);
    expect([all.length, all.every(isHeld)]).toEqual([12, true]);
  });

  it("are one for a bundle, however many of its calls there are", () => {
    const calls = examples.BUNDLED;
    const [first, ...more] = claims({ type: "bundle", calls });
    const bundle = calls[0];
    const isHeld = first && verifyEd25519(first.message, first.signature, first.key);
    expect([isHeld, first?.signature, more]).toEqual([true, bundle?.signature, []]);
    const batch = claims({ type: "batch", batch: examples.BUNDLED_BATCH });
    const same = batch.filter(({ signature }) => bundle && equalBytes(signature, bundle.signature));
    expect([calls.length > 1, same.length]).toEqual([true, 1]);
  });

  it("are none by seats that nobody knows, and none of what is no message", () => {
    const strangers = { ...READER, seats: [carol.seat] };
    expect(claims({ type: "batch", batch: examples.BATCH }, strangers)).toEqual([]);
    expect([...claimsIn(utf8("no message"), READER)]).toEqual([]);
  });

  it("are found in what was relayed to its reader, and left alone in what goes on", () => {
    const payload = encodeMessage({ type: "certificate", certificate: examples.CERTIFICATE });
    const relay = { type: "relay", from: carol.seat.nodeKey, hopsLeft: 1, payload } as const;
    expect(claims({ ...relay, to: alice.seat.nodeKey })).toHaveLength(2);
    expect(claims({ ...relay, to: bob.seat.nodeKey })).toEqual([]);
    const twice = encodeMessage({ ...relay, to: alice.seat.nodeKey });
    expect(claims({ ...relay, to: alice.seat.nodeKey, payload: twice })).toEqual([]);
  });

  it("of a heartbeat count for nodes that have a seat", () => {
    const ring = createKeyRing(1);
    const stranger = ring.keysFor("stranger");
    const beat = (node: typeof stranger.nodeKey): Message => ({
      type: "heartbeat",
      heartbeat: {
        channel: examples.CHANNEL,
        node,
        sequence: 1n,
        sentAt: 1n,
        epoch: { term: 1n, view: 0n },
        tip: examples.ACK.header,
        certified: examples.ACK.header,
        confirmed: 0n,
        route: { delayMs: 1, hops: 0, epoch: { term: 1n, view: 0n }, sequence: 1n },
        echoes: [],
      },
      signature: examples.SIGNED_HEADER.signature,
    });
    expect(claims(beat(bob.seat.nodeKey)).map(({ key }) => key)).toEqual([bob.seat.nodeKey]);
    expect(claims(beat(stranger.nodeKey))).toEqual([]);
  });
});
