/** Drives `rooch_demo::movecraft`: one binding per land and player. */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { byteVector, callOf, u64 } from "../contract/calls.ts";
import type { DappBinding } from "../dapp.ts";

/** The world that everybody may put lands into. */
export const MOVECRAFT_WORLD = makeAddress("0x21");

export interface LandChoice {
  readonly landId: bigint;
  /** 1 to 64 bytes; used when the land is made. */
  readonly name: string;
  /** 1 to 64 bytes; used when the player has no hero yet. */
  readonly heroName: string;
  readonly world?: Address;
}

/** Calls and views around one land's channel, for one player. */
export function movecraftDapp(choice: LandChoice): DappBinding {
  const { landId, world = MOVECRAFT_WORLD } = choice;
  const land = u64(landId);
  const worldArg = addressToBytes(world);
  const name = textArg(choice.name);
  const hero = textArg(choice.heroName);
  return {
    create: (stake) => [
      callOf("0x21::movecraft::land_create", [worldArg, land, name]),
      callOf("0x21::movecraft::game_account_create", [hero]),
      callOf("0x21::movecraft::land_session_create_with_stake", [worldArg, land, u64(stake)]),
    ],
    find: () => callOf("0x21::movecraft::land_session_channel", [land]),
    join: () => callOf("0x21::movecraft::land_session_enter", [land, hero]),
    leave: (channel) => callOf("0x21::movecraft::land_channel_leave", [u64(channel)]),
    close: () => callOf("0x21::movecraft::land_session_close", [land]),
    claim: (channel, seat, evidence) =>
      callOf("0x21::land_claim::land_channel_claim", [
        u64(channel),
        u64(seat),
        byteVector(evidence),
      ]),
    settle: (channel, proposal) =>
      callOf("0x21::movecraft::land_settlement", [u64(channel), u64(proposal)]),
  };
}

function textArg(text: string): Uint8Array {
  return encodeBcs((writer) => writer.string(text));
}
