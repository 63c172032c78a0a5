/**
 * Touching a slot whose value the session is known to have: what residents.ts does, without the
 * host. Whatever would fail, or needs a look at the state, is left to the host as if nothing had
 * happened.
 */
import {
  EPOCH,
  GAS_LEFT,
  MEMORY_LEFT,
  SLOT_BYTES_SIZE,
  SLOT_EPOCH,
  SLOT_STRETCH,
  SLOT_WEIGHT,
  SLOT_WRITTEN,
  STRETCH,
  TOUCHED,
  TOUCHED_BYTES,
  TOUCHED_BYTES_MAX,
  TOUCHED_CAPACITY,
  TOUCHED_COUNT,
  TOUCHED_KEYS_MAX,
} from "../memory-map.ts";
import type { Routine } from "../program-context.ts";

/** (slot) → whether it was touched. Counters are in memory. */
export const TOUCH_KNOWN: Routine = {
  name: "touch_known",
  type: { parameters: ["i32"], results: ["i32"] },
  body({ schedule }, out) {
    const slot = 0;
    const count = out.local("i32");
    const [size, gas, total, memory] = [
      out.local("i64"),
      out.local("i64"),
      out.local("i64"),
      out.local("i64"),
    ];
    const refused = out.block();
    out.get(slot).memory("i32.load", SLOT_STRETCH).i32(0).memory("i32.load", STRETCH);
    out.op("i32.ne").brIf(refused);
    out.i32(0).memory("i32.load", TOUCHED_COUNT).tee(count);
    out.i32(0).memory("i32.load", TOUCHED_KEYS_MAX).op("i32.ge_u").brIf(refused);
    out.get(count).i32(TOUCHED_CAPACITY).op("i32.ge_u").brIf(refused);
    out.get(slot).memory("i64.load", SLOT_WEIGHT).tee(memory).i64(0n).op("i64.lt_s").brIf(refused);
    out.i32(0).memory("i64.load", MEMORY_LEFT).get(memory).op("i64.sub").tee(memory);
    out.i64(0n).op("i64.lt_s").brIf(refused);
    out.get(slot).memory("i64.load32_u", SLOT_BYTES_SIZE).tee(size);
    out.i32(0).memory("i64.load", TOUCHED_BYTES).op("i64.add").tee(total);
    out.i32(0).memory("i64.load", TOUCHED_BYTES_MAX).op("i64.gt_u").brIf(refused);
    out.i32(0).memory("i64.load", GAS_LEFT).i64(BigInt(schedule.touchKey)).op("i64.sub");
    out
      .get(size)
      .i64(BigInt(schedule.bytesPerGas - 1))
      .op("i64.add");
    out.i64(BigInt(schedule.bytesPerGas)).op("i64.div_u").op("i64.sub").tee(gas);
    out.i64(0n).op("i64.lt_s").brIf(refused);
    out.i32(0).get(gas).memory("i64.store", GAS_LEFT);
    out.i32(0).get(memory).memory("i64.store", MEMORY_LEFT);
    out.i32(0).get(total).memory("i64.store", TOUCHED_BYTES);
    out.get(count).i32(2).op("i32.shl").get(slot).memory("i32.store", TOUCHED);
    out.i32(0).get(count).i32(1).op("i32.add").memory("i32.store", TOUCHED_COUNT);
    out.get(slot).i32(0).memory("i32.load", EPOCH).memory("i32.store", SLOT_EPOCH);
    out.get(slot).i32(0).memory("i32.store", SLOT_WRITTEN);
    out.i32(1).op("return").end();
    out.i32(0);
  },
};
