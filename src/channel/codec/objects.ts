/** The bytes of the channel's objects (`../messages.ts`), one table each: SPEC.md "Bytes". */
import { readHashes, writeHashes } from "#core/bcs/hash-list.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { type ChangeSet, decodeChangeSet, type Event, encodeChangeSet } from "#core/effects.ts";
import type { FunctionId, ModuleId } from "#core/identifier.ts";
import type { Accumulator } from "#core/merkle/accumulator.ts";
import { findTurns } from "#core/merkle/merkle-proof.ts";
import type { StateProof } from "../evidence.ts";
import type {
  Ack,
  Bundle,
  BundledCall,
  Call,
  Certificate,
  Configuration,
  ConfigurationRef,
  Departure,
  Entry,
  Epoch,
  Header,
  HeaderRef,
  Removal,
  Seat,
  SeatSignature,
  SignedCall,
  SignedDeparture,
  SignedHeader,
  SignedRemoval,
  SignedViewChange,
  Step,
  ViewChange,
} from "../messages.ts";
import {
  address,
  byteString,
  type Codec,
  enumeration,
  hash,
  identifier,
  list,
  optional,
  publicKey,
  signature,
  struct,
  typeTag,
  u32,
  u64,
  union,
  within,
} from "./fields.ts";
import {
  ASSET_SIZE_MAX,
  BATCH_ENTRIES_MAX,
  BATCH_ENTRIES_SIZE_MAX,
  BUNDLE_CALLS_MAX,
  BUNDLE_PATH_MAX,
  CALL_ARGS_MAX,
  CALL_SIZE_MAX,
  CALL_TYPE_ARGS_MAX,
  CHANGE_SET_SIZE_MAX,
  PEAKS_MAX,
  PROOF_SHAPE_SIZE_MAX,
  SEATS_MAX,
} from "./limits.ts";

export const epoch: Codec<Epoch> = struct<Epoch>()([
  ["term", u64],
  ["view", u64],
]);

export const headerRef: Codec<HeaderRef> = struct<HeaderRef>()([
  ["epoch", epoch],
  ["number", u64],
  ["hash", hash],
]);

export const seat: Codec<Seat> = struct<Seat>()([
  ["seat", u64],
  ["address", address],
  ["memberKey", publicKey],
  ["nodeKey", publicKey],
  ["revealTip", hash],
]);

const anyConfiguration: Codec<Configuration> = struct<Configuration>()([
  ["number", u64],
  ["seats", list(seat, SEATS_MAX)],
]);

/** Seats stand in ascending order. */
export const configuration: Codec<Configuration> = {
  write: anyConfiguration.write,
  read(reader) {
    const value = anyConfiguration.read(reader);
    for (const [index, { seat: id }] of value.seats.entries()) {
      const before = value.seats[index - 1];
      if (before !== undefined && before.seat >= id) reader.fail("BAD_VALUE", "seats out of order");
    }
    return value;
  },
};

export const configurationRef: Codec<ConfigurationRef> = struct<ConfigurationRef>()([
  ["number", u64],
  ["hash", hash],
]);

const moduleId: Codec<ModuleId> = struct<ModuleId>()([
  ["address", address],
  ["name", identifier],
]);

const functionId: Codec<FunctionId> = struct<FunctionId>()([
  ["module", moduleId],
  ["name", identifier],
]);

export const call: Codec<Call> = struct<Call>()([
  ["channel", hash],
  ["seat", u64],
  ["nonce", u64],
  ["function", functionId],
  ["typeArgs", list(typeTag, CALL_TYPE_ARGS_MAX)],
  ["args", list(byteString(CALL_SIZE_MAX), CALL_ARGS_MAX)],
  ["maxGas", u64],
  ["expiry", u64],
]);

export const signedCall: Codec<SignedCall> = struct<SignedCall>()([
  ["call", call],
  ["signature", signature],
]);

const anyBundle: Codec<Bundle> = struct<Bundle>()([
  ["channel", hash],
  ["seat", u64],
  ["first", u64],
  ["count", u32],
  ["root", hash],
]);

/** Of at least one call. */
export const bundle: Codec<Bundle> = {
  write: anyBundle.write,
  read(reader) {
    const value = anyBundle.read(reader);
    const { count } = value;
    if (count < 1 || count > BUNDLE_CALLS_MAX) reader.fail("BAD_VALUE", `a bundle of ${count}`);
    return value;
  },
};

const anyBundledCall: Codec<BundledCall> = struct<BundledCall>()([
  ["call", call],
  ["bundle", bundle],
  ["path", list(hash, BUNDLE_PATH_MAX)],
  ["signature", signature],
]);

/** Its nonce is one of the bundle's, and its path as long as paths from there are. */
export const bundledCall: Codec<BundledCall> = {
  write: anyBundledCall.write,
  read(reader) {
    const value = anyBundledCall.read(reader);
    if (!isPlaced(value)) reader.fail("BAD_VALUE", "a call with no place in its bundle");
    return value;
  },
};

function isPlaced({ call: { nonce }, bundle: { first, count }, path }: BundledCall): boolean {
  const index = nonce - first;
  if (index < 0n || index >= BigInt(count)) return false;
  return path.length === findTurns(Number(index), count).length;
}

export const departure: Codec<Departure> = struct<Departure>()([
  ["channel", hash],
  ["seat", u64],
  ["nonce", u64],
  ["kind", enumeration<Departure["kind"]>("departure", ["leave", "close"])],
]);

export const signedDeparture: Codec<SignedDeparture> = struct<SignedDeparture>()([
  ["departure", departure],
  ["signature", signature],
]);

/** The fields of one variant, without its `type`. */
function fields<Type extends Entry["type"]>() {
  return struct<Omit<Extract<Entry, { readonly type: Type }>, "type">>();
}

/** The variants that stand the same in a batch and by themselves. */
export const plainEntries = [
  ["call", fields<"call">()([["call", signedCall]])],
  ["tick", fields<"tick">()([["tick", u64]])],
  [
    "admit",
    fields<"admit">()([
      ["seat", seat],
      ["asset", optional(byteString(ASSET_SIZE_MAX))],
    ]),
  ],
  ["leave", fields<"leave">()([["departure", signedDeparture]])],
  ["suspend", fields<"suspend">()([["seat", u64]])],
  ["exit", fields<"exit">()([["seat", u64]])],
  ["close", fields<"close">()([["departure", signedDeparture]])],
] as const;

export const entry: Codec<Entry> = union<Entry>("entry")([
  ...plainEntries,
  ["bundled", fields<"bundled">()([["call", bundledCall]])],
]);

export const entries: Codec<readonly Entry[]> = within(
  BATCH_ENTRIES_SIZE_MAX,
  list(entry, BATCH_ENTRIES_MAX),
);

export const header: Codec<Header> = struct<Header>()([
  ["channel", hash],
  ["configuration", configurationRef],
  ["next", configurationRef],
  ["epoch", epoch],
  ["leader", u64],
  ["number", u64],
  ["firstHeight", u64],
  ["count", u32],
  ["previous", hash],
  ["justify", headerRef],
  ["preStateRoot", hash],
  ["stateRoot", hash],
  ["stepsRoot", hash],
  ["changeSetRoot", hash],
  ["historyRoot", hash],
  ["time", u64],
  ["reveal", hash],
]);

export const signedHeader: Codec<SignedHeader> = struct<SignedHeader>()([
  ["header", header],
  ["signature", signature],
]);

export const step: Codec<Step> = struct<Step>()([
  ["firstHeight", u64],
  ["count", u32],
  ["entriesHash", hash],
  ["stateRoot", hash],
  ["receiptsHash", hash],
]);

export const steps: Codec<readonly Step[]> = list(step, BATCH_ENTRIES_MAX);

export const ack: Codec<Ack> = struct<Ack>()([
  ["channel", hash],
  ["configuration", configurationRef],
  ["header", headerRef],
]);

export const seatSignature: Codec<SeatSignature> = struct<SeatSignature>()([
  ["seat", u64],
  ["signature", signature],
]);

export const certificate: Codec<Certificate> = struct<Certificate>()([
  ["ack", ack],
  ["signatures", list(seatSignature, SEATS_MAX)],
]);

export const viewChange: Codec<ViewChange> = struct<ViewChange>()([
  ["channel", hash],
  ["configuration", configurationRef],
  ["epoch", epoch],
  ["highest", headerRef],
]);

export const signedViewChange: Codec<SignedViewChange> = struct<SignedViewChange>()([
  ["viewChange", viewChange],
  ["seat", u64],
  ["signature", signature],
  ["certificate", optional(certificate)],
]);

export const removal: Codec<Removal> = struct<Removal>()([
  ["channel", hash],
  ["configuration", configurationRef],
  ["accused", u64],
  ["lastAlive", u64],
  ["highest", headerRef],
]);

export const signedRemoval: Codec<SignedRemoval> = struct<SignedRemoval>()([
  ["removal", removal],
  ["seat", u64],
  ["signature", signature],
]);

export const event: Codec<Event> = struct<Event>()([
  ["type", typeTag],
  ["data", byteString(CHANGE_SET_SIZE_MAX)],
]);

const anyList: Codec<{ count: bigint; peaks: Accumulator["peaks"] }> = struct<{
  count: bigint;
  peaks: Accumulator["peaks"];
}>()([
  ["count", u64],
  ["peaks", list(hash, PEAKS_MAX)],
]);

/** A list of hashes; it has one peak per set bit of its length. */
export const accumulator: Codec<Accumulator> = {
  write: (writer, value) => anyList.write(writer, { ...value, count: BigInt(value.count) }),
  read(reader) {
    const { count, peaks } = anyList.read(reader);
    if (count > BigInt(Number.MAX_SAFE_INTEGER)) reader.fail("BAD_VALUE", `a list of ${count}`);
    const bits = count.toString(2).replaceAll("0", "");
    if (bits.length !== peaks.length) reader.fail("BAD_VALUE", "peaks do not fit the count");
    return { count: Number(count), peaks };
  },
};

/** Length-prefixed, so that a reader may judge the bytes apart from their place. */
export const changeSet: Codec<ChangeSet> = {
  write: (writer, changes) => writer.bytes(encodeChangeSet(changes)),
  read: (reader) => decodeChangeSet(byteString(CHANGE_SET_SIZE_MAX).read(reader)),
};

export const stateProof: Codec<StateProof> = {
  write(writer, { shape, hashes }) {
    writer.bytes(shape);
    writeHashes(writer, hashes);
  },
  read(reader) {
    const shape = byteString(PROOF_SHAPE_SIZE_MAX).read(reader);
    return { shape, hashes: readHashes(reader, 2 * shape.length) };
  },
};

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  return encodeBcs((writer) => codec.write(writer, value));
}

/** Decodes all of `bytes` by a table or throws `BcsError`. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return decodeBcs(bytes, codec.read);
}
