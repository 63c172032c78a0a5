/**
 * Blocks by hash, each with its own state, and the choice of the branch that counts. Only the
 * newest blocks stay here; older ones are in the store. Knows neither network nor pool.
 */
import { assert, present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ExecutedBlock } from "./executed-block.ts";

export interface BlockTree {
  /** By the hex of their hash. */
  readonly blocks: Map<string, ExecutedBlock>;
  /** The newest block of the branch that counts: the one that the store keeps. */
  head: ExecutedBlock;
  /** The block that should be the head; the head itself except while the store catches up. */
  best: ExecutedBlock;
  /** The newest block that is final; every block here that is not below it stands on it. */
  final: ExecutedBlock;
  /** How often the head has moved to another branch. */
  reorganisations: number;
}

/** From one head to another: what both have stays, what only one has is left or taken up. */
export interface HeadChange {
  /** The newest block that both branches have. */
  readonly common: ExecutedBlock;
  /** Blocks of the old branch above it, oldest first. */
  readonly abandoned: readonly ExecutedBlock[];
  /** Blocks of the new branch above it, oldest first; the last is the new head, if there is any. */
  readonly adopted: readonly ExecutedBlock[];
}

/**
 * @param branch blocks in order, of which the first is final and the last is the head: genesis
 *   alone, or what was kept.
 */
export function createBlockTree(branch: readonly ExecutedBlock[]): BlockTree {
  const [final, head] = [branch[0], branch.at(-1)];
  assert(final !== undefined && head !== undefined, "a tree has a block");
  const blocks = new Map(branch.map((block) => [toHex(block.hash), block]));
  return { blocks, head, best: head, final, reorganisations: 0 };
}

export function blockByHash(tree: BlockTree, hash: Hash): ExecutedBlock | undefined {
  return tree.blocks.get(toHex(hash));
}

export function heightOf(block: ExecutedBlock): bigint {
  return block.block.header.height;
}

/** Adds a block whose parent is here; the tree's best block may be another one then. */
export function insertBlock(tree: BlockTree, block: ExecutedBlock): void {
  assert(parentOf(tree, block) !== undefined, "a block follows one that is known");
  tree.blocks.set(toHex(block.hash), block);
  if (isBetter(block, tree.best)) tree.best = block;
}

/** What becomes of the branch when the best block becomes the head. */
export function changeToBest(tree: BlockTree): HeadChange {
  const abandoned: ExecutedBlock[] = [];
  const adopted: ExecutedBlock[] = [];
  let [old, next] = [tree.head, tree.best];
  while (old !== next) {
    if (heightOf(next) >= heightOf(old)) {
      adopted.push(next);
      next = present(parentOf(tree, next), "branches meet at a block that is here");
    } else {
      abandoned.push(old);
      old = present(parentOf(tree, old), "branches meet at a block that is here");
    }
  }
  return { common: old, abandoned: abandoned.reverse(), adopted: adopted.reverse() };
}

/** What becomes of the branch when its newest block is taken off, which is not final. */
export function changeToParent(tree: BlockTree): HeadChange {
  const common = present(parentOf(tree, tree.head), "what is not final stands on a block here");
  return { common, abandoned: [tree.head], adopted: [] };
}

/** Makes the branch end where `change` leaves it, and forgets what it took off. */
export function cutHead(tree: BlockTree, { common, abandoned }: HeadChange): void {
  for (const block of abandoned) tree.blocks.delete(toHex(block.hash));
  tree.head = common;
  tree.best = common;
  tree.reorganisations += 1;
}

/** Makes the newest block of `change` the head. What is final stays so. */
export function moveHead(tree: BlockTree, { adopted, abandoned }: HeadChange): void {
  tree.head = present(adopted.at(-1), "a change of head has a new one");
  if (abandoned.length > 0) tree.reorganisations += 1;
}

/**
 * The branch with the newest justified checkpoint counts; among those the highest; of two of one
 * height the one with the lower hash.
 */
function isBetter(candidate: ExecutedBlock, standing: ExecutedBlock): boolean {
  const [a, b] = [candidate.block.header, standing.block.header];
  const [justified, other] = [a.finality.justified.epoch, b.finality.justified.epoch];
  if (justified !== other) return justified > other;
  if (a.height !== b.height) return a.height > b.height;
  return toHex(candidate.hash) < toHex(standing.hash);
}

export function parentOf(tree: BlockTree, block: ExecutedBlock): ExecutedBlock | undefined {
  return blockByHash(tree, block.block.header.parent);
}

/** The block of the head's branch at `height`, or the oldest one above it that is still here. */
export function branchBlock(tree: BlockTree, height: bigint): ExecutedBlock {
  let block = tree.head;
  while (heightOf(block) > height) {
    const parent = parentOf(tree, block);
    if (parent === undefined) break;
    block = parent;
  }
  return block;
}

/**
 * Makes the head's branch final up to `height`, and forgets what can no longer count: everything
 * that does not stand on it, and of the branch below it all but `below` blocks.
 */
export function finalise(tree: BlockTree, height: bigint, below: number): void {
  if (height <= heightOf(tree.final)) return;
  tree.final = branchBlock(tree, height);
  const kept = new Set<ExecutedBlock>();
  let block: ExecutedBlock | undefined = tree.final;
  for (let count = 0; block !== undefined && count <= below; count++) {
    kept.add(block);
    block = parentOf(tree, block);
  }
  const ascending = [...tree.blocks].sort(([, a], [, b]) => (heightOf(a) < heightOf(b) ? -1 : 1));
  for (const [name, candidate] of ascending) {
    const parent = parentOf(tree, candidate);
    if (heightOf(candidate) > height && parent && kept.has(parent)) kept.add(candidate);
    if (!kept.has(candidate)) tree.blocks.delete(name);
  }
  if (!kept.has(tree.best)) tree.best = bestOf(kept, tree.head);
}

function bestOf(blocks: Iterable<ExecutedBlock>, head: ExecutedBlock): ExecutedBlock {
  let best = head;
  for (const block of blocks) if (isBetter(block, best)) best = block;
  return best;
}
