/**
 * `0x1::table`: items in state under a handle. The Move side wraps each value in `Box` and passes
 * `Box<V>` as third type parameter, so that the stored layout is known.
 */
import type { NativeFunction } from "./native.ts";

/** Abort codes, as the table extension of the Move VM has them: (reason << 8) + category 7. */
export const TABLE_ALREADY_EXISTS = 25_607n;
export const TABLE_NOT_FOUND = 25_863n;

const HEAD = { kind: "host", module: "0x1::table", typeParameters: 3 } as const;
const TABLE = "0x1::table::Table<#0, #1>";
const BOX = "0x1::table::Box<#1>";

export const TABLE_NATIVES: readonly NativeFunction[] = [
  {
    ...HEAD,
    operation: "tableNewHandle",
    name: "new_table_handle",
    typeParameters: 2,
    parameters: [],
    returns: ["address"],
  },
  {
    ...HEAD,
    operation: "tableAdd",
    name: "add_box",
    parameters: [`&mut ${TABLE}`, "#0", BOX],
    returns: [],
  },
  {
    ...HEAD,
    operation: "tableBorrow",
    name: "borrow_box",
    parameters: [`&${TABLE}`, "#0"],
    returns: [`&${BOX}`],
  },
  {
    ...HEAD,
    operation: "tableBorrowMut",
    name: "borrow_box_mut",
    parameters: [`&mut ${TABLE}`, "#0"],
    returns: [`&mut ${BOX}`],
  },
  {
    ...HEAD,
    operation: "tableContains",
    name: "contains_box",
    parameters: [`&${TABLE}`, "#0"],
    returns: ["bool"],
  },
  {
    ...HEAD,
    operation: "tableRemove",
    name: "remove_box",
    parameters: [`&mut ${TABLE}`, "#0"],
    returns: [BOX],
  },
  {
    ...HEAD,
    operation: "tableDestroyEmpty",
    name: "destroy_empty_box",
    parameters: [`&${TABLE}`],
    returns: [],
  },
  {
    ...HEAD,
    operation: "tableDropUnchecked",
    name: "drop_unchecked_box",
    parameters: [TABLE],
    returns: [],
  },
];
