/**
 * The end of a call that only changed hot values: what call-effects.ts does, without the host. The
 * change set is encoded where the next call's will be, and recorded in the journal; the new
 * encodings take the place of the old. Whatever is
 * not as simple is left to the host as if nothing had happened.
 */
import type { RuntimeType } from "../../runtime/types.ts";
import {
  CHANGES,
  CHANGES_END,
  CHANGES_OF,
  CHANGES_TOP,
  GAS_LEFT,
  JOURNAL_END,
  JOURNAL_TOP,
  SLOT_BYTES,
  SLOT_BYTES_SIZE,
  SLOT_CAPACITY,
  SLOT_DIRTY,
  SLOT_KEY,
  SLOT_KEY_SIZE,
  SLOT_RECORD,
  SLOT_SPARE,
  SLOT_TYPE,
  SLOT_VALUE,
  SLOT_WEIGHT,
  SLOT_WRITTEN,
  TOUCHED,
  TOUCHED_BYTES,
  TOUCHED_BYTES_MAX,
  TOUCHED_COUNT,
  VALUE_BYTES_MAX,
  WRITTEN,
  WRITTEN_CAPACITY,
  WRITTEN_ENTRY_SIZE,
} from "../memory-map.ts";
import { type ProgramContext, type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { emitEncode, PUT_LENGTH } from "./encoding.ts";
import { NO_ROOM, PUT_BYTES, RECORD_CHANGE } from "./recording.ts";
import { emitWeightAt } from "./values.ts";

/** What finishing returns if the host has to, or if the journal is full. */
export const LEFT_TO_HOST = -1;
export const JOURNAL_FULL = -2;

const OP_MODIFY = 1;
/** Fields of an entry of {@link WRITTEN} behind the slot. */
const ENTRY_SIZE = 4;
const ENTRY_WEIGHT = 8;
/** Its record in the journal. */
const ENTRY_RECORD = 16;
/** Of a length as ULEB128. */
const LENGTH_SIZE_MAX = 5;
/** Copies run over their end by less than this. */
const OVERRUN = 8;

/** (slot, slot) → whether the first one's key comes first. */
const IS_BEFORE: Routine = {
  name: "is_before",
  type: { parameters: ["i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [left, right] = [0, 1];
    const [a, b, endA, endB] = [
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
    ];
    for (const [slot, at, end] of [
      [left, a, endA],
      [right, b, endB],
    ] as const) {
      out.get(slot).memory("i32.load", SLOT_KEY).tee(at);
      out.get(slot).memory("i32.load", SLOT_KEY_SIZE).op("i32.add").set(end);
    }
    const again = out.loop();
    out.get(b).get(endB).op("i32.eq").if();
    out.i32(0).op("return").end();
    out.get(a).get(endA).op("i32.eq").if();
    out.i32(1).op("return").end();
    out.get(a).memory("i32.load8_u", 0).get(b).memory("i32.load8_u", 0).op("i32.ne").if();
    out.get(a).memory("i32.load8_u", 0).get(b).memory("i32.load8_u", 0).op("i32.lt_u");
    out.op("return").end();
    out.get(a).i32(1).op("i32.add").set(a);
    out.get(b).i32(1).op("i32.add").set(b).br(again).end();
    out.op("unreachable");
  },
};

/**
 * (slot, entry) → size of its value's new encoding, which is in the spare room; -1 if it does not
 * fit there or the program does not know the type. Leaves the weight in the entry.
 */
function encodeSlot(types: readonly RuntimeType[]): Routine {
  return {
    name: "encode_slot",
    type: { parameters: ["i32", "i32"], results: ["i32"] },
    body(program, out) {
      const [slot, entry] = [0, 1];
      for (const type of types) {
        out.get(slot).memory("i32.load", SLOT_TYPE).i32(type.id).op("i32.eq").if();
        emitEncodeSlot(program, out, type, slot, entry);
        out.end();
      }
      out.i32(-1);
    },
  };
}

function emitEncodeSlot(
  program: ProgramContext,
  out: FunctionBuilder,
  type: RuntimeType,
  slot: Local,
  entry: Local,
): void {
  const [value, to, weight] = [out.local("i32"), out.local("i32"), out.local("i64")];
  out.get(slot).memory("i32.load", SLOT_VALUE).set(value);
  emitWeightAt(program, out, type, value, 0);
  // No encoding is larger than its weight: a length takes 5 bytes at most, a variant one.
  out.tee(weight).get(slot).memory("i64.load32_u", SLOT_CAPACITY).op("i64.gt_u").if();
  out.i32(-1).op("return").end();
  out.get(entry).get(weight).memory("i64.store", ENTRY_WEIGHT);
  out.get(slot).memory("i32.load", SLOT_SPARE).set(to);
  emitEncode(program, out, type, value, 0, to);
  out.get(to).get(slot).memory("i32.load", SLOT_SPARE).op("i32.sub").op("return");
}

/** () → how many slots were written, in {@link WRITTEN} by key; -1 for what the host must see. */
const SORT_WRITTEN: Routine = {
  name: "sort_written",
  type: { parameters: [], results: ["i32"] },
  body(program, out) {
    const [at, end, slot, count, entry] = [
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
    ];
    out.i32(TOUCHED).tee(at);
    out.i32(0).memory("i32.load", TOUCHED_COUNT).i32(2).op("i32.shl").op("i32.add").set(end);
    const done = out.block();
    const refused = out.block();
    const next = out.loop();
    out.get(at).get(end).op("i32.eq").brIf(done);
    out.get(at).memory("i32.load", 0).set(slot);
    out.get(at).i32(4).op("i32.add").set(at);
    out.get(slot).memory("i32.load", SLOT_WRITTEN).op("i32.eqz").brIf(next);
    out.get(slot).memory("i32.load", SLOT_BYTES).op("i32.eqz").brIf(refused);
    out.get(slot).memory("i32.load", SLOT_VALUE).op("i32.eqz").brIf(refused);
    out.get(count).i32(WRITTEN_CAPACITY).op("i32.eq").brIf(refused);
    out.get(count).i32(WRITTEN_ENTRY_SIZE).op("i32.mul").i32(WRITTEN).op("i32.add").set(entry);
    const placed = out.block();
    const back = out.loop();
    out.get(entry).i32(WRITTEN).op("i32.eq").brIf(placed);
    out.get(slot).get(entry).i32(WRITTEN_ENTRY_SIZE).op("i32.sub").memory("i32.load", 0);
    out.call(routineIndex(program, IS_BEFORE)).op("i32.eqz").brIf(placed);
    out.get(entry).get(entry).i32(WRITTEN_ENTRY_SIZE).op("i32.sub").memory("i32.load", 0);
    out.memory("i32.store", 0);
    out.get(entry).i32(WRITTEN_ENTRY_SIZE).op("i32.sub").set(entry).br(back).end().end();
    out.get(entry).get(slot).memory("i32.store", 0);
    out.get(count).i32(1).op("i32.add").set(count).br(next).end().end();
    out.i32(-1).op("return").end();
    out.get(count);
  },
};

/** () → how many keys the call has touched and not written, or one of the constants above. */
export function finishRoutine(types: readonly RuntimeType[]): Routine {
  return {
    name: "finish",
    type: { parameters: [], results: ["i32"] },
    body(program, out) {
      const locals: FinishLocals = {
        entry: out.local("i32"),
        end: out.local("i32"),
        slot: out.local("i32"),
        size: out.local("i32"),
        before: out.local("i32"),
        from: out.local("i32"),
        to: out.local("i32"),
        record: out.local("i32"),
        gas: out.local("i64"),
        total: out.local("i64"),
      };
      const { end, to, record, gas, total, size } = locals;
      const reads = out.local("i32");
      out.i32(0).i32(0).memory("i32.store", CHANGES_OF);
      out.call(routineIndex(program, SORT_WRITTEN)).tee(size).i32(-1).op("i32.eq").if();
      out.i32(LEFT_TO_HOST).op("return").end();
      out.i32(0).memory("i32.load", TOUCHED_COUNT).get(size).op("i32.sub").set(reads);
      out.i32(0).memory("i32.load", JOURNAL_TOP).tee(record).i32(JOURNAL_END).op("i32.eq").if();
      out.i32(JOURNAL_FULL).op("return").end();
      out.get(record).get(size).memory("i32.store8", 0);
      out.get(record).i32(1).op("i32.add").set(record);
      out.get(size).i32(CHANGES).call(routineIndex(program, PUT_LENGTH)).set(to);
      out.get(size).i32(WRITTEN_ENTRY_SIZE).op("i32.mul").i32(WRITTEN).op("i32.add").set(end);
      out.i32(0).memory("i64.load", GAS_LEFT).set(gas);
      out.i32(0).memory("i64.load", TOUCHED_BYTES).set(total);
      emitEntries(out, locals, () => {
        emitChange(program, out, types, locals);
        emitRecord(program, out, locals);
      });
      emitEntries(out, locals, () => emitCommit(out, locals));
      out.i32(0).get(gas).memory("i64.store", GAS_LEFT);
      out.i32(0).i32(0).memory("i32.load", JOURNAL_TOP).memory("i32.store", CHANGES_OF);
      out.i32(0).get(to).memory("i32.store", CHANGES_TOP);
      out.i32(0).get(record).memory("i32.store", JOURNAL_TOP);
      out.get(reads);
    },
  };
}

interface FinishLocals {
  readonly entry: Local;
  readonly end: Local;
  readonly slot: Local;
  readonly size: Local;
  readonly before: Local;
  /** Where the change stands that is being written, and where writing goes on. */
  readonly from: Local;
  readonly to: Local;
  /** Where the next record goes. */
  readonly record: Local;
  readonly gas: Local;
  readonly total: Local;
}

/** Runs `body` for each entry of {@link WRITTEN}. */
function emitEntries(
  out: FunctionBuilder,
  { entry, end, slot }: FinishLocals,
  body: () => void,
): void {
  out.i32(WRITTEN).set(entry);
  const done = out.block();
  const next = out.loop();
  out.get(entry).get(end).op("i32.eq").brIf(done);
  out.get(entry).memory("i32.load", 0).set(slot);
  body();
  out.get(entry).i32(WRITTEN_ENTRY_SIZE).op("i32.add").set(entry).br(next);
  out.end().end();
}

/** Leaves a call to the host if there is an i32 on the stack that is not 0. */
function refuseIf(out: FunctionBuilder): void {
  out.if();
  out.i32(LEFT_TO_HOST).op("return").end();
}

/** Encodes, charges and checks one value, and writes its change. */
function emitChange(
  program: ProgramContext,
  out: FunctionBuilder,
  types: readonly RuntimeType[],
  { entry, slot, size, before, from, to, gas, total }: FinishLocals,
): void {
  const { writeKey, bytesPerGas } = program.schedule;
  out
    .get(slot)
    .get(entry)
    .call(routineIndex(program, encodeSlot(types)))
    .tee(size);
  out.i32(-1).op("i32.eq");
  refuseIf(out);
  out.get(entry).get(size).memory("i32.store", ENTRY_SIZE);
  out.get(slot).memory("i32.load", SLOT_BYTES_SIZE).set(before);
  out.get(size).i32(0).memory("i32.load", VALUE_BYTES_MAX).op("i32.gt_u");
  refuseIf(out);
  out.get(size).get(before).op("i32.gt_u").if();
  out
    .get(total)
    .get(size)
    .get(before)
    .op("i32.sub")
    .op("i64.extend_i32_u")
    .op("i64.add")
    .set(total);
  out.get(total).i32(0).memory("i64.load", TOUCHED_BYTES_MAX).op("i64.gt_u");
  refuseIf(out);
  out.end();
  out.get(gas).i64(BigInt(writeKey)).op("i64.sub");
  out
    .get(size)
    .i32(bytesPerGas - 1)
    .op("i32.add")
    .i32(bytesPerGas)
    .op("i32.div_u");
  out.op("i64.extend_i32_u").op("i64.sub").tee(gas).i64(0n).op("i64.lt_s");
  refuseIf(out);
  out.get(to).get(slot).memory("i32.load", SLOT_KEY_SIZE).op("i32.add").get(before).op("i32.add");
  out
    .get(size)
    .op("i32.add")
    .i32(CHANGES_END - 1 - 2 * LENGTH_SIZE_MAX - OVERRUN)
    .op("i32.gt_u");
  refuseIf(out);
  out
    .get(to)
    .tee(from)
    .get(slot)
    .memory("i32.load", SLOT_KEY)
    .get(slot)
    .memory("i32.load", SLOT_KEY_SIZE);
  out.call(routineIndex(program, PUT_BYTES)).tee(to).i32(OP_MODIFY).memory("i32.store8", 0);
  out.get(to).i32(1).op("i32.add").set(to);
  for (const [length, bytes] of [
    [before, SLOT_BYTES],
    [size, SLOT_SPARE],
  ] as const) {
    out.get(length).get(to).call(routineIndex(program, PUT_LENGTH));
    out.get(slot).memory("i32.load", bytes).get(length);
    out.call(routineIndex(program, PUT_BYTES)).set(to);
  }
}

/** Records the change that was just written. */
function emitRecord(
  program: ProgramContext,
  out: FunctionBuilder,
  { entry, slot, size, before, from, to, record }: FinishLocals,
): void {
  out.get(entry).get(record).memory("i32.store", ENTRY_RECORD);
  out.get(slot).get(size).get(record).get(from).get(to);
  out.call(routineIndex(program, RECORD_CHANGE)).tee(before).op("i32.eqz");
  refuseIf(out);
  out.get(before).i32(NO_ROOM).op("i32.eq").if();
  out.i32(JOURNAL_FULL).op("return").end();
  out.get(before).set(record);
}

/** Makes the new encoding of one value the current one. */
function emitCommit(out: FunctionBuilder, { entry, slot, size }: FinishLocals): void {
  out.get(slot).memory("i32.load", SLOT_BYTES).set(size);
  out.get(slot).get(slot).memory("i32.load", SLOT_SPARE).memory("i32.store", SLOT_BYTES);
  out.get(slot).get(size).memory("i32.store", SLOT_SPARE);
  out.get(slot).get(entry).memory("i32.load", ENTRY_SIZE).memory("i32.store", SLOT_BYTES_SIZE);
  out.get(slot).get(entry).memory("i64.load", ENTRY_WEIGHT).memory("i64.store", SLOT_WEIGHT);
  out.get(slot).get(entry).memory("i32.load", ENTRY_RECORD).memory("i32.store", SLOT_RECORD);
  out.get(slot).i32(1).memory("i32.store", SLOT_DIRTY);
}
