/** `0x1::signer`. */
import type { NativeFunction } from "./native.ts";

export const SIGNER_NATIVES: readonly NativeFunction[] = [
  {
    kind: "host",
    operation: "signerBorrowAddress",
    module: "0x1::signer",
    name: "borrow_address",
    typeParameters: 0,
    parameters: ["&signer"],
    returns: ["&address"],
  },
];
