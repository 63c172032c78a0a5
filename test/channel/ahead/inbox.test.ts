import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInbox } from "../../../src/channel/inbox.ts";
import type { PeerId } from "../../../src/channel/ports.ts";

const [A, B] = ["aa", "bb"] as [PeerId, PeerId];

function gate() {
  let open = () => {};
  const ready = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { ready, open: () => open() };
}

/** Lets all that is ready go on. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("inbox", () => {
  it("delivers at once what waits for nothing", () => {
    const delivered: string[] = [];
    const inbox = createInbox<string>((item) => void delivered.push(item));
    inbox.put(A, "one");
    inbox.put(B, "two");
    expect([delivered, inbox.count()]).toEqual([["one", "two"], 0]);
  });

  it("lets nothing of a peer overtake what came before, and holds up nobody else", async () => {
    const delivered: string[] = [];
    const inbox = createInbox<string>((item) => void delivered.push(item));
    const [first, second] = [gate(), gate()];
    inbox.put(A, "a1", first.ready, 10);
    inbox.put(A, "a2", second.ready, 20);
    inbox.put(A, "a3");
    inbox.put(B, "b1");
    expect([delivered, inbox.count(), inbox.size()]).toEqual([["b1"], 3, 30]);
    second.open();
    await settle();
    expect([delivered, inbox.count()]).toEqual([["b1"], 3]);
    first.open();
    await settle();
    expect(delivered).toEqual(["b1", "a1", "a2", "a3"]);
    expect([inbox.count(), inbox.size()]).toEqual([0, 0]);
  });

  it("keeps the order of what arrives while something is delivered", async () => {
    const delivered: string[] = [];
    const inbox = createInbox<string>((item) => {
      delivered.push(item);
      if (item === "one") inbox.put(A, "three");
    });
    const { ready, open } = gate();
    inbox.put(A, "one", ready);
    inbox.put(A, "two");
    open();
    await settle();
    inbox.put(A, "four");
    expect([delivered, inbox.count()]).toEqual([["one", "two", "three", "four"], 0]);
  });

  it("delivers nothing more once it is closed", async () => {
    const delivered: string[] = [];
    const inbox = createInbox<string>((item) => {
      delivered.push(item);
      inbox.close();
    });
    const { ready, open } = gate();
    inbox.put(A, "one", ready);
    inbox.put(A, "two", ready);
    open();
    await settle();
    expect([delivered, inbox.count(), inbox.size()]).toEqual([["one"], 0, 0]);
  });

  it("keeps each peer's order however long things take", async () => {
    const items = fc.array(fc.tuple(fc.constantFrom(A, B), fc.option(fc.nat(5))), {
      maxLength: 30,
    });
    const check = async (plan: readonly (readonly [PeerId, number | null])[]) => {
      const delivered: (readonly [PeerId, number])[] = [];
      const inbox = createInbox<readonly [PeerId, number]>((item) => void delivered.push(item));
      for (const [index, [peer, ticks]] of plan.entries()) {
        inbox.put(peer, [peer, index], ticks === null ? undefined : turns(ticks));
      }
      await settle();
      for (const peer of [A, B]) {
        const sent = plan.flatMap(([of], index) => (of === peer ? [index] : []));
        expect(delivered.flatMap(([of, index]) => (of === peer ? [index] : []))).toEqual(sent);
      }
    };
    await fc.assert(fc.asyncProperty(items, check), { numRuns: 50 });
  });
});

/** Resolves after so many turns of the queue of microtasks. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}
