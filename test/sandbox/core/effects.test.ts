import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { equalBytes, utf8 } from "#core/bytes.ts";
import {
  type Change,
  type ChangeSet,
  composeChangeSets,
  decodeChangeSet,
  encodeChangeSet,
  invertChangeSet,
  makeChangeSet,
  opBetween,
  type StateKey,
  stateKeyText,
} from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";

const KEYS: readonly StateKey[] = [
  { kind: "resource", address: makeAddress("0x1"), type: makeStructTag("0x1::m::A") },
  { kind: "resource", address: makeAddress("0x1"), type: makeStructTag("0x1::m::A<u8>") },
  { kind: "resource", address: makeAddress("0x2"), type: makeStructTag("0x1::m::A") },
  { kind: "tableItem", handle: makeAddress("0xaa"), key: utf8("k") },
  { kind: "tableItem", handle: makeAddress("0xaa"), key: utf8("kk") },
];

type State = ReadonlyMap<string, Uint8Array>;

const values = fc.array(fc.option(fc.uint8Array({ maxLength: 3 }), { nil: undefined }), {
  minLength: KEYS.length,
  maxLength: KEYS.length,
});

function between(
  old: readonly (Uint8Array | undefined)[],
  next: readonly (Uint8Array | undefined)[],
): ChangeSet {
  const changes: Change[] = [];
  for (const [index, key] of KEYS.entries()) {
    const op = opBetween(old[index], next[index]);
    if (op !== undefined) changes.push({ key, op });
  }
  return makeChangeSet(changes);
}

function stateOf(at: readonly (Uint8Array | undefined)[]): State {
  const state = new Map<string, Uint8Array>();
  for (const [index, key] of KEYS.entries()) {
    const value = at[index];
    if (value !== undefined) state.set(stateKeyText(key), value);
  }
  return state;
}

function applied(state: State, changes: ChangeSet): State {
  const next = new Map(state);
  for (const { key, op } of changes) {
    const text = stateKeyText(key);
    if (op.type === "delete") next.delete(text);
    else next.set(text, op.value);
  }
  return next;
}

describe("change sets", () => {
  it("compose to the effect of one after the other", () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const composed = composeChangeSets(between(a, b), between(b, c));
        expect(composed).toEqual(between(a, c));
        expect(applied(stateOf(a), composed)).toEqual(stateOf(c));
      }),
    );
  });

  it("are undone by their inverse", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const there = between(a, b);
        expect(invertChangeSet(there)).toEqual(between(b, a));
        expect(composeChangeSets(there, invertChangeSet(there))).toEqual([]);
      }),
    );
  });

  it("have one encoding whatever the order they were collected in", () => {
    fc.assert(
      fc.property(values, values, fc.nat(), (a, b, turn) => {
        const changes = between(a, b);
        const cut = changes.length === 0 ? 0 : turn % changes.length;
        const turned = makeChangeSet([...changes.slice(cut), ...changes.slice(0, cut)]);
        const bytes = encodeChangeSet(changes);
        expect(equalBytes(encodeChangeSet(turned), bytes)).toBe(true);
        expect(decodeChangeSet(bytes)).toEqual(changes);
      }),
    );
  });

  it("are refused when keys are repeated or out of order", () => {
    const changes = between(
      [undefined, undefined, undefined, undefined, undefined],
      [utf8("a"), utf8("b"), undefined, undefined, undefined],
    );
    const [first, second] = changes;
    if (first === undefined || second === undefined) throw new TypeError("two changes expected");
    expect(() => decodeChangeSet(encodeChangeSet([second, first]))).toThrow("out of order");
    expect(() => decodeChangeSet(encodeChangeSet([first, first]))).toThrow("out of order");
    expect(() => makeChangeSet([first, first])).toThrow("each key once");
  });

  it("do not compose where the second does not start where the first ends", () => {
    const none = [undefined, undefined, undefined, undefined, undefined];
    const one = [utf8("a"), undefined, undefined, undefined, undefined];
    const two = [utf8("b"), undefined, undefined, undefined, undefined];
    expect(() => composeChangeSets(between(none, one), between(two, one))).toThrow("follow");
    expect(() => composeChangeSets(between(none, one), between(none, two))).toThrow("follow");
  });
});
