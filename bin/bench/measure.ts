/** Medians of times, taken in turns so that whatever slows the machine slows all sides alike. */

/** One side of a comparison: does its work once. */
export type Side = () => void;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @param share of the values that are at most the result, from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? Number.NaN;
}

export function timeMs(work: Side): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/**
 * Times several sides in turns.
 *
 * @returns the median of each, in milliseconds, in the order given.
 */
export function compareMs(
  sides: readonly Side[],
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
): readonly number[] {
  for (let round = 0; round < warmUps; round++) for (const side of sides) side();
  const times = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    sides.forEach((side, index) => times[index]?.push(timeMs(side)));
  }
  return times.map(median);
}

export function geometricMean(values: readonly number[]): number {
  const logs = values.reduce((sum, value) => sum + Math.log(value), 0);
  return Math.exp(logs / values.length);
}
