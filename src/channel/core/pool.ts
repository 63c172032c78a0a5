/**
 * Submissions that wait to be ordered: who may put one in, and which come next (SPEC.md PR10 to
 * PR13).
 */
import { equalBytes } from "#core/bytes.ts";
import type { Entry, SeatId } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { seatOf } from "./configuration.ts";
import { readSeat } from "./control.ts";
import { checkCall } from "./entry.ts";
import { type ChannelError, channelError } from "./errors.ts";
import { tipOf } from "./log.ts";
import { inForce } from "./members.ts";
import { type Room, takeRoom } from "./room.ts";
import type { Machine, Waiting } from "./state.ts";
import type { Submission } from "./submission.ts";
import {
  actorKey,
  actorOf,
  callIn,
  entryOf,
  isSigned,
  subjectOf,
  submissionOf,
} from "./submission.ts";

/**
 * Takes a submission in, or says why it can never be ordered. One that is in the log already is no
 * error: its sender will see it there.
 */
export function submit(
  machine: Machine,
  submission: Submission,
  from: PeerId,
): ChannelError | undefined {
  const { seat, nonce } = actorOf(submission);
  const key = seatOf(inForce(machine), seat)?.memberKey;
  if (key === undefined) return channelError("NOT_MEMBER", `seat ${seat}`);
  const refused = refusalOf(machine, submission);
  if (refused !== undefined) return refused;
  const next = nextNonce(machine, seat);
  const subject = subjectOf(submission);
  if (nonce < next) {
    const ordered = machine.ordered.get(actorKey(seat, nonce));
    if (ordered !== undefined && equalBytes(ordered.subject, subject)) return undefined;
    return channelError("BAD_SIGNATURE_OR_NONCE", `nonce ${nonce} of seat ${seat} is used`);
  }
  if (nonce >= next + BigInt(machine.tools.parameters.pendingCallsMax)) {
    const detail = `nonce ${nonce} of seat ${seat}, whose next is ${next}`;
    return channelError("TOO_MANY_PENDING", detail);
  }
  const waiting = machine.pool.get(seat) ?? new Map<bigint, Waiting>();
  const known = waiting.get(nonce);
  if (known !== undefined && equalBytes(known.subject, subject)) return undefined;
  if (!isSigned(submission, key, machine.tools.verify)) {
    return channelError("BAD_SIGNATURE_OR_NONCE", `signature of seat ${seat}`);
  }
  machine.pool.set(seat, waiting.set(nonce, { submission, subject, from }));
  return undefined;
}

function refusalOf(machine: Machine, submission: Submission): ChannelError | undefined {
  const { channel } = machine.facts;
  if (submission.type !== "departure") {
    return checkCall(submission.call.call, channel, tipOf(machine.log).height + 1n);
  }
  return equalBytes(submission.departure.departure.channel, channel)
    ? undefined
    : channelError("NO_CHANNEL", "a departure from another channel");
}

/** Of a seat at the tip. */
export function nextNonce(machine: Machine, seat: SeatId): bigint {
  return readSeat(machine.tools.executor, seat)?.nonce ?? 0n;
}

export interface Choice {
  readonly entries: readonly Entry[];
  /** As many as a batch may hold; otherwise it may wait a little for more. */
  readonly isFull: boolean;
}

/**
 * The next submissions in order: one of each seat in turn, by ascending nonce, until the batch is
 * full. A departure ends the batch.
 * @param room what they may take together at most; without it, more may be chosen than one header
 *   has room for.
 */
export function chooseEntries(machine: Machine, countMax: number, room?: Room): Choice {
  const height = tipOf(machine.log).height;
  const seats = seatsInTurn(machine).map((seat) => ({
    seat,
    nonce: nextNonce(machine, seat),
    waiting: machine.pool.get(seat),
  }));
  const entries: Entry[] = [];
  for (let isProgress = true; isProgress; ) {
    isProgress = false;
    for (const turn of seats) {
      const next = turn.waiting?.get(turn.nonce);
      if (next === undefined) continue;
      if (next.submission.type === "departure")
        return { entries: [...entries, entryOf(next.submission)], isFull: true };
      const { call } = next.submission.call;
      if (call.expiry < height + 1n + BigInt(entries.length)) continue;
      const entry = entryOf(next.submission);
      const isFull = entries.length >= countMax || (room !== undefined && !takeRoom(room, entry));
      if (isFull) return { entries, isFull };
      entries.push(entry);
      turn.nonce += 1n;
      isProgress = true;
    }
  }
  return { entries, isFull: entries.length >= countMax };
}

/**
 * Beginning after the seat that was served last: however much one seat's calls use, no header is
 * so full of them that another's turn never comes.
 */
function seatsInTurn(machine: Machine): readonly SeatId[] {
  const { seats } = inForce(machine);
  const last = machine.log.items.findLast(({ receipts }) => receipts.length > 0);
  const served = last?.batch.entries.findLast((entry) => submissionOf(entry) !== undefined);
  const submission = served === undefined ? undefined : submissionOf(served);
  const seat = submission === undefined ? 0n : actorOf(submission).seat;
  const index = seats.findIndex((candidate) => candidate.seat > seat);
  const first = index < 0 ? 0 : index;
  return [...seats.slice(first), ...seats.slice(0, first)].map((turn) => turn.seat);
}

/** Forgets what can never be ordered any more, so that the pool stays bounded. */
export function prunePool(machine: Machine): void {
  const configuration = inForce(machine);
  const height = tipOf(machine.log).height;
  for (const [seat, waiting] of machine.pool) {
    if (seatOf(configuration, seat) === undefined) machine.pool.delete(seat);
    const next = nextNonce(machine, seat);
    for (const [nonce, { submission }] of waiting) {
      const expiry = callIn(submission)?.expiry;
      if (nonce < next || (expiry !== undefined && expiry <= height)) waiting.delete(nonce);
    }
  }
}
