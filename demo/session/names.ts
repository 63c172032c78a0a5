// What players are called. A name follows from the account's address, so that every tab calls
// everybody the same without anybody having to say so.
import type { PlayerView } from "../view/player.ts";

const ADJECTIVES = (
  "Amber Bold Brisk Calm Clever Coral Deft Eager Fair Fleet Gentle " +
  "Golden Hardy Ivory Jolly Keen Lively Lucky Mellow Merry Nimble Plucky " +
  "Quiet Ruby Russet Silver Steady Sunny Swift Tidy Warm Wise"
).split(" ");
const ANIMALS = (
  "Badger Beaver Bison Crane Curlew Dolphin Falcon Ferret Finch Fox Gannet " +
  "Hare Heron Ibis Jay Kestrel Lark Lynx Marten Moose Newt Osprey " +
  "Otter Owl Petrel Plover Puffin Raven Seal Stoat Tern Wren"
).split(" ");

/** The angle that keeps neighbours apart however many there are. */
const GOLDEN_ANGLE = 137.5;
const FIRST_HUE = 55;

/** @param address hexadecimal, of which the last bytes choose: they are those of a hash */
export function nameOf(address: string): string {
  const end = Number.parseInt(address.slice(-6), 16) || 0;
  const adjective = ADJECTIVES[end % ADJECTIVES.length] ?? "";
  const animal = ANIMALS[(end >> 8) % ANIMALS.length] ?? "";
  return `${adjective} ${animal}`;
}

export function hueOf(seat: bigint | undefined): number {
  return (FIRST_HUE + Number(seat ?? 0n) * GOLDEN_ANGLE) % 360;
}

export interface Person {
  readonly address: string;
  readonly seat: bigint | undefined;
}

/** @param you this tab's player; `alias` is what the address line calls it, here only */
export function playerView(
  { address, seat }: Person,
  you: { readonly address: string; readonly alias: string | undefined },
): PlayerView {
  const isYou = sameAddress(address, you.address);
  const name = (isYou ? you.alias : undefined) ?? nameOf(address);
  return { seat, name, hue: hueOf(seat), isYou };
}

/** Addresses may be written with and without leading zeros. */
export function sameAddress(left: string, right: string): boolean {
  return bare(left) === bare(right);
}

function bare(address: string): string {
  return address.replace(/^0x0*/, "").toLowerCase();
}
