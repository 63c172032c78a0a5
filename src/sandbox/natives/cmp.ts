/** `0x1::cmp`: the total order of SPEC.md section "Order", as an enum of less, equal, greater. */
import type { NativeFunction } from "./native.ts";

export const CMP_NATIVES: readonly NativeFunction[] = [
  {
    kind: "host",
    operation: "compare",
    module: "0x1::cmp",
    name: "compare",
    typeParameters: 1,
    parameters: ["&#0", "&#0"],
    returns: ["0x1::cmp::Ordering"],
  },
];
