/**
 * `0x1::create_signer`: the authority of any address. Only the framework can call it (package
 * visibility), and only on a chain: inside a channel no code may act for a member who did not sign.
 */
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { type NativeFunction, type PlainValue, returned } from "./native.ts";

export const CREATE_SIGNER_NATIVES: readonly NativeFunction[] = [
  {
    kind: "plain",
    module: "0x1::create_signer",
    name: "create_signer",
    chainOnly: true,
    typeParameters: 0,
    parameters: ["address"],
    returns: ["signer"],
    gas: () => nativeGas(NATIVE_PRICES.plain, 0),
    run: (args: readonly PlainValue[]) => returned(...args),
  },
];
