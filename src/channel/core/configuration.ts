/**
 * Configurations as the log makes them: which one an entry leads to, and which one is in force
 * above a header (SPEC.md CF3 to CF8). A change ordered by an entry is in force once its header is
 * confirmed under the configuration before it.
 */
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ForcedConfiguration } from "../chain-view.ts";
import { refOfConfiguration } from "../codec.ts";
import type { Configuration, ConfigurationRef, HeaderRef, Seat, SeatId } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { peerIdOf } from "../ports.ts";
import { findPoint, type Log, type Point, sameHeader } from "./log.ts";

export function seatOf(configuration: Configuration, seat: SeatId): Seat | undefined {
  return configuration.seats.find((candidate) => candidate.seat === seat);
}

export function seatOfPeer(configuration: Configuration, peer: PeerId): Seat | undefined {
  return configuration.seats.find((candidate) => peerIdOf(candidate.nodeKey) === peer);
}

export function withSeat(configuration: Configuration, seat: Seat): Configuration {
  const seats = [...configuration.seats, seat];
  seats.sort((a, b) => (a.seat < b.seat ? -1 : 1));
  return { number: configuration.number + 1n, seats };
}

export function withoutSeat(configuration: Configuration, seat: SeatId): Configuration {
  return {
    number: configuration.number + 1n,
    seats: configuration.seats.filter((candidate) => candidate.seat !== seat),
  };
}

export function sameConfiguration(a: ConfigurationRef, b: ConfigurationRef): boolean {
  return a.number === b.number && equalBytes(a.hash, b.hash);
}

/** A change has been ordered at or before this header and is not in force at it. */
export function isPending(point: Pick<Point, "configuration" | "next">): boolean {
  return point.next.number !== point.configuration.number;
}

/** The configuration of the header above `parent` that carries the certificate of `justify`. */
export function configurationAfter(
  log: Log,
  forced: ForcedConfiguration | undefined,
  parent: Point,
  justify: HeaderRef,
): Configuration {
  if (forced !== undefined && sameHeader(parent.ref, forced.fence)) return forced.configuration;
  if (!isPending(parent)) return parent.next;
  const proof = findPoint(log, justify);
  // An earlier change's proof is none for this one.
  const isProved = proof?.provesChange === true && proof.next.number === parent.next.number;
  return isProved ? parent.next : parent.configuration;
}

/**
 * The configuration that a header names, or undefined when it may not name it. In history below the
 * chain's fence a forced change is known by its result alone: seats less.
 */
export function configurationNamed(
  log: Log,
  channel: Hash,
  forced: ForcedConfiguration | undefined,
  parent: Point,
  header: { readonly configuration: ConfigurationRef; readonly justify: HeaderRef },
): Configuration | undefined {
  const named = (candidate: Configuration) =>
    sameConfiguration(refOfConfiguration(channel, candidate), header.configuration);
  const expected = configurationAfter(log, forced, parent, header.justify);
  if (named(expected)) return expected;
  if (forced === undefined || parent.ref.number >= forced.fence.number) return undefined;
  const { number } = header.configuration;
  return [parent.configuration, parent.next].flatMap((from) => reduced(from, number)).find(named);
}

/**
 * What is left of a configuration when the chain has forced it down to a number, one seat at a
 * time.
 */
function reduced(from: Configuration, number: bigint): readonly Configuration[] {
  const count = number - from.number;
  if (count <= 0n || count >= BigInt(from.seats.length)) return [];
  const smaller = from.seats.map(({ seat }) => withoutSeat(from, seat));
  return count === 1n ? smaller : smaller.flatMap((next) => reduced(next, number));
}
