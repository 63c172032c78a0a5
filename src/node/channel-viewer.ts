/**
 * Answers a game's questions to its contract: runs a function over the channel's state as this node
 * has it, and forgets what it did. Knows no machine; the log never hears of it.
 */
import { ROOT_CHAIN_ID } from "#chains";
import type { StateKey } from "#core/effects.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  channelProfile,
  createInterpreter,
  createTypeReader,
  formatVmStatus,
  gasUnits,
  isExecuted,
  type JsValue,
  type PinnedModule,
  pinnedModules,
  toInternalGas,
} from "#sandbox";
import type { EncodedCall } from "./channel-reader.ts";
import { HoldfastError } from "./holdfast-error.ts";

/** As much as one call may ask for. */
const VIEW_GAS = gasUnits(1_000_000n);

/** Throws HoldfastError VIEW_FAILED, with what the contract said. */
export type ChannelViewer = (call: EncodedCall) => readonly JsValue[];

/** @param read the channel's values, as they are at each call */
export function createChannelViewer(
  modules: readonly PinnedModule[],
  read: (key: StateKey) => Uint8Array | undefined,
): ChannelViewer {
  const source = pinnedModules(modules);
  const executor = createInterpreter(channelProfile(source));
  const types = createTypeReader(source);
  return ({ function: callee, typeArgs, args }) => {
    const context = { uniqueSeed: ZERO_HASH, chainId: ROOT_CHAIN_ID };
    const { status, returns } = executor.begin({ get: read }, context).execute({
      mode: "function",
      function: callee,
      typeArgs,
      args,
      signers: [],
      gasLimit: toInternalGas(VIEW_GAS),
    });
    if (!isExecuted(status)) throw failed(callee.name, formatVmStatus(status));
    const values = types.decodeReturns(callee, typeArgs, returns);
    if (!values.ok) throw failed(callee.name, values.error.detail);
    return values.value;
  };
}

function failed(name: string, why: string): HoldfastError {
  return new HoldfastError({ code: "VIEW_FAILED", message: `${name} has no answer: ${why}.` });
}
