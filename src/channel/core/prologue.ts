/**
 * What happens to the channel's own records before a batch's entries run (SPEC.md EX3 to EX6): they
 * are brought up to the header. An empty header changes nothing, unless it opens an epoch.
 */
import { equalBytes } from "#core/bytes.ts";
import type { Change } from "#core/effects.ts";
import { sha2_256, ZERO_HASH } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import { refOfConfiguration } from "../codec.ts";
import type { Configuration, Seat, SeatId } from "../messages.ts";
import { seatOf } from "./configuration.ts";
import {
  admissionChanges,
  controlChange,
  dropSeat,
  type Reader,
  readControl,
  readSeat,
  type SeatRecord,
  seatChange,
} from "./control.ts";
import { type ChannelError, channelError } from "./errors.ts";
import { moveAsset } from "./parking.ts";
import {
  type BatchFrame,
  type ChannelFacts,
  type ExecutionTools,
  perform,
  type Run,
} from "./run.ts";
import { ticksBefore } from "./ticks.ts";
import { gather, type TouchedKeys } from "./touched.ts";

/** Starts a run; what it changes is added to `touched`. */
export function beginBatch(
  facts: ChannelFacts,
  tools: ExecutionTools,
  frame: BatchFrame,
  hasEntries: boolean,
  touched: TouchedKeys,
): Result<Run, ChannelError> {
  const stored = readControl(tools.executor);
  const control = stored ?? {
    configuration: refOfConfiguration(facts.channel, frame.configuration),
    seats: seatIds(frame.configuration),
    next: seatIds(frame.configuration),
    epoch: frame.epoch,
    opening: frame.opens ?? ZERO_HASH,
    time: frame.time,
    // What was due before the channel had begun is no tick of its own.
    ticks: ticksBefore(facts.settings.tick, frame.time),
    closing: false,
  };
  const run: Run = { facts, tools, frame, control, next: frame.pending };
  if (!hasEntries && frame.opens === undefined) return ok(run);
  const apply = (...changes: readonly (Change | undefined)[]) =>
    gather(touched, perform(run, ...changes));
  if (stored === undefined) {
    for (const seat of frame.configuration.seats)
      apply(...admission(run, seat, undefined, "active"));
  }
  for (const change of forcedChanges(run)) apply(change);
  run.control = {
    ...run.control,
    configuration: refOfConfiguration(facts.channel, frame.configuration),
    seats: seatIds(frame.configuration),
    next: seatIds(frame.pending),
    epoch: frame.epoch,
    opening: frame.opens ?? run.control.opening,
    time: frame.time,
  };
  apply(controlChange(tools.executor, run.control));
  return hasEntries ? reveal(run, apply) : ok(run);
}

/**
 * The record that a seat starts with, and its asset; nothing where it comes back from a suspension.
 */
export function admission(
  { facts, tools }: Run,
  seat: Seat,
  asset: Uint8Array | undefined,
  standing: SeatRecord["standing"],
): readonly Change[] {
  return admissionChanges(tools.executor, seat, facts.assetType, asset, standing);
}

export function seatIds(configuration: Configuration): readonly SeatId[] {
  return configuration.seats.map(({ seat }) => seat);
}

/**
 * What a change forced by the chain does to the records: who is out loses the hold on its asset,
 * and what entries had ordered without its coming into force is undone.
 */
function forcedChanges({ control, frame, tools, facts }: Run): readonly Change[] {
  const { executor } = tools;
  const { assetType } = facts;
  const stays = seatIds(frame.configuration);
  const changes: Change[] = [];
  for (const seat of control.next) {
    const record = readSeat(executor, seat);
    const isIn = stays.includes(seat) || seatOf(frame.pending, seat) !== undefined;
    if (isIn || record === undefined) continue;
    if (!control.seats.includes(seat)) {
      // One that was coming back from a suspension keeps what it has.
      const isNew = record.standing === "admitted";
      if (isNew) changes.push(...dropSeat(executor, seat, record, assetType));
      continue;
    }
    changes.push(...moveAsset(executor, record.address, assetType, "parked"));
    changes.push(...standingChange(executor, seat, record, "departed"));
  }
  for (const seat of stays) {
    const record = readSeat(executor, seat);
    if (record?.standing === "admitted") {
      changes.push(...standingChange(executor, seat, record, "active"));
    }
    if (control.next.includes(seat) || record?.standing !== "departed") continue;
    changes.push(...moveAsset(executor, record.address, assetType, "held"));
    changes.push(...standingChange(executor, seat, record, "active"));
  }
  return changes;
}

function standingChange(
  state: Reader,
  seat: SeatId,
  record: SeatRecord,
  standing: SeatRecord["standing"],
): readonly Change[] {
  return [seatChange(state, seat, { ...record, standing })].filter(
    (change) => change !== undefined,
  );
}

/** A header with entries reveals the value before the last one of its leader's chain. */
function reveal(
  run: Run,
  apply: (...changes: readonly (Change | undefined)[]) => void,
): Result<Run, ChannelError> {
  const { frame, tools } = run;
  const record = readSeat(tools.executor, frame.leader);
  if (record === undefined) {
    return err(channelError("NOT_MEMBER", `leader ${frame.leader} has no seat`));
  }
  if (!equalBytes(sha2_256(frame.reveal), record.reveal)) {
    return err(channelError("BAD_BATCH", "the reveal is not the next of the leader's chain"));
  }
  apply(seatChange(tools.executor, frame.leader, { ...record, reveal: frame.reveal }));
  return ok(run);
}
