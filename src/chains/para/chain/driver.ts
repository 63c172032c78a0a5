/** Follows a root node's branch with the chain machine and keeps what comes of it. */
import { assertNever } from "#core/assert.ts";
import type { Discarded } from "../../ledger/block-execution.ts";
import { type HeadChange, heightOf } from "../../ledger/block-tree.ts";
import { storedBlock } from "../../node-opening.ts";
import type { ChainStore } from "../../ports.ts";
import type { RootAccess } from "../root-access.ts";
import { nextEntry } from "../root-log.ts";
import {
  type ChainEffect,
  type ChainInput,
  type ChainMachine,
  isHalted,
  mayGoBack,
  standing,
  stepChain,
} from "./machine.ts";

/** Blocks between two prunings. */
const PRUNE_EVERY = 500n;

/** Where following ended: what to wait for. */
export type Standstill =
  /** The root's head is reached, or the root node has not come to where the chain stands. */
  | "caughtUp"
  /** Too many blocks wait for the consensus. */
  | "halted"
  /** The root node is on another branch than what is final here. */
  | "foreign";

export interface ChainDriver {
  /** Follows the branch as far as it goes. Rejects when the root node or the store fails. */
  follow(): Promise<Standstill>;
  feed(input: Extract<ChainInput, { readonly type: "agreed" | "consensus" }>): void;
  /** Resolves when nothing is being written. */
  written(): Promise<void>;
  close(): void;
}

export interface ChainDriverOptions {
  readonly machine: ChainMachine;
  readonly root: RootAccess;
  readonly store: ChainStore;
  /** Blocks that are kept beside those that may be undone; undefined keeps all. */
  readonly keptBlocks: bigint | undefined;
  readonly onHead: (change: HeadChange, discarded: readonly Discarded[]) => void;
  /** The chain stands on this root height now. */
  readonly onStanding: (rootHeight: bigint) => void;
  /** What could not be written did not happen, and nothing can follow it. */
  readonly onFailure: (error: unknown) => void;
}

interface DriverState extends ChainDriverOptions {
  writing: Promise<void>;
  closed: boolean;
}

export function createChainDriver(options: ChainDriverOptions): ChainDriver {
  const state: DriverState = { ...options, writing: Promise.resolve(), closed: false };
  return {
    follow: () => follow(state),
    feed: (input) => {
      for (const effect of stepChain(state.machine, input)) void run(state, effect);
    },
    written: () => state.writing,
    close: () => {
      state.closed = true;
    },
  };
}

async function follow(state: DriverState): Promise<Standstill> {
  const { machine, root } = state;
  while (!state.closed) {
    const places = machine.trail.map(({ place }) => place);
    const entry = await nextEntry(root, places);
    if (state.closed) break;
    if (entry.type === "add") {
      if (isHalted(machine)) return "halted";
      await take(state, entry);
    } else if (entry.type === "remove") {
      if (!mayGoBack(machine)) return "foreign";
      await take(state, entry);
    } else break;
  }
  return "caughtUp";
}

async function take(state: DriverState, input: ChainInput): Promise<void> {
  for (const effect of stepChain(state.machine, input)) await run(state, effect);
  if (!state.closed) state.onStanding(standing(state.machine).height);
}

async function run(state: DriverState, effect: ChainEffect): Promise<void> {
  switch (effect.type) {
    case "persist":
      state.writing = persist(state, effect.change);
      return state.writing;
    case "head":
      state.onHead(effect.change, effect.discarded);
      return;
    default:
      assertNever(effect);
  }
}

async function persist(state: DriverState, change: HeadChange): Promise<void> {
  const { store, machine } = state;
  try {
    const blocks = change.adopted.map(storedBlock);
    await store.extend({ keptHeight: heightOf(change.common), blocks });
    for (const effect of stepChain(machine, { type: "persisted" })) await run(state, effect);
    await prune(state);
  } catch (error) {
    state.closed = true;
    state.onFailure(error);
  }
}

/** The trail, and what the nodes do not agree on, is needed after a restart. */
async function prune({ store, machine, keptBlocks }: DriverState): Promise<void> {
  const { head, final } = machine.tree;
  if (keptBlocks === undefined || heightOf(head) % PRUNE_EVERY !== 0n) return;
  const trailStart = machine.trail[0]?.height ?? 0n;
  const needed = trailStart < heightOf(final) ? trailStart : heightOf(final) - 1n;
  if (needed > keptBlocks) await store.pruneBelow(needed - keptBlocks);
}
