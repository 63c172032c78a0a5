// Calls of the chat, as its players sign them.
import { present } from "#core/assert.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { callMessage, encode, signedCall } from "../../../src/channel/codec.ts";
import type { Call } from "../../../src/channel/messages.ts";
import { arg } from "./contract-chain.ts";
import type { Player } from "./player.ts";
import type { ScriptedChannel } from "./scripted-channel.ts";

const POST = present(parseFunctionId("0x21::chat::post"), "a function");

/** A post of the second seat's. */
export function postCall(channel: ScriptedChannel, changes: Partial<Call> = {}): Call {
  return {
    channel: channel.view().hash,
    seat: 2n,
    nonce: 0n,
    function: POST,
    typeArgs: [],
    args: [arg.text("let me speak")],
    maxGas: 1_000n,
    expiry: 1_000n,
    ...changes,
  };
}

/** BCS of a call with its member's signature. */
export function encodeSigned(by: Player, call: Call): Uint8Array {
  return encode(signedCall, { call, signature: by.signAsMember(callMessage(call)) });
}
