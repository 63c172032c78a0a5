/**
 * What a member needs from the chain before it can play: the channel, the code it pins and the
 * state it was created with. Everything is checked against what the channel's identity and its
 * settled root commit to.
 */
import { executionProfileHash, loadModuleClosure } from "#chains";
import type { ChainChannel } from "#channel";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { type Hash, ZERO_HASH } from "#core/hash.ts";
import type { ModuleId } from "#core/identifier.ts";
import { moduleOf } from "#core/type-tag.ts";
import type { ChainAccess, ViewSource } from "../../chain-access.ts";
import { getState } from "../../contract/calls.ts";
import { createChannelReader } from "../../contract/channel-view.ts";
import { decodeRecord } from "../../contract/records.ts";
import { finalViews } from "../../final-views.ts";
import { SettlementError, trouble } from "../../settlement-error.ts";

export interface ChannelModule {
  readonly id: ModuleId;
  readonly bytes: Uint8Array;
}

export interface LoadedChannel {
  readonly channel: ChainChannel;
  /** The state type's module and everything it depends on, by name. */
  readonly modules: readonly ChannelModule[];
  /** What executing these modules depends on. */
  readonly profile: Hash;
  /** BCS of the StateT in escrow: the state at the settled height. */
  readonly state: Uint8Array;
}

/**
 * Everything as it is where nothing is taken back any more; waits for a channel that is too new.
 * Rejects with `SettlementError`: NO_CHANNEL, or PROFILE_MISMATCH where this build executes
 * otherwise.
 */
export async function loadChannel(access: ChainAccess, id: bigint): Promise<LoadedChannel> {
  const { views, channel } = await finalChannel(access, id);
  const root = moduleOf(channel.stateType);
  const closure = await loadModuleClosure(root, (module) => access.module(module));
  if (!closure.ok) throw trouble("BAD_ANSWER", closure.error.message);
  const modules = closure.value;
  const profile = executionProfileHash(modules);
  const isPinned = !equalBytes(channel.executionProfile, ZERO_HASH);
  if (isPinned && !equalBytes(channel.executionProfile, profile)) {
    throw trouble("PROFILE_MISMATCH", "the channel was created under other rules of execution");
  }
  const [bytes] = await views.view(getState(channel.stateType, id));
  const state = decodeRecord(present(bytes, "a view of one value"), (reader) =>
    reader.bytes().slice(),
  );
  return { channel, modules, profile, state };
}

interface FinalChannel {
  readonly views: ViewSource;
  readonly channel: ChainChannel;
}

async function finalChannel(access: ChainAccess, id: bigint): Promise<FinalChannel> {
  for (;;) {
    const views = await finalViews(access);
    const channel = await createChannelReader(() => Promise.resolve(views)).channel(id);
    if (channel !== undefined) return { views, channel };
    const newest = await createChannelReader(() => Promise.resolve(access)).record(id);
    if (newest === undefined) {
      throw new SettlementError("NO_CHANNEL", `there is no channel ${id}; check the id.`, 1n);
    }
    await nextHead(access);
  }
}

/** Resolves with the next block. */
function nextHead(access: ChainAccess): Promise<void> {
  return new Promise((resolve) => {
    const stop = access.onHead(() => {
      stop();
      resolve();
    });
  });
}
