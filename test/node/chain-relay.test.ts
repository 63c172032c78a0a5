import { describe, expect, it, vi } from "vitest";
import { createMemoryNetwork } from "../../src/channel/index.ts";
import { openChainRelay } from "../../src/node/chain-relay.ts";

const WAIT = { timeout: 5_000, interval: 2 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (data: unknown) => new TextDecoder().decode(data as Uint8Array);

function world() {
  const network = createMemoryNetwork(queueMicrotask);
  const closing: (() => void)[] = [];

  /** A chain that answers a request with its own name before it. */
  async function host(name: string) {
    const requests: string[] = [];
    const wire = network.wire(name);
    let portsCount = 0;
    const relay = await openChainRelay(wire);
    relay.host(async () => {
      const { port1, port2 } = new MessageChannel();
      portsCount++;
      port2.onmessage = ({ data }) => {
        requests.push(textOf(data));
        port2.postMessage(bytesOf(`${name}: ${textOf(data)}`));
      };
      closing.push(() => port1.close());
      return port1;
    });
    return { wire, requests, portsCount: () => portsCount };
  }

  async function guest(name: string) {
    const answers: string[] = [];
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = ({ data }) => answers.push(textOf(data));
    const relay = await openChainRelay(network.wire(name));
    relay.visit(port1);
    closing.push(() => port1.close());
    return { relay, answers, ask: (text: string) => port2.postMessage(bytesOf(text)) };
  }

  return { network, host, guest, close: () => closing.map((end) => end()) };
}

/** Asks until there is an answer, as a chain client does. */
async function askAgain(guest: { answers: string[]; ask(text: string): void }, text: string) {
  const before = guest.answers.length;
  await vi.waitFor(() => {
    guest.ask(text);
    expect(guest.answers.length).toBeGreaterThan(before);
  }, WAIT);
  return guest.answers.at(-1);
}

describe("a chain over a wire", () => {
  it("answers every guest, each on its own", async () => {
    const { host, guest, close } = world();
    const chain = await host("chain");
    const [a, b] = [await guest("a"), await guest("b")];
    expect(await askAgain(a, "height?")).toBe("chain: height?");
    expect(await askAgain(b, "balance?")).toBe("chain: balance?");
    expect(a.answers.every((answer) => answer.includes("height"))).toBe(true);
    expect(chain.portsCount()).toBe(2);
    close();
  });

  it("goes on by another host when the one in use leaves", async () => {
    const { host, guest, close } = world();
    const first = await host("first");
    const second = await host("second");
    const visitor = await guest("visitor");
    const name = (await askAgain(visitor, "one"))?.split(":")[0];
    const [used, other] = name === "first" ? [first, "second"] : [second, "first"];
    await used.wire.close();
    expect(await askAgain(visitor, "two")).toBe(`${other}: two`);
    close();
  });

  it("takes no request from another host, and no answer from a guest", async () => {
    const { host, guest, close } = world();
    const [first, second] = [await host("first"), await host("second")];
    const [a, b] = [await guest("a"), await guest("b")];
    await askAgain(a, "one");
    await askAgain(b, "two");
    expect([...first.requests, ...second.requests].every((text) => /^(one|two)$/.test(text))).toBe(
      true,
    );
    expect(a.answers.every((text) => text.endsWith(": one"))).toBe(true);
    close();
  });

  it("is found by those who were there before it was hosted", async () => {
    const { network, guest, close } = world();
    const early = await guest("early");
    const host = await openChainRelay(network.wire("host"));
    let isSeen = false;
    void early.relay.hostSeen.then(() => {
      isSeen = true;
    });
    await vi.waitFor(() => expect(early.answers).toEqual([]), WAIT);
    expect(isSeen).toBe(false);
    host.host(async () => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = ({ data }) => {
        port2.postMessage(data);
        port2.close();
      };
      return port1;
    });
    await early.relay.hostSeen;
    expect(await askAgain(early, "echo")).toBe("echo");
    close();
  });
});
