/**
 * Where the nodes of a list's tree stand, by arithmetic alone (SPEC.md, rule SA2): the left side of
 * n elements is the largest power of two below n. Plain division instead of bit operators, since
 * lengths exceed 32 bits.
 */

/** Where perfect aligned trees lie that together cover [from, to): each as large as fits. */
export function coverRange(from: number, to: number): { start: number; height: number }[] {
  const trees: { start: number; height: number }[] = [];
  for (let start = from; start < to; ) {
    let height = 0;
    while (start % 2 ** (height + 1) === 0 && start + 2 ** (height + 1) <= to) height++;
    trees.push({ start, height });
    start += 2 ** height;
  }
  return trees;
}

/** The size of the left side of a list of `count` > 1: the largest power of two below it. */
export function leftSize(count: number): number {
  let size = 1;
  while (2 * size < count) size *= 2;
  return size;
}

/** The number of ones in a length's binary form. */
export function countPeaks(count: number): number {
  let ones = 0;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
