// Modules that several tests of the sandbox use.
import type { FunctionText, ModuleText } from "./module-builder.ts";

/** `0x1::counter`: a resource with a number, and every way to touch it. */
export const COUNTER: ModuleText = {
  name: "counter",
  structs: [{ name: "Counter", abilities: ["key"], fields: { n: "u64" } }],
  functions: [
    {
      name: "open",
      isEntry: true,
      params: ["&signer", "u64"],
      code: [["MoveLoc", 0], ["MoveLoc", 1], ["Pack", "Counter"], ["MoveTo", "Counter"], ["Ret"]],
    },
    {
      name: "set",
      isEntry: true,
      params: ["address", "u64"],
      acquires: ["Counter"],
      code: [
        ["MoveLoc", 1],
        ["MoveLoc", 0],
        ["MutBorrowGlobal", "Counter"],
        ["MutBorrowField", "Counter.n"],
        ["WriteRef"],
        ["Ret"],
      ],
    },
    {
      name: "set_then_abort",
      isEntry: true,
      params: ["address", "u64"],
      acquires: ["Counter"],
      code: [["MoveLoc", 0], ["MoveLoc", 1], ["Call", "set"], ["LdU64", 77n], ["Abort"]],
    },
    {
      name: "borrow_only",
      isEntry: true,
      params: ["address"],
      acquires: ["Counter"],
      code: [["MoveLoc", 0], ["MutBorrowGlobal", "Counter"], ["Pop"], ["Ret"]],
    },
    {
      name: "get",
      params: ["address"],
      returns: ["u64"],
      acquires: ["Counter"],
      code: [
        ["MoveLoc", 0],
        ["ImmBorrowGlobal", "Counter"],
        ["ImmBorrowField", "Counter.n"],
        ["ReadRef"],
        ["Ret"],
      ],
    },
    {
      name: "has",
      params: ["address"],
      returns: ["bool"],
      code: [["MoveLoc", 0], ["Exists", "Counter"], ["Ret"]],
    },
    {
      name: "close",
      isEntry: true,
      params: ["address"],
      acquires: ["Counter"],
      code: [["MoveLoc", 0], ["MoveFrom", "Counter"], ["Unpack", "Counter"], ["Pop"], ["Ret"]],
    },
    {
      name: "open_and_close",
      isEntry: true,
      params: ["&signer", "address"],
      acquires: ["Counter"],
      code: [
        ["MoveLoc", 0],
        ["LdU64", 1n],
        ["Call", "open"],
        ["MoveLoc", 1],
        ["Call", "close"],
        ["Ret"],
      ],
    },
  ],
};

export const ONE = "01".padStart(64, "0");

/** BCS of a u64. */
export function u64(value: number | bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString("hex");
}

const TABLE_NATIVES: readonly FunctionText[] = [
  { name: "new_table_handle", typeParameters: [0, 0], returns: ["address"] },
  {
    name: "add_box",
    typeParameters: [3, 0, 0],
    params: ["&mut Table<#0, #1>", "#0", "Box<#1>"],
  },
  {
    name: "borrow_box",
    typeParameters: [3, 0, 0],
    params: ["&Table<#0, #1>", "#0"],
    returns: ["&Box<#1>"],
  },
  {
    name: "borrow_box_mut",
    typeParameters: [3, 0, 0],
    params: ["&mut Table<#0, #1>", "#0"],
    returns: ["&mut Box<#1>"],
  },
  {
    name: "contains_box",
    typeParameters: [3, 0, 0],
    params: ["&Table<#0, #1>", "#0"],
    returns: ["bool"],
  },
  {
    name: "remove_box",
    typeParameters: [3, 0, 0],
    params: ["&mut Table<#0, #1>", "#0"],
    returns: ["Box<#1>"],
  },
  { name: "destroy_empty_box", typeParameters: [3, 0, 0], params: ["&Table<#0, #1>"] },
  { name: "drop_unchecked_box", typeParameters: [3, 0, 0], params: ["Table<#0, #1>"] },
];

const ARGS = ["u64", "u64", "Box<u64>"] as const;

/** `0x1::table`: the natives, and a table of u64 by u64 under the signer, with entries over it. */
export const TABLE: ModuleText = {
  name: "table",
  structs: [
    { name: "Table", abilities: ["store"], typeParameters: 2, fields: { handle: "address" } },
    { name: "Box", abilities: ["key", "drop", "store"], typeParameters: 1, fields: { val: "#0" } },
    { name: "Held", abilities: ["key"], fields: { table: "Table<u64, u64>" } },
  ],
  functions: [
    ...TABLE_NATIVES,
    {
      name: "open",
      isEntry: true,
      params: ["&signer"],
      code: [
        ["MoveLoc", 0],
        ["CallGeneric", "new_table_handle", ["u64", "u64"]],
        ["PackGeneric", "Table", ["u64", "u64"]],
        ["Pack", "Held"],
        ["MoveTo", "Held"],
        ["Ret"],
      ],
    },
    {
      name: "add",
      isEntry: true,
      params: ["address", "u64", "u64"],
      acquires: ["Held"],
      code: [
        ["MoveLoc", 0],
        ["MutBorrowGlobal", "Held"],
        ["MutBorrowField", "Held.table"],
        ["MoveLoc", 1],
        ["MoveLoc", 2],
        ["PackGeneric", "Box", ["u64"]],
        ["CallGeneric", "add_box", ARGS],
        ["Ret"],
      ],
    },
    {
      name: "add_then_abort",
      isEntry: true,
      params: ["address", "u64", "u64"],
      acquires: ["Held"],
      code: [
        ["MoveLoc", 0],
        ["MoveLoc", 1],
        ["MoveLoc", 2],
        ["Call", "add"],
        ["LdU64", 5n],
        ["Abort"],
      ],
    },
    {
      name: "set",
      isEntry: true,
      params: ["address", "u64", "u64"],
      acquires: ["Held"],
      code: [
        ["MoveLoc", 2],
        ["MoveLoc", 0],
        ["MutBorrowGlobal", "Held"],
        ["MutBorrowField", "Held.table"],
        ["MoveLoc", 1],
        ["CallGeneric", "borrow_box_mut", ARGS],
        ["MutBorrowFieldGeneric", "Box.val", ["u64"]],
        ["WriteRef"],
        ["Ret"],
      ],
    },
    {
      name: "get",
      params: ["address", "u64"],
      returns: ["u64"],
      acquires: ["Held"],
      code: [
        ["MoveLoc", 0],
        ["ImmBorrowGlobal", "Held"],
        ["ImmBorrowField", "Held.table"],
        ["MoveLoc", 1],
        ["CallGeneric", "borrow_box", ARGS],
        ["ImmBorrowFieldGeneric", "Box.val", ["u64"]],
        ["ReadRef"],
        ["Ret"],
      ],
    },
    {
      name: "contains",
      params: ["address", "u64"],
      returns: ["bool"],
      acquires: ["Held"],
      code: [
        ["MoveLoc", 0],
        ["ImmBorrowGlobal", "Held"],
        ["ImmBorrowField", "Held.table"],
        ["MoveLoc", 1],
        ["CallGeneric", "contains_box", ARGS],
        ["Ret"],
      ],
    },
    {
      name: "remove",
      params: ["address", "u64"],
      returns: ["u64"],
      acquires: ["Held"],
      code: [
        ["MoveLoc", 0],
        ["MutBorrowGlobal", "Held"],
        ["MutBorrowField", "Held.table"],
        ["MoveLoc", 1],
        ["CallGeneric", "remove_box", ARGS],
        ["UnpackGeneric", "Box", ["u64"]],
        ["Ret"],
      ],
    },
    {
      name: "close",
      isEntry: true,
      params: ["address"],
      acquires: ["Held"],
      locals: ["Table<u64, u64>"],
      code: [
        ["MoveLoc", 0],
        ["MoveFrom", "Held"],
        ["Unpack", "Held"],
        ["StLoc", 1],
        ["ImmBorrowLoc", 1],
        ["CallGeneric", "destroy_empty_box", ARGS],
        ["MoveLoc", 1],
        ["CallGeneric", "drop_unchecked_box", ARGS],
        ["Ret"],
      ],
    },
  ],
};
