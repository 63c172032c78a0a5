import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import { verifyEd25519 } from "#core/ed25519.ts";
import { encodeChangeSet } from "#core/effects.ts";
import { domainPrefix, type Hash } from "#core/hash.ts";
import type { Codec } from "../../../src/channel/codec/fields.ts";
import { entries, steps } from "../../../src/channel/codec/objects.ts";
import * as codec from "../../../src/channel/codec.ts";
import * as examples from "./examples.ts";

const FILE = fileURLToPath(new URL("../../vectors/channel/objects.json", import.meta.url));
const UPDATE = process.env["UPDATE"] === "1";

interface Vector {
  readonly name: string;
  readonly bytes: string;
  readonly hash?: string;
  /** What the key signs, that key and the signature. */
  readonly signed?: {
    readonly message: string;
    readonly key: string;
    readonly signature: string;
  };
}

interface Row {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Decodes and encodes again. */
  readonly again: (bytes: Uint8Array) => Uint8Array;
  readonly hash?: Hash;
  readonly signed?: {
    readonly message: Uint8Array;
    readonly key: Uint8Array;
    readonly signature: Uint8Array;
  };
}

function row<T>(
  name: string,
  table: Codec<T>,
  value: T,
  rest: Pick<Row, "hash" | "signed"> = {},
): Row {
  return {
    name,
    bytes: codec.encode(table, value),
    again: (bytes) => codec.encode(table, codec.decode(table, bytes)),
    ...rest,
  };
}

const [alice, bob] = examples.CAST;
const call = examples.ENTRIES[0];
const leave = examples.MORE_ENTRIES[0];
const bundled = present(examples.BUNDLED[1], "the second call of a bundle");
if (call?.type !== "call" || leave?.type !== "leave") throw new Error("the examples moved");

const ROWS: readonly Row[] = [
  row("configuration", codec.configuration, examples.NEXT, {
    hash: codec.hashConfiguration(examples.CHANNEL, examples.NEXT),
  }),
  row("call", codec.call, examples.CALL, {
    hash: codec.hashCall(examples.CALL),
    signed: {
      message: codec.callMessage(examples.CALL),
      key: bob.seat.memberKey,
      signature: call.call.signature,
    },
  }),
  row("bundle", codec.bundle, bundled.bundle, {
    signed: {
      message: codec.bundleMessage(bundled.bundle),
      key: bob.seat.memberKey,
      signature: bundled.signature,
    },
  }),
  row("bundled call", codec.bundledCall, bundled),
  row("bundled entries", entries, examples.BUNDLED_ENTRIES, {
    hash: codec.hashEntries(examples.BUNDLED_ENTRIES),
  }),
  row("calls of a bundle", codec.bundlePart, examples.BUNDLED),
  row("the last calls of a bundle", codec.bundlePart, examples.BUNDLED.slice(1)),
  row("entries", entries, examples.ENTRIES, { hash: codec.hashEntries(examples.ENTRIES) }),
  row("more entries", entries, examples.MORE_ENTRIES, {
    hash: codec.hashEntries(examples.MORE_ENTRIES),
  }),
  row("step", codec.step, examples.STEP, { hash: codec.hashStep(examples.STEP) }),
  row("steps", steps, [examples.STEP]),
  row("header", codec.header, examples.HEADER, {
    hash: codec.hashHeader(examples.HEADER),
    signed: {
      message: codec.headerMessage(examples.HEADER),
      key: alice.seat.nodeKey,
      signature: examples.SIGNED_HEADER.signature,
    },
  }),
  row("ack", codec.ack, examples.ACK, {
    signed: {
      message: codec.ackMessage(examples.ACK),
      key: alice.seat.nodeKey,
      signature: examples.CERTIFICATE.signatures[0]?.signature ?? new Uint8Array(0),
    },
  }),
  row("certificate", codec.certificate, examples.CERTIFICATE),
  row("view change", codec.viewChange, examples.VIEW_CHANGE, {
    signed: {
      message: codec.viewChangeMessage(examples.VIEW_CHANGE),
      key: bob.seat.nodeKey,
      signature: examples.SIGNED_VIEW_CHANGE.signature,
    },
  }),
  row("removal", codec.removal, examples.REMOVAL, {
    signed: {
      message: codec.removalMessage(examples.REMOVAL),
      key: bob.seat.nodeKey,
      signature: examples.SIGNED_REMOVAL.signature,
    },
  }),
  row("batch", codec.batch, examples.BATCH),
  row("batch of bundled calls", codec.batch, examples.BUNDLED_BATCH),
  row("configuration step", codec.configurationStep, examples.CONFIGURATION_STEP),
  row("candidacy", codec.candidacy, examples.CANDIDACY),
  row("settlement evidence", codec.settlementEvidence, examples.SETTLEMENT),
  row("punishment evidence", codec.punishmentEvidence, examples.PUNISHMENT),
  row("equivocation", codec.equivocation, examples.EQUIVOCATION),
  row("silence evidence", codec.silenceEvidence, examples.SILENCE),
];

function vectorOf({ name, bytes, hash, signed }: Row): Vector {
  return {
    name,
    bytes: toHex(bytes),
    ...(hash === undefined ? {} : { hash: toHex(hash) }),
    ...(signed === undefined
      ? {}
      : {
          signed: {
            message: toHex(signed.message),
            key: toHex(signed.key),
            signature: toHex(signed.signature),
          },
        }),
  };
}

const computed = {
  channel: toHex(examples.CHANNEL),
  prefixes: Object.fromEntries(
    [
      "Configuration",
      "Call",
      "Bundle",
      "Departure",
      "Header",
      "Ack",
      "ViewChange",
      "Removal",
      "Step",
    ].map((tag) => [tag, toHex(domainPrefix(tag))]),
  ),
  eventsHash: toHex(codec.hashEvents(examples.EVENTS)),
  receiptsHash: toHex(codec.hashReceipts(examples.RECEIPTS)),
  changeSet: {
    bytes: toHex(encodeChangeSet(examples.CHANGES)),
    hash: toHex(codec.hashChangeSet(examples.CHANGES)),
  },
  objects: ROWS.map(vectorOf),
};

if (UPDATE || !existsSync(FILE)) writeFileSync(FILE, `${JSON.stringify(computed, null, 1)}\n`);

describe("the channel's objects", () => {
  it("[BY1] have the bytes, hashes and signatures of the committed vectors", () => {
    expect(computed).toEqual(JSON.parse(readFileSync(FILE, "utf8")));
  });

  it.each(ROWS)("[BY2] $name decodes to what it was and encodes to the same bytes", (item) => {
    expect(toHex(item.again(item.bytes))).toBe(toHex(item.bytes));
  });

  it.each(ROWS)("[BY2] $name with a byte cut off or added is refused", (item) => {
    const longer = new Uint8Array([...item.bytes, 0]);
    expect(() => item.again(longer)).toThrow(/TRAILING_BYTES/);
    expect(() => item.again(item.bytes.subarray(0, -1))).toThrow(/UNEXPECTED_END/);
  });

  it.each(ROWS.filter(({ signed }) => signed !== undefined))(
    "[BY3] $name verifies under the key that signed it, and changed does not",
    ({ signed }) => {
      if (signed === undefined) throw new Error("filtered");
      const { message, signature, key } = signed;
      expect(verifyEd25519(message, signature, key)).toBe(true);
      const changed = message.slice();
      changed[40] = (changed[40] ?? 0) ^ 1;
      expect(verifyEd25519(changed, signature, key)).toBe(false);
    },
  );

  it("[BY4] of fixed size have the offsets that SPEC.md names", () => {
    const bytes = codec.encode(codec.header, examples.HEADER);
    expect(bytes.length).toBe(444);
    const at = (offset: number, size: number) => toHex(bytes.subarray(offset, offset + size));
    expect(at(156, 32)).toBe(toHex(examples.HEADER.previous));
    expect(at(212, 32)).toBe(toHex(examples.HEADER.justify.hash));
    expect(at(276, 32)).toBe(toHex(examples.HEADER.stateRoot));
    expect(at(412, 32)).toBe(toHex(examples.HEADER.reveal));
    expect(codec.encode(codec.ack, examples.ACK).length).toBe(128);
    expect(codec.encode(codec.viewChange, examples.VIEW_CHANGE).length).toBe(144);
    expect(codec.encode(codec.removal, examples.REMOVAL).length).toBe(144);
    expect(fromHex(toHex(bytes))).toEqual(bytes);
  });
});
