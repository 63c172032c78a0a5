/**
 * How a node finds out what it lacks of another's branch, and gives what another lacks of its own:
 * the asker names places of its branch, dense near the head, and gets the blocks above the first
 * that both have. Knows no connection.
 */
import { equalBytes } from "#core/bytes.ts";
import { encodeBlock } from "../ledger/block.ts";
import { blockByHash, heightOf, parentOf } from "../ledger/block-tree.ts";
import type { QuerySource } from "../query-source.ts";
import { PAGE_BLOCKS_MAX, PAGE_SIZE, PLACES_MAX, type Place } from "./messages.ts";

export function headPlace({ tree }: QuerySource): Place {
  return { height: heightOf(tree.head), hash: tree.head.hash };
}

/**
 * Places of the branch from the head down to what is final, ever further apart. Below the final
 * block no branches differ that this node could take.
 */
export function placesOf({ tree }: QuerySource): readonly Place[] {
  const places: Place[] = [];
  let step = 1;
  let block = tree.head;
  while (block !== tree.final && places.length < PLACES_MAX - 2) {
    places.push({ height: heightOf(block), hash: block.hash });
    for (let down = 0; down < step && block !== tree.final; down++) {
      block = parentOf(tree, block) ?? tree.final;
    }
    step *= 2;
  }
  return [...places, { height: heightOf(tree.final), hash: tree.final.hash }];
}

/** Whether the block is here, on whatever branch, or so old that it cannot be news. */
export function knows({ tree }: QuerySource, { height, hash }: Place): boolean {
  return height <= heightOf(tree.final) || blockByHash(tree, hash) !== undefined;
}

/** The bytes of the blocks above the first place that is on our branch; a page at most. */
export async function pageAbove(
  { store, tree }: QuerySource,
  places: readonly Place[],
): Promise<readonly Uint8Array[]> {
  const end = heightOf(tree.head);
  for (const { height, hash } of places) {
    if (height > end) continue;
    const stored = await store.blockAt(height);
    if (stored === undefined || !equalBytes(stored.hash, hash)) continue;
    const page: Uint8Array[] = [];
    let size = 0;
    for (let next = height + 1n; page.length < PAGE_BLOCKS_MAX && size < PAGE_SIZE; next++) {
      const block = await store.blockAt(next);
      if (block === undefined) break;
      const bytes = encodeBlock(block.block);
      page.push(bytes);
      size += bytes.length;
    }
    return page;
  }
  return [];
}
