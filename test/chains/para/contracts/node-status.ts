// What a node commits of a block, as bytes, written apart from the node's own encoder: the layout
// is what the contract's page says.
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import { domainHash, sha2_256 } from "#core/hash.ts";

export interface Bits {
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface NodeStatus {
  readonly mainBlockHash: Uint8Array;
  readonly mainBlockHeight: bigint;
  readonly title: string;
  readonly height: bigint;
  readonly preBlockHash: Uint8Array;
  readonly blockHash: Uint8Array;
  readonly preStateHash: Uint8Array;
  readonly stateHash: Uint8Array;
  readonly txCounts: number;
  readonly txResult: Bits;
  readonly txHashes: readonly Uint8Array[];
  readonly crossTxResult: Bits;
  readonly crossTxHashes: readonly Uint8Array[];
}

export const NO_BITS: Bits = { count: 0, bytes: new Uint8Array() };

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
export function bits(results: readonly boolean[]): Bits {
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
