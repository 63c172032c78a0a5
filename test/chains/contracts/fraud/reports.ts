// Reports of fraud as somebody brings them to the contract, and verdicts as its chain gives them.
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type Hash, ZERO_HASH } from "#core/hash.ts";
import { encode, fraudEvidence, hashHeader } from "../../../../src/channel/codec.ts";
import type { Confirmation } from "../../../../src/channel/evidence.ts";
import type { Certificate, Header, SignedHeader } from "../../../../src/channel/messages.ts";
import { codeOf } from "../abort.ts";
import { admit, openChatChannel } from "../chat-channel.ts";
import { arg, startContractChain } from "../contract-chain.ts";
import type { Player } from "../player.ts";
import { certify, type ScriptedChannel, showSteps } from "../scripted-channel.ts";

const COIN = "0x1::aptos_coin::AptosCoin";

export const FRAUD = 0;
export const SOUND = 1;
export const DECLINED = 2;
export const UNFIT = 3;

/** Alice leads a channel with these. */
export function channelOf(...names: readonly string[]): ScriptedChannel {
  const channel = openChatChannel(startContractChain());
  for (const name of names) showSteps(channel, [admit(channel, name)]);
  return channel;
}

export function evidence(header: SignedHeader, acks?: Certificate, accused = 1n): Uint8Array {
  return encode(fraudEvidence, {
    accused,
    header,
    ...(acks === undefined ? {} : { acks }),
    batchSteps: [],
    index: 0,
    entries: [],
    touched: [],
    proof: { shape: new Uint8Array(), hashes: [] },
    descent: [],
  });
}

export function report(channel: ScriptedChannel, by: Player, bytes: Uint8Array) {
  const options = {
    sender: by.address,
    typeArgs: [channel.view().stateType],
    args: [arg.u64(channel.id), arg.bytes(bytes)],
  };
  return codeOf(channel.chain.run("0x20::fraud::report_entry", options));
}

export interface Delivery {
  readonly voided?: readonly Hash[];
  readonly parent?: Header;
}

export function deliver({ chain }: ScriptedChannel, verdict: number, delivery: Delivery = {}) {
  const { voided = [], parent } = delivery;
  const args = [
    arg.u8(verdict),
    encodeBcs((writer) => writer.vector(voided, (out, hash) => out.bytes(hash))),
    arg.u64(parent?.epoch.term ?? 0n),
    arg.u64(parent?.epoch.view ?? 0n),
    arg.u64(parent?.number ?? 0n),
    arg.bytes(parent === undefined ? ZERO_HASH : hashHeader(parent)),
  ];
  return codeOf(chain.system("0x20::fraud::deliver", { args }));
}

/** The same, acked by everybody but bob. */
export function behindBob(channel: ScriptedChannel, confirmed: Confirmation): Confirmation {
  const seats = [1n, 3n, 4n];
  return {
    ...confirmed,
    certificate: certify(channel, confirmed.header.header, seats),
    confirmingCertificate: certify(channel, confirmed.confirming.header, seats),
  };
}

export function balance(channel: ScriptedChannel, player: Player): bigint {
  const options = { typeArgs: [COIN], args: [arg.address(player.address)] };
  const [bytes] = channel.chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

export function standings(channel: ScriptedChannel): readonly string[] {
  return channel.view().members.map(({ standing }) => standing);
}
