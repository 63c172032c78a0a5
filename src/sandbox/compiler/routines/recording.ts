/**
 * Records of the journal: what a call changed, kept small for whoever reads its outcome late
 * (journal.ts). The first record of a value is its change, whole; one behind it names the words
 * that differ from what the value was, which is what the record before it left.
 *
 *   whole       0 u8, size u32, BCS of a change set of one change
 *   difference  n u8, address of the value's record before it u32, its own end u32,
 *               then for each word that differs its offset u32 and its new 8 bytes
 *
 * n counts the differences since the last whole one. A call is the number of its records, u8, and
 * the records.
 */
import {
  JOURNAL_END,
  SLOT_BYTES,
  SLOT_BYTES_SIZE,
  SLOT_KEY_SIZE,
  SLOT_RECORD,
  SLOT_SPARE,
} from "../memory-map.ts";
import { type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Label, Local } from "../wasm/function-builder.ts";

/** What {@link RECORD_CHANGE} returns instead of an end. */
export const NO_CHANGE = 0;
export const NO_ROOM = -1;

export const WHOLE_SIZE = 1;
export const WHOLE_HEAD_SIZE = 5;
export const DIFFERENCE_BEFORE = 1;
export const DIFFERENCE_END = 5;
export const DIFFERENCE_HEAD_SIZE = 9;
export const WORD_SIZE = 8;
export const WORD_ENTRY_SIZE = 12;

/** In front of the change: that it is one. */
const SET_OF_ONE_SIZE = 1;
/** So many differences may stand on each other: as many steps to read one. */
const DIFFERENCES_MAX = 32;
/** Short copies run over their end by less than this. */
const OVERRUN = 8;
const SHORT_COPY_SIZE_MAX = 256;

/** (to, from, size) → the address behind. Writes up to 7 bytes more. */
export const PUT_BYTES: Routine = {
  name: "put_bytes",
  type: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [to, from, size] = [0, 1, 2];
    const end = out.local("i32");
    out.get(to).get(size).op("i32.add").set(end);
    out.get(size).i32(SHORT_COPY_SIZE_MAX).op("i32.gt_u").if();
    out.get(to).get(from).get(size).memoryCopy().get(end).op("return").end();
    const done = out.block();
    const again = out.loop();
    out.get(to).get(end).op("i32.ge_u").brIf(done);
    out.get(to).get(from).memory("i64.load", 0).memory("i64.store", 0);
    out.get(to).i32(OVERRUN).op("i32.add").set(to);
    out.get(from).i32(OVERRUN).op("i32.add").set(from).br(again).end().end();
    out.get(end);
  },
};

/**
 * (slot, size of its new encoding, where the record goes, start and end of the encoded change) →
 * the record's end, or {@link NO_CHANGE}, or {@link NO_ROOM}.
 */
export const RECORD_CHANGE: Routine = {
  name: "record_change",
  type: { parameters: ["i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  body(program, out) {
    const [slot, size, at, from, end] = [0, 1, 2, 3, 4];
    const whole = out.block();
    out.get(slot).memory("i32.load", SLOT_BYTES_SIZE).get(size).op("i32.ne").brIf(whole);
    emitDifference(out, { slot, size, at, whole });
    out.end();
    out.get(end).get(from).op("i32.sub").set(size);
    out.get(at).get(size).op("i32.add");
    out
      .i32(JOURNAL_END - WHOLE_HEAD_SIZE - SET_OF_ONE_SIZE - OVERRUN)
      .op("i32.gt_u")
      .if();
    out.i32(NO_ROOM).op("return").end();
    out.get(at).i32(0).memory("i32.store8", 0);
    out.get(at).get(size).i32(SET_OF_ONE_SIZE).op("i32.add").memory("i32.store", WHOLE_SIZE);
    out.get(at).i32(1).memory("i32.store8", WHOLE_HEAD_SIZE);
    out
      .get(at)
      .i32(WHOLE_HEAD_SIZE + SET_OF_ONE_SIZE)
      .op("i32.add")
      .get(from)
      .get(size);
    out.call(routineIndex(program, PUT_BYTES));
  },
};

interface DifferenceLocals {
  readonly slot: Local;
  readonly size: Local;
  readonly at: Local;
  /** Where to go for a whole record. */
  readonly whole: Label;
}

/** Returns with a record of the words that differ; goes on behind `whole` if it cannot be one. */
function emitDifference(out: FunctionBuilder, { slot, size, at, whole }: DifferenceLocals): void {
  const [before, left, right, offset, to] = [
    out.local("i32"),
    out.local("i32"),
    out.local("i32"),
    out.local("i32"),
    out.local("i32"),
  ];
  const word = out.local("i64");
  out.get(slot).memory("i32.load", SLOT_RECORD).set(before);
  out.get(slot).memory("i32.load", SLOT_BYTES).set(left);
  out.get(slot).memory("i32.load", SLOT_SPARE).set(right);
  out.get(at).i32(DIFFERENCE_HEAD_SIZE).op("i32.add").set(to);
  const done = out.block();
  const again = out.loop();
  out.get(offset).get(size).op("i32.ge_u").brIf(done);
  out.get(left).get(offset).op("i32.add").memory("i64.load", 0);
  out.get(right).get(offset).op("i32.add").memory("i64.load", 0).op("i64.xor").set(word);
  // Behind the end stands anything.
  out.get(size).get(offset).op("i32.sub").i32(WORD_SIZE).op("i32.lt_u").if();
  out.get(word).get(offset).get(size).op("i32.sub").i32(WORD_SIZE).op("i32.add");
  out.i32(3).op("i32.shl").op("i64.extend_i32_u").op("i64.shl").set(word).end();
  const same = out.block();
  out.get(word).op("i64.eqz").brIf(same);
  out.get(before).op("i32.eqz").brIf(whole);
  out.get(before).memory("i32.load8_u", 0).i32(DIFFERENCES_MAX).op("i32.ge_u").brIf(whole);
  // No larger than what it stands for.
  out.get(to).get(at).op("i32.sub").get(slot).memory("i32.load", SLOT_KEY_SIZE);
  out.get(size).op("i32.add").op("i32.gt_u").brIf(whole);
  out
    .get(to)
    .i32(JOURNAL_END - WORD_ENTRY_SIZE)
    .op("i32.gt_u")
    .if();
  out.i32(NO_ROOM).op("return").end();
  out.get(to).get(offset).memory("i32.store", 0);
  out.get(to).get(right).get(offset).op("i32.add").memory("i64.load", 0).memory("i64.store", 4);
  out.get(to).i32(WORD_ENTRY_SIZE).op("i32.add").set(to).end();
  out.get(offset).i32(WORD_SIZE).op("i32.add").set(offset).br(again).end().end();
  out.get(to).get(at).op("i32.sub").i32(DIFFERENCE_HEAD_SIZE).op("i32.eq").if();
  out.i32(NO_CHANGE).op("return").end();
  out.get(at).get(before).memory("i32.load8_u", 0).i32(1).op("i32.add").memory("i32.store8", 0);
  out.get(at).get(before).memory("i32.store", DIFFERENCE_BEFORE);
  out.get(at).get(to).memory("i32.store", DIFFERENCE_END);
  out.get(to).op("return");
}
