/**
 * Turns a machine's notices into what a page is told: entries and state as JavaScript values,
 * heights, and status. The state is read at most once a frame, however many entries there were, and
 * a call is done only after the state that shows it. Knows no worker and no transport.
 */

import {
  CHANNEL_ERRORS,
  type ChannelError,
  type Clock,
  type Millis,
  type Notice,
  type SeatId,
} from "#channel";
import type { Address } from "#core/address.ts";
import { assertNever } from "#core/assert.ts";
import { type ChannelReader, outcomeOf } from "./channel-reader.ts";
import type { ChannelStatus } from "./channel-status.ts";
import type { PlainError } from "./holdfast-error.ts";
import type { ChannelEvent, Progress } from "./host.ts";

/** A state follows what changed it within a frame of a screen. */
const STATE_DELAY_MS = 16;
/** Silence and delays change all the time; people see them this often. */
const STATUS_INTERVAL_MS = 1_000;

export interface ReportOptions {
  readonly clock: Clock;
  readonly reader: ChannelReader;
  readonly emit: (event: ChannelEvent) => void;
  /**
   * BCS of the channel's StateT as after what this node verified; undefined while it is not loaded.
   */
  readonly stateBytes: () => Uint8Array | undefined;
  readonly addressOf: (seat: SeatId) => Address | undefined;
  readonly status: () => ChannelStatus;
}

export interface ChannelReports {
  /** Reports what there is already; then status goes out every second. */
  start(progress: Progress): void;
  receive(notice: Notice): void;
  stop(): void;
}

interface Reports extends ReportOptions {
  progress: Progress;
  /** Set while the state has changed and is to be told. */
  cancelState: (() => void) | undefined;
  /** When it was last told. */
  stateAt: Millis | undefined;
  /** What came of calls since it has changed. */
  held: ChannelEvent[];
  cancelStatus: () => void;
  isStopped: boolean;
}

export function createChannelReports(options: ReportOptions): ChannelReports {
  const reports: Reports = {
    ...options,
    progress: { verified: 0n, confirmed: 0n, settled: 0n },
    cancelState: undefined,
    stateAt: undefined,
    held: [],
    cancelStatus: () => {},
    isStopped: false,
  };
  return {
    start(progress) {
      advance(reports, progress);
      scheduleState(reports);
      reportStatus(reports);
    },
    receive: (notice) => receive(reports, notice),
    stop() {
      reports.isStopped = true;
      reports.cancelState?.();
      reports.cancelStatus();
    },
  };
}

function receive(reports: Reports, notice: Notice): void {
  const { emit, reader, addressOf } = reports;
  switch (notice.type) {
    case "call":
      return reportCall(reports, notice);
    case "refused":
      return emitAfterState(reports, {
        type: "refused",
        request: notice.request,
        error: plain(notice.error),
      });
    case "done":
      return emit({ type: "done", request: notice.request });
    case "applied": {
      const verified = notice.firstHeight + BigInt(notice.entries.length) - 1n;
      if (notice.entries.length === 0) return;
      emit({ type: "entries", entries: reader.readEntries(notice, addressOf) });
      advance(reports, { verified });
      return scheduleState(reports);
    }
    case "reverted":
      emit({ type: "reverted", height: notice.height });
      advance(reports, { verified: notice.height });
      return scheduleState(reports);
    case "restored":
      advance(reports, { verified: notice.height });
      return scheduleState(reports);
    case "confirmed":
      return advance(reports, { confirmed: notice.height });
    case "settled":
      return advance(reports, { settled: notice.height });
    case "leader":
    case "configuration":
    case "phase":
      return reportStatus(reports);
    case "fraud":
      return emit({ type: "fraud", seat: notice.accused, detail: notice.detail });
    case "error":
      return emit({ type: "warning", error: plain(notice.error) });
    default:
      return assertNever(notice);
  }
}

function reportCall(reports: Reports, notice: Extract<Notice, { type: "call" }>): void {
  const { request, stage, height, receipt } = notice;
  const outcome = receipt === undefined ? {} : { outcome: outcomeOf(receipt) };
  emitAfterState(reports, {
    type: "call",
    request,
    stage,
    ...(height === undefined ? {} : { height }),
    ...outcome,
  });
}

/** At once where the state is told already, or may be; otherwise with the frame, in its order. */
function emitAfterState(reports: Reports, event: ChannelEvent): void {
  const { cancelState, clock, stateAt, held, emit } = reports;
  const isFrameOver = stateAt === undefined || clock.now() - stateAt >= BigInt(STATE_DELAY_MS);
  if (cancelState !== undefined && isFrameOver) tellState(reports);
  if (reports.cancelState === undefined) emit(event);
  else held.push(event);
}

function advance(reports: Reports, change: Partial<Progress>): void {
  reports.progress = { ...reports.progress, ...change };
  reports.emit({ type: "progress", progress: reports.progress });
}

function scheduleState(reports: Reports): void {
  reports.cancelState ??= reports.clock.after(STATE_DELAY_MS, () => tellState(reports));
}

function tellState(reports: Reports): void {
  reports.cancelState?.();
  reports.cancelState = undefined;
  const bytes = reports.stateBytes();
  const state = bytes === undefined ? undefined : reports.reader.readState(bytes);
  if (state !== undefined) {
    reports.stateAt = reports.clock.now();
    reports.emit({ type: "state", height: reports.progress.verified, state });
  }
  for (const event of reports.held.splice(0)) reports.emit(event);
}

function reportStatus(reports: Reports): void {
  if (reports.isStopped) return;
  reports.cancelStatus();
  reports.emit({ type: "status", status: reports.status() });
  reports.cancelStatus = reports.clock.after(STATUS_INTERVAL_MS, () => reportStatus(reports));
}

function plain({ name, detail, code }: ChannelError): PlainError {
  const { meaning, remedy } = CHANNEL_ERRORS[name];
  const particulars = detail === "" ? "" : ` (${detail})`;
  return { code: name, number: code, message: `${meaning}${particulars} ${remedy}` };
}
