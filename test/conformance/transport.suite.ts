// What every transport promises (`Transport` in src/channel/ports.ts), as tests that each medium
// runs.
import { afterEach, describe, expect, it, vi } from "vitest";
import { MESSAGE_SIZE_MAX, type PeerId, type Transport } from "../../src/channel/ports.ts";
import { equalBytes } from "../../src/sandbox/core/bytes.ts";

/** One room of one medium. */
export interface TransportWorld {
  /**
   * A transport of the node with the given number, not open yet; asked again, the node after a
   * restart.
   */
  node(number: number): Promise<Transport>;
  /** The same, in another room. */
  stranger(number: number): Promise<Transport>;
  dispose(): Promise<void>;
}

interface Witness {
  readonly transport: Transport;
  /** `+`, `-` and `=`, the peer's number, and for a message its text. */
  readonly log: string[];
  readonly messages: { readonly from: PeerId; readonly bytes: Uint8Array }[];
}

const WAIT = { timeout: 10_000, interval: 5 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: string) => new TextEncoder().encode(value);

/** A node's lives are told apart by the millisecond in which each began. */
async function laterMillisecond(): Promise<void> {
  const before = Date.now();
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(before), WAIT);
}

export function transportSuite(name: string, createWorld: () => Promise<TransportWorld>): void {
  let world: TransportWorld | undefined;
  const witnesses: Witness[] = [];
  const numbers = new Map<PeerId, number>();

  async function start(number: number, stranger = false): Promise<Witness> {
    world ??= await createWorld();
    const transport = await (stranger ? world.stranger(number) : world.node(number));
    numbers.set(transport.self, number);
    const witness: Witness = { transport, log: [], messages: [] };
    witnesses.push(witness);
    await transport.open({
      peerUp: (peer) => witness.log.push(`+${numbers.get(peer)}`),
      peerDown: (peer) => witness.log.push(`-${numbers.get(peer)}`),
      message(from, bytes) {
        witness.log.push(`=${numbers.get(from)} ${text(bytes.subarray(0, 40))}`);
        witness.messages.push({ from, bytes });
      },
    });
    return witness;
  }

  async function connected(...all: readonly Witness[]): Promise<void> {
    for (const one of all) {
      const others = all.filter((other) => other !== one).map((other) => other.transport.self);
      await vi.waitFor(() => {
        expect(one.transport.peers()).toEqual(expect.arrayContaining(others));
      }, WAIT);
    }
  }

  const seen = (witness: Witness, line: string) =>
    vi.waitFor(() => expect(witness.log).toContain(line), WAIT);

  afterEach(async () => {
    for (const { transport } of witnesses) await transport.close();
    witnesses.length = 0;
    numbers.clear();
    await world?.dispose();
    world = undefined;
  });

  describe(`${name}: transport`, () => {
    it("brings the nodes of a room together, each told of each once", async () => {
      const [a, b, c] = [await start(1), await start(2), await start(3)];
      await connected(a, b, c);
      expect([...a.log].toSorted()).toEqual(["+2", "+3"]);
      expect([...b.log].toSorted()).toEqual(["+1", "+3"]);
      expect([...c.log].toSorted()).toEqual(["+1", "+2"]);
    });

    it("keeps rooms apart", async () => {
      const [a, b, other] = [await start(1), await start(2), await start(3, true)];
      await connected(a, b);
      a.transport.send(other.transport.self, bytesOf("nobody hears this"));
      a.transport.send(b.transport.self, bytesOf("after"));
      await seen(b, "=1 after");
      expect(other.log).toEqual([]);
      expect(a.log).not.toContain("+3");
    });

    it("delivers a burst whole and in order, both ways, to its receiver only", async () => {
      const [a, b, c] = [await start(1), await start(2), await start(3)];
      await connected(a, b, c);
      const words = Array.from({ length: 500 }, (_, index) => `word ${index}`);
      for (const word of words) {
        a.transport.send(b.transport.self, bytesOf(`a ${word}`));
        b.transport.send(a.transport.self, bytesOf(`b ${word}`));
      }
      await seen(a, `=2 b ${words.at(-1)}`);
      await seen(b, `=1 a ${words.at(-1)}`);
      expect(b.messages.map(({ bytes }) => text(bytes))).toEqual(words.map((word) => `a ${word}`));
      expect(a.messages.map(({ bytes }) => text(bytes))).toEqual(words.map((word) => `b ${word}`));
      expect(c.messages).toEqual([]);
    });

    it("carries the empty message, and one of the greatest size with what follows it", async () => {
      const [a, b] = [await start(1), await start(2)];
      await connected(a, b);
      const large = new Uint8Array(MESSAGE_SIZE_MAX);
      for (let index = 0; index < large.length; index += 4_001) large[index] = index % 251;
      a.transport.send(b.transport.self, new Uint8Array());
      a.transport.send(b.transport.self, large);
      a.transport.send(b.transport.self, bytesOf("small"));
      await seen(b, "=1 small");
      expect(b.messages.map(({ bytes }) => bytes.length)).toEqual([0, MESSAGE_SIZE_MAX, 5]);
      const received = b.messages[1]?.bytes ?? new Uint8Array();
      expect(equalBytes(received, large)).toBe(true);
    });

    it("keeps the bytes that were sent, whatever the sender does to them later", async () => {
      const [a, b] = [await start(1), await start(2)];
      await connected(a, b);
      const buffer = bytesOf("first");
      a.transport.send(b.transport.self, buffer);
      buffer.set(bytesOf("other"));
      await vi.waitFor(() => expect(b.log).toEqual(["+1", "=1 first"]), WAIT);
    });

    it("ignores a message for a peer that is not there", async () => {
      const [a, b] = [await start(1), await start(2)];
      await connected(a, b);
      await b.transport.close();
      await seen(a, "-2");
      expect(() => a.transport.send(b.transport.self, bytesOf("late"))).not.toThrow();
      expect(a.transport.peers()).toEqual([]);
    });

    it("tells the others when a node closes, and tells it nothing more", async () => {
      const [a, b, c] = [await start(1), await start(2), await start(3)];
      await connected(a, b, c);
      const before = b.log.length;
      await b.transport.close();
      a.transport.send(b.transport.self, bytesOf("late"));
      await seen(a, "-2");
      await seen(c, "-2");
      a.transport.send(c.transport.self, bytesOf("still here"));
      await seen(c, "=1 still here");
      expect(b.log.length).toBe(before);
    });

    it("starts a new session for a node that comes back: down, up, new messages", async () => {
      const [a, b] = [await start(1), await start(2)];
      await connected(a, b);
      await b.transport.close();
      await seen(a, "-2");
      a.transport.send(b.transport.self, bytesOf("lost"));
      const again = await start(2);
      await connected(a, again);
      a.transport.send(again.transport.self, bytesOf("found"));
      await seen(again, "=1 found");
      expect(a.log).toEqual(["+2", "-2", "+2"]);
      expect(again.messages.map(({ bytes }) => text(bytes))).toEqual(["found"]);
    });

    it("lets the newest session of a node count when the old one is still open", async () => {
      const [a, b] = [await start(1), await start(2)];
      await connected(a, b);
      await laterMillisecond();
      const again = await start(2);
      await vi.waitFor(() => expect(a.log).toEqual(["+2", "-2", "+2"]), WAIT);
      a.transport.send(again.transport.self, bytesOf("for the newest"));
      await seen(again, "=1 for the newest");
      expect(b.messages).toEqual([]);
    });

    it("is opened once: [NOT_OPEN] otherwise", async () => {
      const a = await start(1);
      const listener = { peerUp: () => {}, peerDown: () => {}, message: () => {} };
      await expect(a.transport.open(listener)).rejects.toMatchObject({ code: "NOT_OPEN" });
    });
  });
}
