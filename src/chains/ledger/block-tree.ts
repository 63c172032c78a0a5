/**
 * Blocks by hash, each with its own state, and the choice of the branch that counts. Only the
 * newest blocks stay here; older ones are in the store. Knows neither network nor pool.
 */
import { assert } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ExecutedBlock } from "./block-execution.ts";

export interface BlockTree {
  /** By the hex of their hash. */
  readonly blocks: Map<string, ExecutedBlock>;
  /** The newest block of the branch that counts. */
  head: ExecutedBlock;
}

/** @param root genesis, or the newest block that the store holds. */
export function createBlockTree(root: ExecutedBlock): BlockTree {
  return { blocks: new Map([[toHex(root.hash), root]]), head: root };
}

export function blockByHash(tree: BlockTree, hash: Hash): ExecutedBlock | undefined {
  return tree.blocks.get(toHex(hash));
}

export function heightOf(block: ExecutedBlock): bigint {
  return block.block.header.height;
}

/** Adds a block whose parent is here and returns whether it is the new head. */
export function insertBlock(tree: BlockTree, block: ExecutedBlock): boolean {
  assert(tree.blocks.has(toHex(block.block.header.parent)), "a block follows one that is known");
  tree.blocks.set(toHex(block.hash), block);
  if (!isBetter(block, tree.head)) return false;
  tree.head = block;
  return true;
}

/** The higher block counts; of two of one height the one with the lower hash. */
function isBetter(candidate: ExecutedBlock, head: ExecutedBlock): boolean {
  const [height, standing] = [heightOf(candidate), heightOf(head)];
  if (height !== standing) return height > standing;
  return toHex(candidate.hash) < toHex(head.hash);
}

/** The block `depth` below the head, or the oldest one that is still here. */
export function blockBelowHead(tree: BlockTree, depth: number): ExecutedBlock {
  let block = tree.head;
  for (let step = 0; step < depth; step++) {
    const parent = blockByHash(tree, block.block.header.parent);
    if (parent === undefined) break;
    block = parent;
  }
  return block;
}

/** Forgets every block lower than `depth` below the head, whatever branch it is on. */
export function pruneTree(tree: BlockTree, depth: number): void {
  const lowest = heightOf(tree.head) - BigInt(depth);
  for (const [name, block] of tree.blocks) {
    if (heightOf(block) < lowest) tree.blocks.delete(name);
  }
}
