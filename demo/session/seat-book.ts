// Who is who: every seat that this tab has heard of, and what its player is called. Seats are never
// reused, so what was learnt stays true.
import type { ChannelEntry, ChannelStatus } from "holdfast";
import type { ChannelRecord } from "../explorer/chain-record.ts";
import type { PlayerView } from "../view/player.ts";
import { playerView, sameAddress } from "./names.ts";

export interface Self {
  readonly address: string;
  readonly alias: string | undefined;
}

export interface SeatBook {
  readStatus(status: ChannelStatus): void;
  readEntries(entries: readonly ChannelEntry[]): void;
  readRecord(record: ChannelRecord): void;
  learn(seat: bigint, address: string): void;
  bySeat(seat: bigint): PlayerView;
  byAddress(address: string): PlayerView;
  /** Everybody who ever sat here, as far as this tab has heard. */
  people(): readonly { readonly address: string; readonly name: string }[];
}

export function createSeatBook(self: () => Self): SeatBook {
  const addresses = new Map<bigint, string>();

  function learn(seat: bigint, address: string | undefined): void {
    if (address !== undefined && seat !== 0n) addresses.set(seat, address);
  }

  /** A player who came back holds the latest of its seats. */
  function seatOf(address: string): bigint | undefined {
    const seats = [...addresses].filter(([, other]) => sameAddress(other, address));
    return seats.map(([seat]) => seat).toSorted((a, b) => (a > b ? -1 : 1))[0];
  }

  return {
    learn,
    readStatus: ({ members }) => members.forEach(({ seat, address }) => learn(seat, address)),
    readEntries: (entries) => entries.forEach(({ seat, address }) => learn(seat, address)),
    readRecord: ({ members }) => members.forEach(({ seat, address }) => learn(seat, address)),
    bySeat(seat) {
      const address = addresses.get(seat);
      if (address !== undefined) return playerView({ address, seat }, self());
      return { seat, name: `Seat ${seat}`, hue: 0, isYou: false };
    },
    people: () =>
      [...addresses].map(([seat, address]) => {
        return { address, name: playerView({ address, seat }, self()).name };
      }),
    byAddress: (address) => playerView({ address, seat: seatOf(address) }, self()),
  };
}
