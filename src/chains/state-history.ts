/**
 * The state as it was after an earlier version: the newest state, with what was changed since then
 * taken back. Change sets carry the values they replaced, so the kept blocks are all it takes.
 */
import { toHex } from "#core/bytes.ts";
import { encodeStateKey, oldValue, type StateKey, stateKeyText } from "#core/effects.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { StateReader } from "#sandbox";
import { lastVersion } from "./ledger/block.ts";
import type { ExecutedBlock } from "./ledger/executed-block.ts";
import { type Refusal, refusal } from "./ledger/refusal.ts";
import type { QuerySource } from "./query-source.ts";

/** Versions back from the newest one that can be asked for. */
export const HISTORY_VERSIONS_MAX = 50_000n;
/** Transactions read at a time, so that blocks are made in between. */
const PAGE = 200;

export interface StateEntry {
  readonly key: StateKey;
  readonly value: Uint8Array;
}

/** A state that can also be listed. */
export interface StateView extends StateReader {
  entries(): Iterable<StateEntry>;
}

export interface DatedState {
  readonly version: bigint;
  readonly state: StateView;
}

/** Where what is kept begins. */
export interface OldestKept {
  readonly version: bigint;
  readonly height: bigint;
}

/** Pruning goes with new blocks, so the answer holds until there is one. */
const oldestByHead = new WeakMap<ExecutedBlock, OldestKept>();

/** The oldest version whose transaction is kept here. */
export async function oldestKept({ store, tree }: QuerySource): Promise<OldestKept> {
  const { head } = tree;
  const known = oldestByHead.get(head);
  if (known !== undefined) return known;
  const [oldest] = await store.transactionsFrom(0n, 1);
  const found = { version: oldest?.receipt.version ?? 0n, height: oldest?.height ?? 0n };
  oldestByHead.set(head, found);
  return found;
}

export function newestState({ tree }: QuerySource): DatedState {
  const { block, state } = tree.head;
  return { version: lastVersion(block.header), state };
}

/** Refuses with `version_not_found` what is ahead, with `version_pruned` what was forgotten. */
export async function stateAt(
  source: QuerySource,
  version: bigint,
): Promise<Result<DatedState, Refusal>> {
  const newest = newestState(source);
  if (version > newest.version) {
    const message = `Version ${version} is ahead of the newest one, ${newest.version}.`;
    return err(refusal("version_not_found", message));
  }
  if (version === newest.version) return ok(newest);
  const final = source.tree.final;
  if (version === lastVersion(final.block.header)) return ok({ version, state: final.state });
  const { version: oldest } = await oldestKept(source);
  if (version < oldest || newest.version - version > HISTORY_VERSIONS_MAX) {
    const message = `The state at version ${version} was forgotten; the oldest kept is ${oldest}.`;
    return err(refusal("version_pruned", message));
  }
  const { tree } = source;
  const { reorganisations } = tree;
  const before = await valuesBefore(source, version + 1n, newest.version);
  // The branch changed while it was read: what was read is of neither.
  if (tree.reorganisations !== reorganisations) return stateAt(source, version);
  return ok({ version, state: withValues(newest.state, before) });
}

interface Replaced {
  readonly key: StateKey;
  readonly value: Uint8Array | undefined;
}

/** What the versions from `first` to `last` replaced, by key. */
async function valuesBefore(
  { store }: QuerySource,
  first: bigint,
  last: bigint,
): Promise<ReadonlyMap<string, Replaced>> {
  const before = new Map<string, Replaced>();
  let next = first;
  while (next <= last) {
    const page = await store.transactionsFrom(next, PAGE);
    if (page.length === 0) break;
    for (const { receipt } of page) {
      next = receipt.version + 1n;
      if (receipt.version > last) break;
      for (const { key, op } of receipt.changes) {
        const name = stateKeyText(key);
        if (!before.has(name)) before.set(name, { key, value: oldValue(op) });
      }
    }
  }
  return before;
}

function withValues(state: StateView, values: ReadonlyMap<string, Replaced>): StateView {
  return {
    get(key) {
      const replaced = values.get(stateKeyText(key));
      return replaced === undefined ? state.get(key) : replaced.value;
    },
    *entries() {
      for (const entry of state.entries()) {
        if (!values.has(toHex(encodeStateKey(entry.key)))) yield entry;
      }
      for (const { key, value } of values.values()) if (value !== undefined) yield { key, value };
    },
  };
}
