// A game of the trial contract whose members bring purses, with what its entries do to them off
// chain.
import { type Address, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { StateKey } from "#core/effects.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { arg } from "./contract-chain.ts";
import { enter, type Player } from "./player.ts";
import {
  changeConfiguration,
  order,
  type ScriptedChannel,
  scriptChannel,
  seatOf,
  showSteps,
} from "./scripted-channel.ts";
import { startTrialChain } from "./trial-modules.ts";

export const GAME = "0x7e57::game";
export const PURSE = makeStructTag(`${GAME}::Purse`);
export const PARKED = makeStructTag(`0x0::channel::Parked<${GAME}::Purse>`);

/**
 * Alice, who leads, and bob play with purses of 10 and 20 gems; both are admitted and hold them.
 */
export function startGame(): ScriptedChannel {
  const chain = startTrialChain();
  const alice = enter(chain, "alice");
  const opening = [arg.u64(0), arg.u64(10)];
  chain.ok(`${GAME}::open`, { sender: alice.address, args: opening });
  const channel = scriptChannel(chain, 1n, `${GAME}::Board`, alice);
  const bob = enter(chain, "bob");
  channel.players.set("bob", bob);
  chain.ok(`${GAME}::join`, { sender: bob.address, args: [arg.u64(1), arg.u64(20)] });
  const seats = [...channel.log.configuration.seats, seatOf(channel, bob)];
  showSteps(channel, [changeConfiguration(channel, seats)]);
  hold(channel, alice, 10n);
  hold(channel, bob, 20n);
  return channel;
}

export function purseKey(owner: Address, type = PURSE): StateKey {
  return { kind: "resource", address: owner, type };
}

export function seatRecordKey(seat: bigint): StateKey {
  return { kind: "tableItem", handle: makeAddress("0x0"), key: arg.u64(seat) };
}

/** The channel's own record of a player's seat: active, or departed. */
export function seatRecord({ address }: Player, standing: "active" | "departed"): Uint8Array {
  return encodeBcs((writer) =>
    writer
      .address(address)
      .u64(0n)
      .fixed(ZERO_HASH)
      .u8(standing === "active" ? 0 : 1),
  );
}

/** What an admission orders: the seat's record, and its asset from escrow. */
export function hold(channel: ScriptedChannel, player: Player, gems: bigint): void {
  const { seat } = seatOf(channel, player);
  order(channel.log, [
    { key: purseKey(player.address), op: { type: "new", value: arg.u64(gems) } },
    { key: seatRecordKey(seat), op: { type: "new", value: seatRecord(player, "active") } },
  ]);
}

export function pay(channel: ScriptedChannel, player: Player, old: bigint, gems: bigint): void {
  const op = { type: "modify", old: arg.u64(old), value: arg.u64(gems) } as const;
  order(channel.log, [{ key: purseKey(player.address), op }]);
}

/** What leaving orders: the asset goes out of reach, and the record says so. */
export function park(channel: ScriptedChannel, player: Player, gems: bigint, seat = 2n): void {
  const value = arg.u64(gems);
  const [old, gone] = [seatRecord(player, "active"), seatRecord(player, "departed")];
  order(channel.log, [
    { key: seatRecordKey(seat), op: { type: "modify", old, value: gone } },
    { key: purseKey(player.address), op: { type: "delete", old: value } },
    { key: purseKey(player.address, PARKED), op: { type: "new", value } },
  ]);
}
