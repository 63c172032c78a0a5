/** `0x1::hash`: SHA2-256 and SHA3-256. */
import { sha2_256, sha3 } from "../core/hash.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { type NativeFunction, returned } from "./native.ts";
import { bytesAt } from "./plain-value.ts";

const SIGNATURE = {
  kind: "plain",
  module: "0x1::hash",
  typeParameters: 0,
  parameters: ["vector<u8>"],
  returns: ["vector<u8>"],
} as const;

export const HASH_NATIVES: readonly NativeFunction[] = [
  {
    ...SIGNATURE,
    name: "sha2_256",
    gas: (args) => nativeGas(NATIVE_PRICES.sha2_256, bytesAt(args, 0).length),
    run: (args) => returned(sha2_256(bytesAt(args, 0))),
  },
  {
    ...SIGNATURE,
    name: "sha3_256",
    gas: (args) => nativeGas(NATIVE_PRICES.sha3_256, bytesAt(args, 0).length),
    run: (args) => returned(sha3(bytesAt(args, 0))),
  },
];
