/**
 * A parallel chain that follows the root chain's log: blocks are added to the root's branch and
 * taken off it, one entry after the other, and this chain's blocks with them. Pure and synchronous;
 * what the store has counts, so that a crash undoes nothing that anybody was told. Knows neither
 * where root blocks come from nor what is sent back to the root.
 */
import { assert, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Discarded } from "../../ledger/block-execution.ts";
import {
  type BlockTree,
  branchBlock,
  changeToBest,
  changeToParent,
  cutHead,
  finalise,
  type HeadChange,
  heightOf,
  insertBlock,
  moveHead,
} from "../../ledger/block-tree.ts";
import type { ExecutionEnvironment } from "../../ledger/user-transaction.ts";
import type { ParaConfig } from "../config.ts";
import type { Agreed } from "../contract.ts";
import { filterBlock } from "../filter.ts";
import type { RootBlock, RootPlace } from "../root-block.ts";
import type { ParaSettings } from "../settings.ts";
import { buildBlock } from "./block-building.ts";

export type ChainInput =
  /** The root's branch has this block on top of where this chain stands. */
  | { readonly type: "add"; readonly block: RootBlock }
  /** The root's branch has lost the block where this chain stands. */
  | { readonly type: "remove" }
  /** The store has what the `persist` effect asked for. */
  | { readonly type: "persisted" }
  /** The nodes agree on this block, and the root chain can no longer undo it. */
  | { readonly type: "agreed"; readonly agreed: Agreed }
  /** How far the nodes agree as the root's branch says now; undefined before they do. */
  | { readonly type: "consensus"; readonly height: bigint | undefined };

export type ChainEffect =
  /** Keep this change of branch, then say `persisted`. */
  | { readonly type: "persist"; readonly change: HeadChange }
  /** The head has moved so; these transactions could not stand in the new block. */
  | {
      readonly type: "head";
      readonly change: HeadChange;
      readonly discarded: readonly Discarded[];
    };

/** A root block that was looked at. */
export interface Step {
  readonly place: RootPlace;
  /** The height that this chain had with it. */
  readonly height: bigint;
  /** The newest height of this chain that was final with it. */
  readonly final: bigint;
}

export interface ChainMachine {
  readonly config: ParaConfig;
  readonly environment: ExecutionEnvironment;
  readonly settings: ParaSettings;
  readonly tree: BlockTree;
  /**
   * Root blocks as far back as is needed ({@link note}), oldest first; at least one. After a
   * restart only those that a block was made of.
   */
  trail: readonly Step[];
  /** The newest root block that is final, as far as this chain has come. */
  rootFinalHeight: bigint;
  /** How far the nodes agree as the root's branch says now; undefined before they do. */
  consensus: bigint | undefined;
  /** The newest block that the nodes agree on for good, which may be ahead of this chain. */
  agreed: Agreed | undefined;
  /** Whether what they agree on is another block than ours. */
  differs: boolean;
  persisting: { readonly change: HeadChange; readonly discarded: readonly Discarded[] } | undefined;
}

/**
 * @param trail from the block on that is final with the newest one that is final with the head.
 * @param rootFinalHeight of the root block that the latter was made of.
 */
export function createChainMachine(
  config: ParaConfig,
  environment: ExecutionEnvironment,
  settings: ParaSettings,
  tree: BlockTree,
  trail: readonly Step[],
  rootFinalHeight: bigint,
): ChainMachine {
  assert(trail.length > 0, "a chain stands somewhere");
  return {
    config,
    environment,
    settings,
    tree,
    trail,
    rootFinalHeight,
    consensus: undefined,
    agreed: undefined,
    differs: false,
    persisting: undefined,
  };
}

/** The root block that this chain stands on, with its head. */
export function standing({ trail }: ChainMachine): RootPlace {
  return present(trail.at(-1), "a chain stands somewhere").place;
}

/** Whether blocks wait for a consensus that does not move on: the seed's stop at 100. */
export function isHalted({ tree, consensus, settings }: ChainMachine): boolean {
  const agreed = consensus ?? -1n;
  return heightOf(tree.head) - agreed > settings.unconfirmedBlocksMax;
}

/** Whether the next entry of the root's log may be given in. */
export function mayFollow(machine: ChainMachine): boolean {
  return machine.persisting === undefined;
}

/** Whether the root block that this chain stands on may have been undone. */
export function mayGoBack(machine: ChainMachine): boolean {
  return machine.trail.length > 1 && standing(machine).height > machine.rootFinalHeight;
}

/** Applies one input. Mutates only `machine`. */
export function stepChain(machine: ChainMachine, input: ChainInput): readonly ChainEffect[] {
  switch (input.type) {
    case "add":
      return add(machine, input.block);
    case "remove":
      return remove(machine);
    case "persisted":
      return commit(machine);
    case "agreed":
      if (input.agreed.height > (machine.agreed?.height ?? -1n)) machine.agreed = input.agreed;
      finaliseAgreed(machine);
      return [];
    case "consensus":
      machine.consensus = input.height;
      return [];
  }
}

function add(machine: ChainMachine, root: RootBlock): readonly ChainEffect[] {
  const { config, environment, tree } = machine;
  assert(mayFollow(machine) && !isHalted(machine), "blocks are added when there is room for them");
  assert(equalBytes(root.parent, standing(machine).hash), "the log is followed without a gap");
  const filtered = filterBlock(config.title, root);
  const isEmpty = filtered.cross.length === 0 && filtered.transactions.length === 0;
  if (isEmpty && !isEmptyDue(machine, root)) {
    note(machine, root, heightOf(tree.head));
    return [];
  }
  const { block, discarded } = buildBlock(
    environment,
    config.title,
    tree.head,
    root,
    filtered,
    finalBelow(machine, root.finalHeight),
  );
  insertBlock(tree, block);
  note(machine, root, heightOf(block));
  return persist(machine, changeToBest(tree), discarded);
}

/** Counted from the root block of the newest block. */
function isEmptyDue({ trail, tree, settings }: ChainMachine, { place }: RootBlock): boolean {
  const made = present(
    trail.find(({ height }) => height === heightOf(tree.head)),
    "a chain's newest block stands on a root block that may be undone, or is the last final one",
  );
  return place.height - made.place.height >= settings.emptyBlockInterval;
}

/**
 * The newest block of ours whose root block is at most at `rootHeight`. Told from root blocks
 * alone, so that it is the same on a node that was there and on one that catches up.
 */
function finalBelow({ trail }: ChainMachine, rootHeight: bigint): bigint {
  return trail.findLast(({ place }) => place.height <= rootHeight)?.height ?? 0n;
}

/**
 * Beside what may be undone, root blocks stay as far back as the newest final one of ours reaches:
 * when all above that is undone, what comes in its place says the same of what is final and counts
 * empty blocks from the same place.
 */
function note(machine: ChainMachine, { place, finalHeight }: RootBlock, height: bigint): void {
  const final = finalBelow(machine, finalHeight);
  const trail = [...machine.trail, { place, height, final }];
  const kept = trail.find((step) => step.height === final)?.final;
  machine.trail = trail.slice(
    Math.max(
      trail.findIndex((step) => step.height === kept),
      0,
    ),
  );
  if (finalHeight > machine.rootFinalHeight) machine.rootFinalHeight = finalHeight;
}

function remove(machine: ChainMachine): readonly ChainEffect[] {
  assert(mayFollow(machine), "entries of the log are followed one by one");
  const { trail, tree } = machine;
  assert(mayGoBack(machine), "a root block that is final is not taken off");
  machine.trail = trail.slice(0, -1);
  const below = present(machine.trail.at(-1), "a chain stands somewhere");
  return below.height === heightOf(tree.head) ? [] : persist(machine, changeToParent(tree), []);
}

function persist(
  machine: ChainMachine,
  change: HeadChange,
  discarded: readonly Discarded[],
): readonly ChainEffect[] {
  machine.persisting = { change, discarded };
  return [{ type: "persist", change }];
}

function commit(machine: ChainMachine): readonly ChainEffect[] {
  const { change, discarded } = present(machine.persisting, "the store kept what it was given");
  machine.persisting = undefined;
  if (change.adopted.length === 0) cutHead(machine.tree, change);
  else moveHead(machine.tree, change);
  finaliseAgreed(machine);
  return [{ type: "head", change, discarded }];
}

/**
 * What the nodes agree on for good is final here, if it is ours. A node whose block is another
 * goes on building, as the seed says, but calls nothing final any more. While it is behind what is
 * agreed on, what the root chain has made final will do: the comparison is still to come.
 */
function finaliseAgreed(machine: ChainMachine): void {
  const { tree, settings, agreed, trail } = machine;
  if (agreed === undefined || machine.differs) return;
  if (agreed.height > heightOf(tree.head)) {
    finalise(tree, present(trail.at(-1), "it stands somewhere").final, settings.residentBlocks);
    return;
  }
  if (agreed.height <= heightOf(tree.final)) return;
  machine.differs = !equalBytes(branchBlock(tree, agreed.height).hash, agreed.blockHash);
  if (!machine.differs) finalise(tree, agreed.height, settings.residentBlocks);
}
