// A scripted channel of the chat contract, as its players see it.
import { makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { formatVmStatus, isExecuted } from "#core/status.ts";
import type { ConfigurationStep } from "../../../src/channel/evidence.ts";
import { arg, type ContractChain, type Ran } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import {
  type Confirmation,
  changeConfiguration,
  noteSettled,
  propose,
  type ScriptedChannel,
  scriptChannel,
  seatOf,
  voteAll,
} from "./scripted-channel.ts";

export const STATE = "0x21::chat::ChatGroup";
export const CHAT = "0x21::chat";
export const SERVER = makeAddress("0x21");
export const GROUP_ID = 7n;
export const STAKE = 100n;

/** A chat that alice, or who is named, has made and leads. */
export function openChatChannel(chain: ContractChain, creator = "alice"): ScriptedChannel {
  const alice = enter(chain, creator);
  const group = [arg.address(SERVER), arg.u64(GROUP_ID), arg.text("island")];
  chain.ok(`${CHAT}::chat_group_create`, { sender: alice.address, args: group });
  const session = [arg.address(SERVER), arg.u64(GROUP_ID), arg.u64(STAKE)];
  chain.ok(`${CHAT}::chat_session_create`, { sender: alice.address, args: session });
  const [id] = chain.view(`${CHAT}::chat_session_channel`, { args: [arg.u64(GROUP_ID)] });
  const channelId = decodeBcs(present(id, "a view returns"), (reader) => reader.u64());
  return scriptChannel(chain, channelId, STATE, alice);
}

/** Joins on chain. */
export function join(channel: ScriptedChannel, name: string): Player {
  const player = channel.players.get(name) ?? enter(channel.chain, name);
  channel.players.set(name, player);
  const args = [arg.u64(GROUP_ID)];
  channel.chain.ok(`${CHAT}::chat_session_join`, { sender: player.address, args });
  return player;
}

/** Joins on chain and is admitted off chain; the step still has to be shown to the chain. */
export function admit(channel: ScriptedChannel, name: string): ConfigurationStep {
  const seat = seatOf(channel, join(channel, name));
  return changeConfiguration(channel, [...channel.log.configuration.seats, seat]);
}

/** BCS of the group after these texts, all by one author. */
export function groupBytes(texts: readonly string[], author: Player): Uint8Array {
  return encodeBcs((writer) => {
    writer.u64(GROUP_ID).string("island").u64(BigInt(texts.length));
    const messages = texts.map((text, index) => ({ text, number: BigInt(index + 1) }));
    writer.vector(messages, (out, { text, number }) =>
      out.u64(number).address(author.address).string(text),
    );
  });
}

export function execute(channel: ScriptedChannel, proposal: bigint, by = "alice"): Ran {
  return channel.chain.run(`${CHAT}::chat_group_settlement`, {
    sender: channel.player(by).address,
    args: [arg.u64(channel.id), arg.u64(proposal)],
  });
}

/** Proposes, votes yes with everybody who may, and executes. */
export function settle(
  channel: ScriptedChannel,
  confirmation: Confirmation,
  steps: readonly ConfigurationStep[] = [],
  by = "alice",
): void {
  const proposal = propose(channel, confirmation, steps, by);
  voteAll(channel, proposal);
  const executed = execute(channel, proposal, by);
  assert(isExecuted(executed.status), `settling: ${formatVmStatus(executed.status)}`);
  const { header } = confirmation.header;
  noteSettled(channel, header.firstHeight + BigInt(header.count) - 1n);
}
