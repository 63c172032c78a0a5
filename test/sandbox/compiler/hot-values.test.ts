// Values that a session writes again and again, and outcomes that are read late.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import {
  decodeChangeSet,
  encodeChangeSet,
  encodedChanges,
  invertChangeSet,
  type Outcome,
  type Session,
} from "#sandbox";
import { HotOutcome } from "../../../src/sandbox/compiler/hot-outcome.ts";
import { createCompiledHarness, makeCall } from "./harness.ts";

const COUNTER = `
module 0x1::counter

struct Counter has key
  value: u64

public fun create(account: &signer, value: u64)
  move_loc account
  move_loc value
  pack Counter
  move_to Counter
  ret

public fun add(owner: address, by: u64) acquires Counter
  local r: &mut u64
  move_loc owner
  mut_borrow_global Counter
  mut_borrow_field Counter.value
  st_loc r
  copy_loc r
  read_ref
  move_loc by
  add
  move_loc r
  write_ref
  ret
`;

const OWNER = "0x5";
const OWNER_HEX = `${"0".repeat(63)}5`;
const u64 = (value: number) =>
  toHex(Uint8Array.of(value & 0xff, (value >> 8) & 0xff, value >> 16, 0, 0, 0, 0, 0));
const ADD_ONE = makeCall("0x1::counter::add", { args: [OWNER_HEX, u64(1)] });

function opened() {
  const harness = createCompiledHarness();
  harness.publish(COUNTER);
  harness.call("0x1::counter::create", { args: [u64(0)], signers: [OWNER] });
  return harness;
}

function addTimes(session: Session, count: number): Outcome[] {
  return Array.from({ length: count }, () => session.execute(ADD_ONE));
}

/** What the only change of an outcome, or of a session, leads from and to. */
function steps({ changes }: Pick<Outcome, "changes">): readonly string[] {
  return changes.map(({ op }) =>
    op.type === "modify" ? `${toHex(op.old)} ${toHex(op.value)}` : op.type,
  );
}

describe("hot values", () => {
  it("[CC7] begin with a third write, and stay while the state holds their bytes", () => {
    const { begin, state } = opened();
    const session = begin();
    const hot = () => session.execute(ADD_ONE) instanceof HotOutcome;
    expect([hot(), hot(), hot(), hot()]).toEqual([false, false, true, true]);
    expect(steps({ changes: session.changes() })).toEqual([`${u64(0)} ${u64(4)}`]);
    state.apply(session.changes());
    expect(begin().execute(ADD_ONE)).toBeInstanceOf(HotOutcome);
    // The same value in another bytes object is another's.
    state.apply(decodeChangeSet(encodeChangeSet(invertChangeSet(session.changes()))));
    state.apply(decodeChangeSet(encodeChangeSet(session.changes())));
    expect(begin().execute(ADD_ONE)).not.toBeInstanceOf(HotOutcome);
  });

  it("[CC7] leave outcomes that can be read when the journal has long been emptied", () => {
    const session = opened().begin();
    const outcomes = addTimes(session, 3000);
    for (const [index, outcome] of outcomes.entries()) {
      expect(steps(outcome)).toEqual([`${u64(index)} ${u64(index + 1)}`]);
      const [touch] = outcome.touched;
      expect(toHex(present(touch?.before, "a value"))).toBe(u64(index));
      expect(touch?.written).toBe(true);
    }
  });

  it("[CC7] have their change sets encoded as everybody encodes them", () => {
    const session = opened().begin();
    for (let count = 0; count < 4; count++) {
      const outcome = session.execute(ADD_ONE);
      const encoded = toHex(encodedChanges(outcome));
      expect(encoded).toBe(toHex(encodeChangeSet(outcome.changes)));
    }
  });

  it("[EX1] go back with the session, over what was and was not hot", () => {
    const session = opened().begin();
    const marks = Array.from({ length: 8 }, () => {
      const mark = session.mark();
      session.execute(ADD_ONE);
      return mark;
    });
    for (const mark of marks.toReversed().slice(0, -1)) {
      session.rollback(mark);
      expect(steps({ changes: session.changes() })).toEqual([`${u64(0)} ${u64(mark)}`]);
      expect(steps(session.execute(ADD_ONE))).toEqual([`${u64(mark)} ${u64(mark + 1)}`]);
      session.rollback(mark);
    }
    session.rollback(0);
    expect(session.changes()).toEqual([]);
  });

  it("[EX1] go back by many calls at once, however the marks lie between them", () => {
    const session = opened().begin();
    const marks = [5, 0, 20, 1, 7].map((count) => {
      addTimes(session, count);
      return session.mark();
    });
    addTimes(session, 9);
    expect(marks).toEqual([5, 5, 25, 26, 33]);
    for (const mark of marks.toReversed()) {
      session.rollback(mark);
      expect(steps({ changes: session.changes() })).toEqual([`${u64(0)} ${u64(mark)}`]);
      addTimes(session, 4);
    }
  });

  it("[CC5] are each session's own", () => {
    const { begin } = opened();
    const [left, right] = [begin(), begin()];
    addTimes(left, 5);
    addTimes(right, 7);
    expect(steps(present(addTimes(left, 1)[0], "an outcome"))).toEqual([`${u64(5)} ${u64(6)}`]);
    expect(steps({ changes: right.changes() })).toEqual([`${u64(0)} ${u64(7)}`]);
    expect(steps({ changes: left.changes() })).toEqual([`${u64(0)} ${u64(6)}`]);
  });

  it("are printed with their changes and touches", () => {
    const outcome = present(addTimes(opened().begin(), 3).at(-1), "an outcome");
    const printed = JSON.parse(JSON.stringify(outcome, (_, value) => toText(value))) as Outcome;
    expect(printed.changes).toHaveLength(1);
    expect(printed.touched).toHaveLength(1);
  });
});

function toText(value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}
