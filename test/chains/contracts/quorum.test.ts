// What counts as enough, on chain and off it: the two sides must agree at every size.
import { describe, expect, it } from "vitest";
import { isMajority, isQuorum, isSettled } from "../../../src/channel/core/quorum.ts";
import { arg, startContractChain } from "./contract-chain.ts";

const SEATS_MAX = 9;
const chain = startContractChain();

function answer(name: string, count: number, seats: number): boolean {
  const [bytes] = chain.view(`0x20::quorum::${name}`, { args: [arg.u64(count), arg.u64(seats)] });
  return bytes?.[0] === 1;
}

/** The least that is enough, by size from one on; undefined where not even all are. */
function least(isEnough: (count: number, seats: number) => boolean): (number | undefined)[] {
  return Array.from({ length: SEATS_MAX }, (_, index) => {
    const counts = Array.from({ length: index + 2 }, (_unused, count) => count);
    return counts.find((count) => isEnough(count, index + 1));
  });
}

describe("on chain", () => {
  it.each([
    ["certifies", isQuorum, [1, 2, 3, 3, 4, 5, 5, 6, 7]],
    ["settles", isSettled, [1, 2, 2, 3, 4, 4, 5, 6, 6]],
    ["removes", isMajority, [1, 2, 2, 3, 3, 4, 4, 5, 5]],
  ] as const)("%s what members hold to be enough", (name, offChain, expected) => {
    expect(least((count, seats) => answer(name, count, seats))).toEqual(expected);
    expect(least(offChain)).toEqual(expected);
  });

  it("punishes takes two approvals, or the only one that there can be", () => {
    const onChain = least((count, seats) => answer("punishes", count, seats));
    expect(onChain).toEqual([undefined, 1, 2, 2, 2, 2, 2, 2, 2]);
  });

  it("may_settle says until how many a settlement can still pass", () => {
    const refused = least((count, seats) => !answer("may_settle", count, seats));
    expect(refused).toEqual([1, 1, 2, 2, 2, 3, 3, 3, 4]);
  });

  it.each(["certifies", "settles", "removes"])("%s nobody's wish among nobody", (name) => {
    expect(answer(name, 0, 0)).toBe(false);
  });
});
