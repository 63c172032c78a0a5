/**
 * The signatures in a message, each with the bytes and the key by which the machine will judge it.
 * Knows where they stand, and neither whether they hold nor whether the message makes sense.
 */
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { ChainMember } from "./chain-view.ts";
import {
  ackMessage,
  bundleMessage,
  callMessage,
  decodeMessage,
  departureMessage,
  headerMessage,
  heartbeatMessage,
  removalMessage,
  viewChangeMessage,
} from "./codec.ts";
import type { Heartbeat, Message } from "./messages/wire.ts";
import type {
  Batch,
  BundledCall,
  Certificate,
  Entry,
  SeatId,
  SignedCall,
  SignedDeparture,
  SignedHeader,
  SignedRemoval,
  SignedViewChange,
} from "./messages.ts";

/** That a key signed these bytes. */
export interface SignatureClaim {
  readonly message: Uint8Array;
  readonly signature: Signature;
  readonly key: PublicKey;
}

/** The keys of a seat as the chain has them: it never gets others. */
export type SeatKeys = Pick<ChainMember, "seat" | "memberKey" | "nodeKey">;

/** Who reads messages. */
export interface ClaimsReader {
  readonly nodeKey: PublicKey;
  readonly seats: readonly SeatKeys[];
}

type Claims = Generator<SignatureClaim, void>;

/**
 * In the order of the message, lazily, since there may be thousands. None by seats that the reader
 * does not know, none in what is carried on for another, and none of a refusal, which does not say
 * by whose key it holds.
 * @param bytes as a transport brings them; of what is no message there are none.
 */
export function* claimsIn(bytes: Uint8Array, reader: ClaimsReader): Claims {
  const message = readMessage(bytes);
  if (message?.type !== "relay") {
    yield* claimsOf(message, reader.seats);
  } else if (equalBytes(message.to, reader.nodeKey)) {
    // What is relayed does not relay again.
    yield* claimsOf(readMessage(message.payload), reader.seats);
  }
}

function readMessage(bytes: Uint8Array): Message | undefined {
  const decoded = decodeMessage(bytes);
  return decoded.ok ? decoded.value : undefined;
}

function* claimsOf(message: Message | undefined, seats: readonly SeatKeys[]): Claims {
  switch (message?.type) {
    case "heartbeat":
      return yield* ofHeartbeat(message.heartbeat, message.signature, seats);
    case "batch":
      return yield* ofBatch(message.batch, seats);
    case "ack": {
      const { ack, seat, signature } = message;
      return yield* byNode(ackMessage(ack), signature, seat, seats);
    }
    case "certificate":
      return yield* ofCertificate(message.certificate, seats);
    case "viewChange":
      return yield* ofViewChange(message.viewChange, seats);
    case "removal":
      yield* ofRemoval(message.removal, seats);
      return yield* ofCertificate(message.certificate, seats);
    case "call":
      return yield* ofCall(message.call, seats);
    case "bundle":
      return yield* ofBundles(message.calls, seats);
    case "departure":
      return yield* ofDeparture(message.departure, seats);
    case "syncResponse":
      if (message.base !== undefined) {
        yield* ofHeader(message.base.header, seats);
        yield* ofCertificate(message.base.certificate, seats);
      }
      for (const batch of message.batches) yield* ofBatch(batch, seats);
      for (const certificate of message.certificates) yield* ofCertificate(certificate, seats);
      return;
    default:
  }
}

function* ofHeartbeat(
  heartbeat: Heartbeat,
  signature: Signature,
  seats: readonly SeatKeys[],
): Claims {
  const { node: key } = heartbeat;
  if (!seats.some(({ nodeKey }) => equalBytes(nodeKey, key))) return;
  yield { message: heartbeatMessage(heartbeat), signature, key };
}

function* ofBatch(batch: Batch, seats: readonly SeatKeys[]): Claims {
  yield* ofHeader(batch.header, seats);
  yield* ofCertificate(batch.certificate, seats);
  for (const change of batch.viewChanges) yield* ofViewChange(change, seats);
  for (const entry of batch.entries) yield* ofEntry(entry, seats);
  yield* ofBundles(
    batch.entries.flatMap((entry) => (entry.type === "bundled" ? [entry.call] : [])),
    seats,
  );
}

function* ofEntry(entry: Entry, seats: readonly SeatKeys[]): Claims {
  switch (entry.type) {
    case "call":
      return yield* ofCall(entry.call, seats);
    case "leave":
    case "close":
      return yield* ofDeparture(entry.departure, seats);
    default:
  }
}

function ofHeader({ header, signature }: SignedHeader, seats: readonly SeatKeys[]): Claims {
  return byNode(headerMessage(header), signature, header.leader, seats);
}

function* ofCertificate(certificate: Certificate | undefined, seats: readonly SeatKeys[]): Claims {
  if (certificate === undefined) return;
  const message = ackMessage(certificate.ack);
  for (const { seat, signature } of certificate.signatures) {
    yield* byNode(message, signature, seat, seats);
  }
}

function* ofViewChange(signed: SignedViewChange, seats: readonly SeatKeys[]): Claims {
  yield* byNode(viewChangeMessage(signed.viewChange), signed.signature, signed.seat, seats);
  yield* ofCertificate(signed.certificate, seats);
}

function ofRemoval(signed: SignedRemoval, seats: readonly SeatKeys[]): Claims {
  return byNode(removalMessage(signed.removal), signed.signature, signed.seat, seats);
}

function ofCall({ call, signature }: SignedCall, seats: readonly SeatKeys[]): Claims {
  return byMember(callMessage(call), signature, call.seat, seats);
}

/** A bundle once, however many of its calls there are. */
function* ofBundles(calls: readonly BundledCall[], seats: readonly SeatKeys[]): Claims {
  for (const [index, { bundle, signature }] of calls.entries()) {
    const before = calls[index - 1]?.signature;
    if (before !== undefined && equalBytes(before, signature)) continue;
    yield* byMember(bundleMessage(bundle), signature, bundle.seat, seats);
  }
}

function ofDeparture(signed: SignedDeparture, seats: readonly SeatKeys[]): Claims {
  const { departure, signature } = signed;
  return byMember(departureMessage(departure), signature, departure.seat, seats);
}

function* byNode(
  message: Uint8Array,
  signature: Signature,
  seat: SeatId,
  seats: readonly SeatKeys[],
): Claims {
  const key = seats.find((one) => one.seat === seat)?.nodeKey;
  if (key !== undefined) yield { message, signature, key };
}

function* byMember(
  message: Uint8Array,
  signature: Signature,
  seat: SeatId,
  seats: readonly SeatKeys[],
): Claims {
  const key = seats.find((one) => one.seat === seat)?.memberKey;
  if (key !== undefined) yield { message, signature, key };
}
