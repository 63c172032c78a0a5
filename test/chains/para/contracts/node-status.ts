// What a node commits of a block, as bytes, written apart from the node's own encoder: the layout
// is what the contract's page says.
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { domainHash, sha2_256 } from "#core/hash.ts";
import type { Bitmap } from "../../../../src/chains/para/bitmap.ts";
import type { NodeStatus } from "../../../../src/chains/para/node-status.ts";

export const NO_BITS: Bitmap = { count: 0, bytes: new Uint8Array() };

export function encodeStatus(status: NodeStatus): Uint8Array {
  return encodeBcs((writer) => {
    writer.bytes(status.mainBlockHash).u64(status.mainBlockHeight).string(status.title);
    writer.u64(status.height).bytes(status.preBlockHash).bytes(status.blockHash);
    writer.bytes(status.preStateHash).bytes(status.stateHash).u32(status.txCounts);
    writer.u32(status.txResult.count).bytes(status.txResult.bytes);
    writer.vector(status.txHashes, (out, hash) => out.bytes(hash));
    writer.u32(status.crossTxResult.count).bytes(status.crossTxResult.bytes);
    writer.vector(status.crossTxHashes, (out, hash) => out.bytes(hash));
  });
}

export function statusHash(status: NodeStatus): Uint8Array {
  return domainHash("ParaStatus", encodeStatus(status));
}

/** Bit i is result i, big-endian, in as few bytes as it takes. */
export function bits(results: readonly boolean[]): Bitmap {
  let value = 0n;
  results.forEach((isOk, i) => {
    if (isOk) value |= 1n << BigInt(i);
  });
  const digits = value === 0n ? "" : value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return { count: results.length, bytes: Uint8Array.from(Buffer.from(even, "hex")) };
}

/** What stands for a hash, told by what it is of. */
export function hashOf(...of: readonly (string | bigint | number)[]): Uint8Array {
  return sha2_256(utf8(of.join(" ")));
}
