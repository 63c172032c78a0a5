/** The figures that a node's behaviour follows, and limits that all members must share. */
import { assert } from "#core/assert.ts";
import {
  BATCH_ENTRIES_MAX,
  BATCH_GAS_MAX,
  BUNDLE_CALLS_MAX,
  STEP_ENTRIES_MAX,
} from "../codec/limits.ts";

/** A node's own figures; members may differ in them. Times are milliseconds. */
export interface Parameters {
  /** Between two heartbeats to every peer. */
  readonly heartbeatMs: number;
  /** Between two keep_alives on chain. */
  readonly keepAliveMs: number;
  /** Between two heartbeats of a leader that the others could do without. */
  readonly leaderBeatMs: number;
  /** Silence after which a member gives its leader up, beside a round trip. */
  readonly suspectMs: number;
  /** What a leader has to open its epoch. */
  readonly openMs: number;
  /** What it has to bring a header its certificate. */
  readonly stallMs: number;
  /** Silence after which a peer counts as gone, and a keep_alive as run out. */
  readonly leaseMs: number;
  /** What a leader waits for more calls before it orders those that it has. */
  readonly batchDelayMs: number;
  /** Entries that the leader puts under one header. */
  readonly batchEntriesMax: number;
  /** Headers that may wait for their certificate at once. */
  readonly windowMax: number;
  /** Calls that a client signs together at most; 1 signs each by itself. */
  readonly bundleCallsMax: number;
  /** What a call waits for others to be signed with, while one before it waits to be ordered. */
  readonly bundleDelayMs: number;
  /** Before something unanswered is sent to the same peer again; twice that the next time. */
  readonly resendMs: number;
  /** At most, however often it was sent. */
  readonly resendMsMax: number;
  /** Before a command that the chain refused is tried again. */
  readonly commandRetryMs: number;
  /**
   * A member's turn to apply, propose or execute comes this much later than that of the seat before
   * it.
   */
  readonly turnMs: number;
  /** How much longer than the lease a leader waits before it suspends a silent seat. */
  readonly suspendMarginMs: number;
  /** Calls of one seat that wait to be ordered. */
  readonly pendingCallsMax: number;
  /** Gas units that a call asks for when its client does not say. */
  readonly callGas: bigint;
}

export const DEFAULT_PARAMETERS: Parameters = {
  heartbeatMs: 1_000,
  keepAliveMs: 5_000,
  leaderBeatMs: 200,
  suspectMs: 500,
  openMs: 3_000,
  stallMs: 4_000,
  leaseMs: 15_000,
  batchDelayMs: 5,
  batchEntriesMax: 64,
  windowMax: 4,
  bundleCallsMax: BUNDLE_CALLS_MAX,
  bundleDelayMs: 5,
  resendMs: 500,
  resendMsMax: 8_000,
  commandRetryMs: 2_000,
  turnMs: 2_000,
  suspendMarginMs: 5_000,
  pendingCallsMax: 256,
  callGas: 100_000n,
};

/** Members that the contract's direct elections allow; the sixth join is refused on chain. */
export const MEMBERS_MAX = 5;
/** How far a header's time may be ahead of a member's clock. */
export const CLOCK_AHEAD_MS_MAX = 2_000n;
/** Overdue ticks that are still run; older ones are skipped. */
export const TICKS_OVERDUE_MAX = 10n;
/** Chain time after which members agree to nothing of a leader but the exit that is open. */
export const EXIT_GRACE_MS = 10_000n;
/** How long before the end of an exit's window members show once more what is confirmed. */
export const EXIT_CONTEST_MS = 10_000n;
/** Calls last this many heights unless ordered before. */
export const CALL_HEIGHTS_MAX = 1_000_000n;

assert(
  DEFAULT_PARAMETERS.batchEntriesMax <= BATCH_ENTRIES_MAX &&
    STEP_ENTRIES_MAX <= DEFAULT_PARAMETERS.batchEntriesMax,
  "a leader's batches keep the limit of the wire",
);
assert(
  DEFAULT_PARAMETERS.heartbeatMs * 3 <= DEFAULT_PARAMETERS.leaseMs &&
    DEFAULT_PARAMETERS.keepAliveMs * 2 < DEFAULT_PARAMETERS.leaseMs,
  "a lease outlives a lost heartbeat",
);

assert(
  DEFAULT_PARAMETERS.leaderBeatMs * 2 < DEFAULT_PARAMETERS.suspectMs &&
    DEFAULT_PARAMETERS.stallMs * 3 < DEFAULT_PARAMETERS.leaseMs,
  "a leader outlives a lost heartbeat, and is replaced long before the chain would",
);

/** What a gas unit stands for: 100 internal gas of the virtual machine, 50 of which are 1 us. */
const GAS_UNIT_US = 2n;

assert(
  (BATCH_GAS_MAX * GAS_UNIT_US * BigInt(DEFAULT_PARAMETERS.windowMax)) / 1_000n <
    BigInt(DEFAULT_PARAMETERS.leaseMs),
  "all headers that may be open are run again within a lease",
);
