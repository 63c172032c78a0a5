/** How a transaction ended, out of the text that a chain has for it (REST profile section 5). */
import { parseModuleId } from "#core/identifier.ts";
import type { CallStatus } from "../../chain-access.ts";

/** `Move abort in 0x1::coin: EINSUFFICIENT_BALANCE(0x10006): Not enough coins …`, or `…: 0x7`. */
const ABORT = /^Move abort in (0x[0-9a-f]+::\w+): (?:\w+\()?0x([0-9a-f]+)/;
const OUT_OF_GAS = "Out of gas";

export function callStatus(isSuccess: boolean, text: string): CallStatus {
  if (isSuccess) return { type: "executed" };
  if (text === OUT_OF_GAS) return { type: "failed", status: "OUT_OF_GAS" };
  const [, place, code] = ABORT.exec(text) ?? [];
  const module = place === undefined ? undefined : parseModuleId(place);
  if (module === undefined || code === undefined) return { type: "failed", status: text };
  return { type: "aborted", code: BigInt(`0x${code}`), location: { module } };
}
