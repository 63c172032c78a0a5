/** Executes a channel's calls by the code that the channel pins. */

import { ROOT_CHAIN_ID } from "#chains";
import {
  type ChainChannel,
  type ChannelExecutor,
  type ChannelSandbox,
  createChannelExecutor,
} from "#channel";
import { present } from "#core/assert.ts";
import type { StateKey } from "#core/effects.ts";
import { parseIdentifier } from "#core/identifier.ts";
import { moduleOf } from "#core/type-tag.ts";
import {
  type ChangeSet,
  channelProfile,
  createExecutor,
  createStateTree,
  EMPTY_CHANGE_SET,
  pinnedModules,
  proveKeys,
  restoreSnapshot,
  type StateTree,
  snapshotChunks,
} from "#sandbox";
import type { LoadedChannel } from "#settlement";

/** Of the snapshots that joiners fetch; well below what a message holds. */
const CHUNK_SIZE = 512 * 1024;
const TICK_FUNCTION = "on_tick";

/** Where the channel's StateT lies: at the address of its module. */
export function stateKeyOf({ stateType }: Pick<ChainChannel, "stateType">): StateKey {
  return { kind: "resource", address: stateType.address, type: stateType };
}

/**
 * The state that a channel starts from; empty once it has settled, because then it comes from a
 * member.
 */
export function initialState({ channel, state }: LoadedChannel): ChangeSet {
  if (channel.settled.header.number > 0n) return EMPTY_CHANGE_SET;
  return [{ key: stateKeyOf(channel), op: { type: "new", value: state } }];
}

export function createPinnedExecutor(loaded: LoadedChannel): ChannelExecutor {
  const { channel, modules } = loaded;
  const tick = present(parseIdentifier(TICK_FUNCTION), "a name");
  const sandbox: ChannelSandbox<StateTree> = {
    executor: createExecutor(channelProfile(pinnedModules(modules))),
    chainId: ROOT_CHAIN_ID,
    onTick: { module: moduleOf(channel.stateType), name: tick },
    createState: createStateTree,
    prove: proveKeys,
    snapshot: (state) => snapshotChunks(state, CHUNK_SIZE),
    restore(root, chunks) {
      const restorer = restoreSnapshot(root);
      const isWhole = chunks.every((chunk) => restorer.add(chunk).ok) && restorer.complete;
      return isWhole ? restorer.finish() : undefined;
    },
  };
  return createChannelExecutor(sandbox, initialState(loaded));
}
