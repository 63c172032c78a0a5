// What the compiler makes of small functions, instruction by instruction. `UPDATE=1` rewrites the
// listings; read the difference before committing it.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "./compile.ts";
import { listModule } from "./listing.ts";

const GOLDEN = new URL("../../golden/compiler/", import.meta.url);

const FUNCTIONS: Readonly<Record<string, string>> = {
  "add-u64": `
public fun f(a: u64, b: u64): u64
  move_loc a
  move_loc b
  add
  ret`,
  "count-down": `
public fun f(n: u64): u64
  local sum: u64
  ld_u64 0
  st_loc sum
again:
  copy_loc n
  ld_u64 0
  gt
  br_false done
  copy_loc sum
  copy_loc n
  add
  st_loc sum
  copy_loc n
  ld_u64 1
  sub
  st_loc n
  branch again
done:
  copy_loc sum
  ret`,
  "element-of-vector": `
public fun f(v: &vector<u16>, i: u64): u16
  move_loc v
  move_loc i
  vec_imm_borrow u16
  read_ref
  ret`,
  "write-field": `
struct Pair has copy, drop
  small: u8
  large: u64

public fun f(pair: &mut Pair, value: u64)
  move_loc value
  move_loc pair
  mut_borrow_field Pair.large
  write_ref
  ret`,
  "pack-into-local": `
struct Pair has copy, drop
  small: u8
  large: u64

public fun f(a: u8, b: u64): u64
  local pair: Pair
  move_loc a
  move_loc b
  pack Pair
  st_loc pair
  imm_borrow_loc pair
  imm_borrow_field Pair.large
  read_ref
  ret`,
  "inlined-call": `
fun twice(x: u64): u64
  copy_loc x
  move_loc x
  add
  ret

public fun f(x: u64): u64
  move_loc x
  call twice
  ret`,
  "abort-code": `
public fun f(code: u64)
  move_loc code
  abort`,
};

describe("listings of compiled functions", () => {
  it.each(Object.entries(FUNCTIONS))("%s", (name, text) => {
    const listing = listModule(compile(`module 0x1::m\n${text}\n`, "f").bytes, "::m::");
    const file = new URL(`${name}.wat`, GOLDEN);
    if (process.env["UPDATE"] === "1") writeFileSync(file, listing);
    expect(listing).toBe(readFileSync(file, "utf8"));
  });
});
