/**
 * What a block of a shard brings from the root: its messages in their order, and to which of the
 * root's blocks there are no more. Says nothing of whether the root has said so.
 */

import type { OpeningCall } from "../ledger/block-rules.ts";
import {
  bytes,
  type Carried,
  decodeWith,
  encodeWith,
  struct,
  u32,
  u64,
  union,
} from "../rpc/codec.ts";
import { endRootBlockCall, processMessageCall, skipMessageCall } from "./contract.ts";

/** Messages that one block takes in. */
export const MESSAGES_PER_BLOCK_MAX = 100;

const rootMessageCodec = union({
  message: struct({
    version: u32,
    eventType: u32,
    toShard: u64,
    /** Of the root's block. */
    fromHeight: u64,
    /** Place among the messages to this shard in that block. */
    index: u64,
    payload: bytes,
  }),
  /** Every message of the root's blocks up to this height was given. */
  end: struct({ height: u64 }),
});
export type RootMessage = Carried<typeof rootMessageCodec>;

export function encodeRootMessage(message: RootMessage): Uint8Array {
  return encodeWith(rootMessageCodec, message);
}

/** Undefined for bytes that are no message. */
export function decodeRootMessage(input: Uint8Array): RootMessage | undefined {
  const decoded = decodeWith(rootMessageCodec, input);
  return decoded.ok ? decoded.value : undefined;
}

/** What takes the messages of a block in, each by itself; undefined where they are none. */
export function messageCalls(messages: readonly Uint8Array[]): readonly OpeningCall[] | undefined {
  // One more for the end.
  if (messages.length > MESSAGES_PER_BLOCK_MAX + 1) return undefined;
  const calls: OpeningCall[] = [];
  for (const input of messages) {
    const message = decodeRootMessage(input);
    if (message === undefined) return undefined;
    calls.push(callOf(message));
  }
  return calls;
}

function callOf(message: RootMessage): OpeningCall {
  if (message.type === "end") return { call: endRootBlockCall(message.height) };
  const { index } = message;
  return { call: processMessageCall(message, index), otherwise: skipMessageCall(message, index) };
}
