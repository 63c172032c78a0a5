// Arguments and calls of the shard contracts, as bytes.
import { type Address, addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { internalGas } from "#core/gas-units.ts";
import { parseFunctionId } from "#core/identifier.ts";
import type { Call } from "#sandbox";

export const GAS = internalGas(100_000_000);

export const arg = {
  u8: (value: number) => encodeBcs((writer) => writer.u8(value)),
  u32: (value: number) => encodeBcs((writer) => writer.u32(value)),
  u64: (value: bigint | number) => encodeBcs((writer) => writer.u64(BigInt(value))),
  bytes: (value: Uint8Array) => encodeBcs((writer) => writer.bytes(value)),
  text: (value: string) => encodeBcs((writer) => writer.string(value)),
  address: (value: Address) => addressToBytes(value),
  list: (values: readonly Uint8Array[]) =>
    encodeBcs((writer) => writer.vector(values, (out, value) => out.bytes(value))),
};

/** As the chain itself calls, with whatever signers. */
export function systemCall(
  name: string,
  args: readonly Uint8Array[],
  signers: readonly Address[] = [],
): Call {
  const id = present(parseFunctionId(name), `a function: ${name}`);
  return { mode: "system", function: id, typeArgs: [], args, signers, gasLimit: GAS };
}
