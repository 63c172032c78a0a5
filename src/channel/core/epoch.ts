/**
 * What an epoch's number says (SPEC.md EL4, EL10): whether the chain's leader orders in it or a
 * seat that a view change made leader, and which one. Knows no machine: whoever reads an epoch
 * reads the same leader in it, whatever it knows of chain and configuration.
 */
import type { Epoch, SeatId } from "../messages.ts";

/** Bits of a view's number that hold the seat. */
const SEAT_BITS = 24n;
/** Bits above it that hold the round; the forced configuration's number stands above both. */
const ROUND_BITS = 16n;
const SEAT_MAX = (1n << SEAT_BITS) - 1n;
const ROUND_MAX = (1n << ROUND_BITS) - 1n;

/** The epoch that the chain opens: its own leader leads it. */
export function chainsEpoch(term: bigint, forced: bigint): Epoch {
  return { term, view: forced << (ROUND_BITS + SEAT_BITS) };
}

/** The seat that leads by a view change; undefined where the chain's leader does. */
export function seatLeading({ view }: Epoch): SeatId | undefined {
  const seat = view & SEAT_MAX;
  return seat === 0n ? undefined : seat;
}

/** How often the seats have been gone through, from 0. */
export function roundOf({ view }: Epoch): bigint {
  return (view >> SEAT_BITS) & ROUND_MAX;
}

/** Of one term and one forced configuration: between such epochs no word of the chain is needed. */
export function isSameReign(a: Epoch, b: Epoch): boolean {
  const shift = ROUND_BITS + SEAT_BITS;
  return a.term === b.term && a.view >> shift === b.view >> shift;
}

/** The same seat's epoch in the next round. */
export function aRoundLater({ term, view }: Epoch): Epoch {
  return { term, view: view + (1n << SEAT_BITS) };
}

/**
 * The next epoch of the reign that one of these seats leads; undefined without seats, or when the
 * numbers are used up, which leaves it to the chain.
 * @param seats ascending.
 */
export function epochAfter(epoch: Epoch, seats: readonly SeatId[]): Epoch | undefined {
  const round = roundOf(epoch);
  const last = epoch.view & SEAT_MAX;
  const higher = seats.find((seat) => seat > last);
  const [lowest] = seats;
  const [nextRound, seat] = higher === undefined ? [round + 1n, lowest] : [round, higher];
  if (seat === undefined || seat > SEAT_MAX || nextRound > ROUND_MAX) return undefined;
  const reign = chainsEpoch(epoch.term, epoch.view >> (ROUND_BITS + SEAT_BITS));
  return { term: epoch.term, view: reign.view + (nextRound << SEAT_BITS) + seat };
}
