/**
 * The bytes of a batch. Calls of one bundle share it: it stands once in front of the entries, with
 * what lies beside the calls that are here, and entries refer to it by its position (SPEC.md
 * "Bundles").
 */
import { present } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import type { Hash } from "#core/hash.ts";
import type { Batch, Bundle, BundledCall, Call, Entry } from "../messages.ts";
import { besideCodec, callsOf, follows, partOf } from "./bundle.ts";
import { type Codec, list, optional, signature, struct, u8, union, within } from "./fields.ts";
import { BATCH_ENTRIES_MAX, BATCH_ENTRIES_SIZE_MAX, BATCH_SIZE_MAX, SEATS_MAX } from "./limits.ts";
import {
  bundle,
  call,
  certificate,
  plainEntries,
  signedHeader,
  signedViewChange,
  steps,
} from "./objects.ts";

/** What the entries refer to. */
interface SharedBundle {
  readonly bundle: Bundle;
  readonly signature: BundledCall["signature"];
  readonly beside: readonly Hash[];
}

type PackedEntry =
  | Exclude<Entry, { readonly type: "bundled" }>
  | {
      readonly type: "bundled";
      /** Position among the shared bundles. */
      readonly of: number;
      readonly call: Call;
    };

interface PackedEntries {
  readonly bundles: readonly SharedBundle[];
  readonly entries: readonly PackedEntry[];
}

const packedEntry: Codec<PackedEntry> = union<PackedEntry>("entry")([
  ...plainEntries,
  [
    "bundled",
    struct<{ readonly of: number; readonly call: Call }>()([
      ["of", u8],
      ["call", call],
    ]),
  ],
]);

const packedEntries: Codec<PackedEntries> = within(
  BATCH_ENTRIES_SIZE_MAX,
  struct<PackedEntries>()([
    [
      "bundles",
      list(
        struct<SharedBundle>()([
          ["bundle", bundle],
          ["signature", signature],
          ["beside", besideCodec],
        ]),
        BATCH_ENTRIES_MAX,
      ),
    ],
    ["entries", list(packedEntry, BATCH_ENTRIES_MAX)],
  ]),
);

interface Rows {
  /** Calls of one bundle, each after the one before, in the order of their first. */
  readonly rows: readonly (readonly BundledCall[])[];
  /** For each entry the position of its row; undefined where it is in none. */
  readonly positions: readonly (number | undefined)[];
}

function rowsOf(entries: readonly Entry[]): Rows {
  const rows: BundledCall[][] = [];
  const positions = entries.map((entry) => {
    if (entry.type !== "bundled") return undefined;
    const at = rows.findIndex((row) => follows(entry.call, present(row.at(-1), "rows have calls")));
    if (at < 0) return rows.push([entry.call]) - 1;
    rows[at]?.push(entry.call);
    return at;
  });
  return { rows, positions };
}

function pack(entries: readonly Entry[]): PackedEntries {
  const { rows, positions } = rowsOf(entries);
  const bundles = rows.map((row) => {
    const { bundle: of, signature: signed, beside } = partOf(row);
    return { bundle: of, signature: signed, beside };
  });
  const packed = entries.map((entry, index): PackedEntry => {
    if (entry.type !== "bundled") return entry;
    const of = present(positions[index], "every bundled call is in a row");
    return { type: "bundled", of, call: entry.call.call };
  });
  return { bundles, entries: packed };
}

/** Refuses what {@link pack} does not write. */
function unpack(reader: BcsReader, { bundles, entries }: PackedEntries): readonly Entry[] {
  const calls = bundles.map((): Call[] => []);
  for (const entry of entries) {
    if (entry.type !== "bundled") continue;
    const row = calls[entry.of] ?? reader.fail("BAD_VALUE", `there is no bundle ${entry.of}`);
    row.push(entry.call);
  }
  const rows = bundles.map((shared, at) => {
    const row = callsOf({ ...shared, calls: calls[at] ?? [] });
    return row ?? reader.fail("BAD_VALUE", `no part of bundle ${at}`);
  });
  const left = rows.map((row) => row[Symbol.iterator]());
  const unpacked = entries.map((entry): Entry => {
    if (entry.type !== "bundled") return entry;
    const next = left[entry.of]?.next();
    return { type: "bundled", call: present(next?.value, "a call for each entry of a bundle") };
  });
  const { positions } = rowsOf(unpacked);
  const isCanonical = entries.every(
    (entry, index) => entry.type !== "bundled" || entry.of === positions[index],
  );
  return isCanonical ? unpacked : reader.fail("BAD_VALUE", "bundles out of order or in parts");
}

interface PackedBatch extends Omit<Batch, "entries"> {
  readonly packed: PackedEntries;
}

const packedBatch: Codec<PackedBatch> = within(
  BATCH_SIZE_MAX,
  struct<PackedBatch>()([
    ["header", signedHeader],
    ["packed", packedEntries],
    ["steps", steps],
    ["certificate", optional(certificate)],
    ["viewChanges", list(signedViewChange, SEATS_MAX)],
  ]),
);

export const batch: Codec<Batch> = {
  write(writer, { entries, ...rest }) {
    packedBatch.write(writer, { ...rest, packed: pack(entries) });
  },
  read(reader) {
    const { packed, ...rest } = packedBatch.read(reader);
    return { ...rest, entries: unpack(reader, packed) };
  },
};
