/** Names that may have been meant by one that is not there. */

/** Share of a name's letters that may be wrong. */
const DISTANCE_SHARE_MAX = 0.4;
const SUGGESTIONS_MAX = 3;

/** The known names closest to `text`, the closest first; none where nothing is close. */
export function nearest(text: string, known: readonly string[]): readonly string[] {
  const most = Math.max(1, Math.floor(text.length * DISTANCE_SHARE_MAX));
  return known
    .map((name) => ({ name, distance: editDistance(text, name) }))
    .filter(({ distance }) => distance <= most)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ name }) => name);
}

/** Fewest single letters to insert, remove or exchange (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(a).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(b).entries()) {
      const exchanged = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
