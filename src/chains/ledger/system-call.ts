/** What the chain itself calls in its contracts. */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { internalGas } from "#core/gas-units.ts";
import { type FunctionId, parseFunctionId } from "#core/identifier.ts";
import type { Call } from "#sandbox";

/** What the chain's own calls may use: ample, for their cost is known and nobody pays it. */
const SYSTEM_GAS = internalGas(100_000_000);

/** @param signers whose accounts the call acts for; no key is asked for. */
export function systemCall(
  id: FunctionId,
  args: readonly Uint8Array[],
  signers: readonly Address[],
): Call {
  return { mode: "system", function: id, typeArgs: [], args, signers, gasLimit: SYSTEM_GAS };
}

/** A function that is known to be one, by its name. */
export function functionId(name: string): FunctionId {
  return present(parseFunctionId(name), `not a function: ${name}`);
}
