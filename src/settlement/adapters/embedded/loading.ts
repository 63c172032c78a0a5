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
import type { ChainAccess } from "../../chain-access.ts";
import { getState } from "../../contract/calls.ts";
import { createChannelReader } from "../../contract/channel-view.ts";
import { decodeRecord } from "../../contract/records.ts";
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
 * Rejects with `SettlementError`: NO_CHANNEL, or PROFILE_MISMATCH where this build executes
 * otherwise.
 */
export async function loadChannel(access: ChainAccess, id: bigint): Promise<LoadedChannel> {
  const channel = await createChannelReader(access).channel(id);
  if (channel === undefined) {
    throw new SettlementError("NO_CHANNEL", `there is no channel ${id}; check the id.`, 1n);
  }
  const root = moduleOf(channel.stateType);
  const closure = await loadModuleClosure(root, (module) => access.module(module));
  if (!closure.ok) throw trouble("BAD_ANSWER", closure.error.message);
  const modules = closure.value;
  const profile = executionProfileHash(modules);
  const isPinned = !equalBytes(channel.executionProfile, ZERO_HASH);
  if (isPinned && !equalBytes(channel.executionProfile, profile)) {
    throw trouble("PROFILE_MISMATCH", "the channel was created under other rules of execution");
  }
  const [bytes] = await access.view(getState(channel.stateType, id));
  const state = decodeRecord(present(bytes, "a view of one value"), (reader) =>
    reader.bytes().slice(),
  );
  return { channel, modules, profile, state };
}
