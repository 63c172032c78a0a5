import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { InvariantError } from "#core/assert.ts";
import {
  type Change,
  type ChangeSet,
  composeChangeSets,
  EMPTY_CHANGE_SET,
  makeChangeSet,
  opBetween,
  type StateKey,
} from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { StateReader } from "../../../src/sandbox/execution.ts";
import { createMemoryState } from "../../../src/sandbox/storage/memory.ts";
import { createOverlay, keyText } from "../../../src/sandbox/storage/overlay.ts";

function resource(index: number): StateKey {
  const type = makeStructTag("0x1::m::S");
  return { kind: "resource", address: makeAddress(`0x${index + 1}`), type };
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** What takes `view` from its present values to others; undefined removes. */
function changesTo(view: StateReader, values: ReadonlyMap<number, number | undefined>): ChangeSet {
  const changes: Change[] = [];
  for (const [index, value] of values) {
    const key = resource(index);
    const op = opBetween(view.get(key), value === undefined ? undefined : bytes(value));
    if (op !== undefined) changes.push({ key, op });
  }
  return makeChangeSet(changes);
}

const CALLS = fc.array(
  fc.array(fc.tuple(fc.nat(3), fc.option(fc.nat(2), { nil: undefined })), { maxLength: 4 }),
  { maxLength: 6 },
);

describe("an overlay", () => {
  it("shows what was written over what it found, and leaves the state below alone", () => {
    const state = createMemoryState();
    state.apply([{ key: resource(0), op: { type: "new", value: bytes(1) } }]);
    const overlay = createOverlay(state);
    overlay.commit([{ key: resource(0), op: { type: "delete", old: bytes(1) } }]);
    expect(overlay.get(resource(0))).toBeUndefined();
    expect(state.get(resource(0))).toEqual(bytes(1));
  });

  it("[CH3] has as changes the composition of everything committed", () => {
    fc.assert(
      fc.property(CALLS, (calls) => {
        const state = createMemoryState();
        state.apply([{ key: resource(1), op: { type: "new", value: bytes(1) } }]);
        const overlay = createOverlay(state);
        let composed: ChangeSet = EMPTY_CHANGE_SET;
        for (const call of calls) {
          const changes = changesTo(overlay, new Map(call));
          overlay.commit(changes);
          composed = composeChangeSets(composed, changes);
        }
        expect(overlay.changes()).toEqual(composed);
        state.apply(overlay.changes());
        for (const index of [0, 1, 2, 3]) {
          expect(state.get(resource(index))).toEqual(overlay.get(resource(index)));
        }
      }),
    );
  });

  it("[EX1] goes back to any mark as if the commits above it had not been", () => {
    fc.assert(
      fc.property(CALLS, fc.nat(6), (calls, cut) => {
        const overlay = createOverlay(createMemoryState());
        const expected = createOverlay(createMemoryState());
        const marks = [overlay.mark()];
        for (const [index, call] of calls.entries()) {
          const changes = changesTo(overlay, new Map(call));
          overlay.commit(changes);
          if (index < cut) expected.commit(changes);
          // A mark now and then: what lies between two of them goes together.
          if (index % 2 === 0 || index + 1 === cut) marks.push(overlay.mark());
        }
        const mark = Math.min(cut, calls.length);
        for (const later of marks.toReversed()) if (later >= mark) overlay.rollback(later);
        expect(overlay.changes()).toEqual(expected.changes());
      }),
    );
  });

  it("asserts that a mark lies behind", () => {
    expect(() => createOverlay(createMemoryState()).rollback(1)).toThrow(InvariantError);
  });
});

describe("the text of a state key", () => {
  it("differs for every kind, place and type", () => {
    const address = makeAddress("0x1");
    const keys: readonly StateKey[] = [
      resource(0),
      resource(1),
      { kind: "resource", address, type: makeStructTag("0x1::m::S<u8>") },
      { kind: "tableItem", handle: address, key: bytes() },
      { kind: "tableItem", handle: address, key: bytes(0) },
      { kind: "module", module: { address, name: makeStructTag("0x1::m::S").module } },
    ];
    expect(new Set(keys.map(keyText)).size).toBe(keys.length);
  });
});

describe("state in memory", () => {
  it("asserts that changes start from what is stored, and then changes nothing", () => {
    const state = createMemoryState();
    const wrong: ChangeSet = [
      { key: resource(0), op: { type: "new", value: bytes(1) } },
      { key: resource(1), op: { type: "delete", old: bytes(9) } },
    ];
    expect(() => state.apply(wrong)).toThrow(InvariantError);
    expect(state.size).toBe(0);
  });
});
