/**
 * `0x1::bcs`: canonical bytes of any value. There is no way back: no native makes a struct out of
 * bytes.
 */
import type { NativeFunction } from "./native.ts";

const HEAD = {
  kind: "host",
  module: "0x1::bcs",
  typeParameters: 1,
  parameters: ["&#0"],
} as const;

export const BCS_NATIVES: readonly NativeFunction[] = [
  { ...HEAD, operation: "bcsToBytes", name: "to_bytes", returns: ["vector<u8>"] },
  { ...HEAD, operation: "bcsSerializedSize", name: "serialized_size", returns: ["u64"] },
];
