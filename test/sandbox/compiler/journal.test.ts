// Change sets of hot values, read from the journal's records long after their calls.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { encodeChangeSet, encodedChanges, type Outcome, type Session } from "#sandbox";
import { HotOutcome } from "../../../src/sandbox/compiler/hot-outcome.ts";
import { createCompiledHarness, makeCall } from "./harness.ts";

const BLOBS = `
module 0x1::blobs

struct Blob has key
  text: vector<u8>

public fun create(account: &signer, text: vector<u8>)
  move_loc account
  move_loc text
  pack Blob
  move_to Blob
  ret

public fun set(owner: address, text: vector<u8>) acquires Blob
  move_loc text
  move_loc owner
  mut_borrow_global Blob
  mut_borrow_field Blob.text
  write_ref
  ret

public fun set_both(one: address, other: address, text: vector<u8>) acquires Blob
  move_loc one
  copy_loc text
  call set
  move_loc other
  move_loc text
  call set
  ret
`;

const OWNERS = ["0x5", "0x6", "0x7"] as const;
type OwnerNumber = 0 | 1 | 2;
const hexOf = (owner: OwnerNumber) => `${"0".repeat(63)}${OWNERS[owner].slice(2)}`;

/** BCS of a `vector<u8>` of less than 2^14 bytes. */
function vectorHex(text: readonly number[]): string {
  const { length } = text;
  const head = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return toHex(Uint8Array.from([...head, ...text]));
}

/** A session in which the values of all owners are hot: they have been written three times. */
function warmSession(start: readonly number[]): Session {
  const harness = createCompiledHarness();
  harness.publish(BLOBS);
  for (const owner of OWNERS) {
    harness.call("0x1::blobs::create", { args: [vectorHex([])], signers: [owner] });
  }
  const session = harness.begin();
  for (const texts of [[1], [2], start]) {
    for (const owner of [0, 1, 2] as const) set(session, owner, texts);
  }
  return session;
}

function set(session: Session, owner: OwnerNumber, text: readonly number[]): Outcome {
  return session.execute(makeCall("0x1::blobs::set", { args: [hexOf(owner), vectorHex(text)] }));
}

/** What happens to a text: a few bytes change, or its size. */
const EDITS = fc.array(
  fc.record({
    owner: fc.constantFrom<OwnerNumber>(0, 1, 2),
    other: fc.option(fc.constantFrom<OwnerNumber>(0, 1, 2), { nil: undefined }),
    at: fc.nat(299),
    bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 20 }),
    size: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.nat(300)),
  }),
  { minLength: 1, maxLength: 80, size: "max" },
);

type Edit = typeof EDITS extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

/** Runs edits in a session and returns their outcomes. */
function runEdits(session: Session, edits: readonly Edit[], look: (outcome: Outcome) => void) {
  let text = Array.from({ length: 100 }, () => 0);
  return edits.map(({ owner, other, at, bytes, size }) => {
    if (size !== undefined) text = Array.from({ length: size }, (_, index) => text[index] ?? 0);
    text = text.map((byte, index) => bytes[index - at] ?? byte);
    const owners = other === undefined ? [owner] : [owner, other];
    const outcome = session.execute(
      makeCall(`0x1::blobs::set${other === undefined ? "" : "_both"}`, {
        args: [...owners.map(hexOf), vectorHex(text)],
      }),
    );
    expect(outcome.status.type).toBe("executed");
    look(outcome);
    return outcome;
  });
}

describe("the journal", () => {
  it("[CC7] gives a change set late as it was when its call ended", () => {
    fc.assert(
      fc.property(EDITS, (edits) => {
        const early: string[] = [];
        const note = (outcome: Outcome) => early.push(toHex(encodedChanges(outcome)));
        const outcomes = runEdits(warmSession([]), edits, note);
        expect(outcomes.map(({ changes }) => toHex(encodeChangeSet(changes)))).toEqual(early);
        expect(outcomes.map((outcome) => toHex(encodedChanges(outcome)))).toEqual(early);
      }),
      { numRuns: 30 },
    );
  });

  it("[CC7] keeps changes of a few bytes over several fillings", () => {
    const size = 40;
    const session = warmSession(Array.from({ length: size }, () => 0));
    const texts = [Array.from({ length: size }, () => 0)];
    const outcomes = Array.from({ length: 8000 }, (_, turn) => {
      const text = (texts.at(-1) ?? []).with(turn % size, Math.floor(turn / size) + 1);
      texts.push(text);
      return set(session, 0, text);
    });
    expect(outcomes.every((outcome) => outcome instanceof HotOutcome)).toBe(true);
    const hexes = texts.map(vectorHex);
    for (const [turn, { changes }] of outcomes.entries()) {
      const found = changes.map(({ op }) =>
        op.type === "modify" ? [toHex(op.old), toHex(op.value)] : op.type,
      );
      expect(found).toEqual([[hexes[turn], hexes[turn + 1]]]);
    }
  });

  it("[CH1] has nothing of a value that is what it was, whatever lies behind it", () => {
    const session = warmSession([]);
    for (let size = 0; size < 20; size++) {
      set(
        session,
        0,
        Array.from({ length: 40 }, () => size),
      );
      const text = Array.from({ length: size }, () => 0);
      expect(set(session, 0, text).changes).toHaveLength(1);
      expect(set(session, 0, text).changes).toEqual([]);
    }
  });
});
