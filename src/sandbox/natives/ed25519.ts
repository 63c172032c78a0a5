/**
 * `0x1::ed25519`: verification under the product's one rule (core/ed25519.ts). Malformed keys and
 * signatures, also of a wrong length, are false, never an abort.
 */
import { verifyEd25519 } from "../core/ed25519.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { type NativeFunction, returned } from "./native.ts";
import { bytesAt } from "./plain-value.ts";

export const ED25519_NATIVES: readonly NativeFunction[] = [
  {
    kind: "plain",
    module: "0x1::ed25519",
    name: "verify_strict",
    typeParameters: 0,
    // signature, public key, message
    parameters: ["vector<u8>", "vector<u8>", "vector<u8>"],
    returns: ["bool"],
    gas: (args) => nativeGas(NATIVE_PRICES.ed25519Verify, bytesAt(args, 2).length),
    run: (args) => returned(verifyEd25519(bytesAt(args, 2), bytesAt(args, 0), bytesAt(args, 1))),
  },
];
