/**
 * Table items that the running call's session knows already, found without the host. Keys are
 * scalars here, whose bytes in memory are their encoding.
 */
import {
  EPOCH,
  GAS_LEFT,
  ITEM_INDEX,
  ITEM_INDEX_COUNT,
  SLOT_EPOCH,
  SLOT_KEY,
  SLOT_KEY_SIZE,
  SLOT_TYPE,
  SLOT_VALUE,
} from "../memory-map.ts";
import { type Routine, routineIndex } from "../program-context.ts";
import { TOUCH_KNOWN } from "./touching.ts";

export const HASH_PRIME = 0x0100_0193;
export const HASH_SPREAD = 15;
const ADDRESS_WORDS = [0, 8, 16, 24];
/** Bytes of a table item's state key in front of a key of less than 128 bytes. */
const KEY_HEAD_SIZE = 34;

/** (address, address, size) → whether the bytes differ. */
const DIFFERENT_BYTES: Routine = {
  name: "different_bytes",
  type: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [left, right, size] = [0, 1, 2];
    const end = out.local("i32");
    out.get(left).get(size).op("i32.add").set(end);
    const again = out.loop();
    out.get(left).get(end).op("i32.eq").if();
    out.i32(0).op("return").end();
    out.get(left).memory("i32.load8_u", 0).get(right).memory("i32.load8_u", 0);
    out.op("i32.eq").if();
    out.get(left).i32(1).op("i32.add").set(left);
    out.get(right).i32(1).op("i32.add").set(right).br(again);
    out.end().end();
    out.i32(1);
  },
};

/** (type, address of the handle, address and size of the key) → its slot, or 0. */
const FIND_ITEM: Routine = {
  name: "find_item",
  type: { parameters: ["i32", "i32", "i32", "i32"], results: ["i32"] },
  body(program, out) {
    const [type, handle, key, size] = [0, 1, 2, 3];
    const [hash, at, end, slot] = [
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
      out.local("i32"),
    ];
    out.get(handle).memory("i32.load", 0).set(hash);
    out.get(key).tee(at).get(size).op("i32.add").set(end);
    const next = out.loop();
    out.get(hash).get(at).memory("i32.load8_u", 0).op("i32.xor");
    out.i32(HASH_PRIME).op("i32.mul").set(hash);
    out.get(at).i32(1).op("i32.add").tee(at).get(end).op("i32.ne").brIf(next);
    out.end();
    out.get(hash).get(hash).i32(HASH_SPREAD).op("i32.shr_u").op("i32.xor").set(hash);
    const again = out.loop();
    out
      .get(hash)
      .i32(ITEM_INDEX_COUNT - 1)
      .op("i32.and")
      .i32(2)
      .op("i32.shl");
    out.memory("i32.load", ITEM_INDEX).tee(slot).op("i32.eqz").if();
    out.i32(0).op("return").end();
    const differs = out.block();
    out.get(slot).memory("i32.load", SLOT_TYPE).get(type).op("i32.ne").brIf(differs);
    for (const offset of ADDRESS_WORDS) {
      out.get(slot).memory("i64.load", offset).get(handle).memory("i64.load", offset);
      out.op("i64.ne").brIf(differs);
    }
    out.get(slot).memory("i32.load", SLOT_KEY_SIZE).get(size).i32(KEY_HEAD_SIZE).op("i32.add");
    out.op("i32.ne").brIf(differs);
    out.get(slot).memory("i32.load", SLOT_KEY).i32(KEY_HEAD_SIZE).op("i32.add");
    out.get(key).get(size).call(routineIndex(program, DIFFERENT_BYTES)).brIf(differs);
    out.get(slot).op("return").end();
    out.get(hash).i32(1).op("i32.add").set(hash).br(again).end();
    out.op("unreachable");
  },
};

/**
 * (type, address of the handle, address and size of the key, price, whether there must be a value)
 * → its slot, touched and paid for; or 0, and nothing has happened: then the host decides.
 */
export const TOUCH_ITEM: Routine = {
  name: "touch_item",
  type: { parameters: ["i32", "i32", "i32", "i32", "i64", "i32"], results: ["i32"] },
  body(program, out) {
    const [type, handle, key, size, price, mustBeThere] = [0, 1, 2, 3, 4, 5];
    const [slot, gas] = [out.local("i32"), out.local("i64")];
    out.get(type).get(handle).get(key).get(size).call(routineIndex(program, FIND_ITEM));
    out.tee(slot).op("i32.eqz").if();
    out.i32(0).op("return").end();
    out.get(slot).memory("i32.load", SLOT_VALUE).op("i32.eqz").get(mustBeThere).op("i32.and").if();
    out.i32(0).op("return").end();
    out.i32(0).memory("i64.load", GAS_LEFT).get(price).op("i64.sub").tee(gas);
    out.i64(0n).op("i64.lt_s").if();
    out.i32(0).op("return").end();
    out.i32(0).get(gas).memory("i64.store", GAS_LEFT);
    out.get(slot).memory("i32.load", SLOT_EPOCH).i32(0).memory("i32.load", EPOCH);
    out.op("i32.ne").if();
    out.get(slot).call(routineIndex(program, TOUCH_KNOWN)).op("i32.eqz").if();
    out.i32(0).get(gas).get(price).op("i64.add").memory("i64.store", GAS_LEFT);
    out.i32(0).op("return").end().end();
    out.get(slot);
  },
};
