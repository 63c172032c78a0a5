// Bundles of calls: what a member signs once, and how its calls travel with it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { concatBytes, toHex } from "#core/bytes.ts";
import { verifyEd25519 } from "#core/ed25519.ts";
import { domainPrefix, ZERO_HASH } from "#core/hash.ts";
import { merkleRoot } from "#core/merkle/accumulator.ts";
import { callsOf, partOf } from "../../../src/channel/codec/bundle.ts";
import { BUNDLE_CALLS_MAX } from "../../../src/channel/codec/limits.ts";
import {
  batch as batchCodec,
  bundle as bundleCodec,
  bundledCall,
  bundleMessage,
  bundlePart,
  decode,
  encode,
  hashCall,
  isInBundle,
  makeBundle,
} from "../../../src/channel/codec.ts";
import type { Batch, Bundle, BundledCall, Entry } from "../../../src/channel/messages.ts";
import * as examples from "./examples.ts";

const [, bob] = examples.CAST;
const SIGNATURE = examples.SIGNED_HEADER.signature;
const OTHER_SIGNATURE = examples.SIGNED_VIEW_CHANGE.signature;

/** Calls from a nonce on, signed together; the signature is any where it does not matter. */
function bundleOf(count: number, first = 5n): readonly BundledCall[] {
  const calls = Array.from({ length: count }, (_, at) => ({
    ...examples.CALL,
    nonce: first + BigInt(at),
  }));
  return makeBundle(calls, () => SIGNATURE);
}

function entriesOf(...calls: readonly BundledCall[]): readonly Entry[] {
  return calls.map((call) => ({ type: "bundled", call }));
}

function batchOf(entries: readonly Entry[]): Batch {
  return { ...examples.BATCH, entries };
}

const sizes = fc.integer({ min: 1, max: BUNDLE_CALLS_MAX });

describe("a bundle", () => {
  it("[BU1] is signed once, for the root of the list of its calls' hashes", () => {
    const calls = examples.BUNDLED.map(({ call }) => call);
    const [first] = examples.BUNDLED;
    const { bundle, signature } = present(first, "a call");
    expect(bundle).toEqual({
      channel: examples.CHANNEL,
      seat: 2n,
      first: 8n,
      count: 3,
      root: merkleRoot("BundleRoot", calls.map(hashCall)),
    });
    const signed = concatBytes(domainPrefix("Bundle"), encode(bundleCodec, bundle));
    expect(toHex(bundleMessage(bundle))).toBe(toHex(signed));
    expect(verifyEd25519(signed, signature, bob.seat.memberKey)).toBe(true);
    const asCall = concatBytes(domainPrefix("Call"), encode(bundleCodec, bundle));
    expect(verifyEd25519(asCall, signature, bob.seat.memberKey)).toBe(false);
  });

  it("[BU1] has each of its calls in its own place only, at any length", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (count, seed) => {
        const calls = bundleOf(count);
        expect(calls.every(isInBundle)).toBe(true);
        const bundled = present(calls[seed % count], "one of them");
        const other = { ...bundled.call, maxGas: bundled.call.maxGas + 1n };
        expect(isInBundle({ ...bundled, call: other })).toBe(false);
        const first = bundled.bundle.first - 1n;
        const moved = { ...bundled, bundle: { ...bundled.bundle, first } };
        expect(count === 1 || !isInBundle(moved)).toBe(true);
        const longer = { ...bundled.bundle, count: count + 1 };
        expect(isInBundle({ ...bundled, bundle: longer })).toBe(false);
        const path = bundled.path.map((hash, at) => (at === 0 ? ZERO_HASH : hash));
        expect(count === 1 || !isInBundle({ ...bundled, path })).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, (bundle: Bundle) => Partial<Bundle>]>([
    ["of no calls", () => ({ count: 0 })],
    ["of more than 64", () => ({ count: BUNDLE_CALLS_MAX + 1 })],
    ["that begins after the call", ({ first }) => ({ first: first + 5n })],
    ["that ends before it", () => ({ first: 0n })],
    ["in which its path has another length", ({ count }) => ({ count: count + 30 })],
  ])("[BU1] %s is refused by its bytes", (_what, change) => {
    const bundled = present(examples.BUNDLED[1], "a call");
    const bundle = { ...bundled.bundle, ...change(bundled.bundle) };
    const bytes = encode(bundledCall, { ...bundled, bundle });
    expect(() => decode(bundledCall, bytes)).toThrow(/BAD_VALUE/);
  });
});

describe("calls of a bundle on their way", () => {
  const parts = fc.tuple(sizes, fc.nat(), fc.nat()).map(([count, one, other]) => {
    const [from, last] = [one % count, other % count].sort((a, b) => a - b);
    return bundleOf(count).slice(from, present(last, "two") + 1);
  });

  it("[BU3] hold the bundle once, and come out as they went in", () => {
    fc.assert(
      fc.property(parts, (calls) => {
        const bytes = encode(bundlePart, calls);
        expect(decode(bundlePart, bytes)).toEqual(calls);
        const alone = calls.reduce((sum, call) => sum + encode(bundledCall, call).length, 0);
        expect(calls.length === 1 || bytes.length < alone).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("[BU3] take less than signatures of their own", () => {
    const calls = bundleOf(BUNDLE_CALLS_MAX);
    const lone = batchOf(
      calls.map(({ call }) => ({ type: "call", call: { call, signature: SIGNATURE } })),
    );
    const size = encode(batchCodec, batchOf(entriesOf(...calls))).length;
    expect(size).toBeLessThan(encode(batchCodec, lone).length - 60 * BUNDLE_CALLS_MAX);
  });

  it("[BU3] stand in a batch in any company, and come out in their places", () => {
    const plain = [...examples.ENTRIES, ...examples.MORE_ENTRIES];
    fc.assert(
      fc.property(parts, parts, fc.array(fc.nat(2), { maxLength: 90 }), (one, other, turns) => {
        const later = other.map((call) => ({ ...call, signature: OTHER_SIGNATURE }));
        const queues = [entriesOf(...one), entriesOf(...later), plain].map((all) => [...all]);
        const mixed = turns.flatMap((turn) => queues[turn]?.shift() ?? []);
        const batch = batchOf([...mixed, ...queues.flat()]);
        const bytes = encode(batchCodec, batch);
        expect(decode(batchCodec, bytes)).toEqual(batch);
        expect(encode(batchCodec, decode(batchCodec, bytes))).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it("[BU3] with a gap between them are two parts of a bundle", () => {
    const [first, , third] = bundleOf(3);
    const entries = entriesOf(present(first, "one"), present(third, "three"));
    expect(decode(batchCodec, encode(batchCodec, batchOf(entries))).entries).toEqual(entries);
  });

  it("[BU3] give no call that its bundle has not, whatever lies beside them", () => {
    const part = partOf(bundleOf(13).slice(3, 7));
    for (const at of part.beside.keys()) {
      const beside = part.beside.map((hash, index) => (index === at ? ZERO_HASH : hash));
      const calls = callsOf({ ...part, beside });
      expect(present(calls, "as many as it takes").some(isInBundle)).toBe(false);
    }
  });

  it.each<[string, (part: ReturnType<typeof partOf>) => Partial<ReturnType<typeof partOf>>]>([
    ["none of them", () => ({ calls: [] })],
    ["a gap among them", ({ calls }) => ({ calls: calls.filter((_, at) => at !== 1) })],
    ["a place before the bundle", ({ bundle }) => ({ bundle: { ...bundle, first: 9n } })],
    ["a place after it", ({ bundle }) => ({ bundle: { ...bundle, count: 4 } })],
    ["too little beside them", ({ beside }) => ({ beside: beside.slice(1) })],
    ["too much beside them", ({ beside }) => ({ beside: [...beside, ZERO_HASH] })],
  ])("[BU3] with %s are refused", (_what, change) => {
    const part = partOf(bundleOf(13).slice(3, 7));
    expect(callsOf(part)).toBeDefined();
    expect(callsOf({ ...part, ...change(part) })).toBeUndefined();
  });
});
