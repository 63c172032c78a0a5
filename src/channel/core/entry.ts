/**
 * One ordered entry: whether it may stand where it stands, and what becomes of it (SPEC.md EX7 to
 * EX12). What only a view of the chain can tell (who joined, who is silent) is checked in
 * membership.ts.
 */
import { assertNever } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes } from "#core/bytes.ts";
import { SIGNATURE_SIZE } from "#core/ed25519.ts";
import { type ChangeSet, composeChangeSets, makeChangeSet, type StateKey } from "#core/effects.ts";
import { domainHash } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import { EXECUTED } from "#core/status.ts";
import {
  CALL_ARGS_MAX,
  CALL_GAS_MAX,
  CALL_SIZE_MAX,
  CALL_TYPE_ARGS_MAX,
  TICK_GAS,
} from "../codec/limits.ts";
import { call as callCodec, encode, seat as seatCodec } from "../codec/objects.ts";
import { departureMessage } from "../codec.ts";
import type { Call, Entry, Height, Receipt, Seat, SeatId, SignedDeparture } from "../messages.ts";
import type { EntryContext } from "../ports.ts";
import { seatOf, withoutSeat, withSeat } from "./configuration.ts";
import { changeTo, controlChange, readSeat, type SeatRecord, seatChange } from "./control.ts";
import { type ChannelError, type ChannelErrorName, channelError } from "./errors.ts";
import { MEMBERS_MAX } from "./parameters.ts";
import { moveAsset } from "./parking.ts";
import { admission, seatIds } from "./prologue.ts";
import { perform, type Run } from "./run.ts";
import { isSigned } from "./submission.ts";
import { dueTick } from "./ticks.ts";

type EntryResult = Result<Receipt, ChannelError>;

/**
 * Runs one entry on the executor's state. An inadmissible one changes nothing.
 * @param isLast the batch ends with it, as it must after a change of configuration.
 */
export function runEntry(run: Run, entry: Entry, height: Height, isLast: boolean): EntryResult {
  if (run.control.closing) return refuse("CHANNEL_CLOSED", "an entry after the close");
  switch (entry.type) {
    case "call":
    case "bundled":
      return runCall(run, entry, height);
    case "tick":
      return runTick(run, entry.tick, height);
    case "admit":
      if (isFounding(run, entry.seat, height)) return bringFounding(run, entry);
      return isLast ? runAdmit(run, entry) : notLast();
    case "leave":
      return isLast ? runLeave(run, entry.departure) : notLast();
    case "suspend":
      return isLast ? runSuspend(run, entry.seat) : notLast();
    case "close":
      return isLast ? runClose(run, entry.departure) : notLast();
    case "exit":
      return isLast ? runExit(run, entry.seat) : notLast();
    default:
      return assertNever(entry);
  }
}

function refuse(name: ChannelErrorName, detail: string): EntryResult {
  return err(channelError(name, detail));
}

function notLast(): EntryResult {
  return refuse("BAD_BATCH", "a change of configuration ends its batch");
}

/** The receipt of an entry that only the core runs. */
function receipt(changes: ChangeSet): EntryResult {
  return ok({ status: EXECUTED, gasUsed: 0n, events: [], changes: makeChangeSet(changes) });
}

function contextOf({ facts, frame, control }: Run, height: Height): EntryContext {
  const seed = domainHash(
    "Random",
    facts.channel,
    encodeBcs((writer) => writer.u64(height)),
    frame.reveal,
    control.opening,
  );
  return { channel: facts.channel, height, time: frame.time, seed };
}

/** A seat's record when it may act with this nonce. */
function actor(run: Run, seat: SeatId, nonce: bigint): Result<SeatRecord, ChannelError> {
  const record = readSeat(run.tools.executor, seat);
  const isMember = seatOf(run.frame.configuration, seat) !== undefined;
  if (record === undefined || !isMember || record.standing !== "active") {
    return err(channelError("NOT_MEMBER", `seat ${seat}`));
  }
  if (record.nonce !== nonce) {
    const detail = `nonce ${nonce} of seat ${seat}, whose next is ${record.nonce}`;
    return err(channelError("BAD_SIGNATURE_OR_NONCE", detail));
  }
  return ok(record);
}

type CallEntry = Extract<Entry, { readonly type: "call" | "bundled" }>;

function runCall(run: Run, entry: CallEntry, height: Height): EntryResult {
  const { facts, tools, frame } = run;
  const { call } = entry.call;
  const checked = checkCall(call, facts.channel, height);
  if (checked !== undefined) return err(checked);
  const acting = actor(run, call.seat, call.nonce);
  if (!acting.ok) return acting;
  const key = seatOf(frame.configuration, call.seat)?.memberKey;
  if (key === undefined || !isSigned(entry, key, tools.verify)) {
    return refuse("BAD_SIGNATURE_OR_NONCE", `signature of seat ${call.seat}`);
  }
  const record = acting.value;
  const nonce = perform(
    run,
    seatChange(tools.executor, call.seat, { ...record, nonce: record.nonce + 1n }),
  );
  const done = tools.executor.execute(call, record.address, contextOf(run, height));
  return ok({ ...done, changes: composeChangeSets(nonce, done.changes) });
}

/** What can be told of a call without the state or a key. */
export function checkCall(
  call: Call,
  channel: Uint8Array,
  height: Height,
): ChannelError | undefined {
  if (channel.some((byte, index) => byte !== call.channel[index])) {
    return channelError("NO_CHANNEL", "a call for another channel");
  }
  if (call.expiry < height) return channelError("EXPIRED", `expired at height ${call.expiry}`);
  const misshapen = checkShape(call);
  if (misshapen !== undefined) return misshapen;
  // In a bundle too: no call is ordered one way that could not be the other.
  const size = encode(callCodec, call).length + SIGNATURE_SIZE;
  if (size > CALL_SIZE_MAX) {
    return channelError("MESSAGE_TOO_LARGE", `a call of ${size} bytes, at most ${CALL_SIZE_MAX}`);
  }
  return undefined;
}

/** Whether a call can be written down at all: what it asks for and how much it holds. */
export function checkShape(call: Call): ChannelError | undefined {
  const { maxGas, args, typeArgs } = call;
  if (maxGas < 0n || maxGas > CALL_GAS_MAX) {
    return channelError("GAS_LIMIT", `${maxGas} of at most ${CALL_GAS_MAX} gas units`);
  }
  if (args.length > CALL_ARGS_MAX || typeArgs.length > CALL_TYPE_ARGS_MAX) {
    const detail = `${args.length} arguments and ${typeArgs.length} type arguments`;
    return channelError("MESSAGE_TOO_LARGE", `a call of ${detail}, at most ${CALL_ARGS_MAX} each`);
  }
  const size = args.reduce((sum, arg) => sum + arg.length, 0);
  return size > CALL_SIZE_MAX
    ? channelError("MESSAGE_TOO_LARGE", `a call of ${size} bytes, at most ${CALL_SIZE_MAX}`)
    : undefined;
}

function runTick(run: Run, tick: bigint, height: Height): EntryResult {
  const { facts, tools, frame, control } = run;
  if (dueTick(facts.settings.tick, control.ticks, frame.time) !== tick) {
    return refuse("BAD_BATCH", `tick ${tick} is not due`);
  }
  run.control = { ...control, ticks: tick };
  const own = perform(run, controlChange(tools.executor, run.control));
  const done = tools.executor.tick(tick, TICK_GAS, contextOf(run, height));
  return ok({ ...done, changes: composeChangeSets(own, done.changes) });
}

/** Sets what the records say of the seats after a change of configuration. */
function recordSeats(run: Run): ChangeSet {
  run.control = { ...run.control, next: seatIds(run.next) };
  return perform(run, controlChange(run.tools.executor, run.control));
}

type Admit = Extract<Entry, { readonly type: "admit" }>;

/**
 * The channel's first entry may bring the asset of the seat that made the channel: that seat's
 * record stands before any entry, and no later entry could add to it twice.
 */
function isFounding({ frame }: Run, { seat }: Seat, height: Height): boolean {
  return (
    height === 1n &&
    frame.configuration.number === 0n &&
    seatOf(frame.configuration, seat) !== undefined
  );
}

function bringFounding(run: Run, { seat, asset }: Admit): EntryResult {
  const known = seatOf(run.frame.configuration, seat.seat);
  const isSame =
    known !== undefined && equalBytes(encode(seatCodec, known), encode(seatCodec, seat));
  if (!isSame || asset === undefined) {
    return refuse("BAD_BATCH", `seat ${seat.seat} brings nothing`);
  }
  const key: StateKey = { kind: "resource", address: seat.address, type: run.facts.assetType };
  return receipt(perform(run, changeTo(run.tools.executor, key, asset)));
}

function runAdmit(run: Run, { seat, asset }: Admit): EntryResult {
  const { next, tools } = run;
  const record = readSeat(tools.executor, seat.seat);
  if (seatOf(next, seat.seat) !== undefined || record?.standing === "departed") {
    return refuse("BAD_BATCH", `seat ${seat.seat} cannot be admitted`);
  }
  if (record !== undefined && asset !== undefined) {
    return refuse("BAD_BATCH", `seat ${seat.seat} has brought its asset before`);
  }
  if (next.seats.length >= MEMBERS_MAX) return refuse("CHANNEL_FULL", `seat ${seat.seat}`);
  run.next = withSeat(next, seat);
  return receipt([
    ...perform(run, ...admission(run, seat, asset, "admitted")),
    ...recordSeats(run),
  ]);
}

function runSuspend(run: Run, seat: SeatId): EntryResult {
  if (seatOf(run.next, seat) === undefined || run.next.seats.length === 1) {
    return refuse("BAD_BATCH", `seat ${seat} cannot be suspended`);
  }
  run.next = withoutSeat(run.next, seat);
  return receipt(recordSeats(run));
}

/** Whether the exit is open is the chain's to say; here it is a departure without a signature. */
function runExit(run: Run, seat: SeatId): EntryResult {
  const { executor } = run.tools;
  const record = readSeat(executor, seat);
  const isIn = seatOf(run.next, seat) !== undefined;
  if (!isIn || record?.standing !== "active" || run.next.seats.length === 1) {
    return refuse("BAD_BATCH", `seat ${seat} cannot exit`);
  }
  run.next = withoutSeat(run.next, seat);
  return receipt(depart(run, seat, record));
}

/** The seat's asset goes out of reach, and its record says so. */
function depart(run: Run, seat: SeatId, record: SeatRecord): ChangeSet {
  const { executor } = run.tools;
  const parked = perform(
    run,
    ...moveAsset(executor, record.address, run.facts.assetType, "parked"),
  );
  const own = perform(run, seatChange(executor, seat, { ...record, standing: "departed" }));
  return [...parked, ...own, ...recordSeats(run)];
}

/** Checks who departs, and counts its nonce. */
function checkDeparture(run: Run, signed: SignedDeparture): Result<SeatRecord, ChannelError> {
  const { departure, signature } = signed;
  const acting = actor(run, departure.seat, departure.nonce);
  if (!acting.ok) return acting;
  const key = seatOf(run.frame.configuration, departure.seat)?.memberKey;
  if (key === undefined || !run.tools.verify(departureMessage(departure), signature, key)) {
    return err(channelError("BAD_SIGNATURE_OR_NONCE", `departure of seat ${departure.seat}`));
  }
  return acting;
}

function runLeave(run: Run, signed: SignedDeparture): EntryResult {
  const { seat, kind } = signed.departure;
  if (kind !== "leave") return refuse("BAD_BATCH", "a close ordered as a leave");
  const checked = checkDeparture(run, signed);
  if (!checked.ok) return checked;
  if (run.next.seats.length === 1) return refuse("LAST_MEMBER", `seat ${seat}`);
  const record = checked.value;
  run.next = withoutSeat(run.next, seat);
  return receipt(depart(run, seat, { ...record, nonce: record.nonce + 1n }));
}

function runClose(run: Run, signed: SignedDeparture): EntryResult {
  const { executor } = run.tools;
  const { seat, kind } = signed.departure;
  if (kind !== "close") return refuse("BAD_BATCH", "a leave ordered as a close");
  const checked = checkDeparture(run, signed);
  if (!checked.ok) return checked;
  const record = checked.value;
  if (!mayClose(run.facts.creator, record, run.next.seats.length)) {
    return refuse("NOT_ALLOWED", `seat ${seat} cannot close the channel`);
  }
  const own = perform(run, seatChange(executor, seat, { ...record, nonce: record.nonce + 1n }));
  run.control = { ...run.control, closing: true };
  return receipt([...own, ...perform(run, controlChange(executor, run.control))]);
}

/** The creator, or whoever is left alone. */
export function mayClose(
  creator: string,
  record: Pick<SeatRecord, "address">,
  memberCount: number,
): boolean {
  return record.address === creator || memberCount === 1;
}
