// What has to be told is told until it stands in a final block, in batches, and nothing else waits
// for ever behind it.
import { describe, expect, it } from "vitest";
import {
  BATCH_MAX,
  createOutbox,
  type Outbox,
  type OutboxEffect,
  type OutboxInput,
  type Outcome,
  RETRY_MS,
  stepOutbox,
  unsettled,
} from "../../../src/chains/cross-chain/outbox.ts";

type Box = Outbox<string>;

function items(...names: string[]) {
  return names.map((name) => ({ name, news: `news of ${name}` }));
}

function put(box: Box, input: OutboxInput<string>): readonly OutboxEffect<string>[] {
  return stepOutbox(box, input);
}

function sentNames(effects: readonly OutboxEffect<string>[]): readonly string[] | undefined {
  const send = effects.find(({ type }) => type === "send");
  return send?.type === "send" ? send.items.map(({ name }) => name) : undefined;
}

function outcomes(
  attempt: number,
  height: bigint,
  found: Record<string, Outcome>,
): OutboxInput<string> {
  return { type: "outcomes", attempt, height, outcomes: new Map(Object.entries(found)) };
}

const FINAL: Outcome = { type: "final" };
const ABSENT: Outcome = { type: "absent" };

describe("an outbox", () => {
  it("tells what comes at once, and what comes meanwhile when that is settled", () => {
    const box: Box = createOutbox(0n);
    expect(sentNames(put(box, { type: "add", items: items("a", "b") }))).toEqual(["a", "b"]);
    expect(sentNames(put(box, { type: "add", items: items("c") }))).toBeUndefined();
    put(box, { type: "sent", attempt: 1, height: 10n });
    expect(put(box, { type: "block" })).toEqual([{ type: "look", attempt: 1 }]);
    const effects = put(box, outcomes(1, 11n, { a: FINAL, b: FINAL }));
    expect(effects.filter(({ type }) => type === "settled")).toHaveLength(2);
    expect(sentNames(effects)).toEqual(["c"]);
  });

  it("takes the same news once while it is not settled", () => {
    const box: Box = createOutbox(0n);
    put(box, { type: "add", items: items("a", "a") });
    put(box, { type: "add", items: items("a", "b", "b") });
    expect(unsettled(box).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("tells at most a batch at a time", () => {
    const box: Box = createOutbox(0n);
    const names = Array.from({ length: BATCH_MAX + 3 }, (_, index) => `item ${index}`);
    expect(sentNames(put(box, { type: "add", items: items(...names) }))).toHaveLength(BATCH_MAX);
  });

  it("tries again after a pause where nobody could be reached", () => {
    const box: Box = createOutbox(0n);
    put(box, { type: "add", items: items("a") });
    expect(put(box, { type: "unsent", attempt: 1 })).toEqual([{ type: "wake", atMs: RETRY_MS }]);
    expect(sentNames(put(box, { type: "tick", nowMs: RETRY_MS - 1n }))).toBeUndefined();
    expect(sentNames(put(box, { type: "tick", nowMs: RETRY_MS }))).toEqual(["a"]);
  });

  it("tells again what more than two blocks have gone by without, and only that", () => {
    const box: Box = createOutbox(0n);
    put(box, { type: "add", items: items("a", "b") });
    put(box, { type: "sent", attempt: 1, height: 10n });
    expect(sentNames(put(box, outcomes(1, 12n, { a: FINAL, b: ABSENT })))).toBeUndefined();
    expect(sentNames(put(box, outcomes(1, 13n, { b: ABSENT })))).toEqual(["b"]);
    expect(box.attempts).toBe(2);
  });

  it("waits for what stands in a block that may be left, and tells it again when it is", () => {
    const box: Box = createOutbox(0n);
    put(box, { type: "add", items: items("a") });
    put(box, { type: "sent", attempt: 1, height: 10n });
    expect(put(box, outcomes(1, 20n, { a: { type: "included" } }))).toEqual([]);
    expect(sentNames(put(box, outcomes(1, 21n, { a: ABSENT })))).toEqual(["a"]);
  });

  it("lets go of what is refused for good, and says why", () => {
    const box: Box = createOutbox(0n);
    put(box, { type: "add", items: items("bad", "good") });
    put(box, { type: "sent", attempt: 1, height: 1n });
    const refused: Outcome = { type: "refused", why: "not in office" };
    const effects = put(box, outcomes(1, 2n, { bad: refused, good: FINAL }));
    expect(effects).toMatchObject([
      { type: "settled", item: { name: "bad" }, refusal: "not in office" },
      { type: "settled", item: { name: "good" }, refusal: undefined },
    ]);
    expect(unsettled(box)).toEqual([]);
  });

  it("does not listen to what comes of an attempt that it has given up", () => {
    const box: Box = createOutbox(0n);
    put(box, { type: "add", items: items("a") });
    put(box, { type: "unsent", attempt: 1 });
    put(box, { type: "tick", nowMs: RETRY_MS });
    expect(put(box, outcomes(1, 5n, { a: FINAL }))).toEqual([]);
    expect(unsettled(box)).toHaveLength(1);
  });
});
