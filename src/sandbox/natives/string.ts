/** `0x1::string`: UTF-8 over byte vectors. Offsets count bytes. */
import { fromUtf8 } from "../core/bytes.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { aborted, type NativeFunction, type PlainValue, returned } from "./native.ts";
import { bytesAt, offsetWithin, u64At } from "./plain-value.ts";

/** Abort code of `internal_sub_string` for a range that lies outside, or ends before it begins. */
const BAD_RANGE = 1n;

const BYTES = "&vector<u8>";
const HEAD = { kind: "plain", module: "0x1::string", typeParameters: 0 } as const;

function gas(args: readonly PlainValue[]): number {
  let size = 0;
  for (const arg of args) if (arg instanceof Uint8Array) size += arg.length;
  return nativeGas(NATIVE_PRICES.plain, size);
}

export const STRING_NATIVES: readonly NativeFunction[] = [
  {
    ...HEAD,
    name: "internal_check_utf8",
    parameters: [BYTES],
    returns: ["bool"],
    gas,
    run: (args) => returned(fromUtf8(bytesAt(args, 0)) !== undefined),
  },
  {
    ...HEAD,
    name: "internal_is_char_boundary",
    parameters: [BYTES, "u64"],
    returns: ["bool"],
    gas,
    run: (args) => returned(isCharBoundary(bytesAt(args, 0), u64At(args, 1))),
  },
  {
    ...HEAD,
    name: "internal_sub_string",
    parameters: [BYTES, "u64", "u64"],
    returns: ["vector<u8>"],
    gas,
    run(args) {
      const bytes = bytesAt(args, 0);
      const start = offsetWithin(u64At(args, 1), bytes);
      const end = offsetWithin(u64At(args, 2), bytes);
      if (start === undefined || end === undefined || start > end) return aborted(BAD_RANGE);
      return returned(bytes.slice(start, end));
    },
  },
  {
    ...HEAD,
    name: "internal_index_of",
    parameters: [BYTES, BYTES],
    returns: ["u64"],
    // A naive search may compare every byte of one with every byte of the other.
    gas: (args) => gas(args) + searchGas(bytesAt(args, 0).length, bytesAt(args, 1).length),
    run: (args) => returned(BigInt(indexOf(bytesAt(args, 0), bytesAt(args, 1)))),
  },
];

/** Whether a character begins at `offset` or the text ends there. False behind the end. */
function isCharBoundary(bytes: Uint8Array, offset: bigint): boolean {
  const at = offsetWithin(offset, bytes);
  if (at === undefined) return false;
  const byte = bytes[at];
  return byte === undefined || (byte & 0xc0) !== 0x80;
}

/** Offset of the first occurrence of `part`, or the length of `bytes` if there is none. */
function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let start = 0; start + part.length <= bytes.length; start++) {
    let matched = 0;
    while (matched < part.length && bytes[start + matched] === part[matched]) matched++;
    if (matched === part.length) return start;
  }
  return bytes.length;
}

/** Comparisons of the search at worst, eight to a gas. */
function searchGas(size: number, partSize: number): number {
  return Math.ceil((Math.max(0, size - partSize + 1) * partSize) / 8);
}
