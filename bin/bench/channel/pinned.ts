/** Runs the calls of a channel by the code that it pins, over a state tree. */
import { ROOT_CHAIN_ID } from "#chains";
import { type ChannelExecutor, createChannelExecutor } from "#channel";
import {
  channelProfile,
  createExecutor,
  createStateTree,
  EMPTY_CHANGE_SET,
  type Executor,
  parseFunctionId,
  pinnedModules,
  proveKeys,
  restoreSnapshot,
  snapshotChunks,
} from "#sandbox";
import type { LoadedChannel } from "#settlement";

const CHUNK_SIZE = 512 * 1024;
const NO_TICK = parseFunctionId("0x21::chat::on_tick");

/** The code that a channel pins, compiled. */
export function pinnedCode({ modules }: LoadedChannel): Executor {
  return createExecutor(channelProfile(pinnedModules(modules)));
}

/** What a channel starts from; nothing once it has settled, since members then have the state. */
export function startingState({ channel, state }: LoadedChannel): typeof EMPTY_CHANGE_SET {
  if (channel.settled.header.number > 0n) return EMPTY_CHANGE_SET;
  const { stateType } = channel;
  const key = { kind: "resource", address: stateType.address, type: stateType } as const;
  return [{ key, op: { type: "new", value: state } }];
}

export function channelExecutor(loaded: LoadedChannel): ChannelExecutor {
  if (NO_TICK === undefined) throw new TypeError("a function has a name");
  return createChannelExecutor(
    {
      executor: pinnedCode(loaded),
      chainId: ROOT_CHAIN_ID,
      onTick: NO_TICK,
      createState: createStateTree,
      prove: proveKeys,
      snapshot: (state) => snapshotChunks(state, CHUNK_SIZE),
      restore(root, chunks) {
        const restorer = restoreSnapshot(root);
        const isWhole = chunks.every((chunk) => restorer.add(chunk).ok) && restorer.complete;
        return isWhole ? restorer.finish() : undefined;
      },
    },
    startingState(loaded),
  );
}
