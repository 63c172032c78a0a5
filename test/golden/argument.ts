/** Arguments as golden files write them. */
import { addressToBytes, makeAddress } from "#sandbox";
import { toHex } from "#core/bytes.ts";

/**
 * Hex of an argument's BCS: `7u64`, `@0xa`, `true`, or `x0102` for the bytes themselves.
 * @throws Error for anything else.
 */
export function readArgument(text: string): string {
  if (text === "true") return "01";
  if (text === "false") return "00";
  if (text.startsWith("@")) return toHex(addressToBytes(makeAddress(text.slice(1))));
  if (/^x[0-9a-f]*$/.test(text)) return text.slice(1);
  const [, digits = "", bits = ""] = /^(\d+)u(8|16|32|64|128|256)$/.exec(text) ?? [];
  if (digits === "") throw new Error(`no argument: ${text}`);
  const bytes = BigInt(digits)
    .toString(16)
    .padStart(Number(bits) / 4, "0")
    .match(/../g);
  return (bytes ?? []).toReversed().join("");
}
