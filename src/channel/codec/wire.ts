/**
 * The bytes between nodes: protocol version u16, then the message. Decoding is the single entry of
 * foreign bytes: it bounds everything and gives a coded refusal with its offset instead of
 * throwing.
 */
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { err, ok, type Result } from "#core/result.ts";
import type {
  Echo,
  Heartbeat,
  Message,
  MessageOf,
  MessageType,
  Refusal,
  Route,
  SyncBase,
} from "../messages/wire.ts";
import type { Batch, Certificate } from "../messages.ts";
import { MESSAGE_SIZE_MAX } from "../ports.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { batch } from "./batch.ts";
import { bundlePart } from "./bundle.ts";
import { configurationSteps } from "./evidence.ts";
import {
  byteString,
  type Codec,
  hash,
  list,
  optional,
  publicKey,
  signature,
  struct,
  u8,
  u32,
  u64,
  union,
} from "./fields.ts";
import {
  KNOWN_HEADERS_MAX,
  RELAY_HOPS_MAX,
  RELAY_OVERHEAD_SIZE,
  SEATS_MAX,
  SNAPSHOT_CHUNK_SIZE_MAX,
  SYNC_BATCHES_MAX,
} from "./limits.ts";
import {
  accumulator,
  ack,
  certificate,
  configuration,
  epoch,
  header,
  headerRef,
  signedCall,
  signedDeparture,
  signedHeader,
  signedRemoval,
  signedViewChange,
} from "./objects.ts";

/** Why bytes are no message of ours. */
export interface MalformedMessage {
  readonly code: "TOO_LARGE" | "VERSION" | "MALFORMED";
  /** Byte at which reading stopped. */
  readonly offset: number;
  readonly detail: string;
}

const route: Codec<Route> = struct<Route>()([
  ["delayMs", u32],
  ["via", optional(publicKey)],
  ["hops", u8],
  ["epoch", epoch],
  ["sequence", u64],
]);

const echo: Codec<Echo> = struct<Echo>()([
  ["node", publicKey],
  ["sentAt", u64],
  ["heldMs", u32],
]);

export const heartbeat: Codec<Heartbeat> = struct<Heartbeat>()([
  ["channel", hash],
  ["node", publicKey],
  ["sequence", u64],
  ["sentAt", u64],
  ["epoch", epoch],
  ["tip", headerRef],
  ["certified", headerRef],
  ["confirmed", u64],
  ["route", route],
  ["echoes", list(echo, SEATS_MAX)],
]);

export const refusal: Codec<Refusal> = struct<Refusal>()([
  ["channel", hash],
  ["epoch", epoch],
  ["subject", hash],
  ["code", u32],
]);

export const syncBase: Codec<SyncBase> = struct<SyncBase>()([
  ["header", signedHeader],
  ["certificate", optional(certificate)],
  ["configuration", configuration],
  ["next", configuration],
  ["justified", optional(header)],
  ["history", accumulator],
  ["steps", configurationSteps],
]);

/** The fields of one kind of message, without its `type`. */
function fields<Type extends MessageType>() {
  return struct<Omit<MessageOf<Type>, "type">>();
}

const batches: Codec<readonly Batch[]> = list(batch, SYNC_BATCHES_MAX);
const certificates: Codec<readonly Certificate[]> = list(certificate, SYNC_BATCHES_MAX);

/** Messages a relay may still pass on. */
const hopsLeft: Codec<number> = {
  write: u8.write,
  read(reader) {
    const hops = u8.read(reader);
    return hops <= RELAY_HOPS_MAX ? hops : reader.fail("BAD_VALUE", `${hops} hops`);
  },
};

const message: Codec<Message> = union<Message>("message")([
  [
    "heartbeat",
    fields<"heartbeat">()([
      ["heartbeat", heartbeat],
      ["signature", signature],
    ]),
  ],
  ["batch", fields<"batch">()([["batch", batch]])],
  [
    "ack",
    fields<"ack">()([
      ["ack", ack],
      ["seat", u64],
      ["signature", signature],
    ]),
  ],
  ["certificate", fields<"certificate">()([["certificate", certificate]])],
  ["viewChange", fields<"viewChange">()([["viewChange", signedViewChange]])],
  [
    "removal",
    fields<"removal">()([
      ["removal", signedRemoval],
      ["certificate", optional(certificate)],
    ]),
  ],
  ["call", fields<"call">()([["call", signedCall]])],
  ["departure", fields<"departure">()([["departure", signedDeparture]])],
  [
    "refusal",
    fields<"refusal">()([
      ["refusal", refusal],
      ["signature", signature],
    ]),
  ],
  [
    "syncRequest",
    fields<"syncRequest">()([
      ["channel", hash],
      ["known", list(headerRef, KNOWN_HEADERS_MAX)],
    ]),
  ],
  [
    "syncResponse",
    fields<"syncResponse">()([
      ["channel", hash],
      ["base", optional(syncBase)],
      ["batches", batches],
      ["certificates", certificates],
    ]),
  ],
  [
    "snapshotRequest",
    fields<"snapshotRequest">()([
      ["channel", hash],
      ["header", headerRef],
      ["index", u32],
    ]),
  ],
  [
    "snapshotChunk",
    fields<"snapshotChunk">()([
      ["channel", hash],
      ["header", headerRef],
      ["index", u32],
      ["count", u32],
      ["bytes", byteString(SNAPSHOT_CHUNK_SIZE_MAX)],
    ]),
  ],
  [
    "relay",
    fields<"relay">()([
      ["from", publicKey],
      ["to", publicKey],
      ["hopsLeft", hopsLeft],
      ["payload", byteString(MESSAGE_SIZE_MAX - RELAY_OVERHEAD_SIZE)],
    ]),
  ],
  ["bundle", fields<"bundle">()([["calls", bundlePart]])],
]);

export function encodeMessage(value: Message): Uint8Array {
  return encodeBcs((writer) => {
    writer.u16(PROTOCOL_VERSION);
    message.write(writer, value);
  });
}

/** Never throws for bad bytes. */
export function decodeMessage(bytes: Uint8Array): Result<Message, MalformedMessage> {
  if (bytes.length > MESSAGE_SIZE_MAX) {
    return err({ code: "TOO_LARGE", offset: MESSAGE_SIZE_MAX, detail: `${bytes.length} bytes` });
  }
  try {
    return decodeBcs(bytes, (reader): Result<Message, MalformedMessage> => {
      const version = reader.u16();
      if (version !== PROTOCOL_VERSION) {
        reader.fixed(reader.remaining);
        const detail = `version ${version}, ours is ${PROTOCOL_VERSION}`;
        return err({ code: "VERSION", offset: 0, detail });
      }
      return ok(message.read(reader));
    });
  } catch (error) {
    if (!(error instanceof BcsError)) throw error;
    return err({ code: "MALFORMED", offset: error.offset, detail: error.message });
  }
}
