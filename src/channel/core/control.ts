/**
 * The channel's own records inside the state tree, under the reserved address 0x0: one `Control`
 * resource, and one table item per seat so that a call touches one small value (SPEC.md ST1). They
 * are part of every state root.
 */
import { type Address, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type Change, opBetween, type StateKey } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { makeStructTag, type StructTag } from "#core/type-tag.ts";
import {
  address,
  type Codec,
  enumeration,
  flag,
  hash,
  list,
  struct,
  u64,
} from "../codec/fields.ts";
import { SEATS_MAX } from "../codec/limits.ts";
import { configurationRef, decode, encode, epoch } from "../codec/objects.ts";
import type { ConfigurationRef, Epoch, Millis, Seat, SeatId } from "../messages.ts";
import type { ChannelExecutor } from "../ports.ts";

export const RESERVED_ADDRESS: Address = makeAddress("0x0");

export interface Control {
  /** In force when the last batch began. */
  readonly configuration: ConfigurationRef;
  /** Its seats. */
  readonly seats: readonly SeatId[];
  /** Those seats with the changes that entries have ordered. */
  readonly next: readonly SeatId[];
  readonly epoch: Epoch;
  /**
   * Hash of the header that the epoch's first one extends: chance that the leader did not choose.
   */
  readonly opening: Hash;
  readonly time: Millis;
  /** Number of the last tick. */
  readonly ticks: bigint;
  /** A close has been ordered: nothing else is any more. */
  readonly closing: boolean;
}

export interface SeatRecord {
  readonly address: Address;
  /** The nonce of the seat's next call. */
  readonly nonce: bigint;
  /** The last value that the seat revealed as leader. */
  readonly reveal: Hash;
  /**
   * `admitted` until the configuration with it comes into force, so that an admission that never
   * does can be told from a return; `departed` seats are never admitted again.
   */
  readonly standing: "active" | "departed" | "admitted";
}

const control: Codec<Control> = struct<Control>()([
  ["configuration", configurationRef],
  ["seats", list(u64, SEATS_MAX)],
  ["next", list(u64, SEATS_MAX)],
  ["epoch", epoch],
  ["opening", hash],
  ["time", u64],
  ["ticks", u64],
  ["closing", flag],
]);

const seatRecord: Codec<SeatRecord> = struct<SeatRecord>()([
  ["address", address],
  ["nonce", u64],
  ["reveal", hash],
  ["standing", enumeration<SeatRecord["standing"]>("standing", ["active", "departed", "admitted"])],
]);

const CONTROL_KEY: StateKey = {
  kind: "resource",
  address: RESERVED_ADDRESS,
  type: makeStructTag("0x0::channel::Control"),
};

/** Every call reads its seat's record: what hangs on the key is computed once for the object. */
const seatKeys = new Map<SeatId, StateKey>();
/** What a message says of a seat nobody has checked yet: only so many are remembered. */
const REMEMBERED_SEAT_MAX = 1_024n;

export function seatKey(seat: SeatId): StateKey {
  const known = seatKeys.get(seat);
  if (known !== undefined) return known;
  const key: StateKey = {
    kind: "tableItem",
    handle: RESERVED_ADDRESS,
    key: encodeBcs((writer) => writer.u64(seat)),
  };
  if (seat <= REMEMBERED_SEAT_MAX) seatKeys.set(seat, key);
  return key;
}

export type Reader = Pick<ChannelExecutor, "read">;

/** Undefined before the channel's first header. */
export function readControl(state: Reader): Control | undefined {
  const bytes = state.read(CONTROL_KEY);
  return bytes === undefined ? undefined : decode(control, bytes);
}

/** Undefined for a seat that was never admitted. */
export function readSeat(state: Reader, seat: SeatId): SeatRecord | undefined {
  const bytes = state.read(seatKey(seat));
  return bytes === undefined ? undefined : decode(seatRecord, bytes);
}

/** The change that sets a value; undefined when it stands already. */
export function changeTo(
  state: Reader,
  key: StateKey,
  value: Uint8Array | undefined,
): Change | undefined {
  const op = opBetween(state.read(key), value);
  return op === undefined ? undefined : { key, op };
}

export function controlChange(state: Reader, value: Control): Change | undefined {
  return changeTo(state, CONTROL_KEY, encode(control, value));
}

export function seatChange(state: Reader, seat: SeatId, value: SeatRecord): Change | undefined {
  return changeTo(state, seatKey(seat), encode(seatRecord, value));
}

/** Takes back an admission that never came into force. */
export function dropSeat(
  state: Reader,
  seat: SeatId,
  { address: owner }: SeatRecord,
  asset: StructTag,
): readonly Change[] {
  const held: StateKey = { kind: "resource", address: owner, type: asset };
  return [changeTo(state, seatKey(seat), undefined), changeTo(state, held, undefined)].filter(
    (change) => change !== undefined,
  );
}

/** The records that a seat starts with; none where it has them, coming back from a suspension. */
export function admissionChanges(
  state: Reader,
  seat: Seat,
  assetType: StructTag,
  asset: Uint8Array | undefined,
  standing: SeatRecord["standing"],
): readonly Change[] {
  if (readSeat(state, seat.seat) !== undefined) return [];
  const record = seatChange(state, seat.seat, {
    address: seat.address,
    nonce: 0n,
    reveal: seat.revealTip,
    standing,
  });
  const key: StateKey = { kind: "resource", address: seat.address, type: assetType };
  const held = asset === undefined ? undefined : changeTo(state, key, asset);
  return [record, held].filter((change) => change !== undefined);
}
