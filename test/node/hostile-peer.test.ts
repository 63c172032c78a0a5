// A stranger in the room who sends whatever it likes: noise, real messages again, real messages
// with bytes changed. The players' channel goes on, and nothing of theirs stops.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createChainNode, createMemoryStore as createChainStore } from "../../src/chains/index.ts";
import {
  createMemoryNetwork,
  createMemoryStore,
  platformClock,
  platformDefer,
  platformEntropy,
  type Transport,
  type Wire,
} from "../../src/channel/index.ts";
import { chat } from "../../src/node/chat.ts";
import {
  type ChannelEvent,
  type Host,
  type HostEvent,
  type HostSetup,
} from "../../src/node/host.ts";
import { createNodeHost } from "../../src/node/node-host.ts";
import { rootLink } from "../../src/settlement/index.ts";
import { transportOf } from "../channel/transport/nodes.ts";

const WAIT = { timeout: 20_000, interval: 10 };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function arena() {
  const chain = await createChainNode({
    clock: platformClock,
    entropy: platformEntropy,
    store: createChainStore(),
  });
  closing.push(() => chain.close());
  const network = createMemoryNetwork(platformDefer);
  /** Messages of the players, without the transport's own byte. */
  const overheard: Uint8Array[] = [];
  let wiresCount = 0;

  const tapped = (wire: Wire): Wire => ({
    ...wire,
    send(link, bytes) {
      if (bytes[0] === 2) overheard.push(bytes.slice(1));
      wire.send(link, bytes);
    },
  });

  async function player() {
    const events: ChannelEvent[] = [];
    const host: Host = createNodeHost(
      {
        clock: platformClock,
        entropy: platformEntropy,
        chain: rootLink(chain.connect()),
        claim: async () => ({ identity: "", isAdopted: false, release: () => {} }),
        openStore: async () => createMemoryStore(platformEntropy, undefined, 256),
        wires: () => [tapped(network.wire(`player ${wiresCount++}`))],
      },
      ({ event }: HostEvent) => events.push(event),
    );
    closing.push(() => host.stop());
    const setup: HostSetup = { binding: chat.binding, stake: 1n, remembered: null, known: [] };
    await host.start(setup);
    const { handle } = await host.open("room");
    let request = 0;
    async function post(text: string): Promise<void> {
      const mine = ++request;
      await host.call(handle, { request: mine, function: "post", typeArgs: [], args: [text] });
      await vi.waitFor(() => {
        const isMine = (event: ChannelEvent) => event.type === "call" && event.request === mine;
        expect(events.filter(isMine).at(-1)).toMatchObject({ stage: "confirmed" });
      }, WAIT);
    }
    return { events, post };
  }

  async function stranger(): Promise<Transport> {
    const transport = transportOf(77, network.wire("stranger"));
    await transport.open({ peerUp() {}, peerDown() {}, message() {} });
    closing.push(() => transport.close());
    await vi.waitFor(() => expect(transport.peers()).toHaveLength(2), WAIT);
    return transport;
  }

  return { player, stranger, overheard };
}

interface Change {
  readonly at: number;
  readonly value: number;
  readonly cut: number | undefined;
  readonly tail: Uint8Array;
}

/** Changes a byte, cuts, or lengthens. */
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(4_000),
  value: fc.nat(255),
  cut: fc.option(fc.nat(4_000), { freq: 4, nil: undefined }),
  tail: fc.uint8Array({ maxLength: 3 }),
});

function changed(bytes: Uint8Array, { at, value, cut, tail }: Change): Uint8Array {
  const copy = bytes.slice(0, cut === undefined ? bytes.length : cut % (bytes.length + 1));
  if (copy.length > 0) copy[at % copy.length] = value;
  return new Uint8Array([...copy, ...tail]);
}

describe("a stranger in the room", () => {
  it("[LK8] stops nobody, whatever it sends", { timeout: 60_000 }, async () => {
    const { player, stranger, overheard } = await arena();
    const [alice, bob] = [await player(), await player()];
    await alice.post("one");
    await bob.post("two");
    const enemy = await stranger();
    const say = (bytes: Uint8Array) => {
      for (const peer of enemy.peers()) enemy.send(peer, bytes);
    };
    const recorded = [...overheard];
    expect(recorded.length).toBeGreaterThan(10);
    for (const bytes of recorded) say(bytes);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), change, (noise, which, mutation) => {
        say(noise);
        const original = recorded[which % recorded.length] ?? noise;
        say(changed(original, mutation));
        return true;
      }),
      { numRuns: 1_000 },
    );
    await alice.post("three");
    await bob.post("four");
    for (const { events } of [alice, bob]) {
      expect(events.filter(({ type }) => type === "failed")).toEqual([]);
      expect(events.findLast(({ type }) => type === "status")).toMatchObject({
        status: { leader: 1n, term: 1n, configuration: 1n },
      });
    }
  });
});
