import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chainsEpoch,
  epochAfter,
  isSameReign,
  roundOf,
  seatLeading,
} from "../../../src/channel/core/epoch.ts";
import { compareEpochs, type Epoch } from "../../../src/channel/messages.ts";

const SEAT_MAX = 2n ** 24n - 1n;
const number = (max: bigint) => fc.bigInt({ min: 0n, max });
const seats = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: SEAT_MAX }), { minLength: 1, maxLength: 5 })
  .map((all) => all.toSorted((a, b) => (a < b ? -1 : 1)));

/** The epochs that follow, `count` of them. */
function reignOf(term: bigint, forced: bigint, among: readonly bigint[], count: number): Epoch[] {
  const epochs = [chainsEpoch(term, forced)];
  while (epochs.length <= count) {
    const next = epochAfter(epochs.at(-1) ?? chainsEpoch(term, forced), among);
    if (next === undefined) break;
    epochs.push(next);
  }
  return epochs;
}

describe("an epoch's number", () => {
  it("[EL4] names nobody where the chain's leader leads, and otherwise who does", () => {
    expect(chainsEpoch(3n, 2n)).toEqual({ term: 3n, view: 2n << 40n });
    expect(seatLeading(chainsEpoch(3n, 2n))).toBeUndefined();
    expect(seatLeading({ term: 3n, view: (2n << 40n) + (7n << 24n) + 5n })).toBe(5n);
    expect(roundOf({ term: 3n, view: (2n << 40n) + (7n << 24n) + 5n })).toBe(7n);
  });

  it("[EL10] goes through the seats in order, round after round", () => {
    const led = reignOf(1n, 4n, [2n, 3n, 9n], 7).map((epoch) => [
      roundOf(epoch),
      seatLeading(epoch),
    ]);
    expect(led).toEqual([
      [0n, undefined],
      [0n, 2n],
      [0n, 3n],
      [0n, 9n],
      [1n, 2n],
      [1n, 3n],
      [1n, 9n],
      [2n, 2n],
    ]);
  });

  it("[EL10] rises within a reign, and below every later reign", () => {
    fc.assert(
      fc.property(number(9n), number(9n), seats, (term, forced, among) => {
        const epochs = reignOf(term, forced, among, 12);
        expect(epochs).toHaveLength(13);
        expect(epochs.every((epoch) => isSameReign(epoch, chainsEpoch(term, forced)))).toBe(true);
        for (const [index, epoch] of epochs.slice(1).entries()) {
          expect(compareEpochs(epoch, epochs[index] ?? epoch)).toBe(1);
          for (const later of [chainsEpoch(term, forced + 1n), chainsEpoch(term + 1n, 0n)]) {
            expect(compareEpochs(later, epoch)).toBe(1);
            expect(isSameReign(later, epoch)).toBe(false);
          }
        }
      }),
    );
  });

  it("[EL10] ends without seats, and where numbers do: then it is the chain's turn", () => {
    expect(epochAfter(chainsEpoch(1n, 0n), [])).toBeUndefined();
    expect(epochAfter(chainsEpoch(1n, 0n), [SEAT_MAX + 1n])).toBeUndefined();
    const last = { term: 1n, view: (65_535n << 24n) + 3n };
    expect(epochAfter(last, [3n])).toBeUndefined();
    expect(epochAfter(last, [3n, 4n])).toEqual({ term: 1n, view: (65_535n << 24n) + 4n });
  });
});
