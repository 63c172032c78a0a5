/**
 * The root chain's branch as a log: a block was added to it, or the one where we stand was taken
 * off (SPEC.md, PB). Told by comparing where we stand with a root node's branch, so any root node
 * can be asked, and a restart or another root node finds the place again.
 */
import { equalBytes } from "#core/bytes.ts";
import type { RootAccess } from "./root-access.ts";
import { isSamePlace, type RootBlock, type RootPlace } from "./root-block.ts";

export type LogEntry =
  | { readonly type: "add"; readonly block: RootBlock }
  | { readonly type: "remove" }
  /** We stand on the newest block. */
  | { readonly type: "none" }
  /** The root node has not come to where we stand, or has forgotten it. */
  | { readonly type: "unknown" };

/**
 * @param standing the last place, oldest first, on which the log was followed; the last one is
 *   where we stand.
 */
export async function nextEntry(
  root: Pick<RootAccess, "blockAt" | "head">,
  standing: readonly RootPlace[],
): Promise<LogEntry> {
  const place = standing.at(-1);
  if (place === undefined) return { type: "unknown" };
  const next = await root.blockAt(place.height + 1n);
  if (next !== undefined) {
    return equalBytes(next.parent, place.hash) ? { type: "add", block: next } : { type: "remove" };
  }
  const same = await root.blockAt(place.height);
  if (same !== undefined) return { type: isSamePlace(same.place, place) ? "none" : "remove" };
  // Its branch is shorter than ours: it is behind on the same one, or ours does not count there.
  const { place: head } = await root.head();
  const own = standing.find(({ height }) => height === head.height);
  const isFork = own !== undefined && !isSamePlace(own, head);
  return { type: isFork ? "remove" : "unknown" };
}
