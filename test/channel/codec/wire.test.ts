import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { decodeMessage, encodeMessage, NO_HEADER } from "../../../src/channel/codec.ts";
import { DELAY_UNKNOWN, type Message, type SyncBase } from "../../../src/channel/messages/wire.ts";
import { MESSAGE_SIZE_MAX } from "../../../src/channel/ports.ts";
import { PROTOCOL_VERSION } from "../../../src/channel/version.ts";
import * as examples from "./examples.ts";

const [alice, bob] = examples.CAST;
const { signature } = examples.SIGNED_HEADER;
const REF = examples.ACK.header;

const BASE: SyncBase = {
  header: examples.SIGNED_HEADER,
  certificate: examples.CERTIFICATE,
  configuration: examples.CONFIGURATION,
  next: examples.NEXT,
  justified: examples.CONFIRMING.header,
  history: { count: 3, peaks: [examples.named("peak 2"), examples.named("peak 1")] },
  steps: [examples.CONFIGURATION_STEP],
};

/** One of each, with and without what may be absent. */
const MESSAGES: readonly Message[] = [
  {
    type: "heartbeat",
    heartbeat: {
      channel: examples.CHANNEL,
      node: alice.seat.nodeKey,
      sequence: 3n,
      sentAt: 1_700_000_000_000n,
      epoch: { term: 1n, view: 2n },
      tip: REF,
      certified: NO_HEADER,
      confirmed: 8n,
      route: {
        delayMs: 17,
        via: bob.seat.nodeKey,
        hops: 1,
        epoch: { term: 1n, view: 2n },
        sequence: 9n,
      },
      echoes: [{ node: bob.seat.nodeKey, sentAt: 5n, heldMs: 12 }],
    },
    signature,
  },
  {
    type: "heartbeat",
    heartbeat: {
      channel: examples.CHANNEL,
      node: alice.seat.nodeKey,
      sequence: 4n,
      sentAt: 0n,
      epoch: { term: 0n, view: 0n },
      tip: NO_HEADER,
      certified: NO_HEADER,
      confirmed: 0n,
      route: { delayMs: DELAY_UNKNOWN, hops: 0, epoch: { term: 0n, view: 0n }, sequence: 0n },
      echoes: [],
    },
    signature,
  },
  { type: "batch", batch: examples.BATCH },
  { type: "batch", batch: examples.BUNDLED_BATCH },
  { type: "bundle", calls: examples.BUNDLED },
  { type: "bundle", calls: examples.BUNDLED.slice(0, 2) },
  { type: "ack", ack: examples.ACK, seat: 2n, signature },
  { type: "certificate", certificate: examples.CERTIFICATE },
  { type: "viewChange", viewChange: examples.SIGNED_VIEW_CHANGE },
  { type: "removal", removal: examples.SIGNED_REMOVAL, certificate: examples.CERTIFICATE },
  { type: "removal", removal: examples.SIGNED_REMOVAL },
  { type: "call", call: { call: examples.CALL, signature } },
  { type: "departure", departure: { departure: examples.DEPARTURE, signature } },
  {
    type: "refusal",
    refusal: {
      channel: examples.CHANNEL,
      epoch: { term: 1n, view: 0n },
      subject: examples.named("call"),
      code: 100_005,
    },
    signature,
  },
  { type: "syncRequest", channel: examples.CHANNEL, known: [REF, NO_HEADER] },
  {
    type: "syncResponse",
    channel: examples.CHANNEL,
    base: BASE,
    batches: [],
    certificates: [examples.CERTIFICATE],
  },
  {
    type: "syncResponse",
    channel: examples.CHANNEL,
    batches: [examples.BATCH],
    certificates: [],
  },
  { type: "snapshotRequest", channel: examples.CHANNEL, header: REF, index: 2 },
  {
    type: "snapshotChunk",
    channel: examples.CHANNEL,
    header: REF,
    index: 2,
    count: 5,
    bytes: new Uint8Array([1, 2, 3]),
  },
  {
    type: "relay",
    from: alice.seat.nodeKey,
    to: bob.seat.nodeKey,
    hopsLeft: 2,
    payload: new Uint8Array([1, 0, 9]),
  },
];

const NAMED = MESSAGES.map((message, index) => [`${index} ${message.type}`, message] as const);
const CODES: readonly string[] = ["MALFORMED", "TOO_LARGE", "VERSION"];

/** Decoding never throws; what it takes encodes to the bytes it was given. */
function fateOf(bytes: Uint8Array): string {
  const decoded = decodeMessage(bytes);
  if (decoded.ok) {
    return toHex(encodeMessage(decoded.value)) === toHex(bytes) ? "taken" : "taken for another";
  }
  const { code, offset } = decoded.error;
  const isPlaced = offset >= 0 && offset <= Math.max(bytes.length, MESSAGE_SIZE_MAX);
  return CODES.includes(code) && isPlaced ? "refused" : `${code} at ${offset}`;
}

const HARMLESS = /^(taken|refused)$/;

describe("messages", () => {
  it.each(NAMED)("[BY2] %s decodes to what it was", (_name, message) => {
    expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
  });

  it.each(NAMED)("[BY2] %s cut short anywhere is refused with the place", (_name, message) => {
    const bytes = encodeMessage(message);
    for (let size = 0; size < bytes.length; size += 1 + Math.floor(bytes.length / 97)) {
      const decoded = decodeMessage(bytes.subarray(0, size));
      expect(decoded).toMatchObject({ ok: false, error: { code: "MALFORMED" } });
    }
  });

  it.each(NAMED)(
    "[BY2] %s with any bytes changed is taken as it is or refused",
    (_name, message) => {
      const bytes = encodeMessage(message);
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          (changes) => {
            const changed = bytes.slice();
            for (const [at, byte] of changes) changed[at] = byte;
            expect(fateOf(changed)).toMatch(HARMLESS);
          },
        ),
        { numRuns: 200 },
      );
    },
  );

  it("[BY2] any bytes are taken as they are or refused", () => {
    const versioned = fc.uint8Array({ maxLength: 400 }).map((rest) => {
      return new Uint8Array([PROTOCOL_VERSION, 0, ...rest]);
    });
    const any = fc.oneof(fc.uint8Array({ maxLength: 400 }), versioned);
    fc.assert(
      fc.property(any, (bytes) => {
        expect(fateOf(bytes)).toMatch(HARMLESS);
      }),
      { numRuns: 2_000 },
    );
  });

  it("another version is told from garbage", () => {
    const bytes = encodeMessage(present(MESSAGES[0], "a message"));
    bytes[0] = 9;
    expect(decodeMessage(bytes)).toMatchObject({ ok: false, error: { code: "VERSION" } });
  });

  it("a message above the limit is refused unread", () => {
    const decoded = decodeMessage(new Uint8Array(MESSAGE_SIZE_MAX + 1));
    expect(decoded).toMatchObject({ ok: false, error: { code: "TOO_LARGE" } });
  });

  it("a length that promises more than there is allocates nothing", () => {
    // A sync request that says it names four billion headers.
    const head = encodeMessage({ type: "syncRequest", channel: examples.CHANNEL, known: [] });
    const bytes = new Uint8Array([...head.subarray(0, -1), 0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(decodeMessage(bytes)).toMatchObject({ ok: false, error: { code: "MALFORMED" } });
  });
});
