/**
 * `0x1::vector`. Compilers turn the first eight into instructions; they are natives too for whoever
 * calls them by name. `move_range` moves `length` elements at `removal` of one vector to
 * `insertion` of another.
 */
import type { NativeFunction } from "./native.ts";

const HEAD = { kind: "host", module: "0x1::vector", typeParameters: 1 } as const;
const OWNED = "vector<#0>";
const SHARED = "&vector<#0>";
const MUTABLE = "&mut vector<#0>";

export const VECTOR_NATIVES: readonly NativeFunction[] = [
  { ...HEAD, operation: "vectorEmpty", name: "empty", parameters: [], returns: [OWNED] },
  { ...HEAD, operation: "vectorLength", name: "length", parameters: [SHARED], returns: ["u64"] },
  {
    ...HEAD,
    operation: "vectorBorrow",
    name: "borrow",
    parameters: [SHARED, "u64"],
    returns: ["&#0"],
  },
  {
    ...HEAD,
    operation: "vectorBorrowMut",
    name: "borrow_mut",
    parameters: [MUTABLE, "u64"],
    returns: ["&mut #0"],
  },
  {
    ...HEAD,
    operation: "vectorPushBack",
    name: "push_back",
    parameters: [MUTABLE, "#0"],
    returns: [],
  },
  { ...HEAD, operation: "vectorPopBack", name: "pop_back", parameters: [MUTABLE], returns: ["#0"] },
  {
    ...HEAD,
    operation: "vectorDestroyEmpty",
    name: "destroy_empty",
    parameters: [OWNED],
    returns: [],
  },
  {
    ...HEAD,
    operation: "vectorSwap",
    name: "swap",
    parameters: [MUTABLE, "u64", "u64"],
    returns: [],
  },
  {
    ...HEAD,
    operation: "vectorMoveRange",
    name: "move_range",
    parameters: [MUTABLE, "u64", "u64", MUTABLE, "u64"],
    returns: [],
  },
];
