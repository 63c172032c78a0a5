import { describe, expect, it } from "vitest";
import { createRevealChain, makeReveals } from "../../../src/channel/store/reveal-chain.ts";
import { type Hash, sha2_256, ZERO_HASH } from "../../../src/sandbox/core/hash.ts";

const COUNT = 2_500;
const seed = new Uint8Array(32).fill(5);

const valueAt = (count: number) => makeReveals(seed, count).tip as Hash;

describe("chain of reveals", () => {
  it("goes from the tip to the seed, each value hashing to the one before it", () => {
    const chain = createRevealChain(makeReveals(seed, COUNT));
    let last: Hash = chain.tip;
    let steps = 0;
    for (let value = chain.before(last); value !== undefined; value = chain.before(last)) {
      expect(sha2_256(value)).toEqual(last);
      last = value;
      steps++;
    }
    expect(steps).toBe(COUNT);
    expect(last).toEqual(seed);
  });

  it("goes on from any value after a restart, also back towards the tip", () => {
    const chain = createRevealChain(makeReveals(seed, COUNT));
    for (const steps of [1, 2_400, 7, 1_025, 1_024]) {
      expect(chain.before(valueAt(steps))).toEqual(valueAt(steps - 1));
    }
  });

  it("knows nothing before the seed or a value of another chain", () => {
    const chain = createRevealChain(makeReveals(seed, COUNT));
    expect(chain.before(seed as Hash)).toBeUndefined();
    expect(chain.before(ZERO_HASH)).toBeUndefined();
    expect(chain.before(valueAt(COUNT + 1))).toBeUndefined();
  });

  it("[STORE_CORRUPT] is refused when parts of it are missing", () => {
    const record = makeReveals(seed, COUNT);
    const short = { ...record, marks: record.marks.subarray(1) };
    expect(() => createRevealChain(short)).toThrow("wrong size");
    expect(() => createRevealChain({ ...record, tip: new Uint8Array(31) })).toThrow("wrong size");
  });
});
