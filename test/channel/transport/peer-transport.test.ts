import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/channel/ports.ts";
import {
  decodeFrame,
  encodeHello,
  encodeMessageFrame,
  encodeProof,
  type Hello,
  proofMessage,
  TRANSPORT_VERSION,
} from "../../../src/channel/transport/handshake.ts";
import { createMemoryNetwork } from "../../../src/channel/transport/memory.ts";
import {
  HANDSHAKE_TIMEOUT_MS,
  HANDSHAKES_MAX,
} from "../../../src/channel/transport/peer-transport.ts";
import type { LinkId } from "../../../src/channel/transport/wire.ts";
import { signEd25519 } from "../../../src/sandbox/core/ed25519.ts";
import { nodeKeys, realEntropy, transportOf } from "./nodes.ts";

/** An honest transport, and a raw end of a wire that plays whatever the test wants. */
async function arena() {
  const tasks: (() => void)[] = [];
  const timers: (() => void)[] = [];
  const network = createMemoryNetwork((task) => tasks.push(task));
  const clock: Clock = {
    now: () => 0n,
    after(delayMs, callback) {
      expect(delayMs).toBe(HANDSHAKE_TIMEOUT_MS);
      timers.push(callback);
      return () => void timers.splice(timers.indexOf(callback), 1);
    },
  };
  const settle = () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
  };
  const log: string[] = [];
  const honest = transportOf(1, network.wire("honest"), clock);
  await honest.open({
    peerUp: (peer) => log.push(`up ${peer.slice(0, 4)}`),
    peerDown: (peer) => log.push(`down ${peer.slice(0, 4)}`),
    message: (_, bytes) => log.push(new TextDecoder().decode(bytes)),
  });

  async function enter(name: string) {
    const wire = network.wire(name);
    const links: { id: LinkId; binding: Uint8Array; isDown: boolean }[] = [];
    const frames: Uint8Array[] = [];
    await wire.open({
      linkUp: (id, binding) => links.push({ id, binding, isDown: false }),
      linkDown(id) {
        for (const link of links) if (link.id === id) link.isDown = true;
      },
      frame: (_, bytes) => frames.push(bytes),
    });
    settle();
    const [link] = links;
    if (link === undefined) throw new Error("the honest node is there");
    const say = (bytes: Uint8Array) => {
      wire.send(link.id, bytes);
      settle();
    };
    return { link, frames, say };
  }

  return { honest, enter, log, settle, timers, network };
}

const helloOf = (number: number, version = TRANSPORT_VERSION, incarnation = 0n): Hello => ({
  version,
  nodeKey: nodeKeys(number).nodeKey,
  incarnation,
  nonce: realEntropy(32),
});

function firstHello(frames: readonly Uint8Array[]): Hello {
  const frame = decodeFrame(frames[0] ?? new Uint8Array());
  if (!frame.ok || frame.value.type !== "hello") throw new Error("a hello comes first");
  return frame.value.hello;
}

describe("peer transport, against ends that lie", () => {
  it("[LK1] admits an end that proves its key, and answers with a proof of its own", async () => {
    const { enter, log } = await arena();
    const { link, frames, say } = await enter("raw");
    const [mine, theirs] = [helloOf(2), firstHello(frames)];
    say(encodeHello(mine));
    const proof = proofMessage(mine, theirs, link.binding);
    say(encodeProof(signEd25519(proof, nodeKeys(2).secret)));
    say(encodeMessageFrame(new TextEncoder().encode("hi")));
    expect(log).toEqual([`up ${Buffer.from(mine.nodeKey).toString("hex").slice(0, 4)}`, "hi"]);
    expect(decodeFrame(frames[1] ?? new Uint8Array())).toMatchObject({ value: { type: "proof" } });
  });

  const proofs: Record<string, (mine: Hello, theirs: Hello, binding: Uint8Array) => Uint8Array> = {
    "signed by another key": (mine, theirs, binding) =>
      encodeProof(signEd25519(proofMessage(mine, theirs, binding), nodeKeys(3).secret)),
    "made for another link": (mine, theirs) =>
      encodeProof(signEd25519(proofMessage(mine, theirs, Uint8Array.of(9)), nodeKeys(2).secret)),
    "made for another nonce": (mine, theirs, binding) => {
      const other = { ...theirs, nonce: realEntropy(32) };
      return encodeProof(signEd25519(proofMessage(mine, other, binding), nodeKeys(2).secret));
    },
    "with the roles exchanged": (mine, theirs, binding) =>
      encodeProof(signEd25519(proofMessage(theirs, mine, binding), nodeKeys(2).secret)),
    "that is short": () => Uint8Array.of(1, 2, 3),
  };
  for (const [name, make] of Object.entries(proofs)) {
    it(`[LK2] drops a link with a proof ${name}`, async () => {
      const { enter, log } = await arena();
      const { link, frames, say } = await enter("raw");
      const mine = helloOf(2);
      say(encodeHello(mine));
      say(make(mine, firstHello(frames), link.binding));
      say(encodeMessageFrame(new Uint8Array()));
      expect(log).toEqual([]);
      expect(link.isDown).toBe(true);
    });
  }

  const openings: Record<string, Uint8Array[]> = {
    "a message before any proof": [encodeMessageFrame(Uint8Array.of(1))],
    "a proof before any hello": [new Uint8Array(65).fill(1)],
    "two hellos": [encodeHello(helloOf(2)), encodeHello(helloOf(2))],
    "another version": [encodeHello(helloOf(2, TRANSPORT_VERSION + 1))],
    "our own key, as an echo does": [encodeHello(helloOf(1))],
    "an empty frame": [new Uint8Array()],
    "an unknown frame": [Uint8Array.of(250)],
    "a short hello": [encodeHello(helloOf(2)).subarray(0, 40)],
    "a long hello": [new Uint8Array([...encodeHello(helloOf(2)), 0])],
  };
  for (const [name, frames] of Object.entries(openings)) {
    it(`[LK4] drops a link that opens with ${name}`, async () => {
      const { enter, log } = await arena();
      const { link, say } = await enter("raw");
      for (const frame of frames) say(frame);
      expect(log).toEqual([]);
      expect(link.isDown).toBe(true);
    });
  }

  it("[LK4] drops a link that says nothing in time, and keeps no timer of it", async () => {
    const { enter, timers, settle } = await arena();
    const silent = await enter("silent");
    expect(timers).toHaveLength(1);
    timers[0]?.();
    settle();
    expect(silent.link.isDown).toBe(true);
    expect(timers).toHaveLength(0);
  });

  it("[LK4] bounds the handshakes under way", async () => {
    const { enter, settle } = await arena();
    const crowd = [];
    for (let index = 0; index <= HANDSHAKES_MAX; index++) crowd.push(await enter(`end ${index}`));
    settle();
    // Raw ends link to each other too; what counts is the link to the honest node, each end's
    // first.
    expect(crowd.filter(({ link }) => link.isDown)).toHaveLength(1);
  });

  it("[LK8] never throws on arbitrary frames, and admits nobody", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
        async (all) => {
          const { enter, log } = await arena();
          const { say } = await enter("raw");
          for (const frame of all) say(frame);
          expect(log).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("goes down for the peer whose link is cut, and up again when it is joined", async () => {
    const { network, log, settle } = await arena();
    const other = transportOf(2, network.wire("other"));
    await other.open({ peerUp: () => {}, peerDown: () => {}, message: () => {} });
    settle();
    network.setConnected("honest", "other", false);
    settle();
    network.setConnected("other", "honest", true);
    settle();
    expect(log.map((line) => line.split(" ")[0])).toEqual(["up", "down", "up"]);
    await other.close();
  });
});

describe("peer transport over several wires", () => {
  /** Two nodes that meet on two networks; the test cuts either. */
  async function pair() {
    const tasks: (() => void)[] = [];
    const networks = [0, 1].map(() => createMemoryNetwork((task) => tasks.push(task)));
    const settle = () => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
    };
    let time = 0n;
    const clock: Clock = { now: () => ++time, after: () => () => {} };
    async function node(number: number, wires: readonly string[]) {
      const log: string[] = [];
      const made = networks.flatMap((network, at) => {
        const name = wires[at];
        return name === undefined ? [] : [network.wire(name)];
      });
      const transport = transportOf(number, made, clock);
      await transport.open({
        peerUp: () => log.push("up"),
        peerDown: () => log.push("down"),
        message: (_, bytes) => log.push(new TextDecoder().decode(bytes)),
      });
      settle();
      const say = (text: string, to: { transport: typeof transport }) => {
        transport.send(to.transport.self, new TextEncoder().encode(text));
        settle();
      };
      return { transport, log, say };
    }
    const cut = (at: number, isConnected = false) => {
      networks[at]?.setConnected("a", "b", isConnected);
      settle();
    };
    return { node, cut, settle };
  }

  it("[LK5] is one session, up while a link that nobody uses comes and goes", async () => {
    const { node, cut } = await pair();
    const [a, b] = [await node(1, ["a", "a"]), await node(2, ["b", "b"])];
    a.say("one", b);
    b.say("two", a);
    expect([a.log, b.log]).toEqual([
      ["up", "two"],
      ["up", "one"],
    ]);
    cut(1);
    cut(1, true);
    a.say("three", b);
    expect([a.log, b.log]).toEqual([
      ["up", "two"],
      ["up", "one", "three"],
    ]);
  });

  it("[LK5] goes down and up by another link when the one in use ends", async () => {
    const { node, cut } = await pair();
    const [a, b] = [await node(1, ["a", "a"]), await node(2, ["b", "b"])];
    a.say("one", b);
    cut(0);
    a.say("two", b);
    b.say("three", a);
    expect([a.log, b.log]).toEqual([
      ["up", "down", "up", "three"],
      ["up", "one", "down", "up", "two"],
    ]);
    cut(1);
    expect([a.log.at(-1), b.log.at(-1), a.transport.peers()]).toEqual(["down", "down", []]);
  });

  it("[LK6] starts a new session, and no second one, for a peer that was restarted", async () => {
    const { node } = await pair();
    const [a, b] = [await node(1, ["a", "a"]), await node(2, ["b", "b"])];
    const again = await node(2, ["c", "c"]);
    a.say("to the new", again);
    expect(a.log).toEqual(["up", "down", "up"]);
    expect(again.log).toEqual(["up", "to the new"]);
    expect([b.log.at(-1), b.transport.peers()]).toEqual(["down", []]);
  });
});
