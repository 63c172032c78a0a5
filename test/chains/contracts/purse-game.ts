// A game of the trial contract whose members bring purses, with what its entries do to them off
// chain.
import type { Address } from "#core/address.ts";
import type { StateKey } from "#core/effects.ts";
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

/** What an admission orders: the asset comes from escrow. */
export function hold(channel: ScriptedChannel, player: Player, gems: bigint): void {
  const value = arg.u64(gems);
  order(channel.log, [{ key: purseKey(player.address), op: { type: "new", value } }]);
}

export function pay(channel: ScriptedChannel, player: Player, old: bigint, gems: bigint): void {
  const op = { type: "modify", old: arg.u64(old), value: arg.u64(gems) } as const;
  order(channel.log, [{ key: purseKey(player.address), op }]);
}

/** What leaving orders: the asset goes out of reach. */
export function park(channel: ScriptedChannel, player: Player, gems: bigint): void {
  const value = arg.u64(gems);
  order(channel.log, [
    { key: purseKey(player.address), op: { type: "delete", old: value } },
    { key: purseKey(player.address, PARKED), op: { type: "new", value } },
  ]);
}
