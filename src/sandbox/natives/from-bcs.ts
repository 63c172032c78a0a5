/**
 * `0x1::from_bcs`: bytes to an address, the one value that plain Move cannot build from bytes. No
 * struct ever.
 */
import { ADDRESS_SIZE, addressFromBytes } from "../core/address.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { aborted, type NativeFunction, returned } from "./native.ts";
import { bytesAt } from "./plain-value.ts";

/** Abort code for bytes that are no address: category "invalid argument" (1), reason 1. */
export const BAD_BYTES_ABORT = 0x01_0001n;

export const FROM_BCS_NATIVES: readonly NativeFunction[] = [
  {
    kind: "plain",
    module: "0x1::from_bcs",
    name: "to_address",
    typeParameters: 0,
    parameters: ["vector<u8>"],
    returns: ["address"],
    gas: (args) => nativeGas(NATIVE_PRICES.plain, bytesAt(args, 0).length),
    run(args) {
      const bytes = bytesAt(args, 0);
      return bytes.length === ADDRESS_SIZE
        ? returned(addressFromBytes(bytes))
        : aborted(BAD_BYTES_ABORT);
    },
  },
];
