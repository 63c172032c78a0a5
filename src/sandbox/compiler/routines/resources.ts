/**
 * The table of resources that the executor knows: open addressing by address and type.
 */
import { NO_ROOT, RESOURCE_SLOT_COUNT, RESOURCES, SLOT_SIZE, SLOT_TYPE } from "../memory-map.ts";
import type { Routine } from "../program-context.ts";

/** Spreads the bits of an address over the table. */
export const HASH_FACTOR = 0x9e37_79b1;
/** Keeps types at one address apart. */
export const TYPE_FACTOR = 0x85eb_ca6b;
const INDEX_BITS = 31 - Math.clz32(RESOURCE_SLOT_COUNT);
export const HASH_SHIFT = 32 - INDEX_BITS;
/** Words of an address that the hash mixes: the first and the last. */
export const HASH_WORDS = [0, 28] as const;
const ADDRESS_WORDS = [0, 8, 16, 24];

/** (type, address of the account) → its slot, or {@link NO_ROOT} where it has none. */
export const FIND_RESOURCE: Routine = {
  name: "find_resource",
  type: { parameters: ["i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [type, address] = [0, 1];
    const [index, slot] = [out.local("i32"), out.local("i32")];
    out.get(address).memory("i32.load", HASH_WORDS[0]);
    out.get(address).memory("i32.load", HASH_WORDS[1]).op("i32.xor");
    out.get(type).i32(TYPE_FACTOR).op("i32.mul").op("i32.xor");
    out.i32(HASH_FACTOR).op("i32.mul").i32(HASH_SHIFT).op("i32.shr_u").set(index);
    const again = out.loop();
    out.get(index).i32(SLOT_SIZE).op("i32.mul").i32(RESOURCES).op("i32.add").tee(slot);
    // The host keeps the table sparse, so there is always a slot without type to end on.
    out.memory("i32.load", SLOT_TYPE).op("i32.eqz").if();
    out.i32(NO_ROOT).op("return").end();
    const differs = out.block();
    out.get(slot).memory("i32.load", SLOT_TYPE).get(type).op("i32.ne").brIf(differs);
    for (const offset of ADDRESS_WORDS) {
      out.get(slot).memory("i64.load", offset).get(address).memory("i64.load", offset);
      out.op("i64.ne").brIf(differs);
    }
    out.get(slot).op("return").end();
    out
      .get(index)
      .i32(1)
      .op("i32.add")
      .i32(RESOURCE_SLOT_COUNT - 1)
      .op("i32.and")
      .set(index);
    out.br(again).end();
    out.op("unreachable");
  },
};
