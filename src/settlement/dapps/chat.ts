/** Drives `rooch_demo::chat`: one binding per chat group. */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { callOf, u64 } from "../contract/calls.ts";
import type { DappBinding } from "../dapp.ts";

/** The server that everybody may use. */
export const CHAT_SERVER = makeAddress("0x21");

export interface ChatGroupChoice {
  readonly groupId: bigint;
  /** 1 to 64 bytes; used when the group is made. */
  readonly name: string;
  readonly server?: Address;
}

/** Calls and views around one group's channel. */
export function chatDapp({ groupId, name, server = CHAT_SERVER }: ChatGroupChoice): DappBinding {
  const group = u64(groupId);
  const serverArg = addressToBytes(server);
  const nameArg = encodeBcs((writer) => writer.string(name));
  return {
    create: (stake) => [
      callOf("0x21::chat::chat_group_create", [serverArg, group, nameArg]),
      callOf("0x21::chat::chat_session_create", [serverArg, group, u64(stake)]),
    ],
    find: () => callOf("0x21::chat::chat_session_channel", [group]),
    join: () => callOf("0x21::chat::chat_session_join", [group]),
    leave: (channel) => callOf("0x21::chat::chat_channel_leave", [u64(channel)]),
    close: () => callOf("0x21::chat::chat_session_close", [group]),
    settle: (channel, proposal) =>
      callOf("0x21::chat::chat_group_settlement", [u64(channel), u64(proposal)]),
  };
}
